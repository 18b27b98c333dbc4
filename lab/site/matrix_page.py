"""Grids as one HTML page that needs nothing else: no network, no script; each square leads to its message and log."""

from collections.abc import Mapping, Sequence
from html import escape

from lab.report.grid import Grid, Square, foot, short
from lab.site import shared_style

STYLE = """
td a { text-decoration: none; display: block; }
td a:hover, td a:focus { text-decoration: underline; }
section.square { border-top: 1px solid var(--line); margin-top: 1rem; }
section.square:target { outline: 3px solid var(--focus); outline-offset: .4rem; }
"""


def render(title: str, grids: Sequence[Grid], notes: Sequence[str], logs: Mapping[str, str]) -> str:
    """The whole page; `logs` has the end of a log by "RUN/FOLDER". All text is escaped: it comes from containers."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escape(title)}</title><style>{shared_style()}{STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        "<p>Rows saved the model, columns loaded it. Each square leads to its message and log.</p>",
    ]
    if notes:
        parts += ["<ul>", *(f"<li>{escape(note)}</li>" for note in notes), "</ul>"]
    parts += [_table(number, grid) for number, grid in enumerate(grids)]
    parts += [
        "<h1>Squares</h1>",
        *(_squares(number, grid, logs) for number, grid in enumerate(grids)),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _table(number: int, grid: Grid) -> str:
    heads = "".join(f'<th scope="col">{escape(short(name, grid.loaders))}</th>' for name in grid.loaders)
    rows = [
        f'<tr><th scope="row">{escape(short(saver, grid.savers))}</th>'
        + "".join(_cell(number, grid, row, column) for column in range(len(grid.loaders)))
        + "</tr>"
        for row, saver in enumerate(grid.savers)
    ]
    body = "\n".join(rows)
    return (
        f"<h2>{escape(grid.title)}</h2><p>{escape(foot(grid))}. Run <code>{escape(grid.run)}</code>.</p>"
        f'<div class="wide"><table><thead><tr><td></td>{heads}</tr></thead><tbody>\n{body}\n</tbody></table></div>'
    )


def _cell(number: int, grid: Grid, row: int, column: int) -> str:
    square = grid.at(grid.savers[row], grid.loaders[column])
    if square is None:
        return "<td></td>"
    times = f"<br><small>{escape(square.times)}</small>" if square.times else ""
    return f'<td class="{square.tone}"><a href="#{_anchor(number, row, column)}">{escape(square.text + square.marks)}{times}</a></td>'


def _anchor(number: int, row: int, column: int) -> str:
    return f"g{number}r{row}c{column}"


def _squares(number: int, grid: Grid, logs: Mapping[str, str]) -> str:
    found = [
        (_anchor(number, row, column), square)
        for row, saver in enumerate(grid.savers)
        for column, loader in enumerate(grid.loaders)
        if (square := grid.at(saver, loader)) is not None
    ]
    return "\n".join(_square(anchor, grid, one, logs.get(f"{grid.run}/{one.folder}", "")) for anchor, one in found)


def _square(anchor: str, grid: Grid, square: Square, log: str) -> str:
    facts = [square.text, square.grade, square.times, square.signature, square.verdict]
    parts = [
        f'<section class="square" id="{anchor}"><h3>{escape(grid.scenario)}: {escape(square.label)}</h3>',
        f"<p>{escape(' · '.join(one for one in facts if one))}</p>",
    ]
    if square.known:
        parts.append(f"<p>★ {escape(square.known)}</p>")
    if square.detail:
        parts.append(f"<pre>{escape(square.detail)}</pre>")
    if log:
        parts.append(f"<details><summary>log</summary><pre>{escape(log)}</pre></details>")
    return "".join(parts) + "</section>"
