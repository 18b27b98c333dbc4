"""A converted model in words: what was written, and how each way of opening it stands to the source."""

from typing import Any

from lab.model.check import Converted
from lab.outcome.words import numbers, outcome_words


def document(made: Converted) -> dict[str, Any]:
    """What was made, for a program."""
    proved = [
        {
            "route": one.route,
            "outcome": outcome_words(one.outcome),
            "numbers": numbers(one.diffs),
            "good": one.good,
        }
        for one in made.proved
    ]
    return {
        "path": made.path,
        "files": made.files,
        "release": made.release,
        "source": made.source,
        "proved": proved,
        "run": made.run,
    }


def text(made: Converted) -> str:
    """The whole answer for a terminal."""
    lines = [f"wrote {made.path}: {', '.join(made.files)}", f"by {made.release}; held against {made.source}:"]
    lines += [
        f"  {one.route:<20} {outcome_words(one.outcome):<24} {numbers(one.diffs)}{'' if one.good else '  (not the same)'}"
        for one in made.proved
    ]
    return "\n".join([*lines, f"run {made.run}: lab runs show {made.run}"])
