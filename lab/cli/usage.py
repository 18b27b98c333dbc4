"""What cannot be understood of a command, in the lab's own words."""

import difflib
import re
from typing import Any

from lab.text import clean

_NO_COMMAND = re.compile(r"no such command '(.*?)'")
_QUOTED = r"'([^']+)'"


def sentence(error: Any) -> str:
    """One sentence for what the parser of the command line could not take."""
    command = error.ctx.command_path if getattr(error, "ctx", None) else "lab"
    match type(error).__name__:
        case "NoSuchOption":
            return f"{command} has no option {clean(error.option_name, 80)}{_near(error)}"
        case "MissingParameter":
            return f"{command} needs {_name(error)}"
        case "BadParameter" if error.param is not None:
            return f"{_name(error)}: {_plain(_lower(error.message))}"
        case _:
            said = _lower(error.format_message())
            if unknown := _NO_COMMAND.match(said):
                near = re.findall(_QUOTED, said[unknown.end() :])
                return f"{command} has no command '{unknown[1]}'{_or(near, ', ')}"
            return said if command == "lab" else f"{command}: {said}"


def _name(error: Any) -> str:
    """The option or argument as the help shows it."""
    if error.param is None:
        return "more words"
    one = error.param
    return max(one.opts, key=len) if one.param_type_name == "option" else str(one.metavar or one.name.upper())


def _near(error: Any) -> str:
    known = [name for one in error.ctx.command.params for name in one.opts if name.startswith("--")]
    return _or(difflib.get_close_matches(error.option_name, known, n=2), " or ")


def _or(near: list[str], between: str) -> str:
    return f"; {between.join(near)}?" if near else ""


def _lower(text: str) -> str:
    said = clean(text, 400).rstrip(".")
    return (said[:1].lower() + said[1:]).removeprefix("value error, ")


def _plain(text: str) -> str:
    """What the validator of values says, as a person says it."""
    if re.fullmatch(r"input should be a valid integer.*", text):
        return "a whole number is needed"
    if re.fullmatch(r"input should be a valid number.*", text):
        return "a number is needed"
    text = re.sub(r"^input should be greater than or equal to (\S+)$", r"at least \1 is needed", text)
    return re.sub(r"^input should be less than or equal to (\S+)$", r"at most \1 is possible", text)
