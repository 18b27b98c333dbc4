"""What a host has answered, so that a lost driver or a lost scheduler costs no step that was done."""

import time
from collections.abc import Callable
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
LIFE_S = 7 * 86_400
"""An answer is given again for so long, as a fleet's certificates last."""


def _no_answer(identity: str) -> HostAnswer | None:
    del identity
    return None


def _untold(identity: str) -> None:
    del identity


@dataclass(frozen=True, kw_only=True)
class Fellows:
    """The other hosts of a fleet, as far as answers go: what one of them has answered, and that this one has; none by default."""

    answer: Callable[[str], HostAnswer | None] = _no_answer
    tell: Callable[[str], None] = _untold


ALONE = Fellows()


@dataclass(frozen=True, kw_only=True)
class KeptAnswers:
    """A folder of answers by what they answer; the files they list lie in the host's depot."""

    root: Path
    depot: Depot

    def get(self, identity: str) -> HostAnswer | None:
        """The answer given before; None where there is none, it is too old, or a file of it is not here any more."""
        if not wire.is_hash(identity):
            return None
        try:
            if _old(self.root / identity):
                return None
            data = GuestFile(out=self.root, name=identity).read(LARGEST)
            found = wire.unpacked(data, HostAnswer, "this host's own depot")
        except (OSError, InfraError):
            return None
        whole = all(one.data is not None or self.depot.has(one.sha256) for one in found.files)
        return found if whole else None

    def identities(self) -> tuple[str, ...]:
        """What was answered, so that whoever asks again may ask here."""
        found = self.root.iterdir() if self.root.is_dir() else ()
        return tuple(one.name for one in found if wire.is_hash(one.name) and not _old(one))

    def put(self, identity: str, answer: HostAnswer) -> None:
        """Keep an answer, and no more than MOST, none of them older than LIFE_S."""
        store.write(self.root / identity, wire.packed(answer), lasting=False)
        kept = sorted((one.stat().st_mtime, one) for one in self.root.iterdir() if wire.is_hash(one.name))
        for number, (made, one) in enumerate(kept):
            if len(kept) - number > MOST or made < _first_moment():
                one.unlink(missing_ok=True)


def _old(path: Path) -> bool:
    """Whether an answer has had its time; OSError where it is not there."""
    return path.stat().st_mtime < _first_moment()


def _first_moment() -> float:
    """What was answered before it has had its time."""
    return time.time() - LIFE_S
