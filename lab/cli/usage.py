"""What cannot be understood of a command, in the lab's own words."""

import difflib
from typing import Any

from lab.text import clean


def sentence(error: Any) -> str:
    """One sentence for what the parser of the command line could not take."""
    command = error.ctx.command_path if getattr(error, "ctx", None) else "lab"
    match type(error).__name__:
        case "NoSuchOption":
            return f"{command} has no option {clean(error.option_name, 80)}{_near(error)}"
        case "MissingParameter":
            return f"{command} needs {_name(error)}"
        case "BadParameter" if error.param is not None:
            return f"{_name(error)}: {_lower(error.message)}"
        case _:
            return f"{command}: {_lower(error.format_message())}"


def _name(error: Any) -> str:
    """The option or argument as the help shows it."""
    if error.param is None:
        return "more words"
    one = error.param
    return max(one.opts, key=len) if one.param_type_name == "option" else str(one.metavar or one.name.upper())


def _near(error: Any) -> str:
    known = [name for one in error.ctx.command.params for name in one.opts if name.startswith("--")]
    near = difflib.get_close_matches(error.option_name, known, n=2)
    return f"; {' or '.join(near)}?" if near else ""


def _lower(text: str) -> str:
    said = clean(text, 400).rstrip(".").removeprefix("value error, ")
    return said[:1].lower() + said[1:]
