"""Where Paddle itself keeps what changed between two releases."""

import re

from lab.model import Selector

COMPARE = "https://github.com/PaddlePaddle/Paddle/compare"
STAGES = {"b": "-beta", "rc": "-rc"}


def tag(release: str) -> str:
    """The upstream tag of a release: "v3.0.0-beta2" for 3.0.0b2."""
    return "v" + re.sub(r"(?<=\d)(b|rc)(?=\d)", lambda found: STAGES[found[1]], Selector.of(release).release)


def changes(last: str, first: str) -> str:
    """The page of all changes between two releases."""
    return f"{COMPARE}/{tag(last)}...{tag(first)}"
