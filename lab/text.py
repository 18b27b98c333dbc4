"""Text from containers made fit to be shown: it is hostile until it has been through here."""

import re

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # operating system commands: titles, links, clipboard
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # device control and other strings
    r"|[\x1b\x9b]\[?[0-?]*[ -/]*[@-~]"  # colours, cursor movement, and the short forms
)
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
# Control characters but newline and tab, direction overrides that make text read as another, and lone surrogates.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
# Characters, and what Python makes of bytes that are none in UTF-8, such as GBK from an archive made in China.
_RUN = re.compile("[\x80-\ud7ff\udc80-\udcff\ue000-\U0010ffff]+")
_FOREIGN_BYTE = re.compile("[\udc80-\udcff]")
_MOVES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CUT = "\n[... {} characters cut ...]\n"
_SHORTEST = 80


def clean(text: str, limit: int = 4000) -> str:
    """Make text from a container safe for a terminal, and no longer than `limit` characters.

    ANSI escapes and control characters go (newline and tab stay, other line ends become a newline). What is too long
    loses its middle and says how much; limits under 80 simply cut the end.
    """
    # One pass is enough: what an escape leaves behind can be no escape, because no ESC survives the second line.
    plain = _ESCAPES.sub("", _LINE_ENDS.sub("\n", readable(text)))
    return _shorten(_CONTROLS.sub("", plain).strip(), limit)


def readable(text: str) -> str:
    r"""A text with each word that is not UTF-8 as its bytes, written as people type them: \xc4\xa3\xd0\xcd."""
    return _RUN.sub(lambda run: _as_bytes(run[0]) if _FOREIGN_BYTE.search(run[0]) else run[0], text)


def _as_bytes(run: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in run.encode("utf-8", "surrogateescape"))


def counted(number: int, noun: str) -> str:
    """A number of things: "1 trial", "2 trials"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def quoted(word: str) -> str:
    """A word somebody typed, in quotes, also where it holds what cannot be printed."""
    return repr(word) if word.isprintable() else f"'{readable(word)}'"


def still(text: str) -> str:
    """The lab's own lines without what moves a cursor or colours a terminal: a folder may be called so."""
    return _MOVES.sub("", _ESCAPES.sub("", readable(text)))


def _shorten(text: str, limit: int) -> str:
    """Keep both ends of a text that is too long: the first lines name the error, the last ones the place."""
    if len(text) <= limit:
        return text
    if limit < _SHORTEST:
        return text[:limit]
    keep = limit - len(_CUT.format(len(text)))
    head = keep // 2
    tail = keep - head
    return text[:head] + _CUT.format(len(text) - keep) + text[-tail:]
