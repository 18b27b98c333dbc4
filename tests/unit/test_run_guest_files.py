"""The files that every container gets."""

from pathlib import Path

from lab.run import guest_files


def test_a_step_gets_every_file_of_the_guest(tmp_path: Path) -> None:
    home = guest_files.staged(tmp_path)
    assert {"supervisor.py", "phases.py", "outcome.py"} <= {path.name for path in home.iterdir()}
