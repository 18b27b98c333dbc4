"""What several kinds of tests share: a workspace of their own, and the command line as a user meets it."""

import contextlib
import importlib.util
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lab.cli.app import app
from lab.cli.ending import run_to_exit_code
from tests import commands

ROOT = Path(__file__).parents[1]

# A job that a script starts in the background ignores Ctrl-C, one under nohup the end of its terminal, and so would every
# program the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


Cli = Callable[..., Answer]


def toy_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("toy_engine", ROOT / "tests" / "fakes" / "toy_engine.py")
    if spec is None or spec.loader is None:
        raise ImportError("tests/fakes/toy_engine.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever whoever runs the tests speaks, the lab is written in English."""
    for name in ("LAB_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_CTYPE", "C.UTF-8")


@pytest.fixture(autouse=True)
def as_wide_as_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests side by side get a width from whoever divides them (pytest-xdist sets COLUMNS), one after the other none."""
    for name in ("COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of its own: the real images/ data and no scenario but those a test writes."""
    root = tmp_path / "bench"
    (root / "images").mkdir(parents=True)
    (root / "scenarios").mkdir()
    for path in (ROOT / "images").iterdir():
        target = root / "images" / path.name
        shutil.copyfile(path, target) if path.is_file() else target.symlink_to(path)
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    runtime = tmp_path / "runtime"  # a lock of its own: a test must not wait for a timing on this machine
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("LAB_WORKSPACE", str(root))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LAB_OFFLINE", "1")
    return root


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run one `lab` command and get its exit code, stdout and stderr.

    Every command and option that it prints for a person to type must be one that the lab takes as it stands.
    """

    def run(*words: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["lab", *words])
        capsys.readouterr()
        code = run_to_exit_code(app)
        said = capsys.readouterr()
        assert commands.complaints(words, said.out, said.err) == []
        return Answer(code=code, out=said.out, err=said.err)

    return run


@pytest.fixture
def toy(bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The toy engine in the place of `choose`: the true guest with a numpy toy instead of Paddle; no wheel is fetched."""
    engine = toy_module().ToyEngine(tmp_path / "cache")
    monkeypatch.setattr("lab.cli.opening.choose", lambda *_, **__: (engine.reopened(), ""))
    monkeypatch.setattr("lab.environment.wheels.WheelStore.fetch", lambda *_, **__: None)
    monkeypatch.setattr("lab.environment.wheels.WheelStore.gathered", lambda *_, **__: contextlib.nullcontext(tmp_path))
    return engine


MISSING = {
    "NO CONTAINER ENGINE": "container tests did not run: no engine answers. make engine starts one.",
    "NO INDEX": "the installed wheel was not tested: what it needs could not be fetched.",
    "NO CHROMIUM": "browser tests did not run: there is no Chromium here. make browser installs one.",
    "NO LOCAL PADDLE": "cuts of models were not held against the whole: no local Pythons. lab run any_scenario --savers 2.6.2 --loaders 3.0.0,3.3.1 --engine local",
    "NO MOUNT": "tests of full disks did not run: this user cannot mount a small file system.",
    "NO REAL MODELS": "models that others gave away were not tested: the package index could not be reached.",
    "NO HOSTS": "tests of a fleet did not run: they need root and iproute2 for network namespaces.",
    "NO SSHD": "tests of a fleet over ssh did not run: apt-get install openssh-server.",
    "NO SLURM": "tests of a fleet in Slurm did not run: apt-get install slurm-wlm munge.",
    "NO EMULATOR": "tests of another processor did not run: no static qemu. apt-get install qemu-user-static.",
}


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A run without containers, browser or emulator must not look like a full one."""
    skipped = [str(one.longrepr) for one in terminalreporter.stats.get("skipped", [])]
    counts = {said: sum(word in one for one in skipped) for word, said in MISSING.items()}
    if any(counts.values()):
        terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
    for said, count in counts.items():
        if count:
            terminalreporter.line(f"{count} {said}")
