"""From trials to an answer: what may be used in each release, what is lost there, and how numbers and times compare."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.check import stamp_file, ways
from lab.check.adopt import out_of
from lab.check.question import CheckRequest, TriedWay
from lab.compare import compare
from lab.model import Diff, Kind, Run
from lab.model.check import Answer, Attempt, Checked, Safety, Way
from lab.model.inspection import InspectLevel
from lab.outcome.exits import Ending
from lab.report import check as words
from lab.report.rows import message_line, numbers, outcome_words
from lab.stats.rough import ratio

SCHEMA = 1
OUTPUTS = "outputs.npz"


def conclude(question: CheckRequest, tried: Sequence[TriedWay], reference: str, run: Run, folder: Path) -> Checked:
    """The whole answer of a check."""
    old = question.chosen.old
    # Where the old release itself is not what the stamp says, being like the old release proves nothing.
    twins = {} if any(_strays(question, one) for one in tried) else _twins(tried, old)
    attempts = tuple(_attempt(one, twins.get(ways.api(one.way)), old, folder) for one in tried)
    answers = tuple(_answer(question, release, attempts) for release in question.chosen.new)
    found = Checked(
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
        assumed=(*question.material.notes, *_said(question), *_without_info(question, tried)),
        stamp=_stamp(question, folder),
        changed=_changed(question, tried),
        damage=question.given.damage,
    )
    return words.with_paragraph(found)


def _said(question: CheckRequest) -> tuple[str, ...]:
    """What a reader must know of the files and of what was not tried."""
    given = question.given
    pickles = [
        f"{name} holds pickle: some ways of opening the model run what is in it; it was taken as yours"
        for name in given.pickles
    ]
    findings = [one.what for one in given.seen.findings if one.level is not InspectLevel.BROKEN]
    known = [
        f"{release} is known to read such files by no API (lab inspect says why), so no flag was tried there"
        for release in question.chosen.new
        if given.unreadable_by(release)
    ]
    return (*question.chosen.left, *known, *pickles, *findings)


def _without_info(question: CheckRequest, tried: Sequence[TriedWay]) -> tuple[str, ...]:
    """The hint that a pickle is missing which the old IR's jit.load may need: seen in 3.0.0 to 3.3.1, with nets that flatten."""
    given, plain = question.given, Way(route="jit")
    usual = {one.release: one.result.outcome.signature for one in tried if one.way == plain}
    lost = [
        f"{one.way.label} in {one.release}"
        for one in tried
        if ways.api(one.way) == "jit"
        and one.way != plain
        and one.result.outcome.kind is Kind.PY_EXCEPTION
        and one.result.outcome.signature != usual.get(one.release)
    ]
    if given.format != ".pdmodel" or given.pickles or not lost:
        return ()
    return (f"there is no {given.prefix}.pdiparams.info; {', '.join(lost)} may need it: copy it too, if there is one",)


def _changed(question: CheckRequest, tried: Sequence[TriedWay]) -> tuple[str, ...]:
    """What is not as the model's stamp says: files, and answers of the release it was stamped in."""
    stamp = question.given.stamp
    if stamp is None:
        return ()
    answers = [
        f"its answers by {one.way.label} in {one.release} are not those of its stamp ({numbers(one.result.diffs)})"
        for one in tried
        if one.release == stamp.release and _strays(question, one)
    ]
    return (*stamp_file.changed(stamp, question.given.whole), *answers)


def _strays(question: CheckRequest, one: TriedWay) -> bool:
    """Whether a trial by the stamp's own API answers otherwise than the stamp says."""
    stamp = question.given.stamp
    if stamp is None or question.material.golden is None or ways.api(one.way) != ways.api(stamp.way):
        return False
    return one.result.outcome.kind.answered and not one.result.outcome.ok


def _stamp(question: CheckRequest, folder: Path) -> tuple[str, ...]:
    """What the model's stamp says beside its hashes: nothing, where its inputs were not used."""
    stamp = question.given.stamp
    if stamp is None or not question.material.stamped:
        return ()
    made = f"made {stamp.made[:10]} in {stamp.release} by {stamp.way.label}"
    if question.material.golden is not None:
        return (f"{made}; its answers are what the numbers are held against",)
    outputs = out_of(folder) / OUTPUTS
    said = stamp_file.agreement(stamp.outputs, stamp_file.stored(outputs)) if outputs.is_file() else ()
    return (made, *said)


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
    theirs, ours = (folder / side.result.folder / "out" / OUTPUTS for side in (twin, one))
    diffs = compare(theirs, ours)
    return Attempt(
        release=one.release,
        way=one.way,
        trial=one.result,
        good=one.result.outcome.ok or _same(diffs),
        before=numbers(diffs),
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
    best = _best(good, lost) if good else None
    return Answer(
        release=release,
        safety=safety,
        good=good,
        lost=tuple(f"{words.api_words(one.way.route)}: {_failure(one)}" for one in lost),
        why=_why(mine, lost, safety),
        lines=words.lines(best, question.cures, question.given.format) if best and safety is not Safety.UNSAFE else "",
    )


def _safety(mine: Sequence[Attempt], before: Sequence[Attempt], *, good: bool, lost: bool, golden: bool) -> Safety:
    untested = not any(one.trial.outcome.kind.tested for one in mine)
    runs = golden or any(one.good for one in before)
    if untested or not runs:
        return Safety.UNKNOWN
    if not good:
        return Safety.UNSAFE
    return Safety.OTHERWISE if lost or not any(not way.env for way in _good(mine)) else Safety.SAFE


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


def _failure(one: Attempt) -> str:
    if one.trial.outcome.kind.answered:
        return f"other numbers than before ({one.before or numbers(one.trial.diffs)})"
    return outcome_words(one.trial.outcome)


def _why(mine: Sequence[Attempt], lost: Sequence[Attempt], safety: Safety) -> str:
    """The message behind the first loss, or behind the first failure where nothing works."""
    failing = [one for one in (lost or mine) if one.trial.outcome.message and not one.good]
    if safety is Safety.SAFE or not failing:
        return ""
    return message_line(failing[0].trial.outcome)


def ending(found: Checked, *, change: bool = False) -> Ending:
    """Safe, not safe, changed since the stamp, not known, or a build that failed.

    Safe another way counts as safe only where a `change` of code or environment is accepted: as it is it would break.
    """
    kinds = {one.safety for one in found.answers}
    if Safety.UNSAFE in kinds:
        return Ending.UNSAFE
    if found.changed:
        return Ending.ALTERED
    if Safety.OTHERWISE in kinds and not change:
        return Ending.CHANGE
    if Safety.UNKNOWN not in kinds:
        return Ending.SAFE
    unknown = {one.release for one in found.answers if one.safety is Safety.UNKNOWN}
    outcomes = {one.trial.outcome.kind for one in found.attempts if one.release in unknown}
    return Ending.UNBUILT if outcomes == {Kind.BUILD_FAILURE} else Ending.UNKNOWN
