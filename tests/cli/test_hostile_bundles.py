"""Hostile bundles at the door: the smallest case of each kind that the siege (tests/siege) tries in full."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_bundle import bundled, failing, kept  # noqa: F401 - fixtures
from tests.conftest import Cli
from tests.siege import hostile_bundles
from tests.siege.bundles import Replay, genuine, harms, listing

FEW = (
    "hard link to /etc/passwd", "write through a link to ..", "path 'x/ä\\udce4' gnu", "twice SCENARIO.PY", "a file where a folder is",
    "pax header path='../outside/e'", "gnu long name of 200", "a member of -1 bytes", "members behind the end", "data behind the archive",
    "manifest: digests exchanged", "manifest: a file outside", "claims: schema 0", "claims: schema -1", "claims: saver_env 'PATH'",
    "claims: loader_env 'LD_PRELOAD'", "claims: scenario '../evil'", "claims: loader '$(evil)'", "claims: threads '257'",
    "claims: limits wall_s=-5", "claims: limits memory=1152921504606846976", "claims: limits cpus=1000000000.0", "claims: threads 256",
    "claims: words for a terminal", "results.json '[[[[[[[[[[[[[[[[[[[['", "PROOF.json '[[[[[[[[[[[['", "scenario.py: nested",
    "saved/outputs.npz: a pickle", "saved/inputs.npz: no zip", "without saved/outputs.json", "nothing at saved",
)  # fmt: skip


@pytest.fixture
def files(cli: Cli, failing: Path, tmp_path: Path) -> dict[str, bytes]:  # noqa: F811 - a fixture
    answer, path = bundled(cli, failing, "--no-proof")
    assert answer.code == 0, answer.err
    return genuine(path, tmp_path)


def test_every_kind_of_attack_is_refused_in_one_sentence_or_runs_within_the_caps(
    cli: Cli, toy: Any, files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    found = {one.name: one for one in hostile_bundles.attacks(files) if one.name in FEW}
    assert set(found) == set(FEW)
    path, broken = tmp_path / "evil.repro.tgz", []
    for attack in found.values():
        path.write_bytes(attack.data)
        toy.jobs.clear()
        before = listing(tmp_path)
        answer = cli("replay", str(path), "--yes", "--json")
        seen = Replay(
            code=answer.code,
            out=answer.out,
            err=answer.err,
            jobs=tuple(toy.jobs),
            before=before,
            after=listing(tmp_path),
        )
        broken += [f"{attack.name}: {harm}: {said}" for harm, said in harms(attack, seen)]
    assert broken == []


def test_there_are_more_than_150_attacks_each_of_its_own(files: dict[str, bytes]) -> None:
    every = list(hostile_bundles.attacks(files))
    assert len({one.name for one in every}) == len(every)
    assert len({one.data for one in every}) >= 150


def test_what_a_bundle_asks_for_beyond_this_machine_is_not_given_and_said(
    cli: Cli, toy: Any, files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.machine.host.cores", lambda: 2)
    monkeypatch.setattr("lab.machine.host.memory", lambda: 3 << 30)
    (greedy,) = (one for one in hostile_bundles.attacks(files) if one.name == "claims: threads 256")
    (tmp_path / "x.tgz").write_bytes(greedy.data)
    answer = cli("replay", str(tmp_path / "x.tgz"), "--yes")
    assert (
        "this bundle asks for 256 threads and 4 GiB; this machine has 2 core(s) and 3 GiB, and no more is given"
        in answer.err
    )
    assert {job.env["OMP_NUM_THREADS"] for job in toy.jobs} == {"2"}
    assert {(job.limits.cpus, job.limits.memory) for job in toy.jobs} == {(1.0, 3 << 30)}
