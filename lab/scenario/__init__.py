"""Reads scenarios without importing them, so that a file from anywhere can be described safely."""

import re
from collections.abc import Sequence
from pathlib import Path

from lab.errors import UsageError
from lab.model import Scenario
from lab.scenario import beside, code, expect, marks
from lab.scenario.expect import STANDARD_ROUTES
from lab.scenario.header import CONTRACT, lab_table, nearest
from lab.text import quoted

__all__ = ["STANDARD_ROUTES", "find", "list_all", "read", "runnable", "unfilled"]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def read(path: Path) -> Scenario:
    """The scenario in a file; UsageError with file and line for each way in which it can be wrong."""
    if not NAME.fullmatch(path.stem):
        raise UsageError(f"{path}: the name has other characters than letters, digits, _ . -", "rename the file")
    raw = _bytes(path)
    text = _text(path, raw)
    table = lab_table(path, text)
    routes = expect.routes(table)
    files = beside.files(table, path.parent)
    return Scenario(
        name=path.stem,
        path=str(path),
        sha256=beside.whole(raw, files),
        summary=table.text("summary"),
        summary_zh=table.text("summary_zh", ""),
        issue=table.text("issue", ""),
        expectations=expect.expectations(table, routes),
        tolerances=expect.tolerances(table),
        routes=routes,
        functions=code.functions(path, text, routes, files),
        limits=expect.limits(table),
        timed=table.truth("timed", default=True),
        variants=expect.variants(table),
        files=files,
        growth=expect.growth(table),
    )


def runnable(path: Path) -> Scenario:
    """The scenario in a file, to be run; UsageError also where a skeleton made from a report still has marks."""
    found = read(path)
    open_at = marks.left(_text(path, _bytes(path)))
    if open_at:
        what = f"{path}:{open_at[0]}: {unfilled(open_at)}"
        raise UsageError(
            what, f"write what is meant in place of each {marks.MARK}, or take the mark away where it is right"
        )
    return found


def unfilled(lines: Sequence[int]) -> str:
    """How much of a skeleton is open, by the lines of its marks."""
    return f"{len(lines)} {marks.MARK} left, line {lines[0]}"


def list_all(folder: Path) -> tuple[Scenario, ...]:
    """Every scenario in a folder, by name."""
    return tuple(read(path) for path in _files(folder))


def find(folder: Path, name: str) -> Path:
    """The file of a scenario by name, or the file itself by path; UsageError with the nearest names where there is none."""
    if "/" in name:
        if Path(name).is_file():
            return Path(name)
        near = nearest(Path(name).stem, [path.stem for path in _files(folder)])
        raise UsageError(f"there is no scenario file {name}", near or "give the path of a .py file, or a name alone")
    known = {path.stem: path for path in _files(folder)}
    wanted = name.removesuffix(".py")
    if wanted not in known:
        remedy = nearest(wanted, known) or "lab scenarios list"
        raise UsageError(f"there is no scenario {quoted(name)} in {folder}", remedy)
    return known[wanted]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.py") if path.is_file() and not path.name.startswith((".", "_")))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", CONTRACT) from error


def _text(path: Path, raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path}:{line}: not UTF-8 (byte 0x{raw[error.start]:02x})", "save the file as UTF-8"
        ) from error
    return text.replace("\r\n", "\n")
