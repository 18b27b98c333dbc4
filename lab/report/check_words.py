"""A check's cells in words: ways, what they are held against, and what each does."""

from collections.abc import Sequence

from lab.model.check import Way
from lab.model.check_grid import Answer, Cell, CellStanding, CheckGrid, Safety
from lab.outcome.standing import standing
from lab.outcome.words import message_line, numbers, outcome_words

APIS = {
    "jit": "jit.load",
    "jit_old_ir": "jit.load inside DygraphOldIrGuard",
    "static": "static.load_inference_model",
    "predictor": "the predictor",
    "predictor_no_onednn": "the predictor without oneDNN",
}


def listed(words: Sequence[str]) -> str:
    """Words as a list: "a, b and c"."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def api_words(route: str) -> str:
    """A route as people know it."""
    return APIS.get(route, route)


def way_words(way: Way) -> str:
    """A way as people know it: "jit.load with FLAGS_enable_pir_api=False"."""
    return " ".join([api_words(way.route), *(["with", setting_words(way)] if way.env else [])])


def setting_words(way: Way) -> str:
    """What is set for a way, as it is typed."""
    return " ".join(f"{name}={value}" for name, value in sorted(way.env.items()))


def held_against(grid: CheckGrid) -> str:
    """What the numbers are held against, in words: who vouches for them, or the way whose answers they are."""
    if grid.vouched:
        return grid.vouched
    named = [one for one in grid.cells if f"{one.release} by {one.way.label}" == grid.reference]
    return f"{way_words(named[0].way)} of {named[0].release}" if named else grid.reference


def does(grid: CheckGrid, cell: Cell | None) -> str:
    """What a cell that is not good does, as a verb: "fails (SIGSEGV in infer)"."""
    if cell is None:
        return "was not tried"
    now = standing(grid, cell)
    if now is CellStanding.REFUTED and grid.third is not None:
        return f"does not answer what {grid.third.by} answer ({numbers(cell.third)})"
    if now in (CellStanding.OTHER, CellStanding.ALONE):
        what = f"{grid.vouched} would have" if grid.vouched else f"what {held_against(grid)} answers"
        return f"does not answer {'as ' if grid.vouched else ''}{what} ({apart(cell)})"
    return f"fails ({outcome_words(cell.trial.outcome)})"


def conjugated(verb: str, *, many: bool) -> str:
    """What `does` says of one way, of several: "fail (SIGSEGV in infer)"."""
    forms = {"does": "do", "fails": "fail", "was": "were"}
    first, _, rest = verb.partition(" ")
    return f"{forms[first]} {rest}" if many else verb


def capital(text: str) -> str:
    """A sentence with its first letter large, unless it begins with a name of Paddle's."""
    return text if text.startswith(("jit.", "static.")) else f"{text[0].upper()}{text[1:]}"


def apart(cell: Cell) -> str:
    """How far other numbers are from what they are held against; from what the way gave before, where only that differs."""
    own = numbers(cell.held)
    return numbers(cell.before) if all(one.grade.agrees for one in cell.held) and cell.before else own


def losses(grid: CheckGrid, one: Answer) -> list[str]:
    """What worked in the old release and does not here, with what it does instead."""
    return [f"{way_words(way)}: {_instead(grid, grid.cell(one.release, way))}" for way in one.lost]


def _instead(grid: CheckGrid, cell: Cell | None) -> str:
    if cell is None:
        return "not tried"
    now = standing(grid, cell)
    if now is CellStanding.REFUTED and grid.third is not None:
        return f"other numbers than {grid.third.by} ({numbers(cell.third)})"
    if now in (CellStanding.OTHER, CellStanding.ALONE):
        against = "before" if cell.before else held_against(grid)
        return f"other numbers than {against} ({numbers(cell.before or cell.held)})"
    return outcome_words(cell.trial.outcome)


def why(grid: CheckGrid, one: Answer) -> str:
    """The message that decided: behind the first loss, the first way that is not known, or the first failure."""
    ways = (*one.lost, *one.open, *one.faulty)
    mine = [cell for cell in grid.of(one.release) if cell.way in ways] or list(grid.of(one.release))
    told = [cell for cell in mine if cell.trial.outcome.message and not standing(grid, cell).good]
    return message_line(told[0].trial.outcome) if told and one.verdict is not Safety.SAFE else ""


def apis(good: Sequence[Way]) -> str:
    """The ways, those with the same setting together: "unchanged, the predictor; with FLAG=0, jit.load"."""
    groups: dict[str, list[str]] = {}
    for way in good:
        groups.setdefault(_setting(way), []).append(api_words(way.route))
    return "; ".join(f"{setting}{either(apis)}" for setting, apis in groups.items())


def _setting(way: Way) -> str:
    if way.env:
        return f"with {setting_words(way)}, "
    return "" if way.route == "jit_old_ir" else "unchanged, "


def either(words: Sequence[str]) -> str:
    """Words as a choice: "a, b or c"."""
    return ", ".join(words[:-1]) + f" or {words[-1]}" if len(words) > 1 else words[0]
