"""Files that a scenario names in its header and that lie beside it: data, or modules of its own."""

import hashlib
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from lab.errors import UsageError
from lab.model import ScenarioFile
from lab.scenario.header import Table

MOST_FILES = 100
MOST_BYTES = 16 << 20
"""All of them together; they are in every step and in every bundle."""
_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}(?:/[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}){0,8}")
RESERVED = frozenset(
    {
        "scenario.py", "request.json", "guest", "tokens", "nonce", "end",
        "repro.py", "closeness.py", "routes.py", "run.sh", "results.json", "proof.json", "manifest.sha256", "saved", "model",
        "made", "logs", "cases", "env",
    }
)  # fmt: skip
"""What lies beside a scenario in a container or in a bundle, in lower case."""
_RESERVED_TOO = re.compile(r"order-.*|dockerfile\..*|requirements\..*|(?:readme|issue|explain)(?:[.-].*)?\.md")


def files(table: Table, folder: Path) -> tuple[ScenarioFile, ...]:
    """The files that a header names, as they are now, in its order; UsageError for one that cannot be brought along."""
    names = table.texts("files") if "files" in table.values else ()
    if len(names) > MOST_FILES:
        raise table.wrong("files", f"files names {len(names)} of them", f"name at most {MOST_FILES}")
    found, left = [], MOST_BYTES
    for name in names:
        why = _refused(name)
        if why:
            raise table.wrong(
                "files", f"the file {name!a} {why}", "give paths below the scenario's folder, with / in them"
            )
        try:
            data = read(folder, name, left)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise table.wrong("files", f"the file {name!a} cannot be brought along: {why}") from error
        left -= len(data)
        found.append(ScenarioFile(name=name, size=len(data), sha256=hashlib.sha256(data).hexdigest()))
    return tuple(found)


def _refused(name: str) -> str:
    """Why a name is none of a file beside a scenario; empty where it is."""
    if _PATH.fullmatch(name) is None:
        return "is no plain path below the scenario's folder"
    first = PurePosixPath(name).parts[0].lower()
    if first in RESERVED or _RESERVED_TOO.fullmatch(first):
        return f"would lie where the lab's own {first} lies"
    return ""


def read(folder: Path, name: str, most: int = MOST_BYTES) -> bytes:
    """The bytes of one file; OSError or ValueError where it is no plain file, is reached by a link, or is too large."""
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        *parents, last = name.split("/")
        for part in parents:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
            os.close(here)
            here = inner
        handle = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=here)
    finally:
        os.close(here)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ValueError("it is no plain file")
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"all files together may have {MOST_BYTES:,} bytes")
    return data


def as_read(folder: Path, file: ScenarioFile) -> bytes:
    """The bytes of a file as they were when the header was read; UsageError where they are others by now."""
    try:
        data = read(folder, file.name)
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder / file.name} cannot be read any more: {error}", "start again") from error
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise UsageError(f"{folder / file.name} has changed since the scenario was read", "start again")
    return data


def modules(found: Sequence[ScenarioFile]) -> frozenset[str]:
    """The names that can be imported because of these files."""
    firsts = {PurePosixPath(one.name).parts[0].removesuffix(".py") for one in found if one.name.endswith(".py")}
    return frozenset(firsts)


def whole(text: bytes, found: Sequence[ScenarioFile]) -> str:
    """One hash of a scenario: of its text alone where nothing lies beside it, else of all of it."""
    digest = hashlib.sha256(text)
    if not found:
        return digest.hexdigest()
    lines = (f"{one.sha256}  {one.name}\n" for one in sorted(found, key=lambda one: one.name))
    return hashlib.sha256((digest.hexdigest() + "\n" + "".join(lines)).encode()).hexdigest()
