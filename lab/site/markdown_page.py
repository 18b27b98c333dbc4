"""The lab's own Markdown pages as HTML that needs nothing else: what markdown-it makes of them, and no script."""

from functools import cache
from html import escape
from typing import TYPE_CHECKING

from lab.site.matrix_page import STYLE

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
NEVER = ("link", "image", "autolink", "html_block", "html_inline", "reference")
"""What no page of the lab has: text that came from a container cannot make any of them either."""


def html(markdown: str, lang: str) -> str:
    """The page; text that came from containers was made safe for Markdown and is escaped again here."""
    title = escape(markdown.split("\n", 1)[0].lstrip("# "))
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    head += (
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{title}</title><style>{STYLE}</style>'
    )
    body = _reader().render(markdown.replace("\u200b", ""))
    return f'<!doctype html>\n<html lang="{lang}"><head>{head}</head><body>\n{body}</body></html>\n'


@cache
def _reader() -> "MarkdownIt":
    """CommonMark with tables; a line of the source is a line of the page, and a wide table scrolls by itself."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only where a page is made

    reader = (
        MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False})
        .enable("table")
        .disable(list(NEVER))
    )
    reader.add_render_rule("table_open", lambda *_: '<div class="wide"><table>\n')
    reader.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return reader
