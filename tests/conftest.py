"""What several kinds of tests share: a workspace of their own, and the command line as a user meets it."""

import contextlib
import importlib.util
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings

from lab.cli import ending
from lab.cli.app import app
from lab.cli.ending import run_to_exit_code
from lab.machine import interruption
from tests import commands, missing
from tests.warm import WarmPython

ROOT = Path(__file__).parents[1]

# How long an example takes says how busy the machine is, and nothing of the lab. The usual run draws the same examples every
# time, so that one without a change is never red; `thorough` draws others, and more of them.
BUSY = (HealthCheck.too_slow,)
settings.register_profile("usual", deadline=None, suppress_health_check=BUSY, derandomize=True)
settings.register_profile("thorough", deadline=None, suppress_health_check=BUSY, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "usual")

# What whoever runs the tests has set up for themselves, and what is for the tests themselves.
OF_THE_USER = {
    "LC_ALL",
    "LC_MESSAGES",
    "LANG",
    "LANGUAGE",
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "FORCE_COLOR",
    "TTY_COMPATIBLE",
}
OF_THE_TESTS = {"LAB_EXAMPLES", "LAB_MUTANTS", "LAB_TEST_CACHE"}
WORDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _told(number: int, frame: FrameType | None) -> None:
    """End the run of the tests as Ctrl-C does: what fixtures have made is put away, also by each worker."""
    del frame
    raise KeyboardInterrupt(signal.Signals(number).name)


# A job that a script starts in the background ignores Ctrl-C, one under nohup the end of its terminal, and so would every
# program the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, _told)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pin() -> None:
    """Take away what this user has set up: whatever they speak and however wide they look, the lab is written in English.

    Tests side by side get a width from whoever divides them (pytest-xdist sets COLUMNS), one after the other none. Done once
    before anything, for fixtures that outlive a test, and again for every test.
    """
    for name in [one for one in os.environ if one in OF_THE_USER or one.startswith("LAB_")]:
        if name not in OF_THE_TESTS:
            del os.environ[name]
    os.environ["LC_CTYPE"] = "C.UTF-8"


pin()


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
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of one test reaches the next: environment, working folder, what hears signals, and a stop that was heard."""
    del monkeypatch  # asked for so that this takes back what is left after it
    pin()
    environ, here, hear = dict(os.environ), Path.cwd(), {word: signal.getsignal(word) for word in WORDS}
    yield
    for name in set(os.environ) - set(environ):
        del os.environ[name]
    os.environ.update(environ)
    os.chdir(here)
    for word, handler in hear.items():
        signal.signal(word, handler)
    interruption.forget()


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
        code = unless_told_to_end()
        said = capsys.readouterr()
        assert commands.complaints(words, said.out, said.err) == []
        return Answer(code=code, out=said.out, err=said.err)

    return run


_pressed: list[signal.Signals] = []


def press(word: signal.Signals = signal.SIGINT) -> None:
    """Send this very process a signal as a user of the lab does; one that nobody pressed is for the tests as a whole."""
    _pressed.append(word)
    os.kill(os.getpid(), word)


def unless_told_to_end() -> int:
    """Run the command line; a signal that no test has sent ends all the tests, though the lab has heard it first."""
    before = {word: signal.getsignal(word) for word in WORDS}
    heard: list[int] = []
    hear = ending._Interrupts.__call__
    _pressed.clear()

    def told(self: Any, number: int, frame: FrameType | None) -> None:
        heard.append(number)
        hear(self, number, frame)

    try:
        with patch.object(ending._Interrupts, "__call__", told):
            code = run_to_exit_code(app)
    finally:
        for word, handler in before.items():
            signal.signal(word, handler)
    if heard and not _pressed:
        raise KeyboardInterrupt
    return code


@pytest.fixture(scope="session")
def starts() -> Iterator[Any]:
    """Starts the guests of the toy engine: as forks of one Python, or each anew where TOY_COLD is set."""
    if os.environ.get("TOY_COLD"):
        yield None
        return
    python = WarmPython()
    yield python.started
    python.close()


@pytest.fixture
def toy(bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, starts: Any) -> Any:
    """The toy engine in the place of `choose`: the true guest with a numpy toy instead of Paddle; no wheel is fetched."""
    engine = toy_module().ToyEngine(tmp_path / "cache", starts=starts)
    monkeypatch.setattr("lab.cli.opening.choose", lambda *_, **__: (engine.reopened(), ""))
    monkeypatch.setattr("lab.environment.wheels.WheelStore.fetch", lambda *_, **__: None)
    monkeypatch.setattr("lab.environment.wheels.WheelStore.gathered", lambda *_, **__: contextlib.nullcontext(tmp_path))
    return engine


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A run without containers, browser or emulator must not look like a full one."""
    skipped = [str(one.longrepr) for one in terminalreporter.stats.get("skipped", [])]
    counts = {said: sum(word in one for one in skipped) for word, said in missing.SAID.items()}
    if any(counts.values()):
        terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
    for said, count in counts.items():
        if count:
            terminalreporter.line(f"{count} {said}")
