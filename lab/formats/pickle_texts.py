"""The texts in the arguments of a pickle's opcodes, read as the unpickler reads them; None where one is longer than any name."""

import codecs
import warnings

from lab.formats.damage import DamageError
from lab.formats.pickle_opcodes import PickleStep

_QUOTED = 2
"""The length of a text in quotes that is empty."""


def decoded(step: PickleStep) -> str | None:
    """The text of one opcode; DamageError where loading would end in an error."""
    if not step.whole:
        return None
    if step.name in ("STRING", "BINSTRING", "SHORT_BINSTRING"):
        return _of_python2(step)
    try:
        if step.name == "UNICODE":
            return step.argument.decode("raw-unicode-escape")
        return step.argument.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise DamageError(f"damaged: {step.name} is no text", step.at) from error


def _of_python2(step: PickleStep) -> str | None:
    """In quotes and with escapes in protocol 0; what is not ASCII depends on who loads it, so it is not known."""
    data = step.argument
    if step.name == "STRING":
        if len(data) < _QUOTED or data[0] != data[-1] or data[:1] not in (b"'", b'"'):
            raise DamageError("damaged: STRING is not in quotes", step.at)
        try:
            with warnings.catch_warnings(action="ignore"):  # of escapes that are none, which the unpickler takes too
                data = codecs.escape_decode(data[1:-1])[0]
        except ValueError as error:
            raise DamageError("damaged: STRING has a wrong escape", step.at) from error
    return data.decode("ascii") if data.isascii() else None


def lines(step: PickleStep) -> tuple[str | None, str | None]:
    """Module and name in the two lines of GLOBAL and INST."""
    if not step.whole:
        return None, None
    try:
        module, name = step.argument.decode().split("\n")
    except UnicodeDecodeError as error:
        raise DamageError(f"damaged: {step.name} is no text", step.at) from error
    return module, name
