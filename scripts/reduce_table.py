"""Reduce every fault of the table in docs/reduce.md again, and print the table.

usage: reduce_table.py [--engine ENGINE] [NAME ...]

Each row is one `lab reduce`; where the model is made by a scenario, `lab run` makes it first. What is measured here is only
meant for a machine that does nothing else.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
GIVEN = ROOT / "tests" / "golden" / "given"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One fault: what the table calls it, the words behind `lab reduce`, and the words behind `lab run` that come first."""

    name: str
    fault: str
    words: tuple[str, ...]
    first: tuple[str, ...] = ()


def given(name: str) -> str:
    """A model that lies in the repository."""
    return str(GIVEN / name / "net")


ROWS = (
    Row(name="resize-raises", fault="bilinear resize, `.json` of 3.0.0, predictor of 3.3.1", words=(given("bilinear_corners-3.0.0"), "--bad", "3.3.1")),
    Row(name="resize-wrong", fault="bilinear resize with corners, `.json` of 3.0.0, predictor of 3.0.0", words=(given("bilinear_corners-3.0.0"), "--bad", "3.0.0")),
    Row(name="nearest-wrong", fault="nearest resize by 1.5, `.pdmodel` of 2.6.2, predictor of 2.6.2", words=(given("nearest_1_5-2.6.2"), "--bad", "2.6.2")),
    Row(name="leaky-crash", fault="leaky_relu behind a convolution, `.json` of 3.0.0, predictor of 3.3.1", words=(given("leaky_relu-3.0.0"), "--bad", "3.3.1")),
    Row(name="attributes", fault="attributes of 3.3.1 read by 3.0.0", words=(given("leaky_relu-3.3.1"), "--good", "3.3.1", "--bad", "3.0.0")),
    Row(name="quantised", fault="a quantised `.json` of 3.0.0, predictor of 3.3.1", words=(given("quantised-3.0.0"), "--bad", "3.3.1", "--route", "predictor")),
    Row(name="loop-hangs", fault="a loop that changes values in place, predictor of 3.0.0", words=(given("loop_in_place-3.0.0"), "--bad", "3.0.0", "--route", "predictor")),
    Row(
        name="window-attention", fault="window attention, `.json` of 3.0.0, predictor of 3.0.0", words=("last", "--route", "predictor"),
        first=("window_attention_onednn", "--savers", "3.0.0", "--loaders", "3.0.0", "--route", "predictor"),
    ),
)  # fmt: skip


def lab(*words: str) -> subprocess.CompletedProcess[str]:
    """One command of the lab, beside which nothing runs."""
    return subprocess.run([sys.executable, "-m", "lab", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def reduced(row: Row, engine: str) -> str:
    """One row of the table, or what ended it."""
    if row.first:
        lab("run", *row.first, "--engine", engine)
    with tempfile.TemporaryDirectory() as room:
        out = Path(room) / "out"
        done = lab("reduce", *row.words, "--engine", engine, "-o", str(out), "--json", "--fresh")
        shutil.rmtree(out, ignore_errors=True)
    told = json.loads(done.stdout)
    if "operators" not in told:
        return f"| {row.fault} | {told['error']['what']} |"
    return (
        f"| {row.fault} | {told['seen']['signature'].rpartition(':')[0]} | {told['operators_before']} -> {len(told['operators'])}: "
        f"{', '.join(told['operators'])} | {told['bytes_before']:,} -> {told['nbytes']:,} | {told['candidates']} | {told['seconds']:.0f} |"
    )


def main() -> None:
    """Print the table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(one.name for one in ROWS))
    parser.add_argument("--engine", default="docker")
    asked = parser.parse_args()
    print("| fault | what is seen | operators | bytes of the model | candidates | seconds |")
    print("|---|---|---|---|---|---|")
    for row in ROWS:
        if not asked.names or row.name in asked.names:
            print(reduced(row, asked.engine), flush=True)


main()
