"""Explain every scenario of the library, or those that are named, and print the table of docs/explain.md: silent findings first.

Usage: python scripts/explain_all.py [--engine local] [--keep FOLDER] [SCENARIO ...]. Pages are kept in FOLDER, and what is
there already is not asked again.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def asked() -> argparse.Namespace:
    """The words of the command line."""
    words = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    words.add_argument("--engine", default="auto")
    words.add_argument("--keep", type=Path, default=Path("results/explained"))
    words.add_argument("names", nargs="*")
    return words.parse_args()


def explained(name: str, keep: Path, engine: str) -> bool:
    """Whether there is a page of a scenario, made now or before; what the lab said where there is none goes to stderr."""
    page, data = (keep / f"{name}.{ending}" for ending in ("md", "json"))
    if page.exists() and data.exists():
        return True
    words = [sys.executable, "-m", "lab", "explain", name, "--rounds", "0", "--engine", engine]
    told = subprocess.run([*words, "-o", str(page), "-o", str(data)], capture_output=True, text=True, check=False)
    if page.exists() and data.exists():
        return True
    print(f"{name}: exit code {told.returncode}: {told.stderr[-400:]}", file=sys.stderr)
    return False


def row(name: str, keep: Path) -> tuple[tuple[bool, bool], str]:
    """The row of one scenario, with its place: silent failures, other failures, what works."""
    found: dict[str, Any] = json.loads((keep / f"{name}.json").read_text(encoding="utf-8"))
    title = (keep / f"{name}.md").read_text(encoding="utf-8").partition("\n")[0]
    said = title.removeprefix(f"# {name}: ")
    pairs = [one for one in found["pairs"] if not one["explained"] and one["fails"]]
    others = "; ".join(f"{one['label']}: {one['outcome']}" for one in pairs)
    silent = any(one["silent"] for one in found["pairs"])
    side = found["side"] if found["status"] == "fails" else ""
    cells = [f"`{name}`", linked(found["issue"]), said, side, others]
    return (not silent, found["status"] == "works"), "| " + " | ".join(one.replace("|", "\\|") for one in cells) + " |"


def linked(issue: str) -> str:
    """A report as owner/repository#number, as a link; anything else as it is."""
    place, mark, number = issue.partition("#")
    return f"[{place.rpartition('/')[2]}#{number}](https://github.com/{place}/issues/{number})" if mark else issue


def main() -> int:
    """The table, from the pages that could be made."""
    words = asked()
    words.keep.mkdir(parents=True, exist_ok=True)
    named = words.names or sorted(one.stem for one in (ROOT / "scenarios").glob("*.py"))
    done = [name for name in named if explained(name, words.keep, words.engine)]
    print("| scenario | report | what the lab found | side | also fails |\n|---|---|---|---|---|")
    print("\n".join(line for _, line in sorted(row(name, words.keep) for name in done)))
    return 0 if len(done) == len(named) else 1


if __name__ == "__main__":
    sys.exit(main())
