"""Loops and branches opened: what was inside stands in the main block as often as it runs, and what cannot be opened soundly is a sentence."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from lab.cut import blocks, edges
from lab.cut.blocks import OpenedBlock
from lab.cut.body import ModelBody
from lab.cut.edges import CannotCutError
from lab.formats import inspect
from tests.unit.test_cut import GOLDEN, apart

GIVEN = GOLDEN / "given"
BRANCH = {".json": "if", ".pdmodel": "conditional_block"}
INSIDE = {".json": ["tanh", "nearest_interp", "relu"], ".pdmodel": ["tanh", "nearest_interp_v2", "relu", "assign"]}


def model(name: str, ending: str) -> Path:
    return GIVEN / f"{name}-{'3.0.0' if ending == '.json' else '2.6.2'}" / f"net{ending}"


def first(whole: ModelBody, operator: str) -> int:
    return next(index for index, node in enumerate(whole.anatomy.nodes) if node.operator == operator)


def names(whole: ModelBody, made: OpenedBlock) -> list[str]:
    return [node.operator for node in (whole.anatomy.nodes[one] for one in made.inside()) if not node.constant]


def sound(whole: ModelBody, folder: Path) -> None:
    """The whole of it is written, and reads as a model that lacks nothing."""
    whole.write(whole.cut(edges.whole(whole.anatomy)), folder)
    seen = inspect(folder)
    assert not seen.broken, seen.findings


@pytest.mark.parametrize("ending", [".json", ".pdmodel"])
def test_a_branch_is_opened_to_the_operators_of_the_side_that_is_taken(ending: str, tmp_path: Path) -> None:
    path = model("branch_resize", ending)
    with apart(path) as whole:
        index = first(whole, BRANCH[ending])
        assert whole.anatomy.nodes[whole.anatomy.maker[whole.condition(index)]].operator == "less_than"
        opened, made = whole.opened(index, 0)
        assert names(opened, made) == INSIDE[ending]
        needed = edges.before(opened.anatomy, opened.anatomy.fetches)
        assert set(made.inside()) <= set(needed)
        assert not any(opened.anatomy.nodes[one].blocks for one in needed), "nobody waits for the other side any more"
        sound(opened, tmp_path)


@pytest.mark.parametrize("ending", [".json", ".pdmodel"])
def test_the_other_side_can_be_taken_too(ending: str) -> None:
    with apart(model("branch_resize", ending)) as whole:
        opened, made = whole.opened(first(whole, BRANCH[ending]), 1)
        before = edges.before(opened.anatomy, opened.anatomy.fetches)
        assert "nearest" not in " ".join(opened.anatomy.nodes[one].operator for one in before)
        if ending == ".json":
            assert names(opened, made) == ["sigmoid"]


@pytest.mark.parametrize("ending", [".json", ".pdmodel"])
@pytest.mark.parametrize("steps", [1, 3])
def test_a_loop_is_opened_to_so_many_steps_each_of_which_goes_on_with_what_the_last_one_gave(
    ending: str, steps: int, tmp_path: Path
) -> None:
    with apart(model("loop_resize", ending)) as whole:
        loop = first(whole, "while")
        opened, made = whole.opened(loop, steps)
        assert names(opened, made).count("tanh") == steps == made.steps
        conditions = [blocks.value_before(opened.anatomy, *one) for one in made.conditions]
        assert len(set(conditions)) == steps
        assert conditions[0] == whole.condition(loop)
        resized = [one for one in made.inside() if opened.anatomy.nodes[one].operator.startswith("nearest")]
        for earlier, later in itertools.pairwise(resized):
            assert earlier in edges.before(opened.anatomy, opened.anatomy.nodes[later].makes)
        sound(opened, tmp_path)


@pytest.mark.parametrize("ending", [".json", ".pdmodel"])
def test_the_condition_of_a_loop_is_changed_by_it_so_nobody_looks_at_it_behind_the_loop(ending: str) -> None:
    with apart(model("loop_resize", ending)) as whole:
        name = whole.condition(first(whole, "while"))
        assert name in edges.passing(whole.anatomy)
        assert name not in edges.fetchable(whole.anatomy)


def test_operators_keep_their_order_around_what_was_opened() -> None:
    made = OpenedBlock(program=b"", first=2, each=3, steps=2)
    assert made.moved((0, 2, 5)) == (0, 2, 3, 4, 5, 6, 7, 10)
    assert made.moved((1, 3)) == (1, 8)


def test_what_cannot_be_opened_soundly_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with apart(model("branch_resize", ".json")) as whole:
        with pytest.raises(CannotCutError, match="conv2d holds operators in a way that cannot be opened"):
            whole.opened(first(whole, "conv2d"), 0)
        with pytest.raises(CannotCutError, match="no such branch"):
            whole.opened(first(whole, "if"), 2)
    with apart(model("loop_resize", ".pdmodel")) as whole:
        monkeypatch.setattr(blocks, "MOST", 30)
        with pytest.raises(CannotCutError, match="at most 30 are tried"):
            whole.opened(first(whole, "while"), 16)


def changed(path: Path, folder: Path, change: Any) -> Path:
    """A copy of a .json whose program was changed."""
    told = json.loads(path.read_text())
    change(told["program"]["regions"][0]["blocks"][0]["ops"])
    copy = folder / "net.json"
    copy.write_text(json.dumps(told, separators=(",", ":")))
    copy.with_suffix(".pdiparams").write_bytes(path.with_suffix(".pdiparams").read_bytes())
    return copy


def test_a_loop_that_changes_in_place_what_is_handed_into_it_stays_whole(tmp_path: Path) -> None:
    def change(operators: list[dict[str, Any]]) -> None:
        loop = next(one for one in operators if one["#"] == "1.while")
        inner = loop["regions"][0]["blocks"][0]
        handed = inner["args"][0]["#"]
        step = next(one for one in inner["ops"] if {"%": handed} in one["I"])
        step["#"] = "1.increment_"

    with (
        apart(changed(model("loop_resize", ".json"), tmp_path, change)) as whole,
        pytest.raises(CannotCutError, match="changes in place what is handed into it"),
    ):
        whole.opened(first(whole, "while"), 1)


def test_a_block_that_gives_another_number_of_values_back_stays_whole(tmp_path: Path) -> None:
    def change(operators: list[dict[str, Any]]) -> None:
        branch = next(one for one in operators if one["#"] == "1.if")
        branch["regions"][0]["blocks"][0]["ops"][-1]["I"] = []

    with (
        apart(changed(model("branch_resize", ".json"), tmp_path, change)) as whole,
        pytest.raises(CannotCutError, match="if gives 1 values, and its block 0"),
    ):
        whole.opened(first(whole, "if"), 0)
