"""Old spellings of the command line, which work for one release: each is put into today's words, and that is said."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.errors import UsageError

GOES = "the old spelling goes with the next release"
LAST_LOOK = 24
STEP = 6


@dataclass(frozen=True, kw_only=True)
class Renamed:
    """One old spelling of one verb ("" stands for the verbs themselves) and what it is called now.

    `old` may be several words; with `valued` the word after it belongs to it, and `new` says the words for both.
    """

    verb: str
    old: str
    new: str = ""
    valued: Callable[[str], list[str]] | None = None


def _file(ending: str, form: str) -> Callable[[str], list[str]]:
    """-o FILE for an old option that named the file of one format."""

    def words(path: str) -> list[str]:
        if Path(path).suffix == ending or (form == "markdown" and Path(path).suffix not in (".html", ".json", ".txt")):
            return ["--output", path]
        if Path(path).suffix in (".html", ".json", ".md", ".txt"):
            raise UsageError(f"{path} would be {form} by another ending", f"name it NAME{ending}")
        return ["--format", form, "--output", path]

    return words


def _more(blocks: str) -> list[str]:
    """The next look, or the last one where more blocks were asked for than lie between two looks."""
    further = blocks.isdigit() and int(blocks) > STEP
    return ["--resume", "last", *(["--blocks", str(LAST_LOOK)] if further else [])]


TABLE = (
    Renamed(verb="", old="matrix-check", new="repro --all"),
    Renamed(verb="", old="host", new="doctor --noise"),
    Renamed(verb="", old="scenarios new", new="new"),
    Renamed(verb="run", old="--save", new="--savers"),
    Renamed(verb="run", old="--load", new="--loaders"),
    Renamed(verb="bisect", old="--sweep", new="--every"),
    Renamed(verb="isolate", old="--markdown", new="--format markdown"),
    Renamed(verb="cure", old="--markdown", new="--format markdown"),
    Renamed(verb="replay", old="--markdown", new="--format markdown"),
    Renamed(verb="replay", old="--times", new="--repeat"),
    Renamed(verb="replay", old="--with", new="--loader"),
    Renamed(verb="bundle", old="--times", new="--repeat"),
    Renamed(verb="matrix", old="--markdown", valued=_file(".md", "markdown")),
    Renamed(verb="matrix", old="--html", valued=_file(".html", "html")),
    Renamed(verb="sweep", old="--markdown", valued=_file(".md", "markdown")),
    Renamed(verb="sweep", old="--html", valued=_file(".html", "html")),
    Renamed(verb="sweep", old="--history", valued=_file(".json", "json")),
    Renamed(verb="sweep", old="--from", new="--stored"),
    Renamed(verb="sweep", old="--routes", new="--route"),
    Renamed(verb="bench", old="--more", valued=_more),
    Renamed(verb="report", old="--out", new="--output"),
    Renamed(verb="convert", old="--out", new="--output"),
    Renamed(verb="convert", old="--to", new="--into"),
    Renamed(verb="stamp", old="--release", new="--from"),
    Renamed(verb="runs show", old="--format terminal", new="--format text"),
    Renamed(verb="runs show", old="-f terminal", new="--format text"),
    Renamed(verb="runs show", old="-fterminal", new="--format text"),
)


def current(words: Sequence[str], tell: Callable[[str], None]) -> list[str]:
    """The same words in today's spelling; `tell` hears one sentence for each old one."""
    rest = list(words)
    for one in [row for row in TABLE if not row.verb]:
        old = one.old.split()
        if rest[: len(old)] == old:
            tell(f"lab {one.old} is now lab {one.new}; {GOES}")
            rest[: len(old)] = one.new.split()
    rows = [row for row in TABLE if row.verb and rest[: len(row.verb.split())] == row.verb.split()]
    done: list[str] = []
    while rest and rest[0] != "--":
        done += _step(rest, rows, tell)
    _one_format(done, words)
    return done + rest


def _step(rest: list[str], rows: Sequence[Renamed], tell: Callable[[str], None]) -> list[str]:
    """Take the next words off, and give them in today's spelling."""
    name, equals, value = rest[0].partition("=")
    for row in rows:
        old = row.old.split()
        if rest[: len(old)] == old:
            del rest[: len(old)]
        elif equals and old == [name]:
            del rest[0]
        elif equals and old == [name, value]:  # --format=terminal
            del rest[0]
            equals = ""
        else:
            continue
        new = row.new.split()
        if row.valued is not None:
            if not equals and not rest:
                raise UsageError(f"{row.old} needs a value", f"lab {row.verb} --help")
            new = row.valued(value if equals else rest.pop(0))
        elif equals:
            new = [f"{row.new}={value}"]
        tell(f"{row.old} is now {row.new or ' '.join(new)}; {GOES}")
        return new
    return [rest.pop(0)]


def _one_format(done: Sequence[str], words: Sequence[str]) -> None:
    """UsageError where two old options name files of two formats, and the names say neither."""
    formats = {after for before, after in itertools.pairwise(done) if before == "--format"}
    if len(formats) > 1 and not any(word.startswith("--format") for word in words):
        raise UsageError(
            f"one command writes files of several formats by their names only: {', '.join(sorted(formats))}",
            "-o NAME.md -o NAME.html -o NAME.json",
        )
