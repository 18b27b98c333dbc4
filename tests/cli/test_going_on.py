"""Every verb that works can be interrupted, and goes on with the very command it prints."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.engine.choose import choose
from lab.errors import EngineMissingError, InfraError
from lab.run.ownership import owned
from lab.run.session import Laboratory, RunRequest, RunSession
from lab.run.step import engines
from lab.storage.store import Store
from tests.cli.given import Model
from tests.cli.scenario_text import text
from tests.conftest import Answer, Cli

BROKEN = 'if os.environ["TOY_PADDLE_VERSION"] >= "3.1.1": raise ValueError("no such model")'
FAILS = '# [[tool.lab.expect]]\n# saver = "2.6.2"\n# loader = "3.2.0"\n# outcome = "py_exception"\n'
NETS = '[good]\nrelu = { layer = "nn.ReLU()", x = "float32 2x3", probe = true }\n[bad]\n'
VERBS = (
    ("repro", "toy", "--rounds", "0"),
    ("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0,3.1.0"),
    ("repro", "--all", "toy"),
    ("matrix", "toy", "--savers", "3.0.0", "--loaders", "3.0.0,3.1.0"),
    ("bisect", "toy", "--good", "3.1.0", "--bad", "3.2.0"),
    ("cure", "toy", "--at", "3.3.1", "--saver", "3.0.0", "--rounds", "0", "--repeat", "1"),
    ("isolate", "toy", "--good", "release=3.0.0", "--bad", "release=3.1.1", "--saver", "3.0.0"),
    ("explain", "toy", "--at", "3.2.0", "--rounds", "0", "--repeat", "1"),
    ("sweep", "--savers", "3.0.0", "--loaders", "3.0.0", "--also", "", "--route", "jit"),
    ("check", "MODEL", "--to", "3.1.1", "--rounds", "0"),
    ("stamp", "MODEL"),
    ("convert", "MODEL", "--into", "json"),
    ("reduce", "MODEL", "--bad", "3.1.1", "-o", "smaller"),
    ("locate", "MODEL", "--bad", "3.1.1", "-o", "told.md"),
)


@pytest.fixture
def interrupted(toy: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Every container is a Ctrl-C, until this is undone."""

    def press(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(toy, "run", press)
        yield patched


@pytest.fixture
def place(bench: Path, lab: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, must=False, **__: {} if must else None)
    (bench / "scenarios" / "toy.py").write_text(text(load=BROKEN, more=FAILS), encoding="utf-8")
    (bench / "scenarios" / "sweep").mkdir()
    (bench / "scenarios" / "sweep" / "operators.toml").write_text(NETS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return bench


def runs(bench: Path) -> set[str]:
    return {path.parent.name for path in (bench / "results" / "runs").glob("*/run.json")}


def remedy(answer: Answer) -> list[str]:
    """The words of the command that the last line of stderr says."""
    (said,) = re.findall(r"^  try: lab (.*)$", answer.err, re.MULTILINE)
    return shlex.split(said)


@pytest.mark.parametrize("words", VERBS, ids=lambda words: " ".join(words[:2]))
def test_an_interrupted_verb_goes_on_in_the_same_run_by_the_command_it_prints(
    lab: Cli, place: Path, model: Model, interrupted: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    typed = [str(model("2.6.2")) if one == "MODEL" else one for one in words]
    answer = lab(*typed)
    assert answer.code == 130, answer.err
    before = runs(place)
    assert len(before) == 1
    assert f"go on  lab {words[0]} " in lab("runs", "show", "last").out
    interrupted.undo()
    again = lab(*remedy(answer))
    assert again.code not in (2, 7, 130), again.err
    if words[0] == "convert":
        return  # the second of its two runs begins after the first one is whole
    assert runs(place) == before


@pytest.mark.parametrize(
    "words",
    [one for one in VERBS if one[0] not in ("stamp", "convert", "reduce")],  # the last writes a new folder each time
    ids=lambda words: " ".join(words[:2]),
)
def test_a_run_that_was_begun_with_fresh_goes_on_fresh_by_the_command_it_prints(
    lab: Cli, place: Path, model: Model, toy: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    typed = [str(model("2.6.2")) if one == "MODEL" else one for one in words]
    lab(*typed)
    once, before = len(toy.jobs), runs(place)
    with monkeypatch.context() as patched:
        patched.setattr(toy, "run", _press)
        answer = lab(*typed, "--fresh")
    assert answer.code == 130, answer.err
    again = lab(*remedy(answer))
    assert again.code not in (2, 7, 130), again.err
    assert len(toy.jobs) == 2 * once
    for run in runs(place) - before:
        kept = json.loads((place / "results" / "runs" / run / "run.json").read_text())
        assert kept["fresh"] is True
        assert {one["reused"] for one in kept["trials"]} <= {""}


@pytest.mark.parametrize(
    "words",
    [
        ("bisect", "toy", "--good", "3.0.0", "--bad", "3.1.0"),
        ("bisect", "toy", "--good", "3.0.0", "--bad", "3.1.1", "--signature", "Segmentation"),
        ("cure", "toy", "--at", "3.0.0", "--saver", "3.0.0", "--rounds", "0"),
        ("isolate", "toy", "--good", "release=3.1.1", "--bad", "release=3.0.0", "--saver", "3.0.0"),
        ("reduce", "MODEL", "--good", "2.6.2", "--bad", "3.1.0", "--route", "static"),
        ("locate", "MODEL", "--good", "2.6.2", "--bad", "3.1.0"),
    ],
    ids=" ".join,
)
def test_a_verb_that_ends_in_an_answer_with_code_3_or_4_is_finished_and_keeps_what_it_said(
    lab: Cli, place: Path, model: Model, words: tuple[str, ...]
) -> None:
    answer = lab(*[str(model("3.0.0")) if one == "MODEL" else one for one in words])
    assert answer.code in (3, 4), answer.err
    (run,) = runs(place)
    kept = json.loads((place / "results" / "runs" / run / "run.json").read_text())
    assert kept["status"] == "finished"
    if words[0] in ("cure", "reduce", "locate"):  # the others have ended their run, with notes of its own
        assert [f"lab: {note}" in answer.err for note in kept["notes"]] == [True]
    assert "go on" not in lab("runs", "show", "last").out


def test_the_command_that_goes_on_says_where_the_answer_was_to_be_written(
    lab: Cli, place: Path, interrupted: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer = lab("matrix", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "-o", "told.json", "-o", "told.md")
    assert answer.code == 130, answer.err
    interrupted.undo()
    assert lab(*remedy(answer)).code == 0
    assert {path.name for path in tmp_path.glob("told.*")} == {"told.json", "told.md"}


def test_what_a_fresh_run_itself_finished_is_not_run_again_when_it_goes_on(lab: Cli, place: Path, toy: Any) -> None:
    words = ("matrix", "toy", "--savers", "3.0.0", "--loaders", "3.0.0,3.1.0")
    assert lab(*words).code == 0
    assert len(toy.jobs) == 3
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("lab.run.workflow.judged", _press)
        answer = lab(*words, "--fresh")
    assert answer.code == 130
    assert len(toy.jobs) == 6
    assert lab(*remedy(answer)).code == 0
    assert len(toy.jobs) == 6


def test_a_killed_run_is_shown_with_the_command_that_goes_on_and_one_at_work_without(
    lab: Cli, place: Path, interrupted: pytest.MonkeyPatch
) -> None:
    assert lab("repro", "toy", "--rounds", "0").code == 130
    (path,) = (place / "results" / "runs").glob("*/run.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "status": "running"}))
    assert "go on  lab repro toy --rounds 0 --resume" in lab("runs", "show", "last").out
    with owned(path.parent):
        assert "go on" not in lab("runs", "show", "last").out


def test_resume_last_takes_no_run_of_another_verb_and_says_what_there_is(
    lab: Cli, place: Path, interrupted: pytest.MonkeyPatch
) -> None:
    assert lab("matrix", "toy", "--savers", "3.0.0", "--loaders", "3.0.0").code == 130
    (run,) = runs(place)
    interrupted.undo()
    answer = lab("repro", "toy", "--resume", "last")
    assert answer.code == 2
    assert "there is no interrupted run of: lab repro toy\n" in answer.err
    assert f"lab matrix toy --savers 3.0.0 --loaders 3.0.0 --resume {run}" in answer.err
    assert lab("repro", "toy", "--rounds", "0", "--resume", run).code == 2
    assert lab("matrix", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "--resume", run).code == 0


def test_resume_last_takes_no_run_of_the_same_verb_with_other_words(
    lab: Cli, place: Path, interrupted: pytest.MonkeyPatch
) -> None:
    assert lab("repro", "toy", "--rounds", "0").code == 130
    interrupted.undo()
    answer = lab("repro", "toy", "--rounds", "1", "--resume", "last")
    assert answer.code == 2
    assert "what was interrupted goes on with: lab repro toy --rounds 0 --resume " in answer.err


def test_a_run_that_is_finished_is_said_to_be_finished_whatever_was_typed(lab: Cli, place: Path) -> None:
    assert lab("matrix", "toy", "--savers", "3.0.0", "--loaders", "3.0.0").code == 0
    (run,) = runs(place)
    for words in (("repro", "toy"), ("matrix", "toy", "--savers", "3.0.0", "--loaders", "3.0.0")):
        answer = lab(*words, "--resume", run)
        assert (answer.code, answer.out) == (2, "")
        assert f"run {run} is finished: there is nothing to go on with\n  try: start without --resume" in answer.err


def test_how_an_answer_is_shown_and_the_order_of_words_do_not_make_another_command(
    lab: Cli, place: Path, interrupted: pytest.MonkeyPatch
) -> None:
    assert lab("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "--threads", "2", "--json").code == 130
    interrupted.undo()
    words = ("run", "--loaders=3.0.0", "--threads=2", "--engine", "auto", "toy", "--savers", "3.0.0")
    assert lab(*words, "--resume", "last", "--fresh").code == 0
    assert len(runs(place)) == 1


def test_a_run_that_was_begun_in_the_old_spelling_goes_on_in_todays(
    lab: Cli, place: Path, interrupted: pytest.MonkeyPatch
) -> None:
    assert lab("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0").code == 130
    (path,) = (place / "results" / "runs").glob("*/run.json")
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({**kept, "command": "lab run toy --save 3.0.0 --load 3.0.0"}))
    interrupted.undo()
    assert "go on  lab run toy --savers 3.0.0 --loaders 3.0.0 --resume" in lab("runs", "show", "last").out
    assert lab("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "--resume", "last").code == 0


def test_a_matrix_of_several_scenarios_goes_on_with_the_one_that_was_interrupted(
    lab: Cli, place: Path, interrupted: pytest.MonkeyPatch
) -> None:
    (place / "scenarios" / "first.py").write_text(text(), encoding="utf-8")
    interrupted.undo()
    assert lab("matrix", "first", "--savers", "3.0.0", "--loaders", "3.0.0").code == 0
    words = ("matrix", "first", "toy", "--savers", "3.0.0", "--loaders", "3.0.0")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("lab.run.workflow.judged", _press)
        assert lab(*words).code == 130
    assert len(runs(place)) == 2
    assert lab(*words, "--resume", "last").code == 0
    assert len(runs(place)) == 3


def _press(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_the_way_back_names_the_workspace_that_was_named(
    lab: Cli, place: Path, interrupted: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAB_WORKSPACE")
    answer = lab("repro", "toy", "--rounds", "0", "-w", str(place))
    assert answer.code == 130
    interrupted.undo()
    assert answer.err.endswith(f"try: lab repro toy --rounds 0 --workspace {place} --resume last\n")
    assert lab(*remedy(answer)).code == 1
    assert len(runs(place)) == 1


@pytest.mark.parametrize(
    "words", [one for one in VERBS if one[:2] != ("repro", "--all")], ids=lambda one: " ".join(one[:2])
)
def test_an_engine_that_dies_in_mid_run_is_told_by_its_first_word_and_the_run_goes_on_by_the_command_it_prints(
    lab: Cli, place: Path, model: Model, toy: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    typed = [str(model("2.6.2")) if one == "MODEL" else one for one in words]

    def dead(_: str) -> None:
        raise InfraError("the engine stopped answering while the lab wanted to clean up containers", "look again")

    with monkeypatch.context() as patch:
        patch.setattr(toy, "dies_after", 0)
        patch.setattr(toy, "stop", dead)
        answer = lab(*typed)
    assert answer.code == 7, answer.err
    assert "stopped answering while the lab wanted to run a container" in answer.err
    assert "clean up" not in answer.err
    (run,) = runs(place)
    assert json.loads((place / "results" / "runs" / run / "run.json").read_text())["status"] == "interrupted"
    (said,) = re.findall(r"^  try: .*; then: lab (.*)$", answer.err, re.MULTILINE)
    assert said.endswith(f"--resume {run}")
    again = lab(*shlex.split(said))
    assert again.code not in (2, 7, 130), again.err
    assert runs(place) >= {run}


def test_a_run_goes_on_with_its_own_engine_or_not_at_all(
    lab: Cli, place: Path, toy: Any, interrupted: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was begun in containers must not end as root on the host, and say that it was isolated."""
    asked: list[str] = []

    def down(kind: str, _: Path) -> None:
        asked.append(kind)
        raise EngineMissingError(f"no {kind} engine was found on this machine", "make engine")

    answer = lab("repro", "toy", "--rounds", "0")
    (run,) = runs(place)
    file = place / "results" / "runs" / run / "run.json"
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({**kept, "engine": "docker", "isolated": True}))
    interrupted.undo()
    with monkeypatch.context() as patch:
        patch.setattr("lab.cli.opening.choose", choose)
        patch.setattr("lab.engine.docker.connect", down)
        refused = lab(*remedy(answer))
    assert refused.code == 6
    assert f"run {run} was begun with docker and goes on with nothing else" in refused.err
    assert asked == ["docker"]
    other = lab(*remedy(answer))  # were another engine to answer all the same
    assert other.code == 2
    assert "goes on with no other (toy)" in other.err
    assert json.loads(file.read_text())["status"] == "interrupted"


def test_that_a_run_was_isolated_is_said_by_its_steps(lab: Cli, place: Path, toy: Any, bench: Path) -> None:
    assert lab("repro", "toy", "--rounds", "0").code in (0, 1, 4)
    (run,) = runs(place)
    folder = place / "results" / "runs" / run
    assert json.loads((folder / "run.json").read_text())["isolated"] is True
    assert engines(folder) == {"toy"}
    step = next(folder.glob("trials/*/step.json"))
    step.unlink()
    step.write_text(json.dumps({**json.loads(next(folder.glob("saves/*/step.json")).read_text()), "engine": "local"}))
    assert engines(folder) == {"toy", "local"}
    session = RunSession(
        laboratory=Laboratory(engine=toy, preparer=None, store=Store(root=place / "results")),  # type: ignore[arg-type]
        request=RunRequest(name="toy", command="lab", scenario_sha256=""),
        run=Store(root=place / "results").load(run),
    )
    assert session.finish(session.run).isolated is False


@pytest.mark.parametrize(
    "words", [one for one in VERBS if one[0] in ("repro", "bisect", "cure", "isolate", "explain", "check", "stamp")],
    ids=lambda words: " ".join(words[:2]),
)  # fmt: skip
def test_what_an_answer_prints_holds_where_it_was_typed_also_beside_another_folders_workspace(
    lab: Cli, place: Path, model: Model, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.delenv("LAB_WORKSPACE")
    typed = [str(model("2.6.2")) if one == "MODEL" else one for one in words]
    answer = lab(*typed, "-w", str(place))
    assert answer.code not in (2, 7), answer.err
    commands = re.findall(r"lab ((?:runs show|bundle|issue) .*)$", answer.out, re.MULTILINE)
    for one in commands:
        assert f"--workspace {place}" in one
        assert lab(*shlex.split(one)).code != 2, one
    paths = re.findall(r"(?:run folder  |the page:) (.*)$", answer.out, re.MULTILINE)
    assert all(Path(one).exists() for one in paths)
    assert commands or words[:2] == ("repro", "--all")


@pytest.mark.parametrize(
    "command",
    ['lab repro "toy', "lab matrix toy --markdown x.json", "lab nosuch", "", "lab repro toy --nosuch", "rm x"],
)
def test_a_stored_command_that_nobody_can_read_keeps_no_other_run_from_going_on(
    lab: Cli, place: Path, interrupted: pytest.MonkeyPatch, command: str
) -> None:
    assert lab("repro", "toy", "--rounds", "0").code == 130
    assert lab("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0").code == 130
    for path in (place / "results" / "runs").glob("*/run.json"):
        kept = json.loads(path.read_text())
        if kept["command"].startswith("lab run "):
            path.write_text(json.dumps({**kept, "command": command}))
    interrupted.undo()
    assert lab("repro", "toy", "--rounds", "0", "--resume", "last").code == 1
