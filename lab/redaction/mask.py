"""The secrets of one machine as a mask that is laid over texts: each in every form that texts give it."""

import base64
import dataclasses
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TypeVar, cast
from urllib.parse import quote, quote_plus

import msgspec

from lab import documents, shell
from lab.redaction import names, ordinary, places, shapes
from lab.redaction.shapes import GONE
from lab.text import readable

LEAST_BASE64 = 8
_ESCAPED = re.compile(r"\\[bfnrt]")
Noun = TypeVar("Noun")


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What was found on a machine: values, hosts of proxies and indexes, where it is and what it is called.

    `folders` are those of this machine, each with what stands in its place.
    """

    values: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    folders: tuple[tuple[str, str], ...] = ()
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Mask:
    """Takes secrets out of texts. What nobody could tell from ordinary words is looked for only in its own field."""

    secrets: Secrets

    @cached_property
    def _forms(self) -> tuple[tuple[str, re.Pattern[str] | None], ...]:
        """What is looked for, longest first, so that a secret inside a longer one leaves no rest behind.

        With a pattern where only the whole word counts.
        """
        values = {one for one in self.secrets.values if ordinary.telling(one)}
        found = {form for value in values for form in forms(value)}
        hosts = {one for one in self.secrets.hosts if ordinary.telling_host(one)}
        found |= hosts | {host.lower() for host in hosts}
        ordered = sorted(found, key=lambda one: (-len(one), one))
        return tuple(
            (one, _bounded(one) if (one in values and ordinary.wordlike(one)) or one in hosts else None)
            for one in ordered
        )

    @cached_property
    def _places(self) -> tuple[tuple[str, re.Pattern[str], str], ...]:
        """This machine's folders, longest first, each with its pattern and what stands in its place."""
        return places.patterns(self.secrets.folders)

    def shown(self, text: str) -> str:
        """The text as a terminal may show it: no secret, but still the paths and addresses that commands need."""
        for form, bounded in self._forms:
            if form in text:
                text = bounded.sub(GONE, text) if bounded is not None else text.replace(form, GONE)
        return shapes.masked(text)

    def handed(self, text: str) -> str:
        """The text as it may be handed over: also without where this machine is and what it is called."""
        text = self.shown(text)
        for form, whole, instead in self._places:
            if form in text:
                text = whole.sub(instead, text)
        return shapes.without_places(self.nameless(text))

    def nameless(self, text: str) -> str:
        """The text without what this machine is called."""
        if self.secrets.name and self.secrets.name in text:
            return re.sub(rf"(?<![\w.-]){re.escape(self.secrets.name)}(?![\w-])", GONE, text)
        return text

    def json(self, data: bytes, *, handed: bool = False) -> bytes:
        """A JSON document whose texts were masked one by one, so that it stays the document it was."""
        text = data.decode("utf-8", "replace")
        lay = self.handed if handed else self.shown
        # Most often nothing need be taken apart. What follows an escaped line end is seen only where that is none any more.
        if lay(text) == text and ("\\" not in text or lay(eased := _ESCAPED.sub(" ", text)) == eased):
            return data
        whole = documents.json(data)
        clear = walked(whole, lay)
        return data if clear == whole else msgspec.json.encode(clear)

    def noun(self, noun: Noun, *, handed: bool = False) -> Noun:
        """A noun with every text in it masked, however deep."""
        return cast("Noun", walked(noun, self.handed if handed else self.shown))

    def leak(self, data: bytes) -> str:
        """The first secret that stands in data which may not be changed, shortened; empty where none does."""
        for form, bounded in self._forms:
            if form.encode("utf-8", "surrogateescape") in data and (
                bounded is None or bounded.search(data.decode("latin-1"))
            ):
                return form[:2] + "..."
        return ""


def forms(value: str) -> Iterator[str]:
    """A value as texts write it: plain, in an address, in JSON, in Python, in HTML, in a shell, in base64."""
    yield value
    yield shell.quote(value).removeprefix("$").removeprefix("'").removesuffix("'")
    if readable(value) != value:  # bytes that are not UTF-8: no other text can hold them
        yield readable(value)
        return
    yield from {quote(value, safe=""), quote(value), quote_plus(value)}
    yield re.sub(r"%[0-9A-F]{2}", lambda one: one[0].lower(), quote(value, safe=""))
    for ascii_only in (True, False):
        once = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield from (once, json.dumps(once)[1:-1])
    yield repr(value)[1:-1]
    yield html.escape(value)
    yield html.escape(value, quote=False)
    if len(value.encode()) >= LEAST_BASE64:
        yield from _base64(value.encode())


def _base64(value: bytes) -> Iterator[str]:
    """What base64 makes of a value wherever it stands: the letters that no neighbour can change, for all three offsets."""
    for before in range(3):
        start = -(-before * 8 // 6)
        end = (before + len(value)) * 8 // 6
        for encoded in (base64.b64encode, base64.urlsafe_b64encode):
            yield encoded(bytes(before) + value).decode()[start:end]


def _bounded(form: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])")


def walked(value: object, lay: Callable[[str], str], name: str = "") -> object:
    """A value with every text in it laid anew, however deep: of a document, or of a noun of the lab."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return GONE if value and names.certain(name) else lay(value)
    if isinstance(value, Mapping):
        return {lay(key) if type(key) is str else key: walked(one, lay, str(key)) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(walked(one, lay) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {
            one.name: walked(getattr(value, one.name), lay, one.name) for one in dataclasses.fields(value) if one.init
        }
        return dataclasses.replace(value, **parts)
    return value
