"""Whether a converted model may be kept: every way that worked before works in every release that was named, and answers the same."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.compare import UnreadableOutputsError, compare
from lab.model import Diff, Grade, Kind, Outcome, Phase, TrialResult
from lab.model.check import ProvedWay
from lab.model.check_grid import Cell, Checked
from lab.outcome.classify import unreadable, with_diffs
from lab.outcome.evidence import agree, unshown
from lab.outcome.words import message_line, numbers, outcome_words, severity
from lab.storage import outbox

WIDER = 2.0
"""How many times farther from the reference a way may drift than the same way did before: the order of its sums is another."""


def before(source: Checked) -> Mapping[str, Cell]:
    """By API, how the model was opened in its own release where that answered: with nothing set where that works."""
    found: dict[str, Cell] = {}
    for one in sorted(source.attempts, key=lambda one: bool(one.way.env)):
        if one.release == source.old and one.trial.outcome.kind.answered:
            found.setdefault(one.way.api, one)
    return found


def proved(one: TrialResult, release: str, was: Cell | None, folders: Mapping[str, Path]) -> ProvedWay:
    """How one way of opening the converted model stands to the source: to its reference, else to the same API before.

    `folders` has the `out` of the trial itself (`ours`), of the reference, and of the same API before where it answered
    (`same`).
    """
    needed = was is not None
    ours = outbox.outputs(folders["ours"])
    if not ours.plain:
        return ProvedWay(release=release, route=one.route, outcome=one.outcome, diffs=(), good=False, needed=needed)
    theirs = {
        name: side
        for name in ("reference", "same")
        if name in folders and (side := outbox.outputs(folders[name])).plain
    }
    try:
        found = {name: compare(side, ours) for name, side in theirs.items()}
    except UnreadableOutputsError as error:
        outcome = unreadable(one.outcome, error.what)
        return ProvedWay(release=release, route=one.route, outcome=outcome, diffs=(), good=False, needed=needed)
    first = next(iter(found))
    chosen = next((name for name, diffs in found.items() if agree(diffs)), first)
    good = agree(found[chosen]) or (was is not None and as_before(found[first], was.trial.diffs))
    return ProvedWay(
        release=release,
        route=one.route,
        outcome=with_diffs(Outcome(kind=Kind.OK, phase=Phase.COMPARE), found[chosen]),
        diffs=tuple(found[chosen]),
        as_itself=chosen == "same",
        good=good,
        needed=needed,
    )


def as_before(now: Sequence[Diff], then: Sequence[Diff]) -> bool:
    """Whether a way drifts from the reference no farther than the same way did: both are a drift, and the size is alike."""
    old = {one.output: one for one in then}
    return bool(now) and all(one.grade.agrees or _no_farther(one, old.get(one.output)) for one in now)


def _no_farther(now: Diff, then: Diff | None) -> bool:
    if then is None or now.grade is not Grade.DRIFT or then.grade is not Grade.DRIFT:
        return False
    return severity((now,))[1] <= WIDER * severity((then,))[1]


def breaking(found: Sequence[ProvedWay], accepted: Sequence[str]) -> tuple[ProvedWay, ...]:
    """The ways that keep a converted model from being kept: those that worked before, or those that were named as enough."""
    return tuple(one for one in found if not one.good and (one.route in accepted if accepted else one.needed))


def enough(found: Sequence[ProvedWay]) -> tuple[str, ...]:
    """The ways that are good in every release, as --accept would name them."""
    routes = dict.fromkeys(one.route for one in found)
    return tuple(route for route in routes if all(one.good for one in found if one.route == route))


def said(one: ProvedWay) -> str:
    """How one way breaks, in one clause."""
    words = [numbers(one.diffs), *unshown(one.diffs)] if one.outcome.kind.answered else [_failed(one)]
    return f"by {one.route} in {one.release}: {' '.join(word for word in words if word)}"


def _failed(one: ProvedWay) -> str:
    line = message_line(one.outcome)
    return f"{outcome_words(one.outcome)} ({line})" if line else outcome_words(one.outcome)
