"""From trials to the grid of a check: what each cell's numbers are held against, and everything that was taken for granted."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.check import stamp_file
from lab.check.adopt import labelled, out_of
from lab.check.question import CheckRequest, TriedWay
from lab.compare import UnreadableOutputsError, compare
from lab.formats.drawing import drawn
from lab.model import Diff, Kind, Run
from lab.model.check import StampUsed, Way
from lab.model.check_grid import Cell, Checked, CheckGrid, Snippet
from lab.model.inspection import InspectLevel, Reader, Reads
from lab.outcome import upgrade
from lab.outcome.words import numbers
from lab.stats.rough import ratio
from lab.storage import outbox

# History of the form that `lab check --json` prints.
# 1 (2026-11): a word for each release in `safety`, its lines in `lines`.
# 2 (2026-11): one grid of cells; `verdict` for each release, what was run of what is to be used.
# 3 (2026-11): `third`, who was asked where ways disagree, and what each cell is against it; `alone` in an answer.
# 4 (2026-11): `draws` of the grid, the operators that draw random numbers.
SCHEMA = 4
APIS = {"jit": "jit.load", "static": "static.load_inference_model", "predictor": "predictor"}
"""By route, the API as the readers of `lab inspect` know it."""


def grid(question: CheckRequest, tried: Sequence[TriedWay], reference: str, folder: Path) -> CheckGrid:
    """Every trial as a cell, with how its numbers stand to the reference, to the old release, and to what is right."""
    altered = _altered(question, tried)
    twins = _twins(tried, question.chosen.old)
    vouched = question.material.vouched
    first = _first(tried, reference) if vouched else None
    return CheckGrid(
        prefix=question.given.prefix,
        old=question.chosen.old,
        new=question.chosen.new,
        cells=tuple(_cell(question, one, twins.get(one.way.api), first, folder) for one in tried),
        reference=labelled(first.release, first.way) if first is not None else "" if vouched else reference,
        vouched=vouched,
        damage=question.given.damage,
        altered=altered,
        invented=bool(question.material.feeds),
        draws=drawn(question.given.program.operators),
    )


def said(found: CheckGrid) -> str:
    """The answer as the run keeps it: the verdict, and of what."""
    word = upgrade.overall(upgrade.answers(found))
    return f"{word}: {found.prefix} from {found.old} to {', '.join(found.new)}"


def conclude(
    question: CheckRequest,
    found: CheckGrid,
    tried: Sequence[TriedWay],
    run: Run,
    folder: Path,
    snippets: Sequence[Snippet],
) -> Checked:
    """The whole answer of a check, with those lines that it still recommends."""
    told = upgrade.answers(found)
    recommended = [(one.release, use) for one in told for use in one.use]
    return Checked(
        schema=SCHEMA,
        run=run.id,
        command=question.command,
        format=question.given.format,
        files=question.given.files,
        chosen=question.chosen.why,
        feeds=question.material.feeds,
        rounds=question.rounds,
        grid=found,
        answers=told,
        snippets=tuple(one for one in snippets if (one.release, one.use) in recommended),
        assumed=(*question.material.notes, *question.chosen.left, *_given(question), *_order(question)),
        findings=tuple(one.what for one in question.given.seen.findings if one.level is not InspectLevel.BROKEN),
        pickles=question.given.pickles,
        unreadable=tuple(release for release in question.chosen.new if question.given.unreadable_by(release)),
        without_info=_without_info(question, tried),
        stamp=_stamp(question, folder),
    )


def _given(question: CheckRequest) -> tuple[str, ...]:
    """What each build is that was handed over in the place of a release."""
    named = [question.release(one) for one in (question.chosen.old, *question.chosen.new)]
    return tuple(f"{one.version} is the {one.build.label}" for one in named if one.build is not None)


def _order(question: CheckRequest) -> tuple[str, ...]:
    """That jit.load has an order of its own, in a sentence."""
    places = ", ".join(str(place + 1) for place in question.given.jit_places)
    if not places:
        return ()
    told = f"jit.load gives the outputs of this .pdmodel in an order of its own ({places} of the program's)"
    return (f"{told}: they are compared in the program's, which the other APIs have",)


def changed(question: CheckRequest) -> tuple[str, ...]:
    """The model's files that are not what its stamp says."""
    stamp = question.given.stamp
    return stamp_file.changed(stamp, question.given.whole) if stamp is not None else ()


def _altered(question: CheckRequest, tried: Sequence[TriedWay]) -> tuple[str, ...]:
    """Why the model is not what its stamp says: its files; only where those are the same, its answers."""
    stamp = question.given.stamp
    if stamp is None:
        return ()
    return changed(question) or tuple(
        f"its answers by {one.way.label} in {stamp.release} are not those of its stamp ({numbers(one.result.diffs)})"
        for one in tried
        if one.release == stamp.release and strays(question, one)
    )


def strays(question: CheckRequest, one: TriedWay) -> bool:
    """Whether a trial by the stamp's own API answers otherwise than the stamp says."""
    stamp = question.given.stamp
    if stamp is None or question.material.golden is None or not question.material.stamped:
        return False
    return one.way.api == stamp.way.api and one.result.outcome.kind.differs


def _without_info(question: CheckRequest, tried: Sequence[TriedWay]) -> tuple[tuple[str, Way], ...]:
    """Where the missing pickle may be what is needed by the old IR's jit.load: seen in 3.0.0 to 3.3.1, with nets that flatten."""
    given, plain = question.given, Way(route="jit")
    if given.format != ".pdmodel" or given.pickles:
        return ()
    usual = {one.release: one.result.outcome.signature for one in tried if one.way == plain}
    return tuple(
        (one.release, one.way)
        for one in tried
        if one.way.api == "jit"
        and one.way != plain
        and one.result.outcome.kind is Kind.PY_EXCEPTION
        and one.result.outcome.signature != usual.get(one.release)
    )


def _stamp(question: CheckRequest, folder: Path) -> StampUsed | None:
    """What a model's stamp was used for, and how its answers stand to those it keeps only as hashes."""
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
        golden=material.stamped and material.golden is not None,
        agreement=stamp_file.agreement(stamp.outputs, stamp_file.stored(outputs)) if hashed else (),
    )


def _twins(tried: Sequence[TriedWay], old: str) -> Mapping[str, TriedWay]:
    """By API, the trial of the old release that answered: with nothing set where that works."""
    found: dict[str, TriedWay] = {}
    for one in sorted(tried, key=lambda one: bool(one.way.env)):
        if one.release == old and one.result.outcome.kind.answered:
            found.setdefault(one.way.api, one)
    return found


def _first(tried: Sequence[TriedWay], reference: str) -> TriedWay | None:
    """The trial whose outputs would be the reference, were there none that somebody vouches for."""
    answered = [one for one in tried if one.result.outcome.kind.answered]
    named = [one for one in answered if labelled(one.release, one.way) == reference]
    return next(iter((*named, *answered)), None)


def _cell(question: CheckRequest, one: TriedWay, twin: TriedWay | None, first: TriedWay | None, folder: Path) -> Cell:
    """One trial as a cell; the times of the same API in the old release go with its numbers."""
    old = question.chosen.old
    apart = twin if one.release != old and one.result.outcome.kind.answered else None
    return Cell(
        release=one.release,
        way=one.way,
        trial=one.result,
        reference=_diffs(one, first, folder) if first is not None else () if _vouched(question) else one.result.diffs,
        before=_diffs(one, apart, folder) if apart is not None else (),
        expected=one.result.diffs if _vouched(question) else (),
        needs=_needs(question, one),
        doubt=_doubt(question, one),
        load=ratio(one.result, apart.result, "load") if apart is not None else None,
        call=ratio(one.result, apart.result, "infer") if apart is not None else None,
    )


def _vouched(question: CheckRequest) -> bool:
    return bool(question.material.vouched)


def _diffs(one: TriedWay, other: TriedWay, folder: Path) -> tuple[Diff, ...]:
    """One trial's answers against another's; none where one of them gave none that can be read."""
    if not one.result.outcome.kind.answered:
        return ()
    theirs, ours = (outbox.outputs(folder / side.result.folder / "out") for side in (other, one))
    try:
        return tuple(compare(theirs, ours))
    except UnreadableOutputsError:
        return ()


def _needs(question: CheckRequest, one: TriedWay) -> str:
    """The setting without which this API is known not to take such files in this release."""
    found = _reader(question, one)
    return found.setting if found is not None and found.reads is Reads.WITH else ""


def _doubt(question: CheckRequest, one: TriedWay) -> str:
    """Why this API is known to answer such files wrong in this release."""
    found = _reader(question, one)
    return found.why if found is not None and found.reads is Reads.WRONG else ""


def _reader(question: CheckRequest, one: TriedWay) -> Reader | None:
    """What is known of this API in this release, or in the last one before it."""
    api = APIS.get(one.way.route)
    here = question.release(one.release).version
    releases = [known.version for known in question.catalogue.line(here)]
    known = {
        reader.release: reader
        for reader in question.given.seen.readers
        if reader.api == api and reader.reads is not Reads.UNKNOWN and reader.release in releases
    }
    earlier = [release for release in releases[: releases.index(here) + 1] if release in known]
    return known[earlier[-1]] if earlier else None
