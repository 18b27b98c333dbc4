"""Why nobody knows of a release, with the message that decided."""

from collections.abc import Sequence

from lab.model.check import Way
from lab.model.check_grid import Answer, Cell, CellStanding, CheckGrid
from lab.outcome import upgrade
from lab.outcome.standing import standing
from lab.outcome.words import message_line, outcome_words
from lab.report.check_said import HERE, Claim, SharedSentence
from lab.report.check_words import apis, held_against, listed, way_words


def ways_seen(grid: CheckGrid, one: Answer, ways: Sequence[Way]) -> str:
    """Ways that nobody knows of, each with what was seen."""
    parts = []
    for way in ways:
        cell = grid.cell(one.release, way)
        said = message_line(cell.trial.outcome) if cell is not None else ""
        seen = outcome_words(cell.trial.outcome) if cell is not None else "not tried"
        parts.append(f"{way_words(way)} ({seen}{': ' if said else ''}{said})")
    return "; ".join(parts)


def unknown(grid: CheckGrid, one: Answer) -> SharedSentence:
    """Why nobody knows, with the message that decided."""
    mine = grid.of(one.release)
    shown = _shown(grid, mine)
    if shown is not None:
        return shown
    if not any(cell.trial.outcome.kind.tested for cell in mine):
        kinds = (
            ", ".join(sorted({cell.trial.outcome.kind.value for cell in mine})) or "no way of opening it exists there"
        )
        said = _quoted(mine)
        text = f"Nothing could be tried there ({kinds}){': ' if said else ''}{said}".rstrip(".") + "."
        return SharedSentence(claim=Claim.OPEN, text=text, ways=tuple(cell.way for cell in mine))
    if one.alone and not one.open and grid.third is not None:
        text = f"By {grid.third.by} what it is held against is wrong, and nothing follows from that alone: give outputs that are right (--expect)."
        return SharedSentence(claim=Claim.OPEN, text=text, ways=one.alone)
    if upgrade.known(grid):
        return SharedSentence(claim=Claim.OPEN, text=f"Not found out: {ways_seen(grid, one, one.open)}.", ways=one.open)
    said = _quoted(grid.of(grid.old)) or _quoted(mine)
    if not one.good:
        blame = (
            "the made-up inputs may not suit it (--inputs, --dim)" if grid.invented else "the inputs may not suit it"
        )
        return SharedSentence(
            claim=Claim.OPEN, text=f"Neither of them runs it ({said}): {blame}, or the files are not what they seem."
        )
    text = f"{grid.old} does not run it ({said}), so there are no numbers to hold {HERE} against; it runs {apis(one.good)}."
    return SharedSentence(claim=Claim.OPEN, text=text, ways=one.good)


def _shown(grid: CheckGrid, mine: Sequence[Cell]) -> SharedSentence | None:
    """Why the numbers of a release show nothing; None where they do."""
    blank = [cell for cell in mine if standing(grid, cell) is CellStanding.BLANK]
    if blank and grid.draws:
        text = (
            f"It draws random numbers ({', '.join(grid.draws)}), so that its own answer is another one each time: "
            "other numbers show nothing. Save it without what draws, and check that."
        )
        return SharedSentence(claim=Claim.OPEN, text=text, ways=tuple(cell.way for cell in blank))
    if blank:
        text = f"Its outputs show nothing with these inputs ({message_line(blank[0].trial.outcome) or 'nothing to hold them against'})"
        text = f"{text}: give it real ones (--inputs)."
        return SharedSentence(claim=Claim.OPEN, text=text, ways=tuple(cell.way for cell in blank))
    doubted = [cell for cell in mine if standing(grid, cell) is CellStanding.DOUBTED]
    if doubted:
        return SharedSentence(claim=Claim.OPEN, text=_doubted(grid, doubted), ways=tuple(cell.way for cell in doubted))
    return None


def _doubted(grid: CheckGrid, cells: Sequence[Cell]) -> str:
    """Why equal numbers prove nothing: the one they are equal to is known to be wrong."""
    why = next(one.doubt for one in grid.cells if f"{one.release} by {one.way.label}" == grid.reference)
    ways = listed(list(dict.fromkeys(way_words(cell.way) for cell in cells)))
    return (
        f"Of {held_against(grid)}, which {ways} {'agrees' if len(cells) == 1 else 'agree'} with, it is known that it answers such "
        f"files wrong ({why}): equal numbers prove nothing, so give outputs that are right (--expect)."
    )


def _quoted(cells: Sequence[Cell]) -> str:
    """The first message among cells."""
    return next((message_line(cell.trial.outcome) for cell in cells if cell.trial.outcome.message), "")
