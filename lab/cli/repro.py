"""`lab repro`: a scenario's own pairs become a plan, the plan runs, the answer is printed; or one line for many."""

from collections.abc import Sequence

from lab import scenario, shell
from lab.cli import again, news, one_run, opening, options, repro_all, words
from lab.cli.command import answers, splits, spreads
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.engine.choose import EngineChoice
from lab.errors import UsageError
from lab.run import plan
from lab.run.plan import Words
from lab.run.session import ROUNDS, RunRequest


@spreads
@splits
@answers(Format.TEXT, Format.MARKDOWN, cases=True)
def repro(
    names: options.ScenariosArgument = [],  # noqa: B006 - typer copies it
    all_: options.AllOption = False,
    full: options.FullOption = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    with_: options.PackagesOption = [],  # noqa: B006
    threads: options.ThreadsOption = 1,
    rounds: options.RoundsOption = ROUNDS,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    dry_run: options.DryOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Each pair is held against what the header expects of it, and against nothing else.

    With --all, every scenario that needs no --full (or those named) is run untimed: one line each, what differs from
    its header, and what changed since the last time.

    Exit code 0 as expected, 1 changed, 3 undecided, 4 not reproduced, 5 not built, 7 the lab failed.
    """
    found, catalogue = opening.place(workspace)
    news.tell(found, catalogue)
    given = words.sided(Words(full=full, python=python, threads=threads, packages=words.packages(with_)))
    if all_:
        scenarios = words.scenarios(found, names, full=full)
        resumed = begun(found, resume, [repro_all.command_of(read) for read in scenarios])
        question = repro_all.AllRequest(
            scenarios=scenarios, catalogue=catalogue, words=given, fresh=fresh, resumed=resumed
        )
        repro_all.dry_run(question) if dry_run else repro_all.performed(question, found, engine)
    if len(names) != 1:
        raise _not_one(names)
    read = scenario.runnable(scenario.find(found.scenarios, names[0]))
    planned = plan.from_header(read, catalogue, given)
    request = RunRequest(
        name=read.name, command=again.command(), planned=planned, scenario_sha256=read.sha256, rounds=rounds, fresh=fresh,
        resume=begun(found, resume),
    )  # fmt: skip
    one_run.performed(request, found, catalogue, engine, dry_run=dry_run)


def _not_one(names: Sequence[str]) -> UsageError:
    """What is wrong where no scenario, or more than one, is named without --all."""
    if not names:
        return UsageError("a scenario is missing", "lab scenarios list shows them; lab repro --all runs every one")
    return UsageError("one scenario is reproduced at a time", shell.join(["lab", "repro", "--all", *names]))
