r"""The one door for patterns that come from a file or from a user: matched in time that grows with the text alone.

Python's own engine can be made to try for ever (`(a+)+$`), and a header from anywhere may ask for it. RE2 cannot; what
it leaves out for that (look-around, references back) is refused with a reason. Its syntax:
https://github.com/google/re2/wiki/Syntax. Classes such as `\w` and `\s` mean ASCII, and `$` the end of the text.
"""

import re
from functools import lru_cache
from typing import Any

LONGEST = 4000
"""Characters of one pattern."""
SYNTAX = "patterns are those of RE2, which has no look-around and no reference back to a group"
"""What is left out, for the remedy of whoever refuses a pattern."""

# What Python writes in another way: escapes and classes are stepped over, `\Z` and `{,n}` are told apart.
_OF_PYTHON = re.compile(r"(?s)\\Z|\{,(?=\d++\})|\\.|\[\^?+\]?+(?:\\.|[^\]\\])*+\]")
_AS_RE2 = {r"\Z": r"\z", "{,": "{0,"}


class PatternError(ValueError):
    """A text is no pattern that can be matched; its message is the reason."""


def check(pattern: str) -> None:
    """Raise PatternError where a pattern cannot be matched."""
    _compiled(pattern)


def found(pattern: str, text: str) -> bool:
    """Whether a pattern fits somewhere in a text; PatternError where it is none."""
    return _compiled(pattern).search(_encodable(text)) is not None


def fits(pattern: str, text: str) -> bool:
    """Whether a pattern fits a whole text; PatternError where it is none."""
    return _compiled(pattern).fullmatch(_encodable(text)) is not None


@lru_cache(maxsize=1000)
def _compiled(pattern: str) -> Any:
    import re2  # noqa: PLC0415 - most commands never match a pattern

    if len(pattern) > LONGEST:
        raise PatternError(f"it has {len(pattern):,} characters, at most {LONGEST:,} are taken")
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(_OF_PYTHON.sub(lambda one: _AS_RE2.get(one[0], one[0]), _encodable(pattern)), options)
    except re2.error as error:
        why = error.args[0] if error.args else "it cannot be read"
        raise PatternError(why.decode(errors="replace") if isinstance(why, bytes) else str(why)) from error


def _encodable(text: str) -> str:
    """A text without the lone halves of characters, which RE2 cannot take."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
