"""What the lab says in data, not on a page of its own: what a cure does, what was seen; from the catalogue that the terminal speaks by."""

from functools import cache

from markupsafe import Markup, escape

from lab.language import translator
from lab.model.bundle import Lang
from lab.site.links import upstream
from lab.site.words import both


@cache
def told(text: str) -> Markup:
    """A text in both languages, the messages of others in it as they are; one with a link in it keeps that, in English."""
    spoken = translator(Lang.ZH)
    linked = upstream(text)
    if spoken is None or linked != escape(text):
        return linked
    return both(text, spoken.text(text, own=True))


def placed(text: str) -> Markup:
    """Where something was seen, "jit: 2.6.2 → 3.0.0 and 3.0.0 → 2.6.2": releases and ways, and between them one word of the lab's."""
    return both(text, text.replace(" and ", " 和 "))
