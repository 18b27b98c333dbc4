"""How answers end: one word for each, one exit code for each word, in one table for every verb."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from lab.model import Kind, Verdict


class Ending(StrEnum):
    """The word in which the answer of a verb ends; a run's own is a `Verdict`."""

    FOUND = "FOUND"
    """One answer, and nothing speaks against it."""
    NOTHING = "NOTHING FOUND"
    """All was tried, and nothing of it is the answer: not fixed, no cure."""
    DOUBTFUL = "DOUBTFUL"
    """An answer that is a set, or that something contradicts."""
    HEALTHY = "HEALTHY"
    """It works, as it should."""
    GONE = "GONE"
    """What should fail works."""
    SAFE = "SAFE"
    FAULTY = "WRONG BEFORE AND AFTER"
    CHANGE = "SAFE ANOTHER WAY"
    UNSAFE = "NOT SAFE"
    UNKNOWN = "NOT KNOWN"
    ALTERED = "NOT AS STAMPED"
    CLAIMED = "AS CLAIMED"
    DIFFERENT = "DIFFERENT"
    UNTRIED = "UNTRIED"
    """Something else than what was claimed or expected, or nothing that could be tried."""
    UNBUILT = "NOT BUILT"
    BROKEN = "BROKEN OFF"
    """An image could not be made; the engine, the disk or the network failed."""
    DONE = "DONE"
    """What was asked is done or shown; there was no question in it."""
    PLANNED = "PLANNED"
    """Nothing was done: this is what would be."""
    INCOMPLETE = "INCOMPLETE"
    """Something of what was asked could not be measured."""
    WORSE = "WORSE"
    NEWS = "NEWLY WORSE"
    """A confirmed change for the worse that nobody accepted."""
    STEADY = "NOT WORSE"
    DAMAGED = "DAMAGED"
    UNFIT = "NOT READY"
    """What this machine lacks must be mended first."""
    MISTAKEN = "MISTAKEN"
    """The words or the data that were given are wrong."""
    UNLIKE = "ENDS WRONG"
    """An end of a search is not what it was named."""
    NO_ENGINE = "NO ENGINE"
    REFUSED = "REFUSED"
    """A bundle that is damaged, or does not do what it claims."""
    INTERRUPTED = "INTERRUPTED"


EXITS: Mapping[Verdict | Ending, int] = {
    Verdict.REPRODUCED: 0,
    Verdict.NONE: 0,
    Verdict.CHANGED: 1,
    Verdict.NOT_REPRODUCED: 4,
    Verdict.VOID: 7,
    Ending.FOUND: 0,
    Ending.HEALTHY: 0,
    Ending.SAFE: 0,
    Ending.CLAIMED: 0,
    Ending.NOTHING: 1,
    Ending.CHANGE: 9,
    Ending.FAULTY: 10,
    Ending.UNSAFE: 1,
    Ending.ALTERED: 11,
    Ending.DIFFERENT: 1,
    Ending.DOUBTFUL: 3,
    Ending.UNKNOWN: 3,
    Ending.UNTRIED: 3,
    Ending.GONE: 4,
    Ending.UNBUILT: 5,
    Ending.BROKEN: 7,
    Ending.DONE: 0,
    Ending.PLANNED: 0,
    Ending.STEADY: 0,
    Ending.INCOMPLETE: 1,
    Ending.WORSE: 1,
    Ending.NEWS: 12,
    Ending.DAMAGED: 2,
    Ending.MISTAKEN: 2,
    Ending.UNLIKE: 4,
    Ending.UNFIT: 6,
    Ending.NO_ENGINE: 6,
    Ending.REFUSED: 8,
    Ending.INTERRUPTED: 130,
}

FAILURES: Mapping[int, Ending] = {
    2: Ending.MISTAKEN,
    3: Ending.DOUBTFUL,
    4: Ending.UNLIKE,
    5: Ending.UNBUILT,
    6: Ending.NO_ENGINE,
    7: Ending.BROKEN,
    8: Ending.REFUSED,
    130: Ending.INTERRUPTED,
}
"""The word for a verb that ends without an answer, by the exit code of its error's class."""

SEVERITY = (7, 6, 5, 11, 1, 12, 10, 4, 3, 9, 2, 0)
"""The worst first: what the lab could not do outranks what Paddle did."""

UNTESTED = {5: Ending.UNBUILT, 7: Ending.BROKEN, 3: Ending.UNTRIED}
"""By the exit code of a kind, what outranks what within one answer: a build that failed takes others down with it."""


def worst(codes: Sequence[int]) -> int:
    """The exit code that speaks for several."""
    return min(codes, key=lambda code: SEVERITY.index(code) if code in SEVERITY else -1, default=0)


def worst_of(endings: Collection[Verdict | Ending]) -> Verdict | Ending:
    """The word that speaks for several answers; done where there is none."""
    code = worst([EXITS[one] for one in endings])
    return next((one for one in endings if EXITS[one] == code), Ending.DONE)


def untested(kinds: Collection[Kind]) -> Ending | None:
    """The word for outcomes that could not be found out; None where all were."""
    codes = {kind.exit_code for kind in kinds}
    return next((word for code, word in UNTESTED.items() if code in codes), None)
