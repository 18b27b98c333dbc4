"""What the tests of `lab bench` and `lab track` share: small scenarios, quick values, and the way to a report."""

import functools
import json
from pathlib import Path
from typing import Any

import pytest

from lab.bench import BlockSettings
from tests.conftest import Answer, Cli

# By the thread's own clock: whatever else this machine does, one of them is as much work as it was.
SPIN = "end = time.thread_time() + {seconds}\n    while time.thread_time() < end: pass"
SAME = SPIN.format(seconds="0.002")
SLOWER = SPIN.format(
    seconds='(0.008 if os.environ["TOY_PADDLE_VERSION"] == "3.3.1" and "FLAGS_enable_pir_api" not in os.environ else 0.001)'
)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few short values: these tests are about what is done with them, not about the machine they run on."""
    monkeypatch.setattr("lab.cli.bench.BlockSettings", functools.partial(BlockSettings, pairs=4, value_s=0.004))


def write(bench: Path, source: str) -> None:
    (bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")


def run(cli: Cli, *words: str, releases: str = "3.0.0,3.3.1") -> Answer:
    return cli("bench", "toy", "--releases", releases, "--seed", "7", *words)


def report(answer: Answer) -> dict[str, Any]:
    found = json.loads(answer.out)
    assert isinstance(found, dict)
    return found


def row(found: dict[str, Any], metric: str, side: str = "3.3.1-cpu-py311") -> dict[str, Any]:
    return next(one for one in found["rows"] if (one["metric"], one["side"]) == (metric, side))


def home(bench: Path) -> Path:
    """The newest run's own folder."""
    return max((bench / "results" / "runs").iterdir(), key=lambda one: one.stat().st_ctime) / "bench"
