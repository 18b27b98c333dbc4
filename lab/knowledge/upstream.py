"""Where Paddle itself keeps what changed between two releases."""

import re
from collections.abc import Mapping

from lab.model import GIVEN, Selector

COMPARE = "https://github.com/PaddlePaddle/Paddle/compare"
STAGES = {"b": "-beta", "rc": "-rc"}


def tag(release: str) -> str:
    """The upstream tag of a release: "v3.0.0-beta2" for 3.0.0b2."""
    return "v" + re.sub(r"(?<=\d)(b|rc)(?=\d)", lambda found: STAGES[found[1]], Selector.of(release).release)


def changes(last: str, first: str, commits: Mapping[str, str] | None = None) -> str:
    """The page of all changes between two releases; a given build stands there by its commit, and without one is no page."""
    points = [
        (commits or {}).get(one, "") if GIVEN.fullmatch(Selector.of(one).release) else tag(one) for one in (last, first)
    ]
    return f"{COMPARE}/{'...'.join(points)}" if all(points) else ""
