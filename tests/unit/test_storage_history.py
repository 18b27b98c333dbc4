from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.model.bench import Change, HistoryLine
from lab.storage.history import SCHEMA, End, History, key, machine

LINE = HistoryLine(
    schema=SCHEMA, key="k", date="2026-01-01", run="r", scenario="s", scenario_sha256="0", machine="m-2c-0",
    anchor="A", anchor_digest="a", side="B", digest="b", metric="infer", change=Change.SLOWER, ratio=1.5, low=1.4,
    high=1.6, p=0.0005, delta=0.05, reference=0.1, value=0.15, unit="s", seed=1, pairs=((0.4, 0.4), (0.41,)),
)  # fmt: skip
FACTS = {"cpu": "Some CPU @ 2.0 GHz", "isa": "avx", "cores": "2", "memory_gib": "8.0", "arch": "x86_64"}


@pytest.fixture
def kept(tmp_path: Path) -> History:
    return History(root=tmp_path / "history")


def test_a_line_comes_back_as_it_was_added(kept: History) -> None:
    assert kept.add([LINE]) == (LINE,)
    assert kept.read("m-2c-0", "s") == (LINE,)


def test_a_known_key_is_added_again_only_with_more_blocks(kept: History) -> None:
    kept.add([LINE])
    assert kept.add([LINE]) == ()
    more = replace(LINE, pairs=(*LINE.pairs, (0.4,)), change=Change.SAME)
    assert kept.add([more]) == (more,)
    assert len(kept.read("m-2c-0", "s")) == 2
    assert list(kept.newest()) == [more]


def test_history_is_only_ever_added_to(kept: History) -> None:
    kept.add([LINE])
    before = kept.path("m-2c-0", "s").read_bytes()
    kept.add([replace(LINE, key="other")])
    assert kept.path("m-2c-0", "s").read_bytes().startswith(before)


@pytest.mark.parametrize("damage", ["{", "[]", '{"schema": 1}', '{"schema": "1"}'])
def test_a_damaged_line_is_named(kept: History, damage: str) -> None:
    kept.add([LINE])
    with kept.path("m-2c-0", "s").open("a") as sink:
        sink.write(damage + "\n")
    other = replace(LINE, key="other")
    kept.add([other])
    assert kept.read("m-2c-0", "s") == (LINE, other)
    (said,) = kept.damage()
    assert said.startswith(f"{kept.path('m-2c-0', 's')} is damaged in line 2: ")
    assert kept.damage("another scenario") == kept.damage("s", "another machine") == ()


def test_a_line_of_a_newer_lab_is_named(kept: History) -> None:
    kept.add([replace(LINE, schema=SCHEMA + 1)])
    assert kept.read("m-2c-0", "s") == ()
    assert f"this lab reads up to {SCHEMA}" in kept.damage()[0]


def test_many_damaged_lines_are_one_sentence(kept: History) -> None:
    kept.add([LINE])
    with kept.path("m-2c-0", "s").open("a") as sink:
        sink.write("{\n" * 1000)
    assert "is damaged in line 2 and 999 more: " in kept.damage()[0]
    assert len(kept.damage()[0]) < 400


def test_two_machines_with_one_name_are_kept_apart() -> None:
    assert machine(FACTS) != machine({**FACTS, "memory_gib": "16.0"})
    assert machine(FACTS).startswith("some-cpu-2-0-ghz-2c-")
    assert machine(FACTS) == machine({**FACTS, "load": "3.0", "kernel": "other"})
    assert machine({}).startswith("unknown-0c-")


ANCHOR, SIDE = End(label="A", digest="a", saver="A"), End(label="B", digest="b", saver="B")
ASKED: dict[str, Any] = {
    "scenario_sha256": "0", "route": "own", "threads": 1, "where": "m", "anchor": ANCHOR, "side": SIDE, "metric": "infer",
}  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        {"scenario_sha256": "1"}, {"route": "jit"}, {"threads": 2}, {"where": "n"}, {"metric": "load"},
        {"anchor": replace(ANCHOR, digest="c")}, {"side": replace(SIDE, digest="c")},
        {"side": replace(SIDE, label="B FLAGS_x=1")}, {"side": replace(SIDE, saver="A")},
    ],
)  # fmt: skip
def test_whatever_decides_a_measurement_makes_another_key(other: dict[str, Any]) -> None:
    assert key(**ASKED) == key(**ASKED)
    assert key(**{**ASKED, **other}) != key(**ASKED)


@pytest.mark.parametrize("fact", ["cpu", "isa", "cores", "memory_gib", "arch"])
def test_a_machine_with_any_other_part_is_another_machine(fact: str) -> None:
    assert machine({**FACTS, fact: "other"}).rpartition("-")[2] != machine(FACTS).rpartition("-")[2]
