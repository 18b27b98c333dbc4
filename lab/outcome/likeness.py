"""Whether two outcomes are one problem, also where labs of different age signed them."""

from dataclasses import replace

from lab.model import Kind, Outcome
from lab.outcome.chain import raised
from lab.outcome.first_signature import first_signature
from lab.outcome.signature import VERSION, Link, said_by, version
from lab.outcome.stacks import TRACEBACK, python_frames


def same_problem(one: Outcome, other: Outcome) -> bool:
    """Whether two outcomes are the same failure: equal signatures of one version, else as far as the older one knew.

    An outcome without a signature is told by its kind, phase, reason and type. Where versions differ, the older signature
    is made again from the newer outcome's words; else, if it fits its own outcome, the words are compared as they are
    signed today. An older crash knew no stack, and older wrong numbers knew no output.
    """
    if not one.signature or not other.signature:
        return _words(one) == _words(other)
    if version(one.signature) == version(other.signature):
        return (one.kind, one.signature) == (other.kind, other.signature)
    old, new = sorted((one, other), key=lambda outcome: version(outcome.signature))
    if version(new.signature) != VERSION:  # of a lab newer than this one, whose rule is not known here
        return False
    return _matches(old, new)


class Problems:
    """Failures by number, one number a problem, so that what labs of different age signed stands in one group."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, ...], int] = {}
        self._firsts: list[Outcome] = []

    def number(self, outcome: Outcome, told: str = "") -> int:
        """The number of an outcome's problem; what is `told` of it parts failures that one lab signed alike.

        Without a signature its message counts. A signature of another version is the same problem as far as that version knew.
        """
        signed = (outcome.kind.value, outcome.signature) if outcome.signature else (*_words(outcome), outcome.message)
        key = (*signed, told)
        if key not in self._numbers:
            self._numbers[key] = self._before(outcome)
        return self._numbers[key]

    def _before(self, outcome: Outcome) -> int:
        for number, first in enumerate(self._firsts):
            signed = bool(first.signature and outcome.signature)
            if signed and version(first.signature) != version(outcome.signature) and same_problem(first, outcome):
                return number
        self._firsts.append(outcome)
        return len(self._firsts) - 1


def _words(outcome: Outcome) -> tuple[str, ...]:
    return (outcome.kind, outcome.phase, outcome.reason, outcome.type, outcome.signature)


def _matches(old: Outcome, new: Outcome) -> bool:
    if (old.phase, old.type) != (new.phase, new.type):
        return False
    if old.kind.differs:
        # Wrong numbers were signed in words: "compare:numeric_mismatch:values".
        told = f"{old.phase}:{old.kind}:{old.reason}"
        return (old.kind, old.reason) == (new.kind, new.reason) and old.signature == told
    if old.kind is not new.kind and not (old.kind.raised and new.kind.raised):
        return False
    return signed_before(new, old.signature) or (_fits(old) and _alike(old, _plain(new)))


def signed_before(outcome: Outcome, noted: str) -> bool:
    """Whether a signature that somebody noted is what labs without versions gave to this outcome."""
    return bool(noted) and noted == first_signature(_plain(outcome))


def _plain(outcome: Outcome) -> Outcome:
    """An outcome as labs told it that knew no causes."""
    return replace(outcome, message=raised(outcome.type, outcome.message))


def _fits(old: Outcome) -> bool:
    """Whether an older outcome still has all the words its signature was made of; one that waits for a save never had."""
    return old.kind is Kind.DEPENDS_ON or old.signature == first_signature(old)


def _alike(old: Outcome, new: Outcome) -> bool:
    if old.kind is Kind.NATIVE_CRASH:
        return not old.detail
    return _said(old) == _said(new)


def _said(outcome: Outcome) -> tuple[str, ...]:
    """What counts of an outcome's words today."""
    frames = python_frames(outcome.detail.rpartition(TRACEBACK)[2])
    return said_by(Link(type=outcome.type, message=outcome.message, frames=frames))
