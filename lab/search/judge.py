"""From outcomes to the verdicts of a search: good, bad (this failure), other (another one), skip, flaky."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lab import pattern
from lab.errors import InfraError, UsageError
from lab.model import Kind, Outcome
from lab.model.search import ProbeVerdict
from lab.outcome import stacks
from lab.outcome.likeness import same_problem, signed_before
from lab.outcome.signature import mask
from lab.outcome.verdict import describe
from lab.outcome.words import brief
from lab.search.algorithms import ProbeAnswer

AUTO, ANY = "auto", "any"
ALIKE = 0.85
SHOWN = 200
SAVES = re.compile(r"<run>/[^\s'\"]*?/out/")
"""Where a save lies in a run of an engine without walls: its folder's name tells the settings, and is no part of a message."""


@dataclass(frozen=True, kw_only=True)
class Judge:
    """What counts as *the* failure: the one of `reference` ("auto"), every one ("any"), or a regular expression.

    The expression is searched in "signature type: message"; a signature of labs without versions is known as well. Without a reference "auto" takes every failure.
    """

    words: str = AUTO
    reference: Outcome | None = None

    def __post_init__(self) -> None:
        try:
            pattern.check(self.words)
        except pattern.PatternError as error:
            raise UsageError(
                f"--signature {self.words!r} is no regular expression: {error}",
                f"auto, any, or an expression; {pattern.SYNTAX}",
            ) from None

    def seen(self, outcome: Outcome) -> ProbeAnswer:
        """The verdict on one outcome; a drift of the numbers is good unless drift is what is looked for."""
        identity = identify(outcome)
        if not outcome.kind.tested:
            why = f"{describe(outcome)}: {brief(outcome.message, SHOWN)}".rstrip(": ")
            return ProbeAnswer(sort=ProbeVerdict.SKIP, why=why, lost=outcome.kind is Kind.INFRA_ERROR)
        if outcome.ok:
            return ProbeAnswer(sort=ProbeVerdict.GOOD, why=outcome.reason)
        if self._is_it(outcome):
            worded = self.reference is not None and self.words == AUTO and identify(self.reference) != identity
            note = "; the same failure in other words" if worded else ""
            return ProbeAnswer(
                sort=ProbeVerdict.BAD, signature=identity, why=describe(outcome) + note, reworded=worded,
                silent=outcome.kind.differs,
            )  # fmt: skip
        if outcome.kind is Kind.DRIFT:
            return ProbeAnswer(sort=ProbeVerdict.GOOD, why="drift")
        return ProbeAnswer(
            sort=ProbeVerdict.OTHER, signature=identity, why=f"{describe(outcome)}: {brief(outcome.message, SHOWN)}",
            silent=outcome.kind.differs,
        )  # fmt: skip

    def together(self, outcomes: Sequence[Outcome]) -> ProbeAnswer:
        """The verdict on repeats: theirs where they agree, else flaky with how many were bad."""
        each = [self.seen(outcome) for outcome in outcomes]
        tested = [one for one in each if one.sort is not ProbeVerdict.SKIP]
        if not tested or len({one.sort for one in tested}) == 1:
            return (tested or each)[0]
        failed = sum(one.sort is not ProbeVerdict.GOOD for one in tested)
        signature = next(one.signature for one in tested if one.signature)
        return ProbeAnswer(sort=ProbeVerdict.FLAKY, signature=signature, why=f"failed {failed} of {len(tested)} times")

    def _is_it(self, outcome: Outcome) -> bool:
        if self.words == ANY:
            return outcome.kind is not Kind.DRIFT
        if self.words == AUTO:
            return outcome.kind is not Kind.DRIFT if self.reference is None else same(self.reference, outcome)
        told = f"{identify(outcome)} {outcome.type}: {outcome.message}"
        return pattern.found(self.words, told) or signed_before(outcome, self.words)


def refuse_lost(what: str, seen: ProbeAnswer) -> ProbeAnswer:
    """The verdict on something that a search stands on; InfraError where the lab failed there: then there is none."""
    if seen.lost:
        raise InfraError(f"{what} could not be tested, and nothing follows from that: {seen.why}", "lab doctor")
    return seen


def not_lost(what: str, outcome: Outcome) -> Outcome:
    """The outcome of something that a search stands on; InfraError where the lab failed there."""
    refuse_lost(what, Judge(words=ANY).seen(outcome))
    return outcome


def beside(name: str, outcome: Outcome) -> str:
    """What a release is worth as the other end, where it does not work: no better, or nothing that could be judged."""
    word = "is no better" if outcome.kind.tested else "could not be judged"
    return f"{name} {word}: {describe(outcome)}"


def identify(outcome: Outcome) -> str:
    """The outcome's signature, or its kind in words where it has none; empty where it is ok."""
    if outcome.ok:
        return ""
    return outcome.signature or ":".join(
        part for part in (outcome.phase.value, outcome.kind.value, outcome.reason) if part
    )


def same(one: Outcome, other: Outcome) -> bool:
    """Whether two failures are the same one: by signature, an exception in nearly the same words, numbers wrong in one way.

    Releases reword their messages ("*.pdmodel" became "*.pdmodel(json)"); a search must not take that for another fault.
    """
    if same_problem(one, other):
        return True
    if one.kind is other.kind is Kind.NUMERIC_MISMATCH:
        return one.reason == other.reason
    if (one.kind, one.phase, one.type) != (other.kind, other.phase, other.type) or one.kind is not Kind.PY_EXCEPTION:
        return False
    return _alike(*(mask(SAVES.sub("<run>/out/", said.message)).split() for said in (one, other)))


def resembles(one: Outcome, other: Outcome) -> bool:
    """Whether two failures are the same one as far as both tell: of a crash Paddle's own handler does not always print the stack."""
    if same(one, other):
        return True
    crashed = one.kind is other.kind is Kind.NATIVE_CRASH and (one.type, one.phase) == (other.type, other.phase)
    return crashed and not all(stacks.native_names(outcome.detail) for outcome in (one, other))


def _alike(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two messages share most words, and no word was exchanged for another: `relu` for `gelu` is another fault."""
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    exchanged = [
        (ours[start:end], theirs[first:last])
        for what, start, end, first, last in matcher.get_opcodes()
        if what == "replace"
    ]
    extended = all(
        len(old) == len(new) and all(a in b or b in a for a, b in zip(old, new, strict=True)) for old, new in exchanged
    )
    return extended and matcher.ratio() >= ALIKE
