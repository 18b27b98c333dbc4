"""Whatever of the hardware may change an answer makes another class; what cannot does not."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lab.machine import hardware, host, processor_names

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


facts = some.fixed_dictionaries(
    {"cpu": some.sampled_from(["", "a", "b"]), "isa": some.sampled_from(["avx", "avx avx2"]), "arch": some.sampled_from(["x86_64", "aarch64"]),
     "load": some.sampled_from(["0.1", "9"]), "gpu": some.sampled_from(["", "a card"])},
)  # fmt: skip


@given(one=facts, other=facts)
def test_two_machines_are_of_one_class_just_where_nothing_differs_that_may_change_an_answer(
    one: Mapping[str, str], other: Mapping[str, str]
) -> None:
    def deciding(found: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(found[name] for name in ("cpu", "isa", "arch", "gpu"))

    classes = [hardware.class_of(found, {"gpu": found["gpu"]} if found["gpu"] else {}) for found in (one, other)]
    assert (classes[0] == classes[1]) == (deciding(one) == deciding(other))


@pytest.mark.parametrize(
    ("numbers", "names"),
    [
        (("HygonGenuine", "24", "1", "1"), ("Dhyana",)),
        (("GenuineIntel", "6", "85", "4"), ("Skylake-Server",)),
        (("GenuineIntel", "6", "85", "7"), ("Cascadelake-Server",)),
        (("GenuineIntel", "6", "85", "11"), ("Cooperlake",)),
        (("GenuineIntel", "6", "143", "8"), ("SapphireRapids",)),
        (("AuthenticAMD", "25", "1", "1"), ("EPYC-Milan",)),
        (("AuthenticAMD", "24", "1", "1"), ()),
        (("GenuineIntel", "six", "", "²"), ()),
    ],
)
def test_a_processor_is_known_by_the_name_that_emulators_give_it(
    numbers: tuple[str, ...], names: tuple[str, ...]
) -> None:
    fields = ("vendor_id", "cpu family", "model", "stepping")
    assert processor_names.names(dict(zip(fields, numbers, strict=True))) == names
    assert processor_names.names({}) == ()
