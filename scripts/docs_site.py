"""A hook of MkDocs: links that leave docs/ lead to the repository, where it is known where that is; else their words stay."""

import posixpath
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from hatch_build import address

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"(?<!!)\[([^\]\n]*)\]\((?!https?://|#)([^)\s#]+)(#[^)\s]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page with such links made good."""
    home = address(ROOT)
    here = posixpath.dirname(f"docs/{page.file.src_uri}")

    def linked(match: re.Match[str]) -> str:
        words, target, anchor = match[1], match[2], match[3] or ""
        where = posixpath.normpath(posixpath.join(here, target))
        if where.startswith("docs/") and where.endswith(".md"):
            return match[0]
        return f"[{words}]({home}/blob/main/{where}{anchor})" if home else words

    return LINK.sub(linked, markdown)
