"""The one door for TOML and JSON that somebody else wrote: however it is nested or written, it is read or refused in a sentence.

The parsers themselves end in RecursionError for what is nested deep, in ValueError for a number of thousands of digits,
and in all of the memory for a key of thousands of parts.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

import msgspec

MAX_TOML = 4 << 20
"""Characters of one TOML document."""
MAX_DOTS = 200
"""Dots in one line of TOML: the memory a dotted key takes grows with the square of its parts."""
_T = TypeVar("_T")


def toml(text: str) -> dict[str, Any]:
    """A TOML document; TOMLDecodeError says what is wrong with it, and in which line."""
    if len(text) > MAX_TOML:
        raise tomllib.TOMLDecodeError(
            f"It has {len(text):,} characters, at most {MAX_TOML:,} are read (at line 1, column 1)"
        )
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if line.count(".") > MAX_DOTS:
            raise tomllib.TOMLDecodeError(f"More than {MAX_DOTS} dots in a line (at line {number}, column 1)")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except (RecursionError, ValueError) as error:  # neither says where: the longest line is the likeliest place
        what = "It is nested too deep" if isinstance(error, RecursionError) else str(error).partition(";")[0]
        likely = max(range(len(lines)), key=lambda at: len(lines[at])) + 1
        raise tomllib.TOMLDecodeError(f"{what} (at line {likely}, column 1)") from error


@overload
def json(data: bytes | str) -> Any: ...
@overload
def json(data: bytes | str, kind: type[_T]) -> _T: ...
def json(data: bytes | str, kind: Any = Any) -> Any:
    """A JSON document as what it should be; msgspec.DecodeError, which is a ValueError, says what is wrong with it."""
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError as error:
        raise msgspec.DecodeError("it is nested too deep") from error
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(f"it is not UTF-8: {error.reason} at byte {error.start:,}") from error


def written(value: object) -> bytes:
    """A JSON document in one line, keys in the order they have, as short as it can be written."""
    return msgspec.json.encode(value)


@dataclass(frozen=True, kw_only=True)
class StoredLines(Generic[_T]):
    """The lines of a file that can be read, and what is wrong with each of the others, by its number from 1.

    Number 0 is the file itself.
    """

    found: tuple[_T, ...] = ()
    damaged: tuple[tuple[int, str], ...] = ()

    def complaint(self, where: str) -> str:
        """One sentence on what cannot be read; empty where all can."""
        if not self.damaged:
            return ""
        (number, why), *others = self.damaged
        more = f" and {len(others)} more" if others else ""
        return f"{where} is damaged in line {number}{more}: {why}" if number else f"{where}: {why}"


def lines(data: bytes, read: Callable[[bytes], _T]) -> StoredLines[_T]:
    """Every line by itself, so that a damaged one costs only itself; `read` raises ValueError for what is wrong with one."""
    found: list[_T] = []
    damaged: list[tuple[int, str]] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            try:
                found.append(read(line))
            except ValueError as error:
                damaged.append((number, str(error)))
    return StoredLines(found=tuple(found), damaged=tuple(damaged))


def numbered(found: object, newest: int) -> str:
    """What is wrong with the schema number of a stored document, in words that follow its name; empty where nothing is."""
    if not isinstance(found, int) or isinstance(found, bool):
        return "has no schema number"
    if found < 1:
        return f"has schema {found}, and schemas begin with 1"
    return f"has schema {found}; this lab reads up to {newest}" if found > newest else ""
