"""How the process itself ends: cut pipes, narrow encodings, wrong words."""

import errno
import os
import signal
import subprocess
import sys
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
    [(("runs", "lst"), "lab runs --help"), (("bisect",), "lab bisect --help"), (("x",), "lab --help")],
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


def test_an_impatient_second_ctrl_c_does_not_tear_the_clearing_up_apart_and_a_late_one_ends_what_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr("lab.cli.ending.time.monotonic", lambda: now[0])
    heard = ending._Interrupts()
    try:
        with pytest.raises(KeyboardInterrupt):
            heard(signal.SIGINT, None)
        assert interruption.heard()
        now[0] += ending.PATIENCE_S / 2
        heard(signal.SIGINT, None)
        heard(signal.SIGTERM, None)
        now[0] += ending.PATIENCE_S
        with pytest.raises(KeyboardInterrupt):
            heard(signal.SIGINT, None)
    finally:
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
