"""A sweep as rows of words: what is silent, what fails and where, grouped so that one cause is said once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lab.model import Kind
from lab.model.sweep import Sweep, SweepCell, SweepFinding
from lab.outcome.likeness import Problems
from lab.outcome.words import message_line
from lab.report.grid import short

COMMON = 20
"""An error that meets at least this many nets of one cell is no operator's own."""

Place = tuple[str, bool]
Pair = tuple[Place, Place]
Spot = tuple[str, Pair]
"""(route, (saver, loader)); a place is its environment and whether the flag is set there."""


@dataclass(frozen=True, kw_only=True)
class SweepLine:
    """One thing that was found, and all the places where it was: for `nets`, by route and pair."""

    nets: tuple[str, ...]
    found: SweepFinding
    spots: tuple[Spot, ...]

    @property
    def text(self) -> str:
        """What happened, in one line."""
        return message_line(self.found.outcome)

    @property
    def word(self) -> str:
        """The error's name: "ValueError in load", "SIGSEGV in infer"."""
        outcome = self.found.outcome
        return f"{outcome.type or outcome.reason or outcome.kind.value} in {outcome.phase.value}"


def place(sweep: Sweep, one: Place) -> str:
    """A place as a table says it: "3.0.0", and "3.0.0†" with the flag."""
    key, flagged = one
    keys = [cell.saver for cell in sweep.saves] + [cell.loader for cell in sweep.cells]
    return short(key, keys) + ("†" if flagged else "")


def pair(cell: SweepCell) -> Pair:
    """Saver and loader of a cell."""
    return (cell.saver, bool(cell.saver_env)), (cell.loader, bool(cell.loader_env))


def silent(sweep: Sweep) -> tuple[SweepLine, ...]:
    """Other numbers without an error, one line a net and reason."""
    return _numbers(sweep, Kind.NUMERIC_MISMATCH)


def drifts(sweep: Sweep) -> tuple[SweepLine, ...]:
    """Numbers that are a little off, one line a net."""
    return _numbers(sweep, Kind.DRIFT)


def _numbers(sweep: Sweep, kind: Kind) -> tuple[SweepLine, ...]:
    groups: dict[object, list[tuple[SweepFinding, Spot]]] = {}
    for cell in sweep.cells:
        for found in cell.found:
            if found.outcome.kind is kind:
                key = (found.nets, found.outcome.reason, found.blame, found.second)
                groups.setdefault(key, []).append((found, (cell.route, pair(cell))))
    lines = [_line(found[0][0].nets, found) for found in groups.values()]
    order = [one.name for one in sweep.nets]
    return tuple(sorted(lines, key=lambda one: order.index(one.nets[0])))


def _line(nets: Iterable[str], found: Sequence[tuple[SweepFinding, Spot]]) -> SweepLine:
    worst = max((one for one, _ in found), key=lambda one: one.gap or 0.0)
    return SweepLine(nets=tuple(dict.fromkeys(nets)), found=worst, spots=tuple(spot for _, spot in found))


def _errors(cells: Iterable[SweepCell]) -> Iterable[tuple[SweepCell, SweepFinding]]:
    """Everything that raised or died in cells that were not closed."""
    return (
        (cell, found) for cell in cells if not cell.closed for found in cell.found if not found.outcome.kind.differs
    )


def common(cells: Sequence[SweepCell]) -> tuple[SweepLine, ...]:
    """Errors that meet many nets at once, the widest first."""
    problems = Problems()
    wide = _wide(cells, problems)
    groups: dict[int, list[tuple[SweepFinding, Spot]]] = {}
    for cell, found in _errors(cells):
        number = problems.number(found.outcome)
        if number in wide:
            groups.setdefault(number, []).append((found, (cell.route, pair(cell))))
    lines = [_line((net for one, _ in found for net in one.nets), found) for found in groups.values()]
    return tuple(sorted(lines, key=lambda one: -len(one.nets)))


def own(cells: Sequence[SweepCell], order: Sequence[str]) -> tuple[SweepLine, ...]:
    """The errors of single operators: one line for nets that fail alike in the same places."""
    problems = Problems()
    wide = _wide(cells, problems)
    groups: dict[tuple[int, str], list[tuple[SweepFinding, Spot]]] = {}
    for cell, found in _errors(cells):
        number = problems.number(found.outcome)
        if number not in wide:
            for net in found.nets:
                groups.setdefault((number, net), []).append((found, (cell.route, pair(cell))))
    merged: dict[object, list[tuple[str, list[tuple[SweepFinding, Spot]]]]] = {}
    for (number, net), several in groups.items():
        merged.setdefault((number, tuple(spot for _, spot in several)), []).append((net, several))
    lines = [_line((net for net, _ in alike), alike[0][1]) for alike in merged.values()]
    return tuple(sorted(lines, key=lambda one: order.index(one.nets[0])))


def _wide(cells: Sequence[SweepCell], problems: Problems) -> set[int]:
    """The problems that meet many nets of one cell."""
    return {problems.number(found.outcome) for _, found in _errors(cells) if len(found.nets) >= COMMON}


def spots(sweep: Sweep, found: Sequence[Spot]) -> str:
    """Places as people read them: "jit, static: 3.0.0, 3.1.1 → 3.0.0; predictor: ..."."""
    pairs: dict[str, list[Pair]] = {}
    for route, one in found:
        if one not in pairs.setdefault(route, []):
            pairs[route].append(one)
    routes: dict[tuple[Pair, ...], list[str]] = {}
    for route, several in pairs.items():
        routes.setdefault(tuple(several), []).append(route)
    return "; ".join(f"{', '.join(names)}: {_pairs(sweep, several)}" for several, names in routes.items())


def _pairs(sweep: Sweep, found: Sequence[Pair]) -> str:
    loaders: dict[Place, list[Place]] = {}
    for saver, loader in found:
        loaders.setdefault(saver, []).append(loader)
    savers: dict[tuple[Place, ...], list[Place]] = {}
    for saver, several in loaders.items():
        savers.setdefault(tuple(several), []).append(saver)

    def named(places: Iterable[Place]) -> str:
        return ", ".join(place(sweep, one) for one in places)

    return " and ".join(f"{named(ones)} → {named(several)}" for several, ones in savers.items())


def statuses(cell: SweepCell) -> Mapping[str, SweepFinding]:
    """What is not plain in a cell, by net."""
    return {net: found for found in cell.found for net in found.nets}


def switched(sweep: Sweep) -> tuple[tuple[str, str, str, tuple[Spot, ...]], ...]:
    """(net, with oneDNN, without, places) for nets that do otherwise when it is switched off; "" is fine."""
    off = {
        pair(cell): statuses(cell) for cell in sweep.cells if cell.route == "predictor_no_onednn" and not cell.closed
    }
    rows: dict[tuple[str, str, str], list[Spot]] = {}
    for cell in sweep.cells:
        if cell.route != "predictor" or cell.closed or pair(cell) not in off:
            continue
        ons, offs = statuses(cell), off[pair(cell)]
        for net in (one.name for one in sweep.nets):
            words = tuple(_status(side.get(net)) for side in (ons, offs))
            if words[0] != words[1]:
                rows.setdefault((net, words[0], words[1]), []).append((cell.route, pair(cell)))
    return tuple((*key, tuple(found)) for key, found in rows.items())


def _status(found: SweepFinding | None) -> str:
    if found is None:
        return ""
    outcome = found.outcome
    if outcome.kind.differs:
        return outcome.kind.value + (f" ({outcome.reason})" if outcome.reason else "")
    return f"{outcome.type or outcome.kind.value} in {outcome.phase.value}"
