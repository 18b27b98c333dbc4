"""How an answer is given: on stdout and into files, in the format that was asked for, with one envelope in JSON."""

import contextlib
import dataclasses
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeVar

import msgspec
import typer

from lab.cli import speak
from lab.cli.command import asked
from lab.cli.options import Format
from lab.cli.screen import labelled, say, verbatim
from lab.errors import LabError
from lab.model import Verdict
from lab.model.cases import AnswerCases
from lab.outcome.exits import EXITS, FAILURES, Ending
from lab.redaction import door
from lab.report.markdown import fence
from lab.storage import handover, store

Item = TypeVar("Item")
SCHEMA = 1
"""The form of what has no stored form of its own; what is stored (a run, a sweep) says its own number."""


def give(
    found: object,
    ending: Verdict | Ending = Ending.DONE,
    *,
    text: Callable[[], None],
    markdown: Callable[[], str] | None = None,
    html: Callable[[], str] | None = None,
    error: LabError | None = None,
    code: int | None = None,
    told: bool = False,
    cases: Callable[[], AnswerCases] | None = None,
) -> NoReturn:
    """Print the answer, write its files, and end with the exit code of its `ending`, or with another `code`.

    `found` is what JSON shows: a stored noun, or a mapping of names to values. An `error` is told beside the answer, which
    then ends in the error's own word. `told` says that people have read the text already, line by line as it came. `cases`
    are what --junit and --github tell.
    """
    now = asked()
    if error is not None:
        ending = FAILURES[error.exit_code]
    code = EXITS[ending] if code is None else code
    forms: dict[Format, Callable[[], str] | None] = {
        Format.TEXT: lambda: _caught(text),
        Format.MARKDOWN: markdown,
        Format.HTML: html,
        Format.JSON: lambda: document(now.verb, found, ending, code, error=error),
    }
    for path, form in now.files:
        handover.write(path, _public(form, _made(forms[form])))
    if cases is not None and now.gate.asked:
        now.gate.tell(cases(), str(ending), code)
    if now.alone:
        (speak.document if now.json else verbatim)(_public(now.format, _made(forms[now.format])).rstrip("\n"))
    else:
        if not told:
            text()
        for path, _ in now.files:
            say(f"written {path}")
    if error is not None:
        speak.failure(error)
    raise typer.Exit(code)


def told(items: Iterable[Item], line: Callable[[Item], str]) -> list[Item]:
    """All of what takes its time, each told as it comes where people read; `give` it with `told` afterwards."""
    found = []
    for one in items:
        found.append(one)
        if not asked().alone:
            labelled(line(one))
    return found


def plan(found: object, *, text: Callable[[], None]) -> NoReturn:
    """Answer a --dry-run; its page, in whatever form the verb answers, is its text as it stands."""

    def page() -> str:
        return "\n".join(["# What would be done", "", *fence(_caught(text).rstrip("\n"))])

    def html() -> str:
        from lab.site import markdown_page  # noqa: PLC0415 - only where a page is asked for

        return markdown_page.html(page(), "en")

    give(found, Ending.PLANNED, text=text, markdown=page, html=html)


def failure(verb: str, error: LabError, code: int) -> str:
    """The JSON of a verb that ends without an answer."""
    return document(verb, {}, FAILURES[error.exit_code], code, error=error)


def document(verb: str, found: object, ending: Verdict | Ending, code: int, *, error: LabError | None = None) -> str:
    """The JSON of an answer: what every verb says, then what this one found; a run's own verdict goes first."""
    named = fields(found)
    head: dict[str, Any] = {
        "schema": named.get("schema", SCHEMA),
        "verb": verb,
        "verdict": named.get("verdict") or ending,
        "exit_code": code,
    }
    if error is not None:
        head["error"] = msgspec.Raw(store.encoded({"what": error.what, "remedy": error.remedy}))
    whole = {**head, **{name: value for name, value in named.items() if name not in head}}
    raw = {name: msgspec.Raw(store.encoded(one)) for name, one in whole.items()}
    return msgspec.json.format(door.json(msgspec.json.encode(raw)), indent=2).decode() + "\n"


def fields(found: object) -> Mapping[str, Any]:
    """What JSON shows of a noun, by name."""
    if isinstance(found, Mapping):
        return found
    if dataclasses.is_dataclass(found):
        return {one.name: getattr(found, one.name) for one in dataclasses.fields(found)}
    raise TypeError(f"an answer is a noun or a mapping, not {type(found).__name__}")


def _public(form: Format, made: str) -> str:
    """An answer as it leaves this machine; a program needs the paths in it, a reader elsewhere does not."""
    return made if form is Format.JSON else door.handed(made)


def _caught(text: Callable[[], None]) -> str:
    """What is printed for people, as one text without a terminal's width."""
    with contextlib.redirect_stdout(io.StringIO()) as caught:
        text()
    return caught.getvalue()


def _made(form: Callable[[], str] | None) -> str:
    """The answer in one form, as a text file ends: with one line break."""
    if form is None:
        raise TypeError("a verb declares a format that it does not make")
    return form().rstrip("\n") + "\n"
