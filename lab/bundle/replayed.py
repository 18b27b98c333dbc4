"""What replays of a bundle say together: how they end, and each in one line."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from lab.model import Outcome, OutcomeChange
from lab.model.bundle import Replayed
from lab.outcome.exits import Ending, untested


def undecided(replayed: Sequence[Replayed]) -> tuple[Replayed, ...]:
    """Replays with files left out: a case that differs may differ because of that, so it says nothing."""
    return tuple(
        one if one.change is OutcomeChange.SAME else replace(one, changes=(OutcomeChange.UNTRIED,) * len(one.changes))
        for one in replayed
    )


def ending(replayed: Sequence[Replayed]) -> Ending:
    """As claimed, gone where the subject is fixed, not tried, undecided, or something else.

    Cases beside the subject that were untried are told and do not count.
    """
    counted = [
        replayed[0],
        *(one for one in replayed[1:] if one.change is not OutcomeChange.UNTRIED and not one.beside),
    ]
    words = {case.change for case in counted}
    if words == {OutcomeChange.SAME}:
        return Ending.CLAIMED
    failed_by = untested({one.kind for case in counted for one in case.outcomes})
    if failed_by in (Ending.UNBUILT, Ending.BROKEN):
        return failed_by
    if replayed[0].change is OutcomeChange.FIXED:
        return Ending.GONE
    known = {word for word in words if word.known}
    return Ending.UNTRIED if known <= {OutcomeChange.SAME} else Ending.DIFFERENT


def told(replayed: Sequence[Replayed], describe: Callable[[Outcome], str]) -> tuple[str, ...]:
    """Each case in one line: what it is against the bundle's promise, the promise, and what was seen now."""
    return tuple(
        f"{_word(one):<16} {one.label}: promised {describe(one.claimed)}; seen now {_seen(one, describe)}"
        for one in replayed
    )


def _word(one: Replayed) -> str:
    """What a case is against the promise; one that ran without some of its files was tried, and says nothing."""
    ran = any(outcome.kind.tested for outcome in one.outcomes)
    return "files left out" if one.change is OutcomeChange.UNTRIED and ran else one.change


def _seen(one: Replayed, describe: Callable[[Outcome], str]) -> str:
    counts: dict[str, int] = {}
    for outcome in one.outcomes:
        word = f"{describe(outcome)} {outcome.signature}".strip()
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{count}x {word}" for word, count in counts.items())
