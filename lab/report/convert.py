"""A converted model in words: what was written, how each way of opening it stands to the source, and who reads it."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from lab.model.check import Converted, ProvedWay
from lab.model.inspection import Reader, Reads
from lab.outcome.words import numbers, outcome_words


def document(made: Converted) -> dict[str, Any]:
    """What was made, for a program."""
    proved = [
        {
            "release": one.release,
            "route": one.route,
            "outcome": outcome_words(one.outcome),
            "numbers": numbers(one.diffs),
            "against": "the same way before" if one.as_itself else made.source,
            "good": one.good,
            "worked_before": one.needed,
        }
        for one in made.proved
    ]
    return {
        "path": made.path,
        "files": made.files,
        "release": made.release,
        "source": made.source,
        "proved": proved,
        "accepted": made.accepted,
        "refused": made.refused,
        "outputs": [{"before": old, "after": new} for old, new in made.outputs],
        "readers": [{"release": one.release, "api": one.api, "reads": one.reads.value} for one in made.readers],
        "run": made.run,
    }


def text(made: Converted) -> str:
    """The whole answer for a terminal."""
    lines = [f"wrote {made.path}: {', '.join(made.files)}", f"by {made.release}; held against {made.source}:"]
    lines += [_way(one) for one in made.proved]
    lines += [f"not kept: {one}" for one in made.refused]
    lines += _renamed(made.outputs)
    lines += _read(made.readers)
    return "\n".join([*lines, f"run {made.run}: lab runs show {made.run}"])


def _way(one: ProvedWay) -> str:
    """One way in one release; what breaks is said to break, also where the user accepted that."""
    note = (
        "" if one.good else "  (BREAKS: it worked before)" if one.needed else "  (not the same; it did not work before)"
    )
    against = ", as the same way before" if one.as_itself else ""
    told = f"{numbers(one.diffs)}{against}{note}"
    return f"  {one.release:<7} {one.route:<20} {outcome_words(one.outcome):<24} {told}".rstrip()


def _renamed(outputs: Sequence[tuple[str, str]]) -> list[str]:
    changed = [f"{old} is now {new}" for old, new in outputs if old != new]
    return [f"outputs: {', '.join(changed)}; their order is the same"] if changed else []


def _read(readers: Sequence[Reader]) -> list[str]:
    """Which releases are known to read such files, one line an API."""
    lines = []
    for api in dict.fromkeys(one.api for one in readers):
        runs = "; ".join(_runs([one for one in readers if one.api == api]))
        lines.append(f"  {api:<28} {runs}")
    return ["known of such files (lab inspect says where from):", *lines] if lines else []


def _runs(mine: Sequence[Reader]) -> Iterator[str]:
    """Neighbouring releases that do the same: "2.6.2 no", "3.0.0 to 3.3.1 yes"."""
    for word, run in groupby(
        mine, key=lambda one: f"with {one.setting}" if one.reads is Reads.WITH else one.reads.value
    ):
        releases = [one.release for one in run]
        span = releases[0] if len(releases) == 1 else f"{releases[0]} to {releases[-1]}"
        yield f"{span} {word}"
