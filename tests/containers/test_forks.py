"""Real Paddle, imported once and forked for each way: the same answers, bit for bit, as from a start for each."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from lab.run import forks
from tests.conftest import ROOT, Cli
from tests.containers.conftest import left_behind

pytestmark = pytest.mark.containers

MODEL = ROOT / "tests" / "golden" / "models" / "2.6.2"


def answers(real: Path, run: str) -> dict[str, str]:
    """The hash of what each way answered, by the name of its trial; empty where it answered nothing."""
    trials = (real / "results" / "runs" / run / "trials").iterdir()
    outputs = {one.name: one / "out" / "outputs.npz" for one in trials}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "" for name, path in outputs.items()
    }


def test_forks_answer_bit_for_bit_what_a_start_for_each_way_answers(
    cli: Cli, real: Path, engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cures.toml", "known.toml"):
        shutil.copyfile(ROOT / "scenarios" / name, real / "scenarios" / name)
    model = shutil.copytree(MODEL, tmp_path / "model", ignore=shutil.ignore_patterns("*.pdparams"))
    words = ("check", str(model), "--to", "3.3.1", "--rounds", "0", "--engine", "docker", "--fresh", "--json")
    forked = json.loads(cli(*words).out)
    assert left_behind(engine, real) == []
    monkeypatch.setattr(forks, "forkable", lambda order: False)
    alone = json.loads(cli(*words).out)
    assert answers(real, forked["run"]) == answers(real, alone["run"])
    assert sum(map(bool, answers(real, forked["run"]).values())) >= 9
    seen = [[one["trial"]["outcome"] for one in told["attempts"]] for told in (forked, alone)]
    assert seen[0] == seen[1]
    assert all(one["trial"]["load"]["peak_memory"] > 100 << 20 for one in forked["attempts"])
