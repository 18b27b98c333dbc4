"""A sweep in a terminal: what is silent, what breaks and where, and a line for each cell that is not all plain."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from lab.model.sweep import Sweep
from lab.report import sweep_rows as rows
from lab.report.prose import said
from lab.report.sheet import Sheet, SheetColumn
from lab.report.sweep import counts

SHOWN = 4


def render(sweep: Sweep) -> RenderableType:
    """Counts, silent findings, errors, and cells whose format is refused."""
    order = [one.name for one in sweep.nets]
    silent = [(_names(one.nets), rows.spots(sweep, one.spots), _words(one)) for one in rows.silent(sweep)]
    errors = [
        (_names(one.nets), rows.spots(sweep, one.spots), f"{one.word}: {one.text}")
        for one in (*rows.common(sweep.cells), *rows.own(sweep.cells, order))
    ]
    tables = (("silent: other numbers, no error", silent), ("errors", errors))
    parts: list[RenderableType] = [_table(title, found) for title, found in tables if found]
    closed = sum(one.closed for one in sweep.cells)
    head = f"{len(sweep.nets)} nets, {sweep.loads} opened in {sweep.seconds:.0f} s: {counts(sweep)}"
    lines = [said(head, "bold")]
    lines += [said(f"{closed} of {len(sweep.cells)} cells: the format is refused", "dim")] if closed else []
    lines += [said("nothing is silently wrong", "green")] if not silent else []
    return Group(*parts, *lines, said(f"run {sweep.id}", "dim", own=True))


def _table(title: str, found: Sequence[tuple[str, ...]]) -> Sheet:
    columns = tuple(SheetColumn(heading=name, prose=True) for name in ("nets", "where", "what"))
    return Sheet(columns=columns, rows=tuple(tuple(map(Text, row)) for row in found), title=Text(title, style="red"))


def _names(nets: tuple[str, ...]) -> str:
    return ", ".join(nets[:SHOWN]) + (f", ... ({len(nets)})" if len(nets) > SHOWN else "")


def _words(one: rows.SweepLine) -> str:
    witness = one.found.witness + (" releases" if one.found.witness.isdigit() else "")
    blame = f"; wrong: {one.found.blame} {witness}".rstrip() if one.found.blame else ""
    again = f"; second look: {one.found.second}" if one.found.second else ""
    return one.text + blame + again
