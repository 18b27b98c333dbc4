"""From trials to an answer: what may be used in each release, what is lost there, and how numbers and times compare."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.check import stamp_file, ways
from lab.check.adopt import out_of
from lab.check.question import CheckRequest, TriedWay
from lab.compare import compare
from lab.model import Diff, Kind, Run
from lab.model.check import Answer, Attempt, Checked, Safety, StampUsed, Way
from lab.model.inspection import InspectLevel
from lab.outcome.exits import Ending
from lab.stats.rough import ratio
from lab.storage import outbox

SCHEMA = 1


def conclude(question: CheckRequest, tried: Sequence[TriedWay], reference: str, run: Run, folder: Path) -> Checked:
    """The whole answer of a check."""
    old = question.chosen.old
    # Where the old release itself is not what the stamp says, being like the old release proves nothing.
    twins = {} if any(_strays(question, one) for one in tried) else _twins(tried, old)
    attempts = tuple(_attempt(one, twins.get(ways.api(one.way)), old, folder) for one in tried)
    answers = tuple(_answer(question, release, attempts) for release in question.chosen.new)
    return Checked(
        schema=SCHEMA,
        run=run.id,
        command=question.command,
        prefix=question.given.prefix,
        format=question.given.format,
        files=question.given.files,
        old=old,
        chosen=question.chosen.why,
        reference=reference,
        feeds=question.material.feeds,
        rounds=question.rounds,
        answers=answers,
        attempts=attempts,
        assumed=(*question.material.notes, *question.chosen.left),
        findings=tuple(one.what for one in question.given.seen.findings if one.level is not InspectLevel.BROKEN),
        pickles=question.given.pickles,
        unreadable=tuple(release for release in question.chosen.new if question.given.unreadable_by(release)),
        without_info=_without_info(question, tried),
        stamp=_stamp(question, tried, folder),
        damage=question.given.damage,
        codes={one.route: one.code.strip("\n") for one in question.cures if one.route},
    )


def _without_info(question: CheckRequest, tried: Sequence[TriedWay]) -> tuple[tuple[str, Way], ...]:
    """Where the missing pickle may be what is needed by the old IR's jit.load: seen in 3.0.0 to 3.3.1, with nets that flatten."""
    given, plain = question.given, Way(route="jit")
    if given.format != ".pdmodel" or given.pickles:
        return ()
    usual = {one.release: one.result.outcome.signature for one in tried if one.way == plain}
    return tuple(
        (one.release, one.way)
        for one in tried
        if ways.api(one.way) == "jit"
        and one.way != plain
        and one.result.outcome.kind is Kind.PY_EXCEPTION
        and one.result.outcome.signature != usual.get(one.release)
    )


def _strays(question: CheckRequest, one: TriedWay) -> bool:
    """Whether a trial by the stamp's own API answers otherwise than the stamp says."""
    stamp = question.given.stamp
    if stamp is None or question.material.golden is None or ways.api(one.way) != ways.api(stamp.way):
        return False
    return one.result.outcome.kind.answered and not one.result.outcome.ok


def _stamp(question: CheckRequest, tried: Sequence[TriedWay], folder: Path) -> StampUsed | None:
    """What is not as the model's stamp says: files, answers of its own release, and outputs it keeps only as hashes."""
    stamp, material = question.given.stamp, question.material
    if stamp is None:
        return None
    outputs = outbox.outputs(out_of(folder))
    hashed = material.stamped and material.golden is None and outputs.plain
    return StampUsed(
        made=stamp.made,
        release=stamp.release,
        way=stamp.way,
        asked=material.stamped,
        golden=material.golden is not None,
        changed=stamp_file.changed(stamp, question.given.whole),
        strays=tuple(one.way for one in tried if one.release == stamp.release and _strays(question, one)),
        agreement=stamp_file.agreement(stamp.outputs, stamp_file.stored(outputs)) if hashed else (),
    )


def _twins(tried: Sequence[TriedWay], old: str) -> Mapping[str, TriedWay]:
    """By API, the trial of the old release that answered: with nothing set where that works."""
    found: dict[str, TriedWay] = {}
    for one in tried:
        if one.release == old and one.result.outcome.kind.answered:
            found.setdefault(ways.api(one.way), one)
    return found


def _attempt(one: TriedWay, twin: TriedWay | None, old: str, folder: Path) -> Attempt:
    answered = one.result.outcome.kind.answered
    if one.release == old or twin is None or not answered:
        return Attempt(release=one.release, way=one.way, trial=one.result, good=_own(one, old))
    theirs, ours = (outbox.outputs(folder / side.result.folder / "out") for side in (twin, one))
    diffs = compare(theirs, ours)
    return Attempt(
        release=one.release,
        way=one.way,
        trial=one.result,
        good=one.result.outcome.ok or _same(diffs),
        before=tuple(diffs),
        load=ratio(one.result, twin.result, "load"),
        call=ratio(one.result, twin.result, "infer"),
    )


def _own(one: TriedWay, old: str) -> bool:
    """Whether a trial without a twin is good: in the old release, whatever it answers is what its user has today."""
    return one.result.outcome.kind.answered if one.release == old else one.result.outcome.ok


def _same(diffs: Sequence[Diff]) -> bool:
    return all(diff.grade.agrees for diff in diffs)


def _answer(question: CheckRequest, release: str, attempts: Sequence[Attempt]) -> Answer:
    """What is said of one release."""
    mine = [one for one in attempts if one.release == release]
    before = [one for one in attempts if one.release == question.chosen.old]
    good = _ordered([one.way for one in mine if one.good])
    worked = {one.way.route for one in before if one.good and not one.way.env}
    lost = [one for one in mine if not one.way.env and one.way.route in worked and not one.good]
    golden = question.material.golden is not None
    safety = _safety(mine, before, good=bool(good), lost=bool(lost), golden=golden)
    if question.given.damage:  # Paddle may read it without a word, and compute with whatever lies in memory
        safety = Safety.UNSAFE
    best = _best(good, lost) if good and safety is not Safety.UNSAFE else None
    return Answer(release=release, safety=safety, good=good, lost=tuple(one.way for one in lost), best=best)


def _safety(mine: Sequence[Attempt], before: Sequence[Attempt], *, good: bool, lost: bool, golden: bool) -> Safety:
    untested = not any(one.trial.outcome.kind.tested for one in mine) or _lost(mine, before)
    runs = golden or any(one.good for one in before)
    if untested or not runs or any(one.trial.outcome.kind is Kind.UNDECIDED for one in mine):
        return Safety.UNKNOWN
    if not good:
        return Safety.UNSAFE
    return Safety.OTHERWISE if lost or not any(not way.env for way in _good(mine)) else Safety.SAFE


def _lost(mine: Sequence[Attempt], before: Sequence[Attempt]) -> bool:
    """Whether the lab itself failed at a way that decides: one of this release, or the old release's own side of it."""
    good = [one.way for one in mine if one.good]
    failed = [one.way for one in (*mine, *before) if one.trial.outcome.kind is Kind.INFRA_ERROR]
    return any(way not in good for way in failed)


def _good(mine: Sequence[Attempt]) -> list[Way]:
    return [one.way for one in mine if one.good]


def _ordered(good: Sequence[Way]) -> tuple[Way, ...]:
    """Unchanged code first, then the flags, then other code."""
    return tuple(sorted(good, key=lambda one: (one.route == ways.OLD_IR, bool(one.env))))


def _best(good: Sequence[Way], lost: Sequence[Attempt]) -> Way:
    """The way to recommend: the first one lost, by its own API with a flag; else what works unchanged."""
    for one in lost:
        same = [way for way in good if ways.api(way) == one.way.route]
        if same:
            return same[0]
    return good[0]


def ending(found: Checked, *, change: bool = False) -> Ending:
    """Safe, not safe, changed since the stamp, not known, or a build that failed.

    Safe another way counts as safe only where a `change` of code or environment is accepted: as it is it would break.
    """
    kinds = {one.safety for one in found.answers}
    if Safety.UNSAFE in kinds:
        return Ending.UNSAFE
    if found.stamp is not None and found.stamp.broken:
        return Ending.ALTERED
    if Safety.OTHERWISE in kinds and not change:
        return Ending.CHANGE
    if Safety.UNKNOWN not in kinds:
        return Ending.SAFE
    unknown = {one.release for one in found.answers if one.safety is Safety.UNKNOWN}
    outcomes = {one.trial.outcome.kind for one in found.attempts if one.release in unknown}
    return Ending.UNBUILT if outcomes == {Kind.BUILD_FAILURE} else Ending.UNKNOWN
