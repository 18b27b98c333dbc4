"""`lab run`: any pairs of environments, with the user's own flags."""

from lab import scenario
from lab.cli import again, gitbisect, one_run, opening, options, words
from lab.cli.command import answers, splits, spreads
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.engine.choose import EngineChoice
from lab.run import plan
from lab.run.order import Timer, Timing
from lab.run.plan import Words
from lab.run.session import RunRequest


@spreads
@splits
@answers(Format.TEXT, Format.MARKDOWN, cases=True)
def run(
    name: options.ScenarioArgument,
    savers: options.SaversOption,
    loaders: options.LoadersOption,
    flag: options.FlagOption = [],  # noqa: B006 - typer copies it
    save_flag: options.SaveFlagOption = [],  # noqa: B006
    route: options.RouteOption = "",
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    with_: options.PackagesOption = [],  # noqa: B006
    threads: options.ThreadsOption = 1,
    rounds: options.RoundsOption = 0,
    timer: options.TimerOption = Timer.LAB,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    dry_run: options.DryOption = False,
    git_bisect_exit: options.GitBisectOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Every pair of the named releases or environments, whatever a header expects of it.

    Exit code 0 where all work or fail as the header expects, 1 where one fails otherwise, 3 undecided, 5 not built, 7 the lab failed.
    """
    with gitbisect.codes(wanted=git_bisect_exit):
        found, catalogue = opening.place(workspace)
        read = scenario.runnable(scenario.find(found.scenarios, name))
        asked = Words(
            full=True, python=python, threads=threads, savers=words.selectors(catalogue, savers),
            loaders=words.selectors(catalogue, loaders), loader_env=words.pairs(flag), saver_env=words.pairs(save_flag),
            route=words.route_of(read, route), packages=words.packages(with_),
        )  # fmt: skip
        request = RunRequest(
            name=read.name, command=again.command(), planned=plan.from_words(read, catalogue, words.sided(asked)), fresh=fresh,
            scenario_sha256=read.sha256, rounds=rounds, resume=begun(found, resume), whole=False,
            timing=Timing(timer=timer),
        )  # fmt: skip
        one_run.performed(
            request, found, catalogue, engine, dry_run=dry_run, code=gitbisect.code if git_bisect_exit else None
        )
