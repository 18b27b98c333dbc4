"""A run as people see it in a terminal: the table, the messages behind it, the verdict, and what to do next."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from lab.model import Run, TrialResult, Verdict
from lab.outcome.words import message_lines
from lab.report import builds
from lab.report.prose import Prose, said
from lab.report.rows import COLUMNS, answer, columns, counts, failures, held
from lab.report.sheet import Sheet, SheetColumn

COLOURS = {Verdict.REPRODUCED: "green", Verdict.NOT_REPRODUCED: "yellow", Verdict.CHANGED: "red", Verdict.VOID: "red"}
SENTENCES = {
    Verdict.REPRODUCED: "every pair did what the scenario says",
    Verdict.NOT_REPRODUCED: "the reported problem did not show here",
    Verdict.CHANGED: "something differs from what the scenario says",
    Verdict.VOID: "no verdict can be given",
    Verdict.NONE: "each pair speaks for itself: these are not all pairs of the scenario",
}


def render(run: Run) -> RenderableType:
    """The whole answer, without the next commands (those are the door's words)."""
    parts: list[RenderableType] = [table(run)] if run.trials else []
    parts += list(_messages(run))
    parts += [
        said(f"warning: {one.label}: {warning}", "yellow") for one in run.trials for warning in one.outcome.warnings
    ]
    parts += [said(f"given  {line}", indent=7) for line in builds.lines(run)]
    parts.append(verdict(run))
    return Group(*parts)


def table(run: Run) -> Sheet:
    """One row a trial; columns that are empty in all rows are left out."""
    usual = columns(run, COLUMNS)
    shown = [one for one in usual if one.always or any(one.cell(result).strip(" *") for result in run.trials)]
    return Sheet(
        columns=tuple(
            SheetColumn(
                heading=one.heading, right=one.right, prose=one.prose, aside=one.aside, environment=one.environment
            )
            for one in shown
        ),
        rows=tuple(tuple(Text(one.cell(result), style=one.style(result)) for one in shown) for result in run.trials),
    )


def _messages(run: Run) -> Iterator[RenderableType]:
    for one in failures(run):
        yield Text("")
        yield Prose(text=_message(one), indent=4)


def _message(one: TrialResult) -> Text:
    told = Text(f"{one.label}\n", style="bold")
    for line in message_lines(one.outcome):
        told.append(f"  {line}\n", style="default")
    told.append(f"  {one.outcome.signature}", style="dim")
    return told


def verdict(run: Run) -> Panel:
    """The answer in one box: word, sentence, counts, and what differs."""
    word, _ = answer(run)
    told = Text(run.verdict.value or word or "NO VERDICT", style=f"bold {COLOURS.get(run.verdict, 'default')}")
    told.append(f"  {sentence(run)}\n", style="default not bold")
    told.append(counts(run), style="default not bold")
    for reason in run.reasons:
        told.append(f"\n- {reason}", style="default not bold")
    if not run.isolated:
        told.append("\nnot isolated: run with local environments, without containers", style="yellow not bold")
    return Panel(Prose(text=told, own=True), expand=False, border_style=COLOURS.get(run.verdict, "default"))


def sentence(run: Run) -> str:
    """What the verdict means for this run, from what was seen: no pair that was not tested is spoken for.

    The problem is there where a pair failed as the scenario says; its cure, where the same pair worked with more variables.
    """
    if run.verdict is Verdict.NONE and not run.trials:
        return "no pair of a saver and a loader was tried in it"
    if run.verdict is Verdict.NONE and any(answer(run)):
        name, _, releases = answer(run)[1].rpartition(" from ")
        old, _, new = releases.partition(" to ")
        return f"the check of {name} from {old} to {new}"
    if of_search(run):
        return "these are the trials of a search, which has an answer of its own"
    if run.verdict is not Verdict.REPRODUCED:
        return SENTENCES[run.verdict]
    stated = [one for one in run.trials if one.expected is not None]
    seen = [one for one in stated if held(one)]
    failed = [one for one in seen if one.outcome.kind.decided and not one.outcome.ok]
    said = (
        SENTENCES[run.verdict]
        if len(seen) == len(stated)
        else "every pair that could be tested did what the scenario says"
    )
    if not failed:
        return said
    cured = any(_cures(one, other) for one in seen for other in failed)
    return said + ": the problem is there" + (", and so is its cure" if cured else "")


def of_search(run: Run) -> bool:
    """Whether a run's trials are those of a verb that has an answer of its own, and are no verdict by themselves."""
    return run.verdict is Verdict.NONE and run.verb not in ("run", "repro", "")


def _cures(one: TrialResult, failed: TrialResult) -> bool:
    """Whether a pair works that failed without some of its variables."""
    same = (one.saver, one.over, one.loader, one.route) == (failed.saver, failed.over, failed.loader, failed.route)
    more = [
        dict(one.saver_env).items() >= dict(failed.saver_env).items(),
        dict(one.loader_env).items() >= dict(failed.loader_env).items(),
    ]
    return (
        one.outcome.ok
        and same
        and all(more)
        and (one.saver_env, one.loader_env) != (failed.saver_env, failed.loader_env)
    )
