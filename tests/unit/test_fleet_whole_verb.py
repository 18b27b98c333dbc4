"""What a host measured comes back whole and under its own name, or not at all."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from lab.errors import InfraError, UsageError
from lab.fleet import verbs, whole_verb, wire
from lab.fleet.depot import Depot
from lab.fleet.link import FleetMember
from lab.fleet.whole_verb import VerbAnswer
from lab.fleet.wire import Blob
from lab.storage.store import Store
from tests.unit.fleet_givers import of

RUN = "20260101-000000-net-0000"
FACTS = {"arch": "x86_64", "engine": "docker", "class": "k", "slots": "1"}


def answer(run: str, *blobs: Blob) -> VerbAnswer:
    return VerbAnswer(host="gpu1", door="tls://h:1", code=0, said="", runs=((run, blobs),))


def taken(tmp_path: Path, found: VerbAnswer) -> tuple[str, ...]:
    depot = Depot(root=tmp_path / "depot")

    def laid_out(blobs: tuple[Blob, ...], folder: Path) -> None:
        depot.lay_out(blobs, folder, [of(b"other bytes")])

    return whole_verb.taken(found, Store(root=tmp_path / "results"), laid_out)


def test_a_run_of_a_host_lies_among_this_machines_own(tmp_path: Path) -> None:
    assert taken(tmp_path, answer(RUN, wire.inline("run.json", b"{}"))) == (RUN,)
    assert (tmp_path / "results" / "runs" / RUN / "run.json").read_bytes() == b"{}"


@pytest.mark.parametrize("run", ["", ".", "..", "../elsewhere", "/etc", "a/b"])
def test_a_run_by_a_name_that_leaves_its_folder_is_refused_with_its_host(tmp_path: Path, run: str) -> None:
    with pytest.raises(InfraError, match="gpu1 names a run that is none"):
        taken(tmp_path, answer(run, wire.inline("run.json", b"{}")))
    assert not (tmp_path / "results").exists()


def test_a_file_that_leaves_its_run_is_refused_with_its_host(tmp_path: Path) -> None:
    with pytest.raises(InfraError, match="gpu1 lists the path"):
        taken(tmp_path, answer(RUN, wire.inline("../x", b"")))


def test_a_file_with_other_bytes_leaves_no_run(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'run.json'"):
        taken(tmp_path, answer(RUN, Blob(path="run.json", sha256="0" * 64, size=2)))
    assert not (tmp_path / "results" / "runs" / RUN).exists()


class FakeLink:
    """Knows its hosts."""

    def __init__(self, *members: FleetMember) -> None:
        self.found = members

    def members(self) -> Sequence[FleetMember]:
        return self.found


def member(name: str, labels: str = "", **now: object) -> FleetMember:
    return FleetMember(name=name, address=f"tls://{name}:1", facts={**FACTS, "labels": labels}, now=now)


def chosen(*words: str) -> str:
    link = FakeLink(member("a", "quiet", steps=["one"]), member("b", "quiet"), member("c", "loud", unable="full"))
    return verbs.chosen(link, words).name  # type: ignore[arg-type]


def test_the_quietest_host_with_all_labels_is_taken() -> None:
    assert [chosen("quiet"), chosen("a"), chosen("quiet", "docker")] == ["b", "a", "b"]


@pytest.mark.parametrize("words", [("nobody",), ("quiet", "loud"), ("c",)])
def test_labels_that_no_working_host_has_are_refused_with_those_there_are(words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="quiet") as refused:
        chosen(*words)
    assert "a: " in refused.value.remedy
