"""The one door of every text that leaves this process: what this machine's secrets are is found out once."""

import os
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import msgspec

from lab.redaction import own_folders, sources
from lab.redaction.mask import Mask

Noun = TypeVar("Noun")


def mask() -> Mask:
    """This process's mask."""
    return _mask(own_folders.known())


@lru_cache(maxsize=1)
def _mask(folders: frozenset[str]) -> Mask:
    return Mask(secrets=sources.secrets(os.environ, Path.home(), folders=folders))


def forget() -> None:
    """Find the secrets again: a new command begins, perhaps in another environment."""
    _mask.cache_clear()
    own_folders.forget()


def shown(text: str) -> str:
    """A text for a terminal: without secrets, with the paths that its commands need."""
    return mask().shown(text)


def handed(text: str) -> str:
    """A text that is handed over: also without this machine's folders, name and addresses."""
    return mask().handed(text)


def nameless(text: str) -> str:
    """A text without this machine's name, and else as it is."""
    return mask().nameless(text)


def handed_json(data: bytes) -> bytes:
    """A JSON document that is handed over; the same bytes where nothing of this machine stood in it."""
    return mask().json(data, handed=True)


def handed_noun(noun: Noun) -> Noun:
    """A noun that is handed over, every text in it; the same one where nothing of this machine stood in it."""
    try:
        data = msgspec.json.encode(noun, enc_hook=str)
    except UnicodeEncodeError:  # a name that is not UTF-8
        return mask().noun(noun, handed=True)
    return noun if handed_json(data) == data else mask().noun(noun, handed=True)


def json(data: bytes) -> bytes:
    """A JSON document without secrets; the same bytes where it held none."""
    return mask().json(data)


def cleared(noun: Noun) -> Noun:
    """A noun without secrets; the same one where it held none."""
    try:
        data = msgspec.json.encode(noun, enc_hook=str)  # one look at all its texts is much cheaper than one at each
    except UnicodeEncodeError:  # a name that is not UTF-8
        return mask().noun(noun)
    return noun if json(data) == data else mask().noun(noun)


def leak(data: bytes) -> str:
    """The first secret in data that must stay as it is, shortened; empty where there is none."""
    return mask().leak(data)
