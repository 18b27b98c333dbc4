"""A sweep in a terminal: what is silent, what breaks and where, and a line for each cell that is not all plain."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lab.model.sweep import Sweep
from lab.report import sweep_rows as rows
from lab.report.sweep import counts

SHOWN = 4


def render(sweep: Sweep) -> RenderableType:
    """Counts, silent findings, errors, and cells whose format is refused."""
    order = [one.name for one in sweep.nets]
    silent = _table("silent: other numbers, no error", "red")
    for one in rows.silent(sweep):
        silent.add_row(_names(one.nets), rows.spots(sweep, one.spots), _words(one))
    errors = _table("errors", "red")
    for one in (*rows.common(sweep.cells), *rows.own(sweep.cells, order)):
        errors.add_row(_names(one.nets), rows.spots(sweep, one.spots), f"{one.word}: {one.text}")
    parts: list[RenderableType] = [one for one in (silent, errors) if one.row_count]
    closed = sum(one.closed for one in sweep.cells)
    head = f"{len(sweep.nets)} nets, {sweep.loads} opened in {sweep.seconds:.0f} s: {counts(sweep)}"
    lines = [Text(head, style="bold")]
    lines += [Text(f"{closed} of {len(sweep.cells)} cells: the format is refused", style="dim")] if closed else []
    lines += [Text("nothing is silently wrong", style="green")] if not silent.row_count else []
    return Group(*parts, *lines, Text(f"run {sweep.id}", style="dim"))


def _table(title: str, colour: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left", title_style=colour)
    for name in ("nets", "where", "what"):
        table.add_column(name, overflow="fold")
    return table


def _names(nets: tuple[str, ...]) -> str:
    return ", ".join(nets[:SHOWN]) + (f", ... ({len(nets)})" if len(nets) > SHOWN else "")


def _words(one: rows.SweepLine) -> str:
    witness = one.found.witness + (" releases" if one.found.witness.isdigit() else "")
    blame = f"; wrong: {one.found.blame} {witness}".rstrip() if one.found.blame else ""
    again = f"; second look: {one.found.second}" if one.found.second else ""
    return one.text + blame + again
