"""`lab explain`: one page about one problem, from what fails to what cures it."""

from typing import Any

from lab.cli import again, answer, next_cut, opening, options, subject
from lab.cli.command import answers, asked, spreads
from lab.cli.follow import follow
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.cli.screen import Screen, from_here, labelled, say
from lab.cli.subject import Subject
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue, caps
from lab.errors import UsageError
from lab.knowledge import cures, problems
from lab.model.explanation import PAGE, Explained
from lab.model.search import Axis
from lab.report import explain as report
from lab.search import explain as search_explain
from lab.search import failing_pair
from lab.search.explain_request import ExplainRequest
from lab.search.failing_pair import FailingPair
from lab.search.ways import WAYS
from lab.storage import store
from lab.storage.workspace import Workspace
from lab.text import counted

_MOVES = {Axis.LOADER: "what loads moves", Axis.SAVER: "what saves moves", Axis.SAME: "each release by itself,"}


@spreads
@answers(Format.TEXT, Format.MARKDOWN)
def explain(
    name: options.SubjectArgument,
    at: options.AtOption = "",
    good: options.GoodOption = "",
    pair: options.PairOption = 0,
    repeat: options.RepeatOption = 2,
    rounds: options.RoundsOption = 2,
    inputs: options.InputsOption = "",
    dim: options.DimOption = [],  # noqa: B006 - typer copies it
    engine: options.EngineOption = EngineChoice.AUTO,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    dry_run: options.DryOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """The pair is the first that the header expects to fail, silent ones first, unless --pair, --at or --good choose.

    Of a model every way of opening it is tried in the newest release (--at), and the first that fails is explained
    (--pair). The page is kept beside the run, where a bundle finds it.

    Exit code 0 explained, 3 with doubts, 4 where what should fail works.
    """
    found, catalogue = opening.place(workspace)
    given = subject.SubjectWords(name=name, inputs=inputs, dim=dim, good=good, ways=WAYS)
    with subject.opened(found.scenarios, catalogue, given) as about:
        request = ExplainRequest(
            scenario=about.scenario, model=about.model, catalogue=catalogue, command=again.command(), times=repeat,
            pair=_pair(about, catalogue, at, good, pair), pairs=_pairs(about, catalogue), number=pair,
            ways=WAYS if about.model is not None else (), good_named=bool(good), cures=cures.read(found.scenarios / cures.FILE), rounds=rounds,
            known=problems.read(found.scenarios / problems.FILE), caps=caps(found.images), language=opening.language(),
        )  # fmt: skip
        if dry_run:
            planned = _planned(request)
            answer.plan(planned, text=lambda: say(_dry(planned)))
        screen = Screen(total=0, quiet=asked().json)
        going_on = begun(found, resume)
        laboratory = opening.laboratory(found, catalogue, engine, screen, going_on)
        events = search_explain.perform(request, laboratory, report.markdown, fresh=fresh, resume=going_on)
        page = follow(events, screen)
    answer.give(
        page,
        search_explain.ending(page),
        text=lambda: _tell(page, found),
        markdown=lambda: report.markdown(page),
    )


def _pair(about: Subject, catalogue: Catalogue, at: str, good: str, number: int) -> FailingPair:
    if about.model is None:
        return failing_pair.chosen(about.scenario, catalogue, at=at, good=good, number=number)
    if number > len(WAYS):
        raise UsageError(f"there is no way {number} of opening a model", f"1 to {len(WAYS)}: {', '.join(WAYS)}")
    return failing_pair.of_model(about.scenario, catalogue, good=about.good, at=at, named=bool(good))


def _pairs(about: Subject, catalogue: Catalogue) -> tuple[FailingPair, ...]:
    return failing_pair.every(about.scenario, catalogue) if about.model is None else ()


def _planned(request: ExplainRequest) -> dict[str, Any]:
    one = request.pair
    return {
        "command": request.command,
        "axis": one.axis.value,
        "good": one.good,
        "bad": one.bad,
        "fails": request.trial(one.bad).label,
        "works": request.trial(one.good).label,
    }


def _dry(planned: dict[str, Any]) -> str:
    lines = [f"# {planned['command']}", f"# {_MOVES[Axis(planned['axis'])]} from {planned['good']} to {planned['bad']}"]
    lines += [f"fails? {planned['fails']}", f"works? {planned['works']}"]
    lines += ["then: since when, until when, which side, what matters, what cures it"]
    return "\n".join(lines)


def _tell(page: Explained, found: Workspace) -> None:
    labelled(report.text(page))
    if said := report.message(page):
        labelled(f"\n{said}", own=False)
    path = store.Store(root=found.results).folder(page.run) / PAGE
    say(f"\ntook {page.seconds:.0f} s, {counted(len(page.trials), 'trial')}; the page: {from_here(path)}")
    next_cut.tell(page.run, page.trials)
    say(f"to hand it over: {again.beside('bundle', page.run)}")
