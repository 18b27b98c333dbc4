"""How the process itself ends: cut pipes, narrow encodings, wrong words."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lab.cli import ending
from lab.machine import interruption
from tests.cli.scenario_text import text
from tests.conftest import Cli

LAB = [sys.executable, "-m", "lab"]


def test_a_reader_that_leaves_is_neither_an_answer_nor_a_failure(bench: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        done = subprocess.run([*LAB, "images", "list", "--json"], stdout=gone, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_answer_in_chinese_reaches_a_terminal_that_has_none(bench: Path) -> None:
    (bench / "模型.pdmodel").write_bytes(b"nonsense")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [*LAB, "inspect", str(bench / "模型.pdmodel")], capture_output=True, env=environment, check=False
    )
    assert b"Traceback" not in done.stderr
    assert b"\\u6a21\\u578b" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (("runs", "lst"), "lab runs --help"),
        (("bisect",), "lab bisect --help"),
        (("x",), "lab --help"),
        (("run", "toy", "--loaders"), "lab run --help"),
        (("runs", "show", "-w"), "lab runs show --help"),
    ],
)
def test_wrong_words_lead_to_the_help_of_the_very_verb(cli: Cli, words: tuple[str, ...], remedy: str) -> None:
    answer = cli(*words)
    assert answer.code == 2
    assert f"try: {remedy}\n" in answer.err


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.EACCES, "lab init FOLDER"), (errno.EROFS, "lab init FOLDER"), (errno.ENOSPC, "free disk")],
)
def test_what_the_host_does_not_allow_is_named_with_its_place(
    cli: Cli, bench: Path, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), "/somewhere")

    monkeypatch.setattr("lab.cli.opening.place", refused)
    answer = cli("runs", "list")
    assert answer.code == 7
    assert f"/somewhere: {os.strerror(number)}\n" in answer.err
    assert remedy in answer.err


@pytest.mark.parametrize("words", [("report",), ("doctor",), ("runs", "list"), ("repro", "toy")])
def test_ctrl_c_where_no_verb_hears_it_is_said_too_and_told_to_a_program(
    cli: Cli, bench: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    def press(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lab.cli.opening.place", press)
    answer = cli(*words, "--json")
    assert answer.code == 130
    assert answer.err.startswith("lab: interrupted; what was finished is kept\n")
    assert json.loads(answer.out)["verdict"] == "INTERRUPTED"


def test_an_echo_does_not_tear_the_clearing_up_apart_and_impatience_ends_what_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, ended = [1000.0], threading.Event()
    monkeypatch.setattr("lab.cli.ending.time.monotonic", lambda: now[0])
    monkeypatch.setattr("lab.cli.ending.LAST_S", 0.05)
    heard = ending._Interrupts(ended.set)
    try:
        with pytest.raises(KeyboardInterrupt):
            heard(signal.SIGINT, None)
        assert interruption.heard()
        now[0] += ending.ECHO_S / 2
        heard(signal.SIGINT, None)
        heard(signal.SIGTERM, None)
        assert not ended.wait(0.3)
        now[0] += ending.ECHO_S
        heard(signal.SIGINT, None)
        assert ended.wait(30)
    finally:
        interruption.forget()


# Work, and then clearing up, that an engine which says nothing holds for ever.
HUNG = """
import sys, threading, time
from unittest.mock import patch
from lab.__main__ import main

def hangs(*_, **__):
    try:
        print("up", flush=True)
        time.sleep(600)
    finally:
        print("clearing", flush=True)
        threading.Event().wait()

sys.argv = ["lab", "runs", "list"]
with patch("lab.cli.opening.place", hangs):
    main()
"""


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_second_ctrl_c_ends_a_lab_whose_clearing_up_hangs(bench: Path, word: signal.Signals) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", HUNG], stdout=pipe, stderr=pipe, text=True) as hung:
        assert hung.stdout is not None
        assert hung.stdout.readline() == "up\n"
        hung.send_signal(word)
        assert hung.stdout.readline() == "clearing\n"
        time.sleep(2 * ending.ECHO_S)
        hung.send_signal(word)
        _, said = hung.communicate(timeout=60)
    assert hung.returncode == 130, said
    assert "Traceback" not in said


# A disk that takes long to give the first module of the command line.
SLOW_START = """
import sys, time
from importlib.abc import MetaPathFinder

class Slow(MetaPathFinder):
    def find_spec(self, name, *_):
        if name == "lab.cli.app":
            print("up", flush=True)
            time.sleep(600)

sys.meta_path.insert(0, Slow())
from lab.__main__ import main
main()
"""


def test_ctrl_c_while_the_lab_is_still_loading_is_130_and_one_line() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", SLOW_START], stdout=pipe, stderr=pipe, text=True) as starting:
        assert starting.stdout is not None
        assert starting.stdout.readline() == "up\n"
        starting.send_signal(signal.SIGINT)
        _, said = starting.communicate(timeout=30)
    assert starting.returncode == 130
    assert said == "lab: interrupted before anything had begun\n"


def test_a_failure_that_an_interrupt_brought_about_is_the_interrupt(
    cli: Cli, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(*_: object, **__: object) -> None:
        interruption.hear()
        raise SystemError("initialization of a module raised unreported exception")

    monkeypatch.setattr("lab.cli.opening.place", torn)
    answer = cli("runs", "list")
    assert answer.code == 130
    assert answer.err.startswith("lab: interrupted")
    interruption.forget()


def test_a_new_command_knows_nothing_of_an_earlier_interruption(cli: Cli, bench: Path) -> None:
    interruption.hear()
    assert cli("runs", "list").code == 0
    assert not interruption.heard()


def test_an_engine_of_another_machine_ends_every_verb_that_needs_one_with_6(
    cli: Cli, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with --engine auto: nothing is run somewhere else in its place."""
    (bench / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    monkeypatch.setenv("DOCKER_HOST", "ssh://me@builder.example")
    answer = cli("repro", "toy")
    assert answer.code == 6
    assert (
        "lab: DOCKER_HOST names the engine at ssh://builder.example, which is not a socket of this machine"
        in answer.err
    )
    assert "unset DOCKER_HOST" in answer.err
    assert not list((bench / "results").glob("runs/*"))
