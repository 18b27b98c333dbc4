"""results/ on disk: runs that are written whole or not at all, and an index of what is already known."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lab import documents, scratch
from lab.errors import InfraError, UsageError
from lab.machine import refused
from lab.model import Run, TrialResult
from lab.redaction import door
from lab.storage import cleared, copies, outbox
from lab.storage.outbox import GuestFile
from lab.text import clean, quoted, readable

# History of the stored form; every older one stays readable (tests/unit/test_storage_store.py keeps one file per number).
# 1 (2026-11): the first.
# 2 (2026-11): leak among the outcomes, with the growth of each trial; what a trial was saved over; the scenario's variants.
# 3 (2026-11): on which host of a fleet each trial ran, and of which class of machines.
SCHEMA = 3
REFERENCE = "reference.json"
"""Beside a save that was given as files: whose outputs it is held against. Nothing can make such a save again."""
LOG_TAIL = 20_000
LONGEST_PATH = 4096
SECOND = len("20260102-030405")
"""Characters of a run's id that say in which second it began."""


def write(path: Path, data: bytes, *, lasting: bool = True) -> None:
    """Write a file so that a reader sees the old or the new one, never half; a full disk is an InfraError.

    What is not `lasting` may be lost when the power fails: for what can be found out again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with scratch.file_beside(path) as temporary:
            with temporary.open("wb") as sink:
                sink.write(data)
                sink.flush()
                if lasting:
                    os.fsync(sink.fileno())
            temporary.replace(path)
    except OSError as error:
        raise InfraError(
            f"{path} could not be written: {error.strerror}", f"{refused.ROOM}; nothing was lost"
        ) from error


def append(path: Path, line: bytes) -> None:
    """Add one line to a file that only grows: wholly or not at all; a full disk is an InfraError.

    A line that a power cut tore off before is ended first, so that it spoils no other.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("a+b") as sink:
            before = sink.seek(0, os.SEEK_END)
            torn = bool(before) and os.pread(sink.fileno(), 1, before - 1) != b"\n"
            try:
                sink.write((b"\n" if torn else b"") + line + b"\n")
                sink.flush()
                os.fsync(sink.fileno())
            except OSError:
                os.ftruncate(sink.fileno(), before)
                raise
    except OSError as error:
        raise InfraError(
            f"{path} could not be written: {error.strerror}", f"{refused.ROOM}; what was there before is kept"
        ) from error


def key_of(parts: Mapping[str, object]) -> str:
    """The key of something computed from `parts`: same parts, same key."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Damaged:
    """A run that is on disk and cannot be read, and why."""

    id: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Store:
    """One results folder."""

    root: Path

    @property
    def runs(self) -> Path:
        """One folder per run."""
        return self.root / "runs"

    def folder(self, run_id: str) -> Path:
        """Where a run keeps its files."""
        return self.runs / run_id

    def new_id(self, name: str) -> str:
        """A run id that sorts by time and says what ran."""
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        return f"{stamp}-{name}-{secrets.token_hex(2)}"

    def save(self, run: Run) -> None:
        """Write run.json."""
        write(self.folder(run.id) / "run.json", pretty(run))

    def load(self, run_id: str) -> Run:
        """Read one run; UsageError where there is none, it is damaged, or it is newer than this lab."""
        path = self.folder(run_id) / "run.json"
        if not path.is_file():
            near = ", ".join(list(self.ids())[:3]) or "there are none yet"
            raise UsageError(f"there is no run {quoted(run_id)}", f"lab runs list shows them; newest: {near}")
        return decode(path.read_bytes(), str(path))

    def ids(self) -> Iterator[str]:
        """Every run's id, newest first; of those that began in one second, the one that was written last."""
        found = []
        for folder in self.runs.iterdir() if self.runs.is_dir() else ():
            path = folder / "run.json"
            if path.is_file():
                found.append((folder.name[:SECOND], path.stat().st_mtime_ns, folder.name))
        yield from (name for *_, name in sorted(found, reverse=True))

    def each(self, part: str = "") -> Iterator[Run | Damaged]:
        """Every run with `part` in its id, newest first; one that cannot be read costs only itself."""
        for one in self.ids():
            if part in one:
                try:
                    yield self.load(one)
                except UsageError as error:
                    yield Damaged(id=one, why=error.what)

    def whole(self, part: str = "") -> Iterator[Run]:
        """Every run with `part` in its id that can be read, newest first."""
        return (one for one in self.each(part) if isinstance(one, Run))

    def find(self, word: str) -> Run:
        """A run by its id, an unambiguous part of it, or "last"; without secrets, whichever lab wrote it."""
        ids = list(self.ids())
        if word == "last" and ids:
            return door.cleared(self.load(ids[0]))
        hits = self._fitting(word)
        return door.cleared(self.load(hits[0] if hits else word))

    def only(self, word: str) -> str:
        """The id of the one run that a word means; UsageError where none fits, or several."""
        hits = self._fitting(word)
        if not hits:
            newest = next(iter(self.ids()), "")
            if word == "last" and newest:
                raise UsageError(
                    f"what is removed is named by its id; the last run is {newest}", f"lab runs rm {newest}"
                )
            raise UsageError(f"there is no run {word!r}", "lab runs list shows them")
        return hits[0]

    def remove(self, run_id: str) -> None:
        """Take a run away, with all its files: of what a container wrote, nothing is followed."""
        cleared.remove(self.folder(run_id))

    def _fitting(self, word: str) -> list[str]:
        ids = list(self.ids())
        hits = [one for one in ids if one == word] or [one for one in ids if word in one]
        if len(hits) > 1:
            raise UsageError(f"{word!r} fits {len(hits)} runs: {', '.join(hits[:4])}", "give more of the id")
        return hits

    def log(self, run_id: str, folder: str) -> str:
        """The end of what a trial printed, cleaned and without secrets; empty where nothing of it is left."""
        try:
            said = outbox.log(self.folder(run_id) / folder).ends(2 * LOG_TAIL) if folder else b""
        except OSError:
            return ""
        return door.shown(clean(said[-LOG_TAIL:].decode("utf-8", "replace"), LOG_TAIL))

    def known(self, key: str, holding: str = "step.json") -> Path | None:
        """The folder of what was done under this key, if it still exists and holds the file that says so."""
        found = self.traced(key, holding)
        return found if isinstance(found, Path) else None

    def traced(self, key: str, holding: str = "step.json") -> "Path | Damaged | None":
        """The same, or why what is written under the key names no folder of a run."""
        try:
            word = GuestFile(out=self.root / "keys" / key[:2], name=key).read(LONGEST_PATH).decode("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            return Damaged(id=key, why=f"its entry in keys/ cannot be read: {error}")
        where = Path(os.path.normpath(self.root / word.strip("\0\n")))
        if not where.is_relative_to(self.runs) or where == self.runs or not word:
            return Damaged(id=key, why="its entry in keys/ names no folder of a run")
        if not where.resolve().is_relative_to(self.runs.resolve()):
            return Damaged(id=key, why="its entry in keys/ leads out of results/")
        return where if (where / holding).is_file() else None

    def remember(self, key: str, folder: Path) -> None:
        """Say where what was done under this key lies."""
        write(self.root / "keys" / key[:2] / key, str(folder.relative_to(self.root)).encode(), lasting=False)

    def adopt(self, known: Path, target: Path) -> None:
        """Give a run its own copy of a known step, which survives the other's removal; OSError where it holds no plain files."""
        if known == target:
            return
        cleared.remove(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        copies.tree(known, target)


def pretty(value: object) -> bytes:
    """JSON as people read it: two spaces, one final line end, and no secret of this machine."""
    return msgspec.json.format(door.json(encoded(value)), indent=2) + b"\n"


def encoded(value: object) -> bytes:
    """JSON in UTF-8, also of names that are none: their bytes are written as people read them."""
    try:
        return msgspec.json.encode(value, order="deterministic")
    except UnicodeEncodeError:
        return msgspec.json.encode(_readable(msgspec.to_builtins(value)), order="deterministic")


def _readable(value: object) -> object:
    match value:
        case str():
            return readable(value).encode("utf-8", "replace").decode()
        case dict():
            return {_readable(key): _readable(one) for key, one in value.items()}
        case list() | tuple():
            return [_readable(one) for one in value]
    return value


def decode(data: bytes, where: str) -> Run:
    """A Run from its stored bytes; UsageError names the file and the field that is wrong."""
    try:
        raw = documents.json(data)
        if wrong := documents.numbered(raw.get("schema") if isinstance(raw, dict) else None, SCHEMA):
            raise UsageError(f"{where} {wrong}", "use a newer lab for it, or restore it from a copy")
        return documents.json(data, Run)
    except msgspec.DecodeError as error:
        raise UsageError(f"{where} is damaged: {error}", "restore it from a copy, or remove the folder") from error


def known_result(path: Path) -> TrialResult | None:
    """A stored trial, or nothing where it is missing or damaged: then it is found out again."""
    try:
        return decode_result(path)
    except (UsageError, OSError):
        return None


def decode_result(path: Path) -> TrialResult:
    """One stored trial; UsageError where it is damaged."""
    try:
        return documents.json(path.read_bytes(), TrialResult)
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} is damaged: {error}", "run again with --fresh") from error


def now() -> str:
    """This moment in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def finished(run: Run, **changes: object) -> Run:
    """The run with its end written in."""
    return replace(run, finished=now(), **changes)  # type: ignore[arg-type]
