"""Where this machine keeps its work, taken out of what is published: a page says which file, and not where it lay."""

import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import msgspec

from lab import shell
from lab.redaction import door
from lab.redaction.mask import walked
from lab.redaction.places import ELSEWHERE
from lab.storage.workspace import Workspace

_FULL = re.compile(r"(?:(?<=[=:,])|^)(?:file://)?/(?:[^/=:,]*/)+")
Noun = TypeVar("Noun")


@dataclass(frozen=True, kw_only=True)
class OwnPlaces:
    """Folders of this machine, longest first, each with what stands in its place: "" for the workspace itself."""

    folders: tuple[tuple[str, str], ...]

    def text(self, text: str) -> str:
        """The text without where anything lay: paths below the workspace become relative, others lose their beginning."""
        for folder, instead in self.folders:
            if folder in text:
                text = _whole(folder).sub(lambda one, instead=instead: _in_its_place(one, instead), text)  # type: ignore[misc]
        return door.handed(text)

    def noun(self, noun: Noun) -> Noun:
        """A noun with every text in it laid so; the same one where nothing of this machine stood in it."""
        data = msgspec.json.encode(
            noun, enc_hook=str
        ).decode()  # one look at all its texts is much cheaper than one at each
        clean = self.text(data) == data and not any(_escaped(folder) in data for folder, _ in self.folders)
        return noun if clean else cast("Noun", walked(noun, self.text))


def of(found: Workspace) -> OwnPlaces:
    """The places of this process: workspace and cache, the folder it was started in, its home and its temporary folder."""
    own = [(found.root, ""), (found.carried or found.root, ""), (_here(), ""), (found.cache, ELSEWHERE)]
    own += [(Path(tempfile.gettempdir()), ELSEWHERE), (_home(), "~")]
    places = {text: instead for folder, instead in reversed(own) for text in _spellings(folder)}
    return OwnPlaces(folders=tuple(sorted(places.items(), key=lambda one: (-len(one[0]), one[0]))))


def command(text: str) -> str:
    """A command without where its files lay: "lab check /data/models/net" is "lab check …/net"."""
    try:
        words = shell.split(text)
    except ValueError:  # no command that the lab wrote
        return text
    short = [_FULL.sub(f"{ELSEWHERE}/", one) for one in words]
    return text if short == words else " ".join(_typed(one) for one in short)


def _typed(word: str) -> str:
    return word if ELSEWHERE in word and " " not in word else shell.quote(word)


def _spellings(folder: Path) -> Iterable[str]:
    """A folder as it is named, and as it is where links are followed; none of what every machine has."""
    return {str(one) for one in (folder.absolute(), folder.resolve()) if len(one.parts) > 1}


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError:  # it was removed since
        return Path("/")


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # a user whom no file of the system knows
        return Path("/")


def _whole(folder: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-]){re.escape(folder)}(?:(/)|(?![\w-]))")


def _in_its_place(found: re.Match[str], instead: str) -> str:
    return f"{instead}{found[1] or ''}" if instead else "" if found[1] else "."


def _escaped(folder: str) -> str:
    return msgspec.json.encode(folder).decode()[1:-1]
