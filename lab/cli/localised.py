"""What rich is to draw, in the language that is spoken: its words are changed before it is laid out, so that columns fit."""

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

from lab.cli import speak


def renderable(shown: Any) -> Any:
    """The same thing with the lab's words in the language that is spoken; what is no text, table or group stays as it is."""
    if not speak.translates():
        return shown
    change = _KINDS.get(type(shown).__name__)
    return shown if change is None else change(shown)


def _group(shown: Any) -> Any:
    return type(shown)(*map(renderable, shown.renderables))


def _box(shown: Any) -> Any:
    """Something around one thing, perhaps with a title."""
    made = _changed(shown, renderable=renderable(shown.renderable))
    return _changed(made, title=renderable(shown.title)) if hasattr(shown, "title") else made


def _changed(shown: Any, **parts: Any) -> Any:
    made = copy(shown)
    for name, part in parts.items():
        setattr(made, name, part)
    return made


def _table(shown: Any) -> Any:
    """A table of rich's, with its headings and cells; its own cells are left as they were."""
    made = _changed(shown, title=renderable(shown.title), caption=renderable(shown.caption))
    made.columns = [
        _changed(one, header=renderable(one.header), _cells=list(map(renderable, one._cells)))  # noqa: SLF001
        for one in shown.columns
    ]
    return made


def _text(shown: Any, *, own: bool = False) -> Any:
    """A text of one style as a whole; one of several styles piece by piece."""
    if not shown.spans:
        return _changed_text(shown, own=own)
    pieces = shown.divide(sorted({at for span in shown.spans for at in (span.start, span.end)}))
    made = shown.blank_copy()
    for piece in pieces:
        made.append_text(_changed_text(piece, own=own))
    return made


def _changed_text(shown: Any, *, own: bool) -> Any:
    said = speak.localised(shown.plain, own=own)
    if said == shown.plain:
        return shown
    made = shown.blank_copy(said)
    for style in {span.style for span in shown.spans}:  # a piece between two borders has each of its styles all over
        made.stylize(style)
    return made


def _sheet(shown: Any) -> Any:
    """A table of the lab's own, with what is said above it."""
    from lab.report import sheet  # noqa: PLC0415 - only where there is one to draw

    made = sheet.settled(shown)
    return replace(
        made,
        columns=tuple(
            replace(one, heading=one.heading if one.name else speak.localised(one.heading, own=True))
            for one in made.columns
        ),
        rows=tuple(
            tuple(cell if one.typed else _text(cell, own=one.own) for one, cell in zip(made.columns, row, strict=True))
            for row in made.rows
        ),
        title=None if made.title is None else _text(made.title),
        above=tuple(speak.localised(one, own=True) for one in made.above),
        joint=speak.either(made.joint, "；"),  # noqa: RUF001 - Chinese
    )


def _prose(shown: Any) -> Any:
    return replace(shown, text=_text(shown.text, own=shown.own))


def _chain(shown: Any) -> Any:
    return replace(shown, links=tuple(speak.localised(one, own=True) for one in shown.links))


_KINDS: dict[str, Callable[[Any], Any]] = {
    "str": speak.localised,
    "Chain": _chain,
    "Text": _text,
    "Group": _group,
    "Panel": _box,
    "Padding": _box,
    "Prose": _prose,
    "Sheet": _sheet,
    "Table": _table,
}
"""What is changed, by the name of its class: who has nothing to draw loads nothing of rich."""
