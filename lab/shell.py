"""Commands as anybody types them, and taken apart again: one quoting for every word, also for bytes that are no UTF-8."""

import re
import shlex
from collections.abc import Iterable

_ODD = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_QUOTED = re.compile(r"(?:(?<=\s)|^)\$'((?:\\.|[^'\\])*)'(?=\s|$)")
_BYTE = re.compile(rb"\\(?:x([0-9a-f]{2})|(.))", re.DOTALL)


def quote(word: str) -> str:
    r"""One word for a shell; what cannot be printed is written as the bash, ksh and zsh read it: $'\xc4'."""
    if _ODD.search(word) is None:
        return shlex.quote(word)
    data = word.encode("utf-8", "surrogateescape" if _is_name(word) else "surrogatepass")
    return "$'" + "".join(_typed(byte) for byte in data) + "'"


def join(words: Iterable[str]) -> str:
    """A whole command."""
    return " ".join(quote(word) for word in words)


def split(text: str) -> list[str]:
    """The words of a command that `join` wrote."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(_BYTE.sub(_meant, found[1].encode()).decode("utf-8", "surrogateescape"))
        return f"\0{len(kept) - 1}"

    return [kept[int(word[1:])] if word.startswith("\0") else word for word in shlex.split(_QUOTED.sub(keep, text))]


def _is_name(word: str) -> bool:
    """Whether all lone surrogates of a word are bytes of a file's name."""
    return not re.search("[\ud800-\udc7f\udd00-\udfff]", word)


def _typed(byte: int) -> str:
    if chr(byte) in "'\\":
        return "\\" + chr(byte)
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}"  # noqa: PLR2004 - the printable ASCII characters


def _meant(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[1].decode()) if found[1] else found[2]
