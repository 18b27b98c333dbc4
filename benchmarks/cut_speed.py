"""How many small cuts of a model one start of a release tries a second, files and answers included; and that no innocent one is accused.

usage: python benchmarks/cut_speed.py [--innocent]

Needs a container engine and the images of 3.0.0, and for --innocent also those of 2.6.2 and 3.3.1. Without --innocent it asks 256 cuts of
one operator each of the repository's small net, three times, and prints candidates a second and how long making their files took. With it,
each of five models is held against itself on 40 cuts drawn by chance: 200 in all, and it prints how many of them were accused.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lab.search.locate import record, scan
from lab.search.locate.cuts import AskedCut
from tests.containers import test_locate as located

COUNT, ROUNDS = 256, 3


def speed() -> None:
    """Ask the same cuts again and again, in one start that is warm."""
    with located.working(located.MODELS / "3.0.0", "3.0.0", "static") as session:
        located.done(record.recorded(session))
        for turn in range(ROUNDS):
            begun = time.perf_counter()
            made = [session.made([one]) for _ in range(COUNT) for one in scan.needed(session)][:COUNT]
            models = [one.model for one in made if isinstance(one, AskedCut)]
            named = [replace(one, name=f"cut{turn}-{place}") for place, one in enumerate(models)]
            written = time.perf_counter()
            answers = located.done(session.ask(session.bad, named))
            ended = time.perf_counter()
            worked = sum(one.outputs is not None for one in answers)
            print(
                f"{len(named)} cuts ({worked} answered): files {written - begun:.2f} s, asked {ended - written:.2f} s, "
                f"{len(named) / (ended - written):.0f} a second",
                flush=True,
            )


def innocent() -> int:
    """How many of 200 cuts drawn by chance are accused where both places are one release."""
    total = blamed = 0
    for case in located.INNOCENT:
        found = located.accused(*case, 40)
        total += len(found)
        blamed += sum(one.sort.bad for _, one in found)
        print(f"{case[0].name} in {case[1]} by {case[2]}: {blamed} of {total} accused so far", flush=True)
    return blamed


def main() -> int:
    """One of both, by what was typed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--innocent", action="store_true", help="hold releases against themselves instead")
    if parser.parse_args().innocent:
        return int(innocent() > 0)
    speed()
    return 0


if __name__ == "__main__":
    sys.exit(main())
