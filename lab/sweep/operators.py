"""scenarios/sweep/operators.toml read into nets; UsageError names the line's family and name, and what is wrong."""

import ast
import fnmatch
import json
import keyword
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lab import documents
from lab.errors import UsageError
from lab.model.sweep import Net, NetInput

FILE = Path("sweep") / "operators.toml"
INPUTS = ("x", "y", "z")
KEYS = frozenset({"layer", "code", "part", "numpy", "probe", *INPUTS})
DTYPES = frozenset(
    {"float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool", "complex64", "complex128"}
)
DRAWN = re.compile(r"(?P<dtype>\w+) (?P<shape>scalar|\d+(?:x\d+)*)(?: from (?P<low>-?[\d.]+) to (?P<high>-?[\d.]+))?")
GIVEN = re.compile(r"(?P<dtype>\w+) = (?P<values>.+)")
REMEDY = "the first lines of the file say how an operator is written"
LARGEST = 10**6


def read(path: Path) -> tuple[Net, ...]:
    """Every net of the table, in its order."""
    try:
        table = documents.toml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "lab init makes a workspace with it") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", "mend that line") from error
    nets = [_net(path, family, name, row) for family, rows in table.items() for name, row in _rows(path, family, rows)]
    names = [one.name for one in nets]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"{path} has {twice[0]} in two families", "give one of them another name")
    return tuple(nets)


def choose(nets: Sequence[Net], patterns: Sequence[str]) -> tuple[Net, ...]:
    """The nets whose name or family one of the patterns fits; all without patterns. UsageError where one fits nothing."""
    for pattern in patterns:
        if not any(_fits(one, pattern) for one in nets):
            families = ", ".join(dict.fromkeys(one.family for one in nets))
            raise UsageError(f"no operator is called {pattern!r}", f"a name, a pattern such as 'conv*', or: {families}")
    return tuple(one for one in nets if not patterns or any(_fits(one, pattern) for pattern in patterns))


def _fits(net: Net, pattern: str) -> bool:
    return fnmatch.fnmatchcase(net.name, pattern) or net.family == pattern


def _rows(path: Path, family: str, rows: Any) -> list[tuple[str, Any]]:
    if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
        raise UsageError(f"{path}: [{family}] is not a table of operators", REMEDY)
    return list(rows.items())


def _net(path: Path, family: str, name: str, row: Mapping[str, Any]) -> Net:
    where = f"{path}: {family}.{name}"
    if not name.isascii() or not name.isidentifier() or keyword.iskeyword(f"{name}_"):
        raise UsageError(f"{where}: a name is letters, digits and _", REMEDY)
    unknown = sorted(set(row) - KEYS)
    if unknown:
        raise UsageError(f"{where}: there is no key {unknown[0]!r}", f"one of {', '.join(sorted(KEYS))}")
    if ("layer" in row) == ("code" in row):
        raise UsageError(f"{where}: has not just one of layer and code", REMEDY)
    if "part" in row and "code" not in row:
        raise UsageError(f"{where}: has a part, and no code that calls it", REMEDY)
    for key in ("layer", "code", "part", "numpy"):
        _expression(where, key, row.get(key, "0"))
    inputs = {key: _drawn(f"{where}.{key}", row[key]) for key in INPUTS if key in row}
    if "x" not in inputs:
        raise UsageError(f"{where}: has no input x", REMEDY)
    return Net(
        name=name, family=family, inputs=inputs, layer=row.get("layer", row.get("part", "")), code=row.get("code", ""),
        numpy=row.get("numpy", ""), probe=bool(row.get("probe", False)),
    )  # fmt: skip


def _expression(where: str, key: str, text: Any) -> None:
    """One Python expression: what is rendered into the module must not end its line and begin another."""
    if not isinstance(text, str) or "\n" in text:
        raise UsageError(f"{where}: {key} is not one line of text", REMEDY)
    try:
        ast.parse(f"({text})", mode="eval")
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{where}: {key} is not a Python expression: {error}", REMEDY) from error


def _drawn(where: str, text: Any) -> NetInput:
    given = GIVEN.fullmatch(text) if isinstance(text, str) else None
    drawn = DRAWN.fullmatch(text) if isinstance(text, str) else None
    match = given or drawn
    if match is None or match["dtype"] not in DTYPES:
        raise UsageError(f"{where}: {text!r} is not an input", '"float32 2x3 from 0 to 1", or "int64 = [1, 2]"')
    if given:
        return NetInput(dtype=given["dtype"], values=_values(where, given["values"]))
    shape = () if match["shape"] == "scalar" else tuple(int(one) for one in match["shape"].split("x"))
    span = 9.0 if "int" in match["dtype"] else 1.0
    low, high = float(match["low"] or -span), float(match["high"] or span)
    if low > high:
        raise UsageError(f"{where}: {low:g} is more than {high:g}", "write the smaller number first")
    return NetInput(dtype=match["dtype"], shape=shape, low=low, high=high)


def _values(where: str, text: str) -> object:
    try:
        return json.loads(text)  # which knows Infinity, as operators do
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: {text} is not JSON: {error}", "such as [[1, 2], [3, 4]]") from error
