"""The whole campaign in a bounded time, with one table at its end; exit code 1 where a promise broke.

make siege (MINUTES=15 SEED=... ONLY=kills,bundles INTO=file)
"""

import argparse
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.siege import bundles, kills, namespaces, suites
from tests.siege.tally import Budget, Tally, table

Part = Callable[[Path, Budget], Tally]
PARTS: Mapping[str, tuple[Part, float]] = {
    "secrets": (suites.secrets, 8),
    "mutants": (suites.mutants, 14),
    "guests": (suites.guests, 18),
    "bundles": (bundles.campaign, 14),
    "namespaces": (namespaces.campaign, 10),
    "kills": (kills.campaign, 36),
}
"""Every part, and how large its share of the time is; what one leaves goes to those behind it."""
MINUTES = 15.0
SPARE = 0.9
"""Of the time that is used to begin something: what was begun comes to its end."""


def main() -> int:
    asked = arguments()
    names = [one for one in PARTS if not asked.only or one in asked.only.split(",")]
    end = time.monotonic() + asked.minutes * 60 * SPARE
    print(f"seed {asked.seed}, {asked.minutes:g} minutes: {', '.join(names)}", flush=True)
    tallies = []
    with tempfile.TemporaryDirectory(prefix="siege-", ignore_cleanup_errors=True) as root:
        for place, name in enumerate(names):
            share = PARTS[name][1] / sum(PARTS[one][1] for one in names[place:])
            tallies.append(begun(name, Path(root) / name, share * (end - time.monotonic()), asked.seed))
            print(f"{name}: {tallies[-1].tried} tried, {len(tallies[-1].findings)} broken", flush=True)
    said = table(tallies, asked.seed)
    asked.into.parent.mkdir(parents=True, exist_ok=True)
    asked.into.write_text(said, encoding="utf-8")
    print(f"\n{said}\nwritten to {asked.into}")
    return int(any(one.findings for one in tallies))


def begun(name: str, root: Path, seconds: float, seed: int) -> Tally:
    """One part within its time."""
    root.mkdir()
    start = time.monotonic()
    tally = PARTS[name][0](root, Budget(end=start + seconds, seed=seed))
    tally.seconds = time.monotonic() - start
    return tally


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("LAB_SIEGE_MINUTES") or MINUTES))
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--only", default="", help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--into", type=Path, default=Path("build/siege.txt"), help="where the table is written")
    asked = parser.parse_args()
    unknown = set(asked.only.split(",")) - {*PARTS, ""}
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
