"""The contest of the lab with asv and pyperf: every line of its table comes from one run, raw data is kept.

    python benchmarks/contest/run.py --only E1,E2 --into results/contest

asv and pyperf come from the package index into an environment of their own; Paddle comes from the lab's wheel store. `--quick` tries
the way with tiny settings: its figures say nothing.
"""

import argparse
import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import e1_three  # noqa: E402
import e2_equal  # noqa: E402
import e3_power  # noqa: E402
import e5_again  # noqa: E402
import e6_failure  # noqa: E402
import e7_drift  # noqa: E402
import e8_numbers  # noqa: E402
import e9_pyperf  # noqa: E402
import statistics_cost  # noqa: E402
from place import ROOT, Row, Setting, keep, machine  # noqa: E402

EXPERIMENTS: dict[str, Callable[[Setting], Iterator[Row]]] = {
    "E1": e1_three.run,
    "E2": e2_equal.run,
    "E3": e3_power.run,
    "E5": e5_again.run,
    "E6": e6_failure.run,
    "E7": e7_drift.run,
    "E8": e8_numbers.run,
    "E9": e9_pyperf.run,
    "STAT": statistics_cost.run,
}


def main(argv: Sequence[str]) -> None:
    """Run what is asked for, print each line when it is known, and keep all of them in summary.json."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--only", default=",".join(EXPERIMENTS), help=f"any of {','.join(EXPERIMENTS)}")
    words.add_argument(
        "--into", type=Path, default=ROOT / "results" / "contest", help="where raw data and summary.json go"
    )
    words.add_argument("--quick", action="store_true", help="tiny settings; its figures say nothing")
    words.add_argument(
        "--record", action="store_true", help="E3 only records; call it again to judge what was recorded"
    )
    words.add_argument("--table", action="store_true", help="only print the table of what was run before")
    asked = words.parse_args(argv)
    chosen = [one.strip().upper() for one in asked.only.split(",") if one.strip()]
    unknown = [one for one in chosen if one not in EXPERIMENTS]
    if unknown:
        words.error(f"there is no experiment {unknown[0]}; any of {', '.join(EXPERIMENTS)}")
    into = asked.into.resolve() / "quick" if asked.quick else asked.into.resolve()  # never goes on with tiny settings
    setting = Setting(into=into, quick=asked.quick, record=asked.record)
    setting.into.mkdir(parents=True, exist_ok=True)
    print("| | question | tool | answer | target | met | seconds |\n|---|---|---|---|---|---|---:|", flush=True)
    for name in chosen:
        known = _known(setting).get(name) if asked.table else _ran(setting, name)
        if asked.table and known:
            for row in known["rows"]:
                print(_line(Row(**row)))


def _ran(setting: Setting, name: str) -> None:
    start, rows = time.perf_counter(), []
    for row in EXPERIMENTS[name](setting):
        print(_line(row), flush=True)
        rows.append(asdict(row))
    seconds = time.perf_counter() - start
    print(f"{name} took {seconds:.0f} s, making environments included", file=sys.stderr, flush=True)
    made = {
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M"), "quick": setting.quick,
        "command": f"python benchmarks/contest/run.py --only {name}", "seconds": round(seconds, 1), "machine": machine(),
        "rows": rows,
    }  # fmt: skip
    keep(setting.into / "summary.json", {**_known(setting), name: made})


def _known(setting: Setting) -> dict[str, dict[str, list[dict[str, object]]]]:
    path = setting.into / "summary.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _line(row: Row) -> str:
    met = {True: "yes", False: "NO", None: ""}[row.met]
    seconds = f"{row.seconds:.1f}" if row.seconds else ""
    cells = (row.experiment, row.question, row.tool, row.answer, row.target, met, seconds)
    return "| " + " | ".join(one.replace("|", "/") for one in cells) + " |"


if __name__ == "__main__":
    main(sys.argv[1:])
