"""Builds named where a release may stand: each is taken in before the verb runs, and known by its content from then on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lab.engine.choose import EngineChoice
from lab.errors import UsageError
from lab.text import quoted

OPTIONS = frozenset(
    {
        "--savers", "--loaders", "--saver", "--loader", "--good", "--bad", "--at", "--from", "--to", "--readers",
        "--release", "--releases", "--against", "--keep",
    }
)  # fmt: skip
"""The options that take releases."""
FOLDERS = "--among"
"""The option that takes a folder of wheels."""
ARGUMENTS = frozenset({"ENVIRONMENT", "BUILD"})
"""The arguments that do, by how the help calls them."""
IMAGE = re.compile(r"(?P<before>release=)?(?P<sort>image|official):(?P<name>[^,+]+)(?P<after>\+[A-Za-z_]\w*=.*)?")
NIGHTLY = re.compile(r"(?P<before>release=)?(?P<word>nightly(?:-\d{4}-\d{2}-\d{2})?)(?P<after>(?:[-+].*)?)")
ROW = "nightly"
"""The row of all nightly wheels, in the place of a folder; a folder of that name is ./nightly."""
ADDED = "BUILD"
"""The argument whose nightly wheels are added by the verb itself."""
PACKAGES = re.compile(r"\+([a-z]+)==(\d+(?:\.[0-9a-z]+)+)")
OFFICIAL = "official"
"""The word for an image that Paddle itself publishes, by release and device."""
PYTHON = "3.11"
"""The Python of an environment where nobody names one and the wheels are for several."""
FILE = re.compile(r"(?P<before>release=)?(?P<file>[^,]+?\.(?:whl|tar\.gz|tar\.bz2|zip))(?P<after>\+[A-Za-z_]\w*=.*)?")


@dataclass(frozen=True, kw_only=True)
class Taker:
    """Takes builds into the cache of a workspace; a `nightly` one by its day, except where the verb itself adds it."""

    place: str
    engine: EngineChoice
    nightly: bool = True

    def words(self, text: str, *, many: bool) -> str:
        """A typed word with each file in it as the release it is; `many` says that a pattern may fit several."""
        return ",".join(self._part(part, many=many) for part in text.split(","))

    def row(self, text: str, python: str, days: tuple[str, str] = ("", "")) -> str:
        """The wheels of a folder as a row, by version and then by when they were built; nightly ones by day; any other word as it is."""
        if text == ROW:
            from lab.environment import nightlies  # noqa: PLC0415
            from lab.storage import store  # noqa: PLC0415

            return ",".join(nightlies.row(self._own_images(), *days, python, store.now()[:10]))
        if any(days):
            raise UsageError("--since and --until choose among nightly wheels", "add --among nightly")
        if not Path(text).is_dir():
            return self.words(text, many=True)
        tag = f"-cp{(python or PYTHON).replace('.', '')}-"
        found = [one for one in Path(text).glob("*.whl") if tag in one.name]
        if not found:
            raise UsageError(f"{quoted(text)} holds no wheel for Python {python or PYTHON}", "name a folder of wheels")
        return ",".join(self._wheel(path) for path in sorted(found, key=_age))

    def _part(self, part: str, *, many: bool) -> str:
        """One release, as it is written; with "+numpy==1.26.4" after it, the environment that has that package."""
        base, found = PACKAGES.sub("", part), PACKAGES.findall(part)
        own = "".join(f"-{name}{version}" for name, version in found)
        named = self._named(base, many=many)
        return ",".join(f"{one}{own}" for one in named.split(",")) if own else named

    def _named(self, part: str, *, many: bool) -> str:
        if (match := IMAGE.fullmatch(part.strip())) is not None:
            return f"{match['before'] or ''}{self._image(match['sort'], match['name'])}{match['after'] or ''}"
        if self.nightly and (match := NIGHTLY.fullmatch(part.strip())) is not None:
            return f"{match['before'] or ''}{self._nightly(match['word'])}{match['after']}"
        if (match := FILE.fullmatch(part.strip())) is None:
            return part
        named = [self._wheel(path) for path in _paths(match["file"], many=many)]
        return ",".join(f"{match['before'] or ''}{one}{match['after'] or ''}" for one in named)

    def _nightly(self, word: str) -> str:
        from lab.environment import nightlies  # noqa: PLC0415
        from lab.storage import store  # noqa: PLC0415

        return nightlies.named(self._own_images(), word, store.now()[:10])

    def _own_images(self) -> Path:
        """Where a nightly wheel's table is written; UsageError where there is no workspace to write to."""
        from lab.storage import workspace  # noqa: PLC0415

        found = workspace.find(chosen=self.place)
        found.require_own("a nightly wheel")
        return found.images

    def _wheel(self, path: Path) -> str:
        from lab import environment  # noqa: PLC0415 - most commands name no build
        from lab.environment import wheel_file  # noqa: PLC0415
        from lab.environment.kept_builds import KeptBuilds  # noqa: PLC0415
        from lab.storage import workspace  # noqa: PLC0415

        found = workspace.find(chosen=self.place)
        build = wheel_file.read(path, environment.load(found.images).known.pythons)
        KeptBuilds(cache=found.cache).keep(build, path)
        return build.release

    def _image(self, sort: str, name: str) -> str:
        from lab import environment  # noqa: PLC0415
        from lab.cli import opening  # noqa: PLC0415
        from lab.environment import official  # noqa: PLC0415
        from lab.environment.kept_builds import KeptBuilds  # noqa: PLC0415
        from lab.storage import workspace  # noqa: PLC0415

        found = workspace.find(chosen=self.place)
        if sort == OFFICIAL:
            name = official.image(found.images, name)
        build = opening.engine(found, self.engine).given(name, environment.load(found.images).known.pythons)
        KeptBuilds(cache=found.cache).keep(build)
        return build.release


def taken(command: Any, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, with every build in it taken in and named by its content."""
    engine = typed.get("engine")
    taker = Taker(place=str(typed.get("workspace") or ""), engine=engine or EngineChoice.AUTO)
    days = (str(typed.get("since") or ""), str(typed.get("until") or ""))
    changed = dict(typed)
    for one in command.params:
        value = typed.get(one.name)
        if FOLDERS in one.opts:
            changed[one.name] = [taker.row(word, str(typed.get("python") or ""), days) for word in value or _rows(days)]
            changed |= {
                "since": "",
                "until": "",
            }  # the row holds what they chose, also where this command is said again
        if not (OPTIONS & set(one.opts) or (one.metavar in ARGUMENTS and one.param_type_name == "argument")):
            continue
        whose = replace(taker, nightly=one.metavar != ADDED)
        if isinstance(value, str):
            changed[one.name] = whose.words(value, many=one.name in ("to", "readers"))
        elif isinstance(value, list | tuple):
            changed[one.name] = [whose.words(word, many=True) if isinstance(word, str) else word for word in value]
    return changed


def _rows(days: tuple[str, str]) -> list[str]:
    """What row is meant where none is named: none, and days without one are refused as those of any other row."""
    return [""] if any(days) else []


def _age(path: Path) -> tuple[Any, float]:
    """Where a wheel stands in a row: by its version; builds of one version by the time of their files."""
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415

    try:
        return Version(path.name.split("-")[1]), path.stat().st_mtime
    except (IndexError, InvalidVersion) as error:
        raise UsageError(f"{quoted(str(path))} is not named as a wheel", "keep the name it was built with") from error


def _paths(word: str, *, many: bool) -> list[Path]:
    """The files a word means: itself, or what fits it as a pattern; UsageError where that is not as many as are wanted."""
    if not any(letter in word for letter in "*?["):
        return [Path(word)]
    found = sorted(Path(word).parent.glob(Path(word).name))
    if not found:
        raise UsageError(f"no file fits {quoted(word)}", "name a wheel that exists")
    if len(found) > 1 and not many:
        raise UsageError(
            f"{len(found)} files fit {quoted(word)}, and one is wanted here: {', '.join(one.name for one in found[:3])}",
            "name one of them",
        )
    return found
