"""PATH -> the files of one model: a folder, a prefix or a file, without walking trees or following links out of them."""

import os
import stat
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lab.errors import UsageError
from lab.formats import around
from lab.formats.names import PROGRAMS, is_model, split
from lab.model.inspection import InspectFinding, InspectLevel
from lab.text import clean

MAX_ENTRIES = 20_000
_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class ModelPlace:
    """The files of one model, where they lie and under which prefix, and what was left out of the look.

    `twins` are the programs of the same prefix that are not meant: they may share the parameters.
    """

    folder: Path
    prefix: str
    files: tuple[Path, ...]
    findings: tuple[InspectFinding, ...] = ()
    twins: tuple[Path, ...] = ()


def shown(path: Path | str) -> str:
    """A path fit for a terminal, whatever bytes its name has."""
    return clean(str(path), 400)


def spelling(place: ModelPlace) -> tuple[InspectFinding, ...]:
    """What is said of names that are not UTF-8: what they read as in the encoding of Chinese archives."""
    data = os.fsencode(place.folder / place.prefix)
    try:
        data.decode()
    except UnicodeDecodeError:
        try:
            meant = f"in GB18030 it reads {clean(data.decode('gb18030'), 400)}"
        except UnicodeDecodeError:
            meant = "nor is it GB18030"
        what = f"the name {shown(place.folder / place.prefix)} is not UTF-8; {meant}"
        remedy = "the lab reads it as it is; give it a name in UTF-8 where another program cannot"
        return (InspectFinding(level=InspectLevel.NOTE, what=what, remedy=remedy),)
    return ()


def find(path: Path, prefix: str = "", *, linked: bool = False) -> ModelPlace:
    """The files meant by a path; UsageError says in one sentence what is missing or must be chosen.

    With `linked`, model files that are links to files elsewhere are followed, and that is said.
    """
    kind = _kind(path)
    if kind == stat.S_IFDIR:
        return _in_folder(path, prefix, linked=linked)
    if prefix:
        raise UsageError(f"{shown(path)} is no folder, so --prefix has no meaning", "leave --prefix out")
    if kind:
        return _beside(path, linked=linked)
    names, findings = _names(path.parent, linked=linked) if _kind(path.parent) == stat.S_IFDIR else ([], ())
    mine = [name for name in names if split(name)[0] == path.name]
    if not mine:
        raise UsageError(f"there is no file, folder or prefix {shown(path)}", _near(path.parent, names))
    return ModelPlace(folder=path.parent, prefix=path.name, files=_paths(path.parent, mine), findings=findings)


def _kind(path: Path) -> int:
    """What lies at a path, links followed, as stat counts kinds; 0 where there is nothing."""
    try:
        return stat.S_IFMT(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{shown(path)} cannot be looked at: {why}", "check its name and its rights") from error


def _near(folder: Path, names: Iterable[str]) -> str:
    """What may be named instead: the models of the folder, where it has any."""
    models = [one for one, files in _prefixes(names).items() if any(is_model(folder, name) for name in files)]
    if models:
        return f"name one that {shown(folder)} has: {_list(models)}"
    return "name a model's folder, its prefix (without .pdmodel or .json) or one of its files"


def _list(words: Iterable[str]) -> str:
    all_words = sorted(words)
    more = f" and {len(all_words) - _SHOWN} more" if len(all_words) > _SHOWN else ""
    return ", ".join(shown(word) for word in all_words[:_SHOWN]) + more


def _names(folder: Path, *, linked: bool) -> tuple[list[str], tuple[InspectFinding, ...]]:
    """Names of the regular files in a folder that Paddle could have written, and what is said of links out of it."""
    names: list[str] = []
    outside: list[str] = []
    for entry in _entries(folder):
        if split(entry.name)[1]:
            (names if _inside(entry, folder) else outside).append(entry.name)
    followed = [name for name in outside if linked and (folder / name).is_file()]
    notes = [_link(folder, name, followed=name in followed) for name in sorted(outside)]
    return sorted(names + followed), tuple(notes)


def _link(folder: Path, name: str, *, followed: bool) -> InspectFinding:
    """What is said of a link that leads out of the folder."""
    if followed:
        target = shown((folder / name).resolve())
        return InspectFinding(
            level=InspectLevel.NOTE, what=f"{shown(name)} is a link to {target}: followed, as a file of the model"
        )
    return InspectFinding(
        level=InspectLevel.WARNING,
        what=f"{shown(name)} is a link that leads out of the folder, or to nothing: not followed",
        remedy="name the file itself, or copy it here",
    )


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            found = list(islice(entries, MAX_ENTRIES + 1))
    except OSError as error:
        raise UsageError(
            f"{shown(folder)} cannot be listed: {error.strerror}", "check the rights of the folder"
        ) from error
    if len(found) > MAX_ENTRIES:
        raise UsageError(
            f"{shown(folder)} has more than {MAX_ENTRIES:,} entries", "name the model's file, such as DIR/name.pdmodel"
        )
    return found


def _inside(entry: "os.DirEntry[str]", folder: Path) -> bool:
    if not entry.is_symlink():
        return entry.is_file()
    try:
        target = Path(entry.path).resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return target.is_file() and target.is_relative_to(folder.resolve())


def _paths(folder: Path, names: Iterable[str]) -> tuple[Path, ...]:
    return tuple(folder / name for name in names)


def _prefixes(names: Iterable[str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for name in names:
        grouped[split(name)[0]].append(name)
    return dict(grouped)


def _in_folder(folder: Path, prefix: str, *, linked: bool) -> ModelPlace:
    names, findings = _names(folder, linked=linked)
    grouped = _prefixes(names)
    if prefix:
        if prefix not in grouped:
            raise UsageError(f"{shown(folder)} has no model {shown(prefix)}", _near(folder, names))
        return ModelPlace(folder=folder, prefix=prefix, files=_paths(folder, grouped[prefix]), findings=findings)
    models = [one for one, files in grouped.items() if any(is_model(folder, name) for name in files)]
    rest = [one for one, files in grouped.items() if set(files) != {f"{one}.json"}]
    chosen = models or rest
    if not chosen:
        raise UsageError(*_nothing(folder, findings, names))
    if len(chosen) > 1:
        kind = "models" if models else "sets of files without a program"
        raise UsageError(
            f"{shown(folder)} holds {len(chosen)} {kind}: {_list(chosen)}",
            f"choose one: {shown(folder / min(chosen))}, or --prefix {shown(min(chosen))} where the command has it",
        )
    return ModelPlace(folder=folder, prefix=chosen[0], files=_paths(folder, grouped[chosen[0]]), findings=findings)


def _nothing(folder: Path, findings: tuple[InspectFinding, ...], names: list[str]) -> tuple[str, str]:
    """What lies in a folder that is no model, and what to do about it."""
    below = around.models_below(folder)
    if below:
        several = f"{len(below)} models lie" if len(below) > 1 else "a model lies"
        what = f"{shown(folder)} is no model itself; {several} below it: {_list(str(one) for one in below)}"
        return what, f"name one: {shown(folder / min(below))}"
    unnamed = around.unnamed(folder)
    if unnamed and not names:
        told = ", ".join(f"{shown(name)} ({kind.value})" for name, kind in unnamed[:_SHOWN])
        what = f"{shown(folder)} holds no file with a name that Paddle gives, but what begins as its files do: {told}"
        return what, "name one of them, or give them Paddle's names: NAME.pdmodel or NAME.json, and NAME.pdiparams"
    return _told(folder, findings, names), "name the folder, prefix or file of a saved model"


def _told(folder: Path, findings: tuple[InspectFinding, ...], names: list[str]) -> str:
    if names:
        return (
            f"{shown(folder)} holds no model: {_list(names)} {'is' if len(names) == 1 else 'are'} no program of Paddle"
        )
    if findings:
        return f"{shown(folder)} holds no model: {findings[0].what}"
    return f"{shown(folder)} {'holds no file that Paddle writes' if _entries(folder) else 'is empty'}"


def _beside(path: Path, *, linked: bool) -> ModelPlace:
    """One named file, with the parameters or programs of the same prefix that explain it."""
    prefix, end = split(path.name)
    if not end:
        return ModelPlace(folder=path.parent, prefix=path.name, files=(path,))
    names, findings = _names(path.parent, linked=linked)
    wanted = {name for name in names if split(name)[0] == prefix}
    twins: set[str] = set()
    if end in PROGRAMS:
        twins = {name for name in wanted if is_model(path.parent, name)} - {path.name}
        wanted = {name for name in wanted if split(name)[1] not in PROGRAMS}
    about = tuple(one for one in findings if shown(prefix) in one.what)
    files = _paths(path.parent, sorted(wanted | {path.name}))
    others = _paths(path.parent, sorted(twins))
    return ModelPlace(folder=path.parent, prefix=prefix, files=files, findings=about, twins=others)
