"""The lab's own Markdown pages as HTML that needs nothing else: headings, paragraphs, lists, tables and code; no script."""

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby

from lab.site.matrix_page import STYLE

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_CODE = re.compile(r"`([^`]*)`")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_CELL_END = re.compile(r"(?<!\\)\|")


def html(markdown: str, lang: str) -> str:
    """The page; text that came from containers was made safe for Markdown and is escaped again here."""
    lines = markdown.splitlines()
    title = escape(lines[0].lstrip("# "))
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    head += (
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{title}</title><style>{STYLE}</style>'
    )
    body = "\n".join(_blocks(lines))
    return f'<!doctype html>\n<html lang="{lang}"><head>{head}</head><body>\n{body}\n</body></html>\n'


def _blocks(lines: list[str]) -> Iterator[str]:
    for (kind, _), group in groupby(_kinds(lines), key=lambda one: one[:2]):
        several = [line for _, _, line in group]
        match kind:
            case "code":
                yield f"<pre>{escape(chr(10).join(several))}</pre>"
            case "table":
                yield _table(several)
            case "list":
                yield "<ul>" + "".join(f"<li>{_inline(line[2:])}</li>" for line in several) + "</ul>"
            case "heading":
                yield from (_heading(line) for line in several)
            case "text":
                yield f"<p>{'<br>'.join(_inline(line) for line in several)}</p>"


def _kinds(lines: list[str]) -> Iterator[tuple[str, int, str]]:
    """Each line with its kind, and a number that keeps fences apart."""
    fenced, fences = False, 0
    for line in lines:
        if line.startswith("```"):
            fenced, fences = not fenced, fences + 1
            yield "fence", fences, line
        elif fenced:
            yield "code", fences, line
        else:
            starts = {"|": "table", "#": "heading", "-": "list", "": "blank"}
            yield starts.get(line[:1], "text"), 0, line


def _heading(line: str) -> str:
    level = len(line) - len(line.lstrip("#"))
    return f"<h{level}>{_inline(line.lstrip('# '))}</h{level}>"


def _table(lines: list[str]) -> str:
    rows = [[one.strip() for one in _CELL_END.split(line.strip()[1:-1])] for line in lines]
    head = "".join(f"<th>{_inline(one)}</th>" for one in rows[0])
    body = "\n".join("<tr>" + "".join(f"<td>{_inline(one)}</td>" for one in row) + "</tr>" for row in rows[2:])
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def _inline(text: str) -> str:
    """Code and bold; what Markdown needed escaped is plain again before HTML's own escapes."""
    plain = re.sub(r"\\([\\|\[])", r"\1", text).replace("\u200b", "").replace("&lt;", "<")
    return _BOLD.sub(r"<b>\1</b>", _CODE.sub(r"<code>\1</code>", escape(plain, quote=False)))
