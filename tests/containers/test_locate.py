"""Real Paddle: real faults are located where they are, and a release that is held against itself is accused of nothing."""

import json
import random
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from lab.cli import opening
from lab.cli.screen import Screen
from lab.engine.choose import EngineChoice
from lab.model.location import CutSeen, CutSort
from lab.run.session import RunRequest, hold
from lab.search.locate import locate, record, subject
from lab.search.locate.session import LocateSession
from lab.storage.store import Store
from tests.conftest import ROOT, Cli
from tests.containers.conftest import left_behind

pytestmark = pytest.mark.containers

GIVEN = ROOT / "tests" / "golden" / "given"
MODELS = ROOT / "tests" / "golden" / "models"
INNOCENT = [
    (MODELS / "3.0.0", "3.3.1", "static"),
    (MODELS / "3.0.0", "3.0.0", "predictor"),
    (GIVEN / "quantised-3.0.0", "3.3.1", "jit"),
    (GIVEN / "order-2.6.2", "2.6.2", "jit"),
    (GIVEN / "bilinear_corners-3.0.0", "3.3.1", "predictor_no_onednn"),
]
"""Models with a release and a way that is held against `static` of the same release."""
Answer = TypeVar("Answer")


def located(cli: Cli, *words: str) -> dict[str, Any]:
    answer = cli("locate", *words, "--engine", "docker", "--json")
    assert answer.out, answer.err
    return {**json.loads(answer.out), "code": answer.code}


def test_the_wrong_resize_is_located_alone_and_in_its_place(cli: Cli, real: Path, engine: Any) -> None:
    found = located(cli, str(GIVEN / "bilinear_corners-3.0.0"), "--bad", "3.0.0")
    assert (found["code"], found["sort"], found["bad"]["route"]) == (0, "operator", "predictor")
    at = {one["index"]: one for one in found["operators"]}
    one = at[found["first"]]
    assert one["operator"] == "bilinear_interp"
    assert one["attributes"]["align_corners"] == "True"
    assert one["alone"]["sort"] == one["cumulative"]["sort"] == "parts"
    assert [index for index in at if at[index]["alone"]["sort"] == "parts"] == [found["first"]]
    assert all(at[index]["cumulative"]["sort"] == "agrees" for index in at if index < found["first"])
    assert found["confirmed"] == {"bad": 3, "asked": 3, "good": 3, "controls": 3, "within": "parts", "apart": True}
    assert left_behind(engine, real) == []


def test_a_crash_that_only_a_fusion_has_is_located_as_the_cut_that_is_fused(cli: Cli, real: Path) -> None:
    found = located(cli, str(GIVEN / "leaky_relu-3.3.1"), "--bad", "3.3.1", "--route", "predictor")
    assert (found["code"], found["sort"]) == (0, "only in the fused whole")
    inside = [one["operator"] for one in found["operators"] if found["first"] <= one["index"] <= found["last"]]
    assert (inside[0], inside[-1]) == ("conv2d", "leaky_relu")
    assert {one["alone"]["sort"] for one in found["operators"]} <= {"agrees", "not known"}
    assert found["failure"]["kind"] == "native_crash"


def test_a_fault_inside_a_branch_is_located_in_the_branch_that_is_taken(cli: Cli, real: Path) -> None:
    found = located(cli, str(GIVEN / "branch_resize-3.0.0"), "--bad", "3.0.0", "--route", "predictor")
    assert (found["code"], found["sort"]) == (0, "operator")
    assert next(one["operator"] for one in found["operators"] if one["index"] == found["first"]) == "if"
    inside = found["inside"]
    assert (inside["sort"], inside["what"]) == ("operator", "the branch where the condition is true")
    at = {one["index"]: one["operator"] for one in inside["operators"]}
    assert at[inside["first"]] == "nearest_interp"
    assert sorted(at.values()) == ["nearest_interp", "relu", "tanh"]


def test_a_fault_inside_a_loop_is_located_in_its_first_step_also_where_the_loop_comes_with_its_condition(
    cli: Cli, real: Path
) -> None:
    found = located(cli, str(GIVEN / "loop_resize-3.0.0"), "--bad", "3.0.0", "--route", "predictor")
    assert (found["code"], found["sort"]) == (0, "operators together")
    cut = [one["operator"] for one in found["operators"] if found["first"] <= one["index"] <= found["last"]]
    assert cut == ["less_than", "while"]
    inside = found["inside"]
    assert (inside["sort"], inside["what"]) == ("operator", "its first step")
    assert next(one["operator"] for one in inside["operators"] if one["index"] == inside["first"]) == "nearest_interp"


@contextmanager
def working(model: Path, release: str, route: str) -> Iterator[LocateSession]:
    """A session whose two places are one release: `static` there is held against a way, also against itself."""
    found, catalogue = opening.place("")
    laboratory = opening.laboratory(found, catalogue, EngineChoice.DOCKER, Screen(quiet=True))
    words = subject.LocateWords(command="lab locate", name=str(model), good=release, bad=release, route=route)
    with (
        subject.requested(words, Store(root=found.results), catalogue) as request,
        hold(RunRequest(name="aa", command="lab locate", scenario_sha256="0"), laboratory) as held,
    ):
        environment = request.good.place.environment
        context = done(held.context({environment.key: environment}))
        with locate.working(request, held, context) as session:
            session.good, session.bad = session.good.by("static"), session.bad.by(route)
            yield session


def done(work: Generator[Any, None, Answer]) -> Answer:
    """What a generator of events comes to."""
    while True:
        try:
            next(work)
        except StopIteration as ended:
            value: Answer = ended.value
            return value


def drawn(chance: random.Random, count: int) -> list[int]:
    """Operators of a cut: one, a stretch of a few, or some from anywhere."""
    first = chance.randrange(count)
    stretch = list(range(first, min(count, first + chance.choice([1, 1, 2, 5, 20]))))
    return sorted(chance.sample(range(count), min(count, 4))) if chance.random() < 0.3 else stretch


def accused(model: Path, release: str, route: str, cuts: int) -> list[tuple[list[int], CutSeen]]:
    """Every cut drawn by chance, with what it showed, where the two places are one release."""
    with working(model, release, route) as session:
        marked = done(record.recorded(session))
        assert not [one for one in marked.cumulative.values() if one.sort.bad]
        chance = random.Random(f"{model.name} {route}")  # noqa: S311 - cuts, not secrets
        chosen = [drawn(chance, len(session.anatomy.nodes)) for _ in range(cuts)]
        seen = done(session.tried([session.made(one) for one in chosen], session.bad))
        assert sum(one.sort is CutSort.AGREES for one in seen) > cuts // 4, "most cuts of these models can be asked"
        return list(zip(chosen, seen, strict=True))


@pytest.mark.parametrize(("model", "release", "route"), INNOCENT)
def test_no_cut_of_a_release_held_against_itself_is_accused(real: Path, model: Path, release: str, route: str) -> None:
    """40 cuts of each of five: 200 in all."""
    assert [(chosen, one) for chosen, one in accused(model, release, route, 40) if one.sort.bad] == []
