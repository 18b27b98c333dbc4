"""What the tests stand on keeps them apart, and whoever stops them stops them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, WORDS

TWO_TESTS = """
import os
import time
from pathlib import Path

def test_that_is_stopped_within_a_command_of_the_lab(cli, bench, monkeypatch):
    def hangs(*_, **__):
        os.close(os.open({up!r}, os.O_WRONLY))
        time.sleep(600)

    monkeypatch.setattr("lab.cli.opening.place", hangs)
    cli("runs", "list")

def test_that_must_not_begin():
    Path({next!r}).touch()
"""


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_tests_also_where_the_lab_hears_it_first(tmp_path: Path, word: signal.Signals) -> None:
    up, after = tmp_path / "up", tmp_path / "next"
    os.mkfifo(up)
    (tmp_path / "test_two.py").write_text(TWO_TESTS.format(up=str(up), next=str(after)))
    options = ("-q", "-p", "no:cacheprovider", "-p", "tests.conftest", "-c", "pyproject.toml", "--basetemp")
    words = [sys.executable, "-m", "pytest", *options, str(tmp_path / "base"), str(tmp_path / "test_two.py")]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=ROOT, stdout=pipe, stderr=subprocess.STDOUT, text=True) as tests:
        up.open().close()
        tests.send_signal(word)
        try:
            said, _ = tests.communicate(timeout=300)
        finally:
            tests.kill()
    assert tests.returncode == pytest.ExitCode.INTERRUPTED, said
    assert not after.exists(), said


def test_what_a_test_leaves_behind_does_not_reach_the_next(tmp_path: Path) -> None:
    """The next one looks."""
    os.environ.update(LAB_WORKSPACE=str(tmp_path), COLUMNS="7")
    os.chdir(tmp_path)
    for word in WORDS:
        signal.signal(word, signal.SIG_IGN)


def test_nothing_of_another_test_or_of_this_user_is_here(request: pytest.FixtureRequest) -> None:
    assert not {"COLUMNS", "LANG"} & set(os.environ)
    assert not [name for name in os.environ if name.startswith("LAB_W")]
    assert not [word for word in WORDS if signal.getsignal(word) is signal.SIG_IGN]
    assert Path.cwd() == request.config.invocation_params.dir
