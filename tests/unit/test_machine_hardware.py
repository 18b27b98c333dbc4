"""Whatever of the hardware may change an answer makes another class; what cannot does not."""

from collections.abc import Mapping

import pytest

from lab.machine import hardware, host

FACTS = {"cpu": "a processor", "isa": "avx avx2", "arch": "x86_64", "load": "0.1", "kernel": "6.1"}
CARDS = {"gpu": "a card", "driver": "550"}


def test_a_machine_is_always_of_one_class_also_under_another_load_and_kernel() -> None:
    assert hardware.host_class(gpu=False) == hardware.class_of(host.facts(), {})
    assert hardware.class_of(FACTS, {}) == hardware.class_of({**FACTS, "load": "9.0", "kernel": "6.2"}, {})


@pytest.mark.parametrize("change", [{"cpu": "another"}, {"isa": "avx avx2 avx512f"}, {"arch": "aarch64"}])
def test_another_processor_is_another_class(change: Mapping[str, str]) -> None:
    assert hardware.class_of({**FACTS, **change}, {}) != hardware.class_of(FACTS, {})


def test_cards_and_their_driver_count_where_a_card_is_used() -> None:
    classes = {hardware.class_of(FACTS, one) for one in ({}, CARDS, {**CARDS, "driver": "560"}, {**CARDS, "gpu": "b"})}
    assert len(classes) == 4
