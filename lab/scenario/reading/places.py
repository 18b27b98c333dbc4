"""What belongs to one machine is taken out of a report: home folders, paths and names of files."""

import re
from collections.abc import Collection

PATH = "<path>"
_HOME = re.compile(r"(?P<root>/(?:home|Users)/|\b[A-Za-z]:[\\/]+Users[\\/]+)(?P<name>[^\s/\\'\"`:;,()<>]+)")
_SOURCE = re.compile(r"[ \t]*\((?:at|in)[ \t]+[^()\n]*[/\\][^()\n]*\)")
_BRACKETED = re.compile(r"(?P<open>[(\"'`])(?P<inside>[^()\"'`\n]*[/\\][^()\"'`\n]*)(?P<close>[)\"'`])")
_WORD = re.compile(r"(?:\b[A-Za-z]:(?=[/\\]))?[^\s'\"`()\[\]{}<>,;=:]*[/\\][^\s'\"`()\[\]{}<>,;=:]*")
_FILE = re.compile(r"\b[\w-]+\.(?:pdmodel|pdiparams|pdparams|pdopt|json|npz)\b(?!\.\w)")
_SHORTEST = 2


def homeless(text: str) -> str:
    """A text in which every home folder belongs to `user`."""
    return _HOME.sub(lambda found: found["root"] + "user", text)


def masked(message: str, names: Collection[str]) -> str:
    """A message without places in Paddle's source, and with `<path>` for each path and for each of the names.

    Names are the words that the report's own code hands to Paddle, such as "resnet" in jit.load("resnet").
    """
    text = _SOURCE.sub("", message)
    text = _BRACKETED.sub(lambda found: found["open"] + PATH + found["close"], text)
    text = _WORD.sub(PATH, text)
    text = _FILE.sub(PATH, text)
    for name in sorted((one for one in names if len(one) >= _SHORTEST), key=len, reverse=True):
        text = re.sub(rf"(?<=[(\"'`]){re.escape(name)}(?=[)\"'`])", PATH, text)
    return re.sub(rf"{PATH}(?:[ ,]*{PATH})+", PATH, text).strip()


def pattern(message: str) -> str:
    """The regular expression of a masked message: itself, with anything where a path stood."""
    return ".*".join(re.escape(part) for part in message.split(PATH)).strip()
