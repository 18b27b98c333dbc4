"""The paragraph of a check as sentences, each with what it claims and the cells it claims it of.

Every sentence is made of the grid alone. None covers a cell that is worse than it says, and every cell with other numbers
is named by one; a property test holds both on grids that nobody thought of.
"""

from collections.abc import Callable, Iterator, Sequence

from lab.model import Diff
from lab.model.check import Way
from lab.model.check_grid import Answer, CellStanding, CheckGrid, Safety
from lab.outcome import upgrade
from lab.outcome.standing import standing
from lab.outcome.words import numbers, outcome_words, severity
from lab.report.check_open import unknown, ways_seen
from lab.report.check_said import BOTH, HERE, Claim, Sentence, SharedSentence
from lab.report.check_third import opinion
from lab.report.check_words import (
    apart,
    api_words,
    apis,
    capital,
    conjugated,
    does,
    either,
    held_against,
    listed,
    losses,
    setting_words,
    way_words,
    why,
)


def sentences(grid: CheckGrid) -> tuple[Sentence, ...]:
    """The whole answer: what is not as stamped, else each release's sentences and whatever numbers were not spoken of."""
    if grid.altered:
        cells = tuple((one.release, one.way) for one in grid.cells)
        text = f"{Safety.ALTERED}: {'; '.join(grid.altered)}."
        meant = "Nothing else is said of it: where the change is meant, lab stamp with --force makes the stamp anew."
        return (
            Sentence(claim=Claim.ALTERED, text=text, cells=cells),
            Sentence(claim=Claim.ALTERED, text=meant),
        )
    found: list[Sentence] = []
    for said, releases in grouped(grid, lambda one: tuple(_release(grid, one))):
        found += [_filled(grid, one, releases) for one in said]
    spoken = {_key(*cell) for one in found for cell in one.cells}
    return (*found, *_unspoken(grid, spoken), *opinion(grid))


def grouped(
    grid: CheckGrid, say: Callable[[Answer], tuple[SharedSentence, ...]]
) -> list[tuple[tuple[SharedSentence, ...], list[str]]]:
    """What is said of each new release, and of which ones it is said."""
    groups: list[tuple[tuple[SharedSentence, ...], list[str]]] = []
    for one in upgrade.answers(grid):
        said = say(one)
        mine = next((releases for known, releases in groups if known == said), None)
        if mine is None:
            groups.append((said, [one.release]))
        else:
            mine.append(one.release)
    return groups


def _filled(grid: CheckGrid, one: SharedSentence, releases: Sequence[str]) -> Sentence:
    both = "both releases" if len(releases) == 1 else listed((grid.old, *releases))
    text = one.text.replace(BOTH, both).replace(HERE, listed(releases))
    now = [(release, way) for release in releases for way in one.ways]
    return Sentence(claim=one.claim, text=text, cells=(*now, *((grid.old, way) for way in one.before)))


def _key(release: str, way: Way) -> tuple[str, str]:
    return release, way.label


def _release(grid: CheckGrid, one: Answer) -> Iterator[SharedSentence]:
    """The sentences about one release: the verdict with what was wrong before first, then what works, then the rest."""
    yield _head(grid, one)
    if grid.damage:
        yield _damaged(grid, one)
    elif one.verdict is Safety.UNKNOWN:
        yield unknown(grid, one)
    if not grid.damage:
        yield from _lost(grid, one)
        yield from _same(grid, one)
    yield from _as_before(grid, one)
    yield from _strange(grid, one)
    if one.verdict is not Safety.UNKNOWN and one.open:
        yield SharedSentence(claim=Claim.OPEN, text=f"Not found out: {ways_seen(grid, one, one.open)}.", ways=one.open)
    yield from _mended(grid, one)
    if one.unread:
        by = either([api_words(way.route) for way in one.unread])
        text = f"With nothing set, {HERE} is known not to take such files by {by}, and nor does {grid.old}."
        if one.release != grid.old:
            yield SharedSentence(claim=Claim.FAILS, text=text, ways=one.unread)


def _head(grid: CheckGrid, one: Answer) -> SharedSentence:
    move = f"{grid.prefix} from {grid.old} to {HERE}"
    if one.release == grid.old:
        move = f"{grid.prefix} in {HERE}, which is the release it is from; nothing newer was asked for"
    if not one.faulty or not upgrade.known(grid):
        return SharedSentence(claim=Claim.VERDICT, text=f"{one.verdict}: {move}.", ways=one.good if _safe(one) else ())
    before = one.faulty if one.release != grid.old else ()
    text = f"{one.verdict}: {move}: {'; '.join(_faults(grid, one))}."
    return SharedSentence(claim=Claim.FAULTY, text=text, ways=one.faulty, before=before)


def _safe(one: Answer) -> bool:
    return one.verdict in (Safety.SAFE, Safety.OTHERWISE)


def _faults(grid: CheckGrid, one: Answer) -> Iterator[str]:
    """What the ways that were wrong or failed both times did before and do now; those that do the same share a clause."""
    groups: dict[tuple[str, str], list[Way]] = {}
    for way in one.faulty:
        seen = [does(grid, grid.cell(release, way)) for release in (grid.old, one.release)]
        groups.setdefault((seen[0], seen[1]), []).append(way)
    for (then, now), ways in groups.items():
        who, many = listed([api_words(way.route) for way in ways]), len(ways) > 1
        if one.release == grid.old:
            yield f"{who} {conjugated(now, many=many)}, in {HERE}"
        elif then == now:
            yield f"{who} {conjugated(now, many=many)}, in {BOTH}"
        else:
            yield f"{who} {conjugated(then, many=many)} in {grid.old}, and {conjugated(now, many=many)} in {HERE}"


def _lost(grid: CheckGrid, one: Answer) -> Iterator[SharedSentence]:
    said, message = "; ".join(losses(grid, one)), why(grid, one)
    if one.verdict is Safety.UNSAFE:
        because = (
            f": {said} ({message})" if said and message else f": {said}" if said else f" ({message})" if message else ""
        )
        yield SharedSentence(
            claim=Claim.LOST, text=f"No way of opening it gives the same answers{because}.", ways=one.lost
        )
    elif said:
        yield SharedSentence(claim=Claim.LOST, text=f"As it is, it fails by {said}.", ways=one.lost)
    elif one.verdict is Safety.OTHERWISE and not one.strange:
        yield SharedSentence(claim=Claim.LOST, text="It takes a flag or other code.")


def _same(grid: CheckGrid, one: Answer) -> Iterator[SharedSentence]:
    """What gives the numbers it is held against, and how near they are at worst."""
    cells = [cell for way in one.good if (cell := grid.cell(one.release, way))]
    right = [cell for cell in cells if standing(grid, cell) is CellStanding.RIGHT]
    if grid.draws:  # the reference is equal to itself, which shows nothing of a model that draws
        right = [cell for cell in right if cell is not grid.held(one.release)]
    if not right or not upgrade.known(grid):
        return
    ways = tuple(cell.way for cell in right)
    same, by = _numbers(grid, [cell.held for cell in right]), apis(ways)
    text = f"What gives {same}: {by}."
    if one.verdict is Safety.SAFE:
        text = f"What worked works unchanged and gives {same}: {by.removeprefix('unchanged, ')}."
    yield SharedSentence(claim=Claim.SAME, text=text, ways=ways)


def _numbers(grid: CheckGrid, compared: Sequence[tuple[Diff, ...]]) -> str:
    worst = numbers(max(compared, key=severity, default=()))
    whose = f"the numbers of {grid.vouched}" if grid.vouched else "the same numbers"
    if worst in ("", "exact"):
        return f"bit for bit {whose}"
    return f"{whose} within tolerance ({worst} at worst)"


def _as_before(grid: CheckGrid, one: Answer) -> Iterator[SharedSentence]:
    """The ways that drift as they did before."""
    cells = [cell for way in one.good if (cell := grid.cell(one.release, way))]
    near = [cell for cell in cells if standing(grid, cell) is CellStanding.NEAR]
    if not near:
        return
    drift = numbers(max((cell.held for cell in near), key=severity))
    text = f"{apis([cell.way for cell in near])}: numbers that drift from {held_against(grid)} ({drift} at worst)"
    if one.release != grid.old:
        text += f", as they did in {grid.old}"
    before = [cell for one in near if (cell := grid.cell(grid.old, one.way))]
    drifted = tuple(cell.way for cell in before if standing(grid, cell) is CellStanding.NEAR)
    text = capital(f"{text}.")
    yield SharedSentence(claim=Claim.AS_BEFORE, text=text, ways=tuple(cell.way for cell in near), before=drifted)


def _strange(grid: CheckGrid, one: Answer) -> Iterator[SharedSentence]:
    """Other numbers by ways that nobody relied on before: with nothing set, and by settings that were to cure an error."""
    for way in one.strange:
        cell = grid.cell(one.release, way)
        if cell is not None:
            refuted = grid.third is not None and standing(grid, cell) is CellStanding.REFUTED
            by, far = (
                (grid.third.by, numbers(cell.third)) if grid.third and refuted else (held_against(grid), apart(cell))
            )
            text = f"Do not use {way_words(way)} in {HERE}: other numbers than {by} ({far})."
            yield SharedSentence(claim=Claim.OTHER, text=text, ways=(way,))
    yield from _garbage(grid, one)


def _garbage(grid: CheckGrid, one: Answer) -> Iterator[SharedSentence]:
    """Settings under which a way answers otherwise: those that turn an error into numbers, and those that mend nothing."""
    mine = [cell for cell in upgrade.garbage(grid) if cell.release == one.release and cell.way not in one.lost]
    for route in dict.fromkeys(cell.way.route for cell in mine):
        cells = [cell for cell in mine if cell.way.route == route]
        plain, ways = grid.cell(one.release, Way(route=route)), tuple(cell.way for cell in cells)
        settings = f"with {either([setting_words(way) for way in ways])}"
        far = numbers(max((cell.held or cell.before for cell in cells), key=severity))
        if plain is not None and plain.trial.outcome.kind.answered:
            text = f"{api_words(route)} {settings} in {HERE}: other numbers than {held_against(grid)} too ({far})."
        else:
            error = f" ({outcome_words(plain.trial.outcome)})" if plain is not None else ""
            turned = f"turns an error{error} into other numbers than {held_against(grid)} ({far})"
            text = f"WARNING: {api_words(route)} {settings} in {HERE} {turned}: never use that."
        before = tuple(one.way for one in upgrade.garbage(grid) if one.release == grid.old and one.way in ways)
        old = before if before == ways and mine[0].release != grid.old else ()
        text = text.replace(HERE, BOTH) if old else text
        yield SharedSentence(claim=Claim.OTHER, text=capital(text), ways=ways, before=old)


def _mended(grid: CheckGrid, one: Answer) -> Iterator[SharedSentence]:
    for way in one.mended:
        then = does(grid, grid.cell(grid.old, way))
        text = f"{api_words(way.route)}, which {then} in {grid.old}, is right in {HERE}."
        yield SharedSentence(claim=Claim.MENDED, text=capital(text), ways=(way,), before=(way,))


def _damaged(grid: CheckGrid, one: Answer) -> SharedSentence:
    text = f"The files are damaged: {'; '.join(grid.damage)}"
    if one.good:
        opened = f"Paddle opens them without a word ({apis(one.good)})"
        text = f"{text}. {opened}: what is missing is whatever lay in memory, and equal numbers here prove nothing"
    return SharedSentence(claim=Claim.DAMAGED, text=f"{text}.", ways=one.good)


def _unspoken(grid: CheckGrid, spoken: set[tuple[str, str]]) -> Iterator[Sentence]:
    """The cells with other numbers that no sentence has named, drifts too, so that none is passed over."""
    apart_from_it = (CellStanding.OTHER, CellStanding.NEAR, CellStanding.ALONE)
    witnessed = (CellStanding.DOUBTED, CellStanding.REFUTED)
    left = [
        cell
        for cell in grid.cells
        if (
            (now := standing(grid, cell)) in apart_from_it
            or (now in witnessed and any(one.grade.differs for one in cell.held))
        )
        and _key(cell.release, cell.way) not in spoken
    ]
    if left:
        parts = [f"{way_words(cell.way)} in {cell.release} ({apart(cell)})" for cell in left]
        text = f"Other numbers than {held_against(grid)} also by {'; '.join(parts)}."
        yield Sentence(claim=Claim.OTHER, text=text, cells=tuple((cell.release, cell.way) for cell in left))
