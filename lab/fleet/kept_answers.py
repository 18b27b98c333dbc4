"""What a host has answered, so that a lost driver or a lost scheduler costs no step that was done."""

from dataclasses import dataclass
from pathlib import Path

from lab.errors import InfraError
from lab.fleet import wire
from lab.fleet.depot import Depot
from lab.fleet.wire import LARGEST, HostAnswer
from lab.storage import store
from lab.storage.outbox import GuestFile

MOST = 20_000
"""Answers that a host keeps; the oldest go first. Their files are bounded by the depot."""


@dataclass(frozen=True, kw_only=True)
class KeptAnswers:
    """A folder of answers by what they answer; the files they list lie in the host's depot."""

    root: Path
    depot: Depot

    def get(self, identity: str) -> HostAnswer | None:
        """The answer given before; None where there is none, or where a file of it is not here any more."""
        if not wire.is_hash(identity):
            return None
        try:
            data = GuestFile(out=self.root, name=identity).read(LARGEST)
            found = wire.unpacked(data, HostAnswer, "this host's own depot")
        except (OSError, InfraError):
            return None
        whole = all(one.data is not None or self.depot.has(one.sha256) for one in found.files)
        return found if whole else None

    def identities(self) -> tuple[str, ...]:
        """What was answered, so that whoever asks again may ask here."""
        found = self.root.iterdir() if self.root.is_dir() else ()
        return tuple(one.name for one in found if wire.is_hash(one.name))

    def put(self, identity: str, answer: HostAnswer) -> None:
        """Keep an answer, and no more than MOST."""
        store.write(self.root / identity, wire.packed(answer), lasting=False)
        kept = [one for one in self.root.iterdir() if wire.is_hash(one.name)]
        if len(kept) > MOST:
            kept.sort(key=lambda one: one.stat().st_mtime_ns)
            for one in kept[: len(kept) - MOST]:
                one.unlink(missing_ok=True)
