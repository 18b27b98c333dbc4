"""Every verb in Chinese over the toy engine: no sentence of the lab is left in English, and 80 columns do."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from lab.cli.app import VERBS
from tests.cli.benches import SLOWER, quick  # noqa: F401 - a fixture
from tests.cli.given import Model
from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.cli.test_check import with_variables
from tests.cli.test_explain import regression
from tests.cli.test_sweep import CRASH, SKEW, table
from tests.conftest import ROOT, Cli
from tests.spoken import english_left

Walk = tuple[tuple[str, ...], ...]
THEIRS = (
    "path does not exist",
    "no such model",
    "the old IR",
    "uses the old IR",
    "Please make sure that *.pdmodel(json) exists or don't using",
    "The ``path`` to load model not exists",
    "to load model not exist",
    "json.exception.parse_error.101, attempting to parse an empty input",
    "parse an empty input",
    "flatten, matmul, multiply, full, scale",
    "program, feeds, fetches",
    "rootless false, architecture",
)
"""What Paddle says, or the toy in its place, and the texts of a test's own cures."""
DOCUMENT = re.compile(r"^(用于 issue：|# 镜像 |### ).*\Z", re.MULTILINE | re.DOTALL)  # noqa: RUF001 - Chinese
"""What is handed to somebody else, in whatever language they read: an issue, a Dockerfile."""
PASTED = re.compile(r"\blab |python |docker |export |import |^  .*(paddle\.|/)|://|/pytest-of-")
OLD_MODEL, NEW_MODEL = "OLD-MODEL", "NEW-MODEL"

FAILS: Walk = (
    ("repro", "toy", "--rounds", "0"),
    ("repro", "--all"),
    ("runs", "list"),
    ("runs", "show", "last"),
    ("runs", "diff", "last", "last"),
    ("scenarios", "list"),
    ("scenarios", "show", "toy"),
    ("bundle", "last", "-o", "toy.repro.tgz", "--repeat", "1"),
    ("replay", "toy.repro.tgz", "--yes"),
    ("issue", "last", "-o", "issue.md"),
    ("report",),
    ("matrix", "toy", "--savers", "2.6.2,3.0.0", "--loaders", "2.6.2"),
    ("run", "toy", "--savers", "3.0.0", "--loaders", "2.6.2"),
    ("new", "small"),
    ("new", str(ROOT / "tests" / "reports" / "jit_load_zh.md")),
    ("images", "list", "--why"),
    ("init", "fresh"),
    ("doctor",),
)
SEARCHED: Walk = (
    ("explain", "toy", "--rounds", "0"),
    ("explain", "toy", "--dry-run"),
    ("bisect", "toy", "--good", "2.6.2", "--bad", "3.3.1"),
    ("bisect", "toy", "--good", "2.6.2", "--bad", "3.3.1", "--dry-run"),
    ("isolate", "toy", "--good", "release=2.6.2", "--bad", "release=3.3.1,threads=2", "--saver", "2.6.2"),
    ("isolate", "toy", "--good", "release=2.6.2", "--bad", "release=3.3.1", "--saver", "2.6.2", "--dry-run"),
    ("cure", "toy", "--at", "3.3.1", "--saver", "2.6.2", "--rounds", "0"),
    ("cure", "toy", "--at", "3.3.1", "--saver", "2.6.2", "--dry-run"),
)
GIVEN: Walk = (
    ("inspect", OLD_MODEL),
    ("inspect", NEW_MODEL),
    ("check", OLD_MODEL, "--to", "3.3.1", "--rounds", "0"),
    ("stamp", OLD_MODEL, "--from", "2.6.2"),
    ("convert", OLD_MODEL, "--into", "json", "-o", "converted"),
    ("reduce", NEW_MODEL, "--bad", "3.3.1", "-o", "reduced"),
)
WRONG: Walk = (
    ("check", NEW_MODEL, "--to", "3.3.1", "--rounds", "0"),
    ("locate", NEW_MODEL, "--bad", "3.3.1"),
    ("locate", NEW_MODEL, "--bad", "3.3.1", "--dry-run"),
)
MEASURED: Walk = (
    ("bench", "toy", "--releases", "3.0.0,3.3.1", "--seed", "7", "--blocks", "6", "--metric", "infer"),
    ("bench", "toy", "--releases", "3.0.0,3.3.1", "--dry-run"),
    ("track", "add"),
    ("track", "list"),
    ("track", "check"),
)
SWEPT: Walk = (("sweep", "--savers", "3.0.0", "--loaders", "3.0.0,3.3.1", "--also", "", "--route", "jit"),)
BAD_WORDS: Walk = (
    ("repro", "nowhere"),
    ("repare",),
    ("check", "nowhere"),
    ("bench", "toy", "--releases", "3.0", "--blocks", "x"),
    ("matrix", "toy", "--savers", "3.0.1"),
    ("runs", "show", "nothing"),
    ("bundle", "--nothing"),
    ("fleet", "status", "--fleet", "gpu1"),
    ("isolate", "toy", "--good", "release=2.6.2", "--bad", "release=3.3.1,cpu=Dyhana"),
)
WALKS = {"fails": FAILS, "searched": SEARCHED, "given": GIVEN, "wrong": WRONG, "measured": MEASURED, "swept": SWEPT}
WALKS["bad words"] = BAD_WORDS


def failing(bench: Path) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(load=OLD_READER_FAILS, more=FAILING), encoding="utf-8")


def slower(bench: Path) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(infer=SLOWER), encoding="utf-8")


SET_UP: dict[str, Callable[[Path], None]] = {
    "fails": failing,
    "searched": regression,
    "measured": slower,
    "swept": lambda bench: table(bench, SKEW, CRASH),
    "bad words": failing,
}


@pytest.fixture
def place(
    bench: Path, tmp_path: Path, toy: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> str:
    """A workspace in which a walk can be walked, in Chinese, in a terminal of 80 columns; the walk's name."""
    monkeypatch.setenv("LAB_LANG", "zh")
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, must=False, **__: {} if must else None)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    name: str = request.param
    if name in SET_UP:
        SET_UP[name](bench)
    if name == "wrong":
        with_variables(toy, {"TOY_PADDLE_ONEDNN_SKEW": "0.5"}, monkeypatch)
    if name == "measured":
        request.getfixturevalue("quick")
    return name


def told(lab: Cli, model: Model, walk: Walk, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str, str]]:
    """What each command of a walk says, without the documents in it."""
    releases = {OLD_MODEL: "2.6.2", NEW_MODEL: "3.0.0"}
    made = {name: str(model(one)) for name, one in releases.items() if any(name in words for words in walk)}
    for words in walk:
        monkeypatch.setenv("COLUMNS", "80")
        ended = lab(*(made.get(one, one) for one in words))
        yield " ".join(words), DOCUMENT.sub("", ended.out), ended.err


@pytest.mark.parametrize("place", WALKS, indirect=True)
def test_no_sentence_of_a_verb_is_left_in_english_nor_wider_than_80_columns(
    place: str, lab: Cli, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []
    for command, out, err in told(lab, model, WALKS[place], monkeypatch):
        left += [f"{command}: {one}" for one in english_left(f"{out}\n{err}", THEIRS)]
        left += [
            f"{command}: too wide: {one}" for one in out.splitlines() if cell_len(one) > 80 and not PASTED.search(one)
        ]
    assert not left, "\n".join(left)


def test_every_verb_is_on_a_walk() -> None:
    walked = {words[0] for walk in WALKS.values() for words in walk}
    assert {one.name for one in VERBS} - walked == set()
