"""A whole verb on one host, for what cannot be spread: it is measured there alone, and its run comes back as it was kept."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lab import scratch
from lab.errors import InfraError
from lab.fleet import keeper, wire
from lab.fleet.host import LOOK_S, FleetHost, Wanted
from lab.fleet.wire import Blob
from lab.machine import process
from lab.run.guest_files import guest_digest
from lab.storage import store
from lab.storage.outbox import files
from lab.storage.store import Store

SPACE = 64 << 30
"""Bytes that a run may bring back."""
HERE = "<workspace>"
"""What stands in the words of a verb, and in what it says, for the workspace of whoever asked."""


@dataclass(frozen=True, kw_only=True)
class VerbParcel:
    """A verb with its words; one of them is the scenario's name, whose text and files come along."""

    protocol: int
    guest: str
    words: tuple[str, ...]
    scenario: str
    text: bytes
    beside: tuple[Blob, ...]


@dataclass(frozen=True, kw_only=True)
class VerbAnswer:
    """How a verb ended on a host: exit code, all it said, and the runs it kept, by id, with their files."""

    host: str
    door: str
    code: int
    said: str
    runs: tuple[tuple[str, tuple[Blob, ...]], ...] = ()


def done(host: FleetHost, parcel: VerbParcel, wanted: Wanted) -> VerbAnswer:
    """The verb in a workspace of its own on this host, with this host's engine, stores and locks."""
    about = VerbAnswer(host=host.name, door=host.door, code=InfraError.exit_code, said="")
    if (parcel.protocol, parcel.guest) != (wire.PROTOCOL, guest_digest()):
        return replace(about, said=f"{host.name} has another lab than the driver")
    if why := wire.hostile(parcel.beside, SPACE, rooms=()):
        return replace(about, said=f"the driver {why}")
    host.home.mkdir(parents=True, exist_ok=True)
    with scratch.folder("verb", host.home) as root:
        _laid_out(host, parcel, root)
        argv = [*keeper.same_lab(), *parcel.words, "--workspace", str(root)]
        code, said = _ended(argv, host, wanted)
        kept = Store(root=root / "results")
        runs = tuple((one, _files(host, kept.folder(one))) for one in kept.ids())
    return replace(about, code=code, said=said.replace(str(root), HERE), runs=runs)


def _laid_out(host: FleetHost, parcel: VerbParcel, root: Path) -> None:
    """A workspace with this host's releases and the one scenario."""
    (root / "images").symlink_to(host.workspace.images)
    (root / "scenarios").mkdir()
    for blob in parcel.beside:
        store.write(root / "scenarios" / blob.path, blob.data or b"", lasting=False)
    store.write(root / "scenarios" / f"{parcel.scenario}.py", parcel.text, lasting=False)


def _ended(argv: list[str], host: FleetHost, wanted: Wanted) -> tuple[int, str]:
    """The verb's exit code and all it said; ended, with its containers, as soon as nobody waits for it any more."""
    over = threading.Event()
    with process.leased(argv, "\n") as program:

        def watch() -> None:
            while not over.wait(LOOK_S):
                if not wanted():
                    program.kill()
                    return

        watcher = threading.Thread(target=watch, name="verb", daemon=True)
        watcher.start()
        said = "".join(program.lines())
        code = program.code()
        over.set()
        watcher.join()
    host.engine.reap()  # what a verb that was killed had running
    return code, said


def _files(host: FleetHost, folder: Path) -> tuple[Blob, ...]:
    return tuple(host.depot.keep(file, file.name) for file in files(folder))


def taken(answer: VerbAnswer, kept: Store, lay_out: Callable[[tuple[Blob, ...], Path], object]) -> tuple[str, ...]:
    """Put the runs of an answer among this machine's own, by id; InfraError names the host of a list that is refused."""
    for run, blobs in answer.runs:
        plain = run == Path(run).name and run not in {"", ".", ".."}
        if (why := wire.hostile(blobs, SPACE, rooms=())) or not plain:
            raise InfraError(f"{answer.host} {why or 'names a run that is none'}", "remove that host from the fleet")
        folder = kept.folder(run)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with scratch.folder_beside(folder) as room:
            lay_out(blobs, room / "whole")
            (room / "whole").rename(folder)
    return tuple(run for run, _ in answer.runs)
