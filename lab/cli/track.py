"""`lab track`: history of ratios to an anchor, and the gate for a build."""

from collections.abc import Sequence

import typer

from lab.bench import block_files, gate, to_history
from lab.cli import answer, opening, options
from lab.cli.command import answers, asked
from lab.cli.options import Format
from lab.cli.screen import Screen, labelled, show
from lab.errors import UsageError
from lab.machine import host
from lab.model import Run
from lab.model.bench import HistoryLine
from lab.outcome.exits import Ending
from lab.report import track as report
from lab.storage import history, store
from lab.storage.history import History
from lab.storage.store import Store

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def _history(workspace: str) -> History:
    found, _ = opening.place(workspace)
    return History(root=found.results / "history")


@app.command()
@answers(Format.TEXT)
def add(
    runs: options.RunsArgument = [],  # noqa: B006 - typer copies it
    workspace: options.WorkspaceOption = "",
) -> None:
    """Add benchmarks to the history; what is known with as many blocks is skipped."""
    found, _ = opening.place(workspace)
    kept, into = Store(root=found.results), History(root=found.results / "history")
    chosen = {run.id: run for run in (kept.find(word) for word in runs or ["last"])}
    read = [(name, *_lines(kept, run)) for name, run in chosen.items()]
    # Nothing is added where one of them cannot be read.
    told = [(one, lines, into.add(lines)) for one, lines, _ in read]
    _left_out([said for _, _, said in read if said])
    answer.give({"rows": [line for _, _, added in told for line in added]}, text=lambda: _told(told))


def _left_out(said: Sequence[str]) -> None:
    screen = Screen(quiet=asked().json)
    for one in said:
        screen.tell(f"left out: {one}")


def _told(told: Sequence[tuple[str, Sequence[HistoryLine], Sequence[HistoryLine]]]) -> None:
    for one, lines, added in told:
        where = f" to results/history/{lines[0].machine}" if lines else ""
        labelled(f"added {len(added)} of {len(lines)} row(s) of {one}{where}")


def _lines(kept: Store, run: Run) -> tuple[tuple[HistoryLine, ...], str]:
    """The lines of one run, and one sentence on the blocks of it that cannot be read."""
    home = kept.folder(run.id) / "bench"
    made = to_history.lines(block_files.report(home), block_files.blocks(home), run.finished or run.started)
    return made, block_files.damage(home)


@app.command("list")
@answers(Format.TEXT)
def list_(scenario: options.TrackedOption = "", workspace: options.WorkspaceOption = "") -> None:
    """The newest ratio to an anchor release measured in the same session, of everything tracked, on all machines."""
    kept = _history(workspace)
    lines, damage = _chosen(kept, scenario), kept.damage(scenario)
    _left_out(damage)
    answer.give({"rows": lines, "left_out": damage}, text=lambda: _table(lines))


def _table(lines: Sequence[HistoryLine]) -> None:
    from lab.report import listings  # noqa: PLC0415 - tables are needed only at the end

    show(listings.tracked(lines))


@app.command()
@answers(Format.TEXT, cases=True)
def check(
    scenario: options.TrackedOption = "",
    newest: options.NewestOption = False,
    since: options.SinceOption = "",
    accept: options.AcceptWorseOption = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """The gate of a build: red where this machine's history holds a confirmed change for the worse that is news.

    What --accept takes as it is stays green, with its reason and date, until it gets worse than that; --newest and
    --since look at some rows only.

    Exit code 0 no news, 12 news, 3 where none is seen and some lines of that history cannot be read.
    """
    kept, here = _history(workspace), history.machine(host.facts())
    found, taken = _chosen(kept, scenario), kept.accepted()
    damage = [*kept.damage(scenario, here), *filter(None, [taken.complaint(str(kept.root / history.ACCEPTED))])]
    _left_out(damage)
    lines = [one for one in found if one.machine == here]
    rows = gate.chosen(lines, newest=newest, since=since) if lines else ()
    if lines and not rows:
        raise UsageError("no tracked row is left to check", "without --since it looks at every one")
    seen = gate.judged(rows, taken.found, elsewhere=len({one.machine for one in found} - {here}))
    if accept and seen.news:
        kept.accept([gate.acceptance(one, accept, store.now()[:10]) for one in seen.news])
        seen = gate.judged(rows, kept.accepted().found)
    ending = Ending.NEWS if seen.news else Ending.UNKNOWN if damage else Ending.STEADY
    answer.give(
        {"worse": seen.news, "accepted": [by for _, by in seen.accepted], "left_out": damage},
        ending,
        text=lambda: labelled("\n".join(report.lines(seen))),
        cases=lambda: report.cases(seen),
    )


def _chosen(kept: History, scenario: str) -> list[HistoryLine]:
    found = list(kept.newest())
    names = sorted({one.scenario for one in found})
    if scenario and scenario not in names:
        if not names:
            raise UsageError(
                "nothing is tracked yet", "measure first: lab bench SCENARIO --releases 2.6.2,3.0.0, then lab track add"
            )
        raise UsageError(f"nothing is tracked of {scenario!r}", f"tracked: {', '.join(names)}")
    return [one for one in found if not scenario or one.scenario == scenario]
