"""`lab new`: a new scenario, from nothing but a name or from somebody's report."""

from pathlib import Path

from lab import scenario
from lab.cli import again, opening, options
from lab.cli.screen import from_here, say
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.scenario import NAME, draft, skeleton
from lab.storage.workspace import Workspace

MOST = 2 * 1024**2


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
    report = Path(name)
    if report.is_file():
        _from_report(report, _target(found, as_ or report.stem.replace("-", "_").replace(" ", "_")), catalogue)
        return
    if report.suffix or "/" in name:
        raise UsageError(f"there is no report {name}", "name a text file, or a new scenario: letters, digits and _")
    if not name.isidentifier() or not name.isascii() or name.startswith("_"):
        raise UsageError(f"{name!r} cannot be a scenario's name", "letters, digits and _ only, such as lstm_numbers")
    target = _target(found, name)
    target.write_text(skeleton.small(summary, issue), encoding="utf-8")
    scenario.read(target)
    say(f"{from_here(target)}\nnext: {again.beside('repro', name)}")


def _target(found: Workspace, name: str) -> Path:
    if NAME.fullmatch(name) is None:
        raise UsageError(f"{name!r} cannot be a scenario's name", "--name with letters, digits, _ . -")
    target = found.scenarios / f"{name}.py"
    if target.exists():
        raise UsageError(f"{target} exists already", "choose another name (of a report: --name), or edit that file")
    return target


def _from_report(report: Path, target: Path, catalogue: Catalogue) -> None:
    read = draft.read(_text(report), {one.version for one in catalogue.releases})
    target.write_text(draft.skeleton(read), encoding="utf-8")
    say(f"wrote    {target}")
    for what in ("issue", "versions", "flags", "apis", "error", "message"):
        value = getattr(read, what)
        shown = (
            value
            if isinstance(value, str)
            else ", ".join("=".join(one) if isinstance(one, tuple) else one for one in value)
        )
        say(f"{what:<8} {shown or '(the report does not say)'}")
    for gap in draft.gaps(read):
        say(f"open     {gap}")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST:
            raise UsageError(f"{path} has more than {MOST} bytes", "leave only the report in it")
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "name a text file") from error
