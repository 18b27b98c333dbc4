"""`lab new`: a new scenario, from nothing but a name or from somebody's report."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from lab import scenario
from lab.cli import again, answer, opening, options
from lab.cli.command import answers
from lab.cli.options import Format
from lab.cli.screen import from_here, labelled
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.knowledge import problems
from lab.knowledge.problems import Reported
from lab.scenario import NAME, draft, marks, skeleton, unfinished
from lab.scenario.draft import Draft
from lab.scenario.reading import blocks
from lab.scenario.reading.blocks import Passage
from lab.storage import store
from lab.storage.workspace import Workspace

MOST = 2 * 1024**2

THEIRS = ("message ", "title ", "known ")
"""Lines that hold what a report or a file of knowledge says in its own words."""


@answers(Format.TEXT)
def new(
    name: options.DraftArgument,
    as_: options.NameOption = "",
    summary: options.SummaryOption = "What fails, in one sentence.",
    issue: options.IssueOption = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """With a NAME, a small scenario that runs as it is; change it into your problem.

    With a REPORT, the path of a file, a skeleton: what the report says is filled in, the rest is marked, nothing is
    guessed.
    """
    found, catalogue = opening.place(workspace)
    found.require_own("lab new")
    report = Path(name)
    if report.is_file():
        target = _target(found, as_ or report.stem.replace("-", "_").replace(" ", "_"))
        _answer(target, list(_from_report(report, target, found, catalogue)))
    if report.suffix or "/" in name:
        raise UsageError(f"there is no report {name}", "name a text file, or a new scenario: letters, digits and _")
    if not name.isidentifier() or not name.isascii() or name.startswith("_"):
        raise UsageError(f"{name!r} cannot be a scenario's name", "letters, digits and _ only, such as lstm_numbers")
    target = _target(found, name)
    store.write(target, skeleton.small(summary, issue).encode())
    scenario.read(target)
    _answer(target, [from_here(target), f"next: {again.beside('repro', name)}"])


def _answer(target: Path, lines: Sequence[str]) -> NoReturn:
    def tell() -> None:
        for one in lines:
            labelled(one, own=not one.startswith(THEIRS))

    answer.give({"scenario": target.stem, "path": str(target), "told": lines}, text=tell)


def _target(found: Workspace, name: str) -> Path:
    if NAME.fullmatch(name) is None:
        raise UsageError(f"{name!r} cannot be a scenario's name", "--name with letters, digits, _ . -")
    target = found.scenarios / f"{name}.py"
    if target.exists():
        raise UsageError(f"{target} exists already", "choose another name (of a report: --name), or edit that file")
    return target


def _from_report(report: Path, target: Path, found: Workspace, catalogue: Catalogue) -> Iterator[str]:
    """Write the skeleton; every line is told: what the report says, what is open, what comes next."""
    read = draft.read(_text(report), {one.version for one in catalogue.releases})
    known = problems.reported(_reported(read), problems.read(found.scenarios / problems.FILE))
    same = known is not None and known.type == read.error
    made = unfinished.skeleton(
        read, pattern=known.message if known and same else "", phase=known.phase if known and same else ""
    )
    store.write(target, made.encode())
    yield f"wrote    {from_here(target)}"
    for what, value in _facts(read):
        yield f"{what:<8} {value or '(the report does not say)'}"
    if known is not None:
        yield f"known    {problems.about(known, opening.language())}"
    for gap in (*draft.gaps(read), *_not_here(read, catalogue)):
        yield f"open     {gap}"
    left = marks.left(made)
    if known is not None and (found.scenarios / f"{known.proof}.py").is_file():
        yield f"next: {again.beside('repro', known.proof)}"
    then = again.beside("repro", target.stem)
    yield f"next: fill in {from_here(target)} ({scenario.unfilled(left)}), then {then}"


def _facts(read: Draft) -> Iterator[tuple[str, str]]:
    """What the report says, each with its name."""
    yield "title", read.title
    yield "issue", read.issue
    yield "versions", ", ".join(read.versions)
    yield "good", ", ".join(read.good)
    yield "bad", ", ".join(read.bad)
    yield "saver", ", ".join(read.saved)
    yield "outcome", " ".join(part for part in (read.outcome.value if read.outcome else "", read.error) if part)
    yield "message", read.message
    yield "flags", ", ".join(f"{name}={value}" for name, value in read.flags)
    yield "apis", ", ".join(read.apis)
    yield "routes", ", ".join(read.routes)
    yield "setting", ", ".join(read.setting)
    yield "code", ", ".join(_size(one) for one in read.code)


def _size(one: Passage) -> str:
    lines = len(one.body.splitlines())
    return f"{lines} line{'s' if lines > 1 else ''} of {one.language}"


def _not_here(read: Draft, catalogue: Catalogue) -> Iterator[str]:
    """Why a release that the skeleton names cannot be had as a CPU wheel, and what can."""
    for version in dict.fromkeys((*filter(None, (read.saver,)), *read.failing, *read.good)):
        try:
            catalogue.environment(version)
        except UsageError as error:
            yield f"{error.what} ({error.remedy})"


def _reported(read: Draft) -> Reported:
    return Reported(
        type=read.error,
        message=read.log,
        saver=read.saver,
        loaders=read.failing,
        routes=read.routes,
        issues=(read.issue,),
    )


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST:
            raise UsageError(f"{path} has more than {MOST} bytes", "leave only the report in it")
        text = blocks.decoded(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "name a text file") from error
    if text is None:
        raise UsageError(f"{path} is no text", "name a text file: UTF-8, UTF-16 with a byte order mark, or GB 18030")
    if not text.strip():
        raise UsageError(f"{path} is empty", "put the report into it")
    return text
