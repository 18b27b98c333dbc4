"""English that is left in a Chinese answer: runs of words that belong to nobody else."""

import re
from collections.abc import Iterable

RUN = re.compile(r"(?<![\w./=-])[A-Za-z][a-z']*(?:,? [a-z][a-z']*){2,}(?![\w./=-])")
NAMES = re.compile(r"\b(?:jit|static|predictor|repro|report|replay)(?:, (?:jit|static|predictor|repro|report|replay))+")
COMMAND = re.compile(r"`[^`]*`|\b(?:lab|docker|python|pip|apt-get|export|import|from|conda)(?: [\w./=<>:*-]+)+")


def english_left(text: str, theirs: Iterable[str] = ()) -> list[str]:
    """Runs of three English words or more, but for commands and what others said (`theirs`: Paddle's messages, a scenario's text)."""
    joined = re.sub(r"\s*\n\s+", " ", text)  # a sentence that was wrapped is one again
    for one in theirs:
        joined = joined.replace(one, "\n")
    return [found[0] for found in RUN.finditer(NAMES.sub("\n", COMMAND.sub("\n", joined)))]
