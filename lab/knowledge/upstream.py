"""Where Paddle itself keeps what changed between two releases."""

import re
from collections.abc import Mapping

from lab.model import GIVEN, Selector

COMPARE = "https://github.com/PaddlePaddle/Paddle/compare"
STAGES = {"b": "-beta", "rc": "-rc"}
NIGHTLY = re.compile(r"\.dev\d+$")


def tag(release: str) -> str:
    """The upstream tag of a release: "v3.0.0-beta2" for 3.0.0b2."""
    return "v" + re.sub(r"(?<=\d)(b|rc)(?=\d)", lambda found: STAGES[found[1]], Selector.of(release).release)


def tagged(release: str) -> bool:
    """Whether upstream has a tag for it: not for a build that was handed over, and not for a nightly one."""
    named = Selector.of(release).release
    return GIVEN.fullmatch(named) is None and NIGHTLY.search(named) is None


def changes(last: str, first: str, commits: Mapping[str, str] | None = None) -> str:
    """The page of all changes between two releases; one without a tag stands there by its commit, and without one is no page."""
    points = [tag(one) if tagged(one) else (commits or {}).get(one, "") for one in (last, first)]
    return f"{COMPARE}/{'...'.join(points)}" if all(points) else ""
