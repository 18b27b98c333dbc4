"""`lab reduce`: the smallest model that still shows the failure, with none of the user's weights."""

from pathlib import Path

from lab import shell
from lab.cli import again, answer, opening, options, reduce_bundle, reduce_symptom, words
from lab.cli.command import answers, asked
from lab.cli.follow import follow
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.cli.screen import Screen, from_here, labelled, say
from lab.engine.choose import EngineChoice
from lab.model.reduction import Reduced
from lab.outcome.exits import Ending
from lab.report import reduce as report
from lab.scenario.expect import STANDARD_ROUTES
from lab.search.judge import AUTO, Judge
from lab.storage.store import Store
from lab.text import counted

WAYS = ("jit", "static", "predictor")
"""How a model is opened where nobody says it: every way of Paddle's own, the first that fails is reduced."""


@answers(Format.TEXT)
def reduce(
    name: options.ModelOrRunArgument,
    good: options.GoodOption = "",
    bad: options.BadOption = "",
    route: options.RouteOption = "",
    flag: options.FlagOption = [],  # noqa: B006 - typer copies it
    signature: options.SignatureOption = AUTO,
    symptom: options.SymptomOption = "",
    perf: options.PerfOption = "",
    repeat: options.RepeatOption = 3,
    keep_inputs: options.KeepInputsOption = False,
    inputs: options.InputsOption = "",
    dim: options.DimOption = [],  # noqa: B006
    output: options.FolderOption = "",
    bundle: options.ArchiveOption = "",
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    with_: options.PackagesOption = [],  # noqa: B006
    threads: options.ThreadsOption = 1,
    seed: options.SeedOption = 0,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """The tail is cut, then the head, then what is between; then inputs, weights and names give way to nobody's.

    Without --good the release that wrote the model is the good one, without --bad the newest is the bad one; of a RUN both are known.

    Exit code 0 where the result fails as the whole does, 3 where that comes and goes or any operator would do, 4 where the whole does not fail.
    """
    from lab.check import releases  # noqa: PLC0415 - numpy is loaded only where a model is run
    from lab.search import cut_case, reduce_files  # noqa: PLC0415
    from lab.search import reduce as search_reduce  # noqa: PLC0415
    from lab.search.cut_case import CaseWords  # noqa: PLC0415
    from lab.search.reduce_request import ReduceRequest  # noqa: PLC0415

    found, catalogue = opening.place(workspace)
    Judge(words=signature)  # a pattern that is none is said before anything runs
    slow = reduce_symptom.slow(perf, symptom, bundle)
    reduce_bundle.refuse(bundle)
    about = CaseWords(name=name, inputs=inputs, dims=dim, route=route, release=bad)
    with cut_case.opened(Store(root=found.results), about) as case:
        failed, was = case.failed, {} if good or case.failed is None else case.failed.good_env
        right = good or (failed.good if failed else releases.chosen(case.given, catalogue, python=python).old)
        request = ReduceRequest(
            given=case.given, material=case.material, catalogue=catalogue, command=again.command(), good=right, good_env=was,
            bad=bad or (failed.bad if failed else catalogue.newest.version),
            routes=words.routes([route] if route else [failed.route] if failed else WAYS, STANDARD_ROUTES),
            env={**(failed.env if failed else {}), **words.pairs(flag)}, signature=signature, symptom=slow, python=python, threads=threads,
            packages=words.packages(with_), seed=seed, times=repeat, keep_inputs=keep_inputs, fresh=fresh,
            resume=begun(found, resume), out=reduce_files.free(Path(output or f"reduced-{case.given.prefix}")),
        )  # fmt: skip
        screen = Screen(total=0, quiet=asked().json)
        laboratory = opening.laboratory(found, catalogue, engine, screen, request.resume)
        done = follow(search_reduce.perform(request, laboratory), screen)
    script = Path(done.folder) / reduce_files.SCRIPT
    clean = not report.withheld(done)
    made = reduce_bundle.bundled(script, bundle, found, catalogue, laboratory, screen) if bundle and clean else ""
    sure = done.confirmed == done.asked and not done.proof.found and not done.alike
    ending = Ending.FOUND if sure else Ending.DOUBTFUL
    answer.give({**answer.fields(done), "bundle": made}, ending, text=lambda: _tell(done, made))


def _tell(done: Reduced, made: str) -> None:
    from lab.search import reduce_script  # noqa: PLC0415 - numpy is loaded only where a model is run

    labelled("\n".join(report.lines(done)))
    folder = Path(done.folder)
    script = folder / "reduced.py"
    say(f"\nfiles        {from_here(folder)}: {', '.join(done.files)}")
    if reason := report.withheld(done):
        labelled(f"keep         {reason}")
    if done.slow is not None:
        releases = ",".join(reduce_script.selector(one) for one in (done.good, done.bad))
        words = ("bench", str(script), "--releases", releases, "--saver", done.good.release, "--route", done.bad.route)
        say(f"measure      {again.beside(*words)}")
        say(f"took {done.seconds:.0f} s, {counted(done.candidates, 'candidate')}")
        return
    say(f"reproduce    {again.beside('repro', str(script))}")
    if made:
        say(f"bundle       {from_here(Path(made))}, replayed 3 of 3; replay it: lab replay {shell.quote(made)}")
    say(f"by itself    {reduce_script.command(done.bad, str(script))}")
    say(f"took {done.seconds:.0f} s, {counted(done.candidates, 'candidate')}")
