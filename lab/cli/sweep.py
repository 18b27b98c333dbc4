"""`lab sweep`: which operators break, or silently change numbers, between which releases."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lab.cli import again, answer, opening, options, words
from lab.cli.command import answers, asked, spreads
from lab.cli.follow import follow
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.cli.screen import Screen, show
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.model.bundle import Lang
from lab.model.sweep import Sweep
from lab.outcome.exits import Ending
from lab.report import sweep as report
from lab.scenario import STANDARD_ROUTES
from lab.site import markdown_page
from lab.storage.workspace import Workspace
from lab.sweep import SweepRequest, operators, operators_module, perform, sides
from lab.sweep.kept import read

ROUTES = ("jit", "static", "predictor", "predictor_no_onednn")
ALSO = "FLAGS_enable_pir_api=False"


@spreads
@answers(Format.TEXT, Format.MARKDOWN, Format.HTML)
def sweep(
    op: options.OpOption = [],  # noqa: B006 - typer copies it
    savers: options.SaversOption = [],  # noqa: B006
    loaders: options.LoadersOption = [],  # noqa: B006
    route: options.RoutesOption = [],  # noqa: B006
    also: options.AlsoOption = [ALSO],  # noqa: B006
    net_time: options.NetTimeOption = 10.0,
    once: options.OnceOption = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    stored: options.StoredOption = "",
    lang: options.LangOption = Lang.EN,
    workspace: options.WorkspaceOption = "",
) -> None:
    """A net for each operator, every saver by every loader and route; what is silent is looked at twice.

    Without --route, by jit, static, predictor and predictor_no_onednn. With --also, savers work twice, and loaders
    where they refuse a format. Nothing is run twice, also where an interrupted sweep is asked for again.

    Exit code 0, 3 where no net could be opened, 7 where the lab could not decide something.
    """
    if lang is Lang.BOTH:
        raise UsageError("a page has one language", "--lang en, or --lang zh")
    if stored:
        kept = read(Path(stored))
        _answer(replace(kept, command=again.canonical(kept.command)), lang)
    place, catalogue = opening.place(workspace)
    request = _request(
        place, catalogue, words.listed(op), [one for one in also if one], words.selectors(catalogue, savers),
        words.selectors(catalogue, loaders), words.routes(words.listed(route) or ROUTES, STANDARD_ROUTES), python, fresh=fresh, net_s=net_time,
        once=once,
    )  # fmt: skip
    request = replace(request, resume=begun(place, resume, [request.command]))
    screen = Screen(quiet=asked().json)
    laboratory = opening.laboratory(place, catalogue, engine, screen, request.resume)
    _answer(follow(perform(request, laboratory), screen), lang)


def _request(
    place: Workspace, catalogue: Catalogue, op: Sequence[str], also: Sequence[str], savers: Sequence[str],
    loaders: Sequence[str], routes: Sequence[str], python: str, *, fresh: bool, net_s: float, once: bool,
) -> SweepRequest:  # fmt: skip
    """The sweep that words mean: its places, its nets, and the module they are rendered to."""
    flags = words.pairs(also)
    nets = operators.choose(operators.read(place.scenarios / operators.FILE), op)
    text = operators_module.render(nets)
    # What "stable" means changes with the catalogue: a sweep that is run again has the places it had.
    command = again.command(savers=[",".join(savers)], loaders=[",".join(loaders)], route=[",".join(routes)])
    return SweepRequest(
        command=command, nets=nets, text=text, sha256=hashlib.sha256(text.encode()).hexdigest(),
        savers=sides(catalogue, savers, flags, python=python), loaders=sides(catalogue, loaders, flags, python=python),
        routes=tuple(routes), fresh=fresh, net_s=net_s, once=once,
    )  # fmt: skip


def _ending(found: Sweep) -> Ending:
    """A table in which no net was opened is no answer, whatever else is right about it."""
    if report.infra(found):
        return Ending.BROKEN
    return Ending.FOUND if report.opened(found) else Ending.UNTRIED


def _answer(found: Sweep, lang: Lang) -> None:
    """The sweep as a table, as a page, or whole: what is silent first."""
    answer.give(
        found,
        _ending(found),
        text=lambda: _tell(found),
        markdown=lambda: report.page(found, lang.value),
        html=lambda: markdown_page.html(report.page(found, lang.value), lang.value),
    )


def _tell(found: Sweep) -> None:
    from lab.report import sweep_terminal  # noqa: PLC0415 - tables are needed only at the end

    show(sweep_terminal.render(found))
