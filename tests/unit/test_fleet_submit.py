"""Jobs and pods are taken back at the end, whatever happens between, and no ticket is left lying."""

import os
import stat
from pathlib import Path

import pytest

from lab.errors import InfraError
from lab.fleet import certificates, submit, ticket
from lab.fleet.launch import Pod, SlurmJob
from lab.fleet.ticket import Ticket
from lab.machine import interruption

JOB = SlurmJob(name="like", ticket="/t", log="/l", partition="gpu")
POD = Pod(name="like", image="registry.example/lab:1", driver="10.0.0.5")
# Stands in for the cluster's programs: it writes down its words, and says and returns what it is told to.
RECORDER = """\
#!/bin/sh
echo "$(basename "$0") $*" >> "{told}/words"
case "$*" in *--from-file=ticket=*) cp "${{5#--from-file=ticket=}}" "{told}/kept.ticket" 2>/dev/null;;
*--filename=-) cat > "{told}/kept.yaml";; esac
n=$(wc -l < "{told}/words")
echo "$((40 + n));cluster"
[ "$n" -ge {fails_at} ] && case "$(basename "$0")" in sbatch) echo "no such partition" >&2; exit 1;; esac
exit 0
"""


def ticket_for(name: str) -> Ticket:
    now = certificates.moment()
    authority = certificates.authority("fleet", now)
    held = certificates.issued(authority, name, now)
    return Ticket(
        protocol=ticket.PROTOCOL, name=name, scheduler="tls://h:8786", authority=authority.certificate,
        certificate=held.certificate, key=held.key,
    )  # fmt: skip


def recorder(folder: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int = 10**6) -> Path:
    """Programs of that kind, first on PATH; gives the file with their words."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("sbatch", "scancel", "kubectl"):
        path = programs / name
        path.write_text(RECORDER.format(told=folder, fails_at=fails_at), encoding="utf-8")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return folder / "words"


def test_jobs_are_submitted_one_a_name_and_cancelled_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words, folder = recorder(tmp_path, monkeypatch), tmp_path / "shared"
    with submit.submitted(JOB, ["one", "two"], ticket_for, folder) as numbers:
        assert numbers == ("41", "42")
        for name in ("one", "two"):
            path = folder / f"{name}.ticket"
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert ticket.read(path.read_bytes(), "it").name == name
    said = words.read_text(encoding="utf-8").splitlines()
    assert [one.split()[0] for one in said] == ["sbatch", "sbatch", "scancel"]
    assert said[2] == "scancel 41 42"
    assert "--partition=gpu" in said[0]
    assert f"--ticket {folder}/two.ticket" in said[1]
    assert list(folder.glob("*.ticket")) == []


def test_what_was_submitted_before_a_refusal_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words, folder = recorder(tmp_path, monkeypatch, fails_at=2), tmp_path / "shared"
    with (
        pytest.raises(InfraError, match="Slurm took no job: no such partition"),
        submit.submitted(JOB, ["one", "two"], ticket_for, folder),
    ):
        raise AssertionError("nobody comes here")
    assert words.read_text(encoding="utf-8").splitlines()[-1] == "scancel 41"
    assert list(folder.glob("*.ticket")) == []


def test_jobs_are_cancelled_though_the_lab_was_told_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = recorder(tmp_path, monkeypatch)
    try:
        with submit.submitted(JOB, ["one"], ticket_for, tmp_path / "shared"):
            interruption.hear()
    finally:
        interruption.forget()
    assert words.read_text(encoding="utf-8").splitlines()[-1] == "scancel 41"


def test_pods_get_their_secrets_and_are_deleted_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words, folder = recorder(tmp_path, monkeypatch), tmp_path / "private"
    with submit.pods(POD, ["one"], ticket_for, folder):
        assert list(folder.iterdir()) == []
        assert 'secretName: "one"' in (tmp_path / "kept.yaml").read_text(encoding="utf-8")
    assert ticket.read((tmp_path / "kept.ticket").read_bytes(), "it").name == "one"
    said = [line.split()[1] for line in words.read_text(encoding="utf-8").splitlines()]
    assert said == ["create", "apply", "delete"]
    assert words.read_text(encoding="utf-8").splitlines()[-1].endswith("pod/one networkpolicy/one secret/one")


def test_a_missing_program_is_named_and_leaves_no_ticket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(InfraError, match="'sbatch' was not found"),
        submit.submitted(JOB, ["one"], ticket_for, tmp_path / "shared"),
    ):
        raise AssertionError("nobody comes here")
    assert list((tmp_path / "shared").glob("*.ticket")) == []
