"""What the host runs out of: each kind by its smallest case; tests/siege has every depth of it, and every verb."""

from pathlib import Path
from typing import Any

import pytest

from lab.machine import refused
from tests.cli.scenario_text import text
from tests.cli.test_repro import document, write
from tests.conftest import Cli
from tests.resources import one_sentence, resume_of, small_disk

REPRO = ("repro", "toy", "--rounds", "0")


@pytest.mark.parametrize(
    ("options", "left"),
    [("size=12m", {"kilobytes": 700}), ("size=12m", {"kilobytes": 0}), ("size=64m,nr_inodes=600", {"inodes": 40})],
    ids=["disk full", "disk full before the run", "no inodes"],
)
def test_a_full_disk_is_one_sentence_and_the_command_it_names_works_afterwards(
    tmp_path: Path, options: str, left: dict[str, int]
) -> None:
    with small_disk(tmp_path / "disk", options) as disk:
        with disk.filled(**left):
            answer = disk.lab(*REPRO)
        one_sentence(answer)
        assert "free disk space or inodes (df -h, df -i)" in answer.err
        assert "No space left on device" in answer.err or "is full" in answer.err
        again = disk.lab(*(resume_of(answer) or REPRO))
        assert again.code == 0, again.err
        assert not list(disk.bench.rglob("*.part"))


def test_what_a_guest_had_no_room_for_is_no_failure_of_paddles_and_is_not_remembered(
    cli: Cli, toy: Any, bench: Path
) -> None:
    full = 'if "3.3.1" in os.environ["TOY_PADDLE_VERSION"]: raise OSError(28, "No space left on device")'
    write(bench, text(load=full))
    good, bad = document(cli("repro", "toy", "--rounds", "0", "--json"))["trials"]
    assert good["outcome"]["kind"] == "ok"
    assert (bad["outcome"]["kind"], bad["outcome"]["reason"]) == ("infra_error", "disk")
    started = len(toy.jobs)
    cli("repro", "toy", "--rounds", "0")
    assert len(toy.jobs) == started + 1


def test_a_program_that_says_the_disk_is_full_is_heard() -> None:
    assert refused.says_full("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device")
    assert refused.says_full("write /x: disk quota exceeded")
    assert not refused.says_full("No matching distribution found for space==1.0")


def test_a_disk_with_room_has_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused.has_room(tmp_path)
    with small_disk(tmp_path / "disk", "size=4m") as disk, disk.filled(kilobytes=100):
        assert not refused.has_room(disk.root)
