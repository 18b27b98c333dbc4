"""What a third opinion says of the cells of a check, and why there is none where there is none."""

from collections.abc import Iterator, Sequence

from lab.model.check import Way
from lab.model.check_grid import Cell, CheckGrid
from lab.outcome import third
from lab.outcome.words import numbers, severity
from lab.report.check_said import Claim, Sentence
from lab.report.check_words import listed, way_words


def opinion(grid: CheckGrid) -> Iterator[Sentence]:
    """Who is right and who is wrong by it; one sentence alone where it bears out nobody, and so counts for nothing."""
    if grid.third is None or grid.third.unknown:
        return
    by, judged = grid.third.by, [cell for cell in grid.cells if cell.trial.outcome.kind.answered and cell.third]
    if not any(third.counts(grid, cell) for cell in grid.cells):
        left = [cell for cell in judged if third.refutes(cell) and not grid.vouched]
        if left:
            text = (
                f"{by.capitalize()} answer otherwise than every way ({_worst(left)} at worst), so they decide nothing"
            )
            yield Sentence(claim=Claim.THIRD_WRONG, text=f"{text}: {_places(left)}.", cells=_keys(left))
        return
    for rule, claim, word in (
        (_agrees, Claim.THIRD_RIGHT, "right"),
        (_drifts, Claim.THIRD_WRONG, "near, and no more"),
        (third.refutes, Claim.THIRD_WRONG, "wrong"),
    ):
        yield from _said(by, [cell for cell in judged if rule(cell)], claim, word)


def absent(grid: CheckGrid) -> Iterator[str]:
    """Why a third opinion is not to be had, in a sentence."""
    if grid.third is not None and grid.third.unknown:
        yield f"the ways disagree, and {grid.third.by} cannot say who is right: not known: {grid.third.unknown}"


def _agrees(cell: Cell) -> bool:
    return third.supports(cell) and all(one.grade.agrees for one in cell.third)


def _drifts(cell: Cell) -> bool:
    return third.supports(cell) and not _agrees(cell)


def _said(by: str, cells: Sequence[Cell], claim: Claim, word: str) -> Iterator[Sentence]:
    if cells:
        far = f"{_worst(cells)} at worst" if len(cells) > 1 else _worst(cells)
        yield Sentence(claim=claim, text=f"By {by} {_places(cells, word)} ({far}).", cells=_keys(cells))


def _places(cells: Sequence[Cell], word: str = "") -> str:
    """Ways, what they are, and the releases they were tried in; those of the same releases together."""
    releases: dict[str, list[str]] = {}
    for cell in cells:
        releases.setdefault(way_words(cell.way), []).append(cell.release)
    groups: dict[tuple[str, ...], list[str]] = {}
    for way, seen in releases.items():
        groups.setdefault(tuple(seen), []).append(way)
    verbs = {True: f" are {word}", False: f" is {word}"} if word else {True: "", False: ""}
    return "; ".join(f"{listed(ways)}{verbs[len(ways) > 1]} in {listed(seen)}" for seen, ways in groups.items())


def _worst(cells: Sequence[Cell]) -> str:
    return numbers(max((cell.third for cell in cells), key=severity))


def _keys(cells: Sequence[Cell]) -> tuple[tuple[str, Way], ...]:
    return tuple((cell.release, cell.way) for cell in cells)
