"""From the grid of a check to what is said of each release: pure functions, and the only ones that say it."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from lab.model import Kind
from lab.model.check import Way
from lab.model.check_grid import Answer, Cell, CellStanding, CheckGrid, Safety, Use
from lab.outcome.exits import Ending
from lab.outcome.standing import standing

WORST_FIRST = (Safety.ALTERED, Safety.UNSAFE, Safety.WRONG, Safety.UNKNOWN, Safety.OTHERWISE, Safety.SAFE)
ENDINGS = {
    Safety.SAFE: Ending.SAFE,
    Safety.OTHERWISE: Ending.CHANGE,
    Safety.WRONG: Ending.FAULTY,
    Safety.UNSAFE: Ending.UNSAFE,
    Safety.UNKNOWN: Ending.UNKNOWN,
    Safety.ALTERED: Ending.ALTERED,
}


def answers(grid: CheckGrid) -> tuple[Answer, ...]:
    """What follows for each new release."""
    return tuple(answer(grid, release) for release in grid.new)


def answer(grid: CheckGrid, release: str) -> Answer:
    """What follows for one release: every way of it by how it stands now and stood before, and the verdict on that."""
    plain = [one for one in grid.of(release) if not one.way.env]
    found = Answer(
        release=release,
        verdict=Safety.UNKNOWN,
        good=_ordered([one.way for one in grid.of(release) if standing(grid, one).good]),
        lost=tuple(one.way for one in grid.of(release) if _lost(grid, one)),
        faulty=tuple(one.way for one in plain if _faulty(grid, one)),
        strange=tuple(one.way for one in plain if _strange(grid, one)),
        open=(*(one.way for one in grid.of(release) if _open(grid, one)), *_missing(grid, release)),
        mended=tuple(one.way for one in plain if standing(grid, one).good and _bad(_before(grid, one))),
        unread=tuple(one.way for one in plain if _unread(grid, one)),
        alone=tuple(one.way for one in plain if standing(grid, one) is CellStanding.ALONE),
    )
    word = verdict(grid, found)
    return replace(found, verdict=word, use=use(grid, found, word))


def verdict(grid: CheckGrid, found: Answer) -> Safety:
    """The word for one release, from what its ways are; what is known to be wrong outranks what nobody knows."""
    if grid.altered or grid.damage:
        return Safety.ALTERED if grid.altered else Safety.UNSAFE
    if not known(grid) or not any(one.trial.outcome.kind.tested for one in grid.of(found.release)):
        return Safety.UNKNOWN
    return _with(found) if found.good else _without(grid, found)


def _with(found: Answer) -> Safety:
    """The word where some way may be used."""
    if found.faulty:
        return Safety.WRONG
    if found.open or found.alone:
        return Safety.UNKNOWN
    unchanged = any(not way.env for way in found.good)
    return Safety.SAFE if unchanged and not found.lost and not found.strange else Safety.OTHERWISE


def _without(grid: CheckGrid, found: Answer) -> Safety:
    """The word where no way may be used."""
    if found.open:
        return Safety.UNKNOWN
    if found.lost:
        return Safety.UNSAFE
    if found.faulty:
        return Safety.WRONG
    return Safety.UNSAFE if found.strange or grid.vouched else Safety.UNKNOWN


def known(grid: CheckGrid) -> bool:
    """Whether there is anything to hold a release against: outputs that are held to be right, the old release's, a third opinion."""
    found = [standing(grid, one) for one in grid.of(grid.old)]
    return bool(grid.vouched) or any(one.good or one.judged_by_third for one in found)


def use(grid: CheckGrid, found: Answer, word: Safety) -> tuple[Use, ...]:
    """The ways to recommend: for each that is lost or wrong another one that is right, else the first that is.

    Nothing is recommended where the files are not what they should be, nor a way that is not right.
    """
    if word in (Safety.UNSAFE, Safety.ALTERED, Safety.UNKNOWN) or not found.good:
        return ()
    right = [way for way in found.good if (cell := grid.cell(found.release, way)) and _right(grid, cell)]
    needy = [way for way in (*found.lost, *found.faulty) if not way.env]
    if not right:
        return ()
    if not needy:
        return (Use(way=right[0]),)
    return tuple(Use(way=_instead(way, right), instead=way) for way in needy)


def _right(grid: CheckGrid, cell: Cell) -> bool:
    return standing(grid, cell) is CellStanding.RIGHT


def _instead(lost: Way, right: Sequence[Way]) -> Way:
    """The way in whose stead: the same API with something set, then its kin, then whatever is right."""
    same = [way for way in right if way.api == lost.api]
    kin = [way for way in right if way.api.startswith("predictor") and lost.api.startswith("predictor")]
    return (*same, *kin, *right)[0]


def overall(found: Collection[Answer]) -> Safety:
    """The verdict over all releases: the worst."""
    return min((one.verdict for one in found), key=WORST_FIRST.index)


def ending(grid: CheckGrid, found: Collection[Answer]) -> Ending:
    """The word that a check ends in: its verdict, or that nothing was built where that is all there is to say."""
    word = overall(found)
    releases = {one.release for one in found if one.verdict is Safety.UNKNOWN}
    kinds = {one.trial.outcome.kind for one in grid.cells if one.release in releases}
    return Ending.UNBUILT if word is Safety.UNKNOWN and kinds == {Kind.BUILD_FAILURE} else ENDINGS[word]


def garbage(grid: CheckGrid) -> tuple[Cell, ...]:
    """Settings under which a way answers, and answers otherwise: worse than the error they were to cure."""
    return tuple(one for one in grid.cells if one.way.env and standing(grid, one) is CellStanding.OTHER)


def without_effect(grid: CheckGrid) -> tuple[Cell, ...]:
    """Settings under which a way fails just as it does with nothing set: the same failure, no numbers at all."""
    return tuple(one for one in _failing(grid) if _same_failure(grid, one))


def no_help(grid: CheckGrid) -> tuple[Cell, ...]:
    """Settings under which a way fails otherwise than with nothing set."""
    return tuple(one for one in _failing(grid) if not _same_failure(grid, one))


def unjudged(grid: CheckGrid) -> tuple[Cell, ...]:
    """Settings of which nobody knows what they do: not tried, their outputs show nothing, or a third opinion stands alone."""
    found = [(one, standing(grid, one)) for one in grid.cells if one.way.env]
    return tuple(one for one, now in found if now.open or now.judged_by_third)


def _failing(grid: CheckGrid) -> list[Cell]:
    bad = (CellStanding.FAILS, CellStanding.UNREAD)
    return [one for one in grid.cells if one.way.env and standing(grid, one) in bad]


def _same_failure(grid: CheckGrid, cell: Cell) -> bool:
    plain = grid.cell(cell.release, Way(route=cell.way.route))
    if plain is None or plain.trial.outcome.kind.answered:
        return False
    ours, theirs = cell.trial.outcome, plain.trial.outcome
    return (ours.kind, ours.phase, ours.type, ours.signature) == (
        theirs.kind,
        theirs.phase,
        theirs.type,
        theirs.signature,
    )


def _before(grid: CheckGrid, cell: Cell) -> CellStanding | None:
    """How the same way stood in the old release; None where it was not there."""
    old = grid.cell(grid.old, cell.way)
    return standing(grid, old) if old is not None else None


def _bad(found: CellStanding | None) -> bool:
    return found in (CellStanding.FAILS, CellStanding.OTHER, CellStanding.REFUTED)


def _bad_before(grid: CheckGrid, cell: Cell) -> bool:
    before = _before(grid, cell)
    return _bad(before) or before is CellStanding.ALONE


def _lost(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a way worked and does not; outputs that are held to be right stand in for an old release nobody tried.

    A way that worked with something set is lost only where its API does not work with nothing set either.
    """
    now, before = standing(grid, cell), _before(grid, cell)
    if now.good or now.open:
        return False
    if cell.way.env:
        plain = grid.cell(cell.release, Way(route=cell.way.route))
        relieved = plain is not None and standing(grid, plain).good
        return before is not None and before.good and not relieved
    unasked = bool(grid.vouched) and before is CellStanding.UNTRIED
    return (before is not None and before.good) or unasked


def _faulty(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a way was wrong or failed in the old release, and still does: in any manner, the same or another."""
    now = standing(grid, cell)
    return (_bad(now) or now is CellStanding.UNREAD) and _bad_before(grid, cell)


def _strange(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a way gives other numbers that was not there, or not read, or not known before."""
    if standing(grid, cell) not in (CellStanding.OTHER, CellStanding.REFUTED) or _lost(grid, cell):
        return False
    return not _bad_before(grid, cell)


def _open(grid: CheckGrid, cell: Cell) -> bool:
    """Whether nobody knows of a way: what it does now, or, where it fails, whether it did before.

    A setting counts only where the lab itself failed at it, and where nothing else of its API works.
    """
    now, before = standing(grid, cell), _before(grid, cell)
    if cell.way.env:
        works = any(standing(grid, one).good for one in grid.of(cell.release) if one.way.api == cell.way.api)
        return cell.trial.outcome.kind is Kind.INFRA_ERROR and not works
    if now.open:
        return True
    fails = now in (CellStanding.FAILS, CellStanding.UNREAD)
    return fails and before is not None and before.open and not grid.vouched


def _missing(grid: CheckGrid, release: str) -> tuple[Way, ...]:
    """The ways that worked in the old release, and of whose API nobody knows anything good in this one.

    Those with nothing set that were tried are `_open` themselves.
    """
    works = {one.way.api for one in grid.of(release) if standing(grid, one).good}
    before = [one.way for one in grid.of(grid.old) if standing(grid, one).good and one.way.api not in works]
    found = [(way, grid.cell(release, way)) for way in before]
    return tuple(way for way, now in found if now is None or (way.env and _unasked(grid, now)))


def _unasked(grid: CheckGrid, cell: Cell) -> bool:
    return standing(grid, cell).open and not _open(grid, cell)


def _unread(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a way takes such files only with a setting, in the old release as well."""
    return standing(grid, cell) is CellStanding.UNREAD and _before(grid, cell) is CellStanding.UNREAD


def _ordered(good: Sequence[Way]) -> tuple[Way, ...]:
    """Unchanged code first, then what takes a setting, then other code."""
    return tuple(sorted(good, key=lambda one: (one.route != one.api, bool(one.env))))
