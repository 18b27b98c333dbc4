"""The one door of every text that leaves this process: what this machine's secrets are is found out once."""

import os
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import msgspec

from lab.redaction import sources
from lab.redaction.mask import Mask

Noun = TypeVar("Noun")


@lru_cache(maxsize=1)
def mask() -> Mask:
    """This process's mask."""
    return Mask(secrets=sources.secrets(os.environ, Path.home()))


def forget() -> None:
    """Find the secrets again: a new command begins, perhaps in another environment."""
    mask.cache_clear()


def shown(text: str) -> str:
    """A text for a terminal: without secrets, with the paths that its commands need."""
    return mask().shown(text)


def handed(text: str) -> str:
    """A text that is handed over: also without this machine's home folder, name and addresses."""
    return mask().handed(text)


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
