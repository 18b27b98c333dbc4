"""A wheel's file in every verb that takes a release: the verb answers, and its answer names the build."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.given import MODELS
from tests.cli.scenario_text import text
from tests.conftest import ROOT, Cli
from tests.wheel_files import wheel

BUILD = "3.4.0.dev20261101_"
WHEEL_FAILS = 'if "_" in os.environ["TOY_PADDLE_VERSION"]: raise ValueError("this build cannot load it")'


@pytest.mark.parametrize(
    "line",
    [
        "isolate toy --saver 3.0.0 --good release=3.3.1 --bad release=WHEEL",
        "isolate toy --saver 3.0.0 --good release=3.3.1 --bad release=WHEEL,numpy=1.26.4",
        "matrix toy --savers 3.0.0,WHEEL --loaders 3.0.0,WHEEL",
        "cure toy --at WHEEL --good 3.3.1 --saver 3.0.0",
        "explain toy --at WHEEL --good 3.3.1",
        "check MODEL --from 2.6.2 --to WHEEL",
        "check MODEL --from WHEEL --to 3.3.1",
        "images build WHEEL+numpy==1.26.4",
    ],
)
def test_every_verb_takes_a_wheel_and_names_it(
    cli: Cli, bench: Path, toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    for name in ("cures.toml", "known.toml"):
        shutil.copyfile(ROOT / "scenarios" / name, bench / "scenarios" / name)
    monkeypatch.setattr("lab.environment.locks.lock", lambda _: "numpy==1.26.4 --hash=sha256:" + "0" * 64 + "\n")
    (bench / "scenarios" / "toy.py").write_text(text(load=WHEEL_FAILS), encoding="utf-8")
    model = tmp_path / "model"
    shutil.copytree(MODELS / "2.6.2", model)
    words = {"WHEEL": str(wheel(tmp_path)), "MODEL": str(model)}
    for name, path in words.items():
        line = line.replace(name, path)
    answer = cli(*line.split())
    assert answer.code not in (2, 7), answer.err
    assert BUILD in answer.out
