"""results/history on disk: one folder a machine, one file a scenario, one line a measured row; only ever added to."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from lab import documents
from lab.documents import StoredLines
from lab.model.accepted import AcceptedChange
from lab.model.bench import HistoryLine
from lab.redaction import door
from lab.storage import store

_Line = TypeVar("_Line")
# 1 (2026-11): the first.
SCHEMA = 1
# 1 (2026-11): the first.
ACCEPTED_SCHEMA = 1
ACCEPTED = "accepted.jsonl"
"""Beside the folders of the machines: what was accepted of all of them."""
# What makes a machine another one for times; load, kernel and Python change and do not.
FINGERPRINT = ("cpu", "isa", "cores", "memory_gib", "arch")


def machine(facts: Mapping[str, str]) -> str:
    """The folder name of a machine: its processor and cores for people, and a hash that keeps equal names apart."""
    print_of = "\n".join(facts.get(name, "") for name in FINGERPRINT)
    words = re.sub(r"[^a-z0-9]+", "-", facts.get("cpu", "unknown").lower()).strip("-")[:40].strip("-")
    return f"{words or 'unknown'}-{facts.get('cores', '0')}c-{hashlib.sha256(print_of.encode()).hexdigest()[:8]}"


class _Numbered(msgspec.Struct):
    """Only the schema of a line, whatever else a newer lab wrote into it."""

    schema: object = None


@dataclass(frozen=True, kw_only=True)
class End:
    """One end of a comparison: where the model is loaded, the digest of that image, and where it was saved."""

    label: str
    digest: str
    saver: str


def key(*, scenario_sha256: str, route: str, threads: int, where: str, anchor: End, side: End, metric: str) -> str:
    """What decides a row of history: the same key is the same measurement.

    Threads and savers count only where they are not what they are by default, so that older lines stay known.
    """
    parts: dict[str, object] = {
        "scenario": scenario_sha256, "machine": where, "metric": metric, "route": route,
        "anchor": (anchor.label, anchor.digest), "side": (side.label, side.digest),
    }  # fmt: skip
    if threads != 1:
        parts["threads"] = threads
    if (anchor.saver, side.saver) != (anchor.label, side.label):
        parts["savers"] = (anchor.saver, side.saver)
    return store.key_of(parts)


@dataclass(frozen=True, kw_only=True)
class History:
    """The lines of all machines and scenarios below one folder."""

    root: Path

    def path(self, where: str, scenario: str) -> Path:
        """The file of one scenario on one machine."""
        return self.root / where / f"{scenario}.jsonl"

    def read(self, where: str, scenario: str) -> tuple[HistoryLine, ...]:
        """The lines of one scenario on one machine that can be read, oldest first; `damage` names the others."""
        return _read(self.path(where, scenario)).found

    def damage(self, scenario: str = "", where: str = "") -> tuple[str, ...]:
        """One sentence for every file that holds what cannot be read: a damaged line costs only itself."""
        chosen = (one for one in self._files(scenario) if where in ("", one.parent.name))
        return tuple(said for path in chosen if (said := _read(path).complaint(str(path))))

    def _files(self, scenario: str = "") -> list[Path]:
        return [path for path in sorted(self.root.glob("*/*.jsonl")) if scenario in ("", path.stem)]

    def add(self, lines: Sequence[HistoryLine]) -> tuple[HistoryLine, ...]:
        """Append what is not there yet; a known key is added again only where it rests on more blocks."""
        added: list[HistoryLine] = []
        for place in dict.fromkeys((one.machine, one.scenario) for one in lines):
            known: dict[str, int] = {}
            for old in self.read(*place):
                known[old.key] = max(len(old.pairs), known.get(old.key, 0))
            for one in lines:
                if (one.machine, one.scenario) == place and len(one.pairs) > known.get(one.key, 0):
                    _append(self.path(*place), one)
                    known[one.key] = len(one.pairs)
                    added.append(one)
        return tuple(added)

    def accepted(self) -> StoredLines[AcceptedChange]:
        """Every change for the worse that somebody accepted, oldest first."""
        return _accepted(self.root / ACCEPTED)

    def accept(self, changes: Sequence[AcceptedChange]) -> None:
        """Keep what is accepted, beside the rows and never in their place."""
        for one in changes:
            store.append(self.root / ACCEPTED, door.json(msgspec.json.encode(one)))

    def scenarios(self) -> tuple[str, ...]:
        """Every scenario of which a line is kept."""
        return tuple(sorted({path.stem for path in self._files() if _read(path).found}))

    def known(self, where: str, scenario: str) -> Mapping[str, HistoryLine]:
        """The newest line of every key of one scenario on one machine."""
        return {one.key: one for one in self.read(where, scenario)}

    def newest(self, scenario: str = "") -> Iterator[HistoryLine]:
        """The newest line of every key, machine by machine; of one scenario, or of all."""
        for path in self._files(scenario):
            yield from self.known(path.parent.name, path.stem).values()


def _read(path: Path) -> StoredLines[HistoryLine]:
    return _lines(path, lambda line: _line(path, line))


def _lines(path: Path, read: Callable[[bytes], _Line]) -> StoredLines[_Line]:
    if not path.exists():
        return StoredLines()
    try:
        if not path.is_file():
            return StoredLines(damaged=((0, "it is no plain file"),))
        data = path.read_bytes()
    except OSError as error:
        return StoredLines(damaged=((0, f"it cannot be read: {error.strerror}"),))
    return documents.lines(data, read)


def _accepted(path: Path) -> StoredLines[AcceptedChange]:
    return _lines(path, _change)


def _change(data: bytes) -> AcceptedChange:
    if wrong := documents.numbered(documents.json(data, _Numbered).schema, ACCEPTED_SCHEMA):
        raise ValueError(f"it {wrong}")
    return documents.json(data, AcceptedChange)


def _line(path: Path, data: bytes) -> HistoryLine:
    """One line; ValueError where it is damaged, newer, of another place than its file, or holds what cannot be a ratio."""
    schema = documents.json(data, _Numbered).schema
    if wrong := documents.numbered(schema, SCHEMA):
        raise ValueError(f"it {wrong}")
    found = documents.json(data, HistoryLine)
    if (found.machine, found.scenario) != (path.parent.name, path.stem):
        raise ValueError(f"it is of {found.scenario} on {found.machine}: machines and scenarios are kept apart")
    if not found.ratio > 0:
        raise ValueError(f"a ratio of {found.ratio!r} is not a positive number")
    return found


def _append(path: Path, line: HistoryLine) -> None:
    store.append(path, door.json(msgspec.json.encode(line)))
