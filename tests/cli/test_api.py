"""The functions for notebooks, in a process of their own, as a notebook is one: `from lab import check, repro, load_run`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.given import Model
from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.conftest import ROOT

TOY = """
import contextlib, json, os, runpy, sys
from pathlib import Path
from unittest.mock import patch
cache = Path(os.environ["LAB_CACHE"])
engine = runpy.run_path({engine!r})["ToyEngine"](cache)
store = "lab.environment.wheels.WheelStore"
with (
    patch("lab.cli.opening.choose", return_value=(engine, "")),
    patch(store + ".fetch"),
    patch(store + ".gathered", return_value=contextlib.nullcontext(cache)),
):
"""


def notebook(code: str) -> str:
    """What a notebook with this code prints, over the toy engine."""
    indented = "".join(f"    {line}\n" for line in code.strip().splitlines())
    whole = TOY.format(engine=str(ROOT / "tests" / "fakes" / "toy_engine.py")) + indented
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", whole], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def scenario(bench: Path) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(load=OLD_READER_FAILS, more=FAILING), encoding="utf-8")
    for name in ("cures.toml", "known.toml"):
        (bench / "scenarios" / name).write_bytes((ROOT / "scenarios" / name).read_bytes())


@pytest.mark.usefixtures("scenario")
def test_a_scenario_is_reproduced_shown_as_a_table_and_loaded_again() -> None:
    said = notebook("""
from lab import repro, load_run
told = []
run = repro("toy", rounds=0, tell=told.append)
again = load_run()
page = run._repr_html_()
print(json.dumps([run.verdict, run.command, again == run, told[-1], page.startswith("<pre"), "ValueError in load" in page]))
""")
    verdict, command, same, last, page, told = json.loads(said)
    assert (verdict, command) == ("REPRODUCED", "lab repro toy --rounds 0")
    assert last.startswith("done   ")
    assert (same, page, told) == (True, True, True)


@pytest.mark.usefixtures("scenario")
def test_a_model_is_checked_and_the_answer_of_each_release_is_there(model: Model) -> None:
    said = notebook(f"""
from lab import check
found = check({str(model("3.0.0"))!r}, to="3.3.1", rounds=0)
from lab.check.question import CheckRequest
from lab import check as again
page = found._repr_html_()
print(json.dumps([[(one.release, one.verdict) for one in found.answers], again is check, "SAFE" in page]))
""")
    assert json.loads(said) == [[["3.3.1", "SAFE"]], True, True]


@pytest.mark.usefixtures("scenario")
def test_a_notebook_in_chinese_shows_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_LANG", "zh")
    said = notebook("""
from lab import repro
print(json.dumps(repro("toy", rounds=0)._repr_html_()))
""")
    page = json.loads(said)
    assert "每个组合" in page
    assert "every pair did" not in page


@pytest.mark.usefixtures("scenario")
def test_what_the_lab_cannot_do_is_an_error_with_a_remedy() -> None:
    said = notebook("""
from lab import repro
from lab.errors import LabError
found = []
for asked in (dict(scenario="toyy"), dict(scenario="toy", engine="dokcer")):
    try:
        repro(**asked)
    except LabError as error:
        found.append([error.what, error.remedy])
print(json.dumps(found))
""")
    (unknown, _), (engine, engines) = json.loads(said)
    assert "toyy" in unknown
    assert engine == "there is no engine 'dokcer'"
    assert "docker" in engines


def test_nothing_of_the_functions_is_loaded_before_it_is_asked_for() -> None:
    code = "import sys, lab; assert 'lab.api' not in sys.modules; assert 'rich' not in sys.modules; lab.no_such"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "AttributeError: module 'lab' has no attribute 'no_such'" in done.stderr
