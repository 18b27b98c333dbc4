"""`lab sweep`: which operators break, or silently change numbers, between which releases."""

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from lab.cli import opening, options
from lab.cli.follow import follow, once_more
from lab.cli.matrix import HtmlOption, LoadersOption, MarkdownOption, SaversOption, selectors, writable
from lab.cli.screen import Screen, say, show
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.model import Sweep
from lab.model.bundle import Lang
from lab.report import sweep as report
from lab.scenario.expect import STANDARD_ROUTES
from lab.site import markdown_page
from lab.storage import store
from lab.storage.workspace import Workspace
from lab.sweep import SCHEMA, SweepRequest, operators, operators_module, perform, sides

ROUTES = ("jit", "static", "predictor", "predictor_no_onednn")
ALSO = "FLAGS_enable_pir_api=False"
OpOption = Annotated[list[str], typer.Option("--op", help="Only these nets: a name, a pattern ('conv*') or a family.")]
RoutesOption = Annotated[
    list[str], typer.Option("--routes", help=f"Any of {', '.join(STANDARD_ROUTES)}; default: {', '.join(ROUTES)}.")
]
AlsoOption = Annotated[
    list[str],
    typer.Option("--also", help="NAME=VALUE: savers twice, and loaders where they refuse a format; '' for none."),
]
SavedOption = Annotated[str, typer.Option("--from", help="Show a stored sweep again instead of running one.")]
HistoryOption = Annotated[str, typer.Option("--history", help="Also write the whole sweep to this file as JSON.")]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of the page: en or zh.")]
OnceOption = Annotated[bool, typer.Option("--once", help="No second look at what is silent.")]
NetTimeOption = Annotated[float, typer.Option("--net-time", min=1, help="Seconds one net may take.")]


def sweep(
    op: OpOption = [],  # noqa: B006 - typer copies it
    savers: SaversOption = [],  # noqa: B006
    loaders: LoadersOption = [],  # noqa: B006
    routes: RoutesOption = [],  # noqa: B006
    also: AlsoOption = [ALSO],  # noqa: B006
    net_time: NetTimeOption = 30.0,
    once: OnceOption = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    fresh: options.FreshOption = False,
    saved: SavedOption = "",
    history: HistoryOption = "",
    markdown: MarkdownOption = "",
    html: HtmlOption = "",
    lang: LangOption = Lang.EN,
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Which operators break or silently change numbers: a net for each, every saver by every loader and route.

    Nothing is run twice: a sweep that was interrupted goes on where it stopped when the same command is given again.
    """
    if lang is Lang.BOTH:
        raise UsageError("a page has one language", "--lang en, or --lang zh")
    writable([Path(one) for one in (history, markdown, html) if one])
    if saved:
        found = stored(Path(saved))
    else:
        place, catalogue = opening.place(workspace)
        words = SweepWords(
            op=options.listed(op), savers=selectors(catalogue, savers), loaders=selectors(catalogue, loaders),
            routes=_known(options.listed(routes) or ROUTES), also=tuple(one for one in also if one), python=python,
        )  # fmt: skip
        asked = _asked(place, catalogue, words, fresh=fresh, net_s=net_time, once=once)
        screen = Screen(quiet=json)
        events = perform(asked, opening.laboratory(place, catalogue, engine, screen))
        found = follow(events, screen, again=once_more(asked.command, resumed=False))
    _tell(found, {"history": history, "markdown": markdown, "html": html}, lang=lang.value, json=json)
    raise typer.Exit(7 if report.infra(found) else 0)


@dataclass(frozen=True, kw_only=True)
class SweepWords:
    """What a person asked for, checked."""

    op: tuple[str, ...]
    savers: tuple[str, ...]
    loaders: tuple[str, ...]
    routes: tuple[str, ...]
    also: tuple[str, ...]
    python: str

    @property
    def command(self) -> str:
        """The command that gives the same again."""
        parts = ["lab", "sweep", "--savers", ",".join(self.savers), "--loaders", ",".join(self.loaders)]
        parts += ["--routes", ",".join(self.routes)]
        parts += [part for one in self.also or ("",) for part in ("--also", one)]
        parts += ["--op", ",".join(self.op)] if self.op else []
        return shlex.join(parts + (["--python", self.python] if self.python else []))


def _asked(
    place: Workspace, catalogue: Catalogue, words: SweepWords, *, fresh: bool, net_s: float, once: bool
) -> SweepRequest:
    """The sweep that words mean: its places, its nets, and the module they are rendered to."""
    flags = options.pairs(words.also)
    nets = operators.choose(operators.read(place.scenarios / operators.FILE), words.op)
    text = operators_module.render(nets)
    return SweepRequest(
        command=words.command, nets=nets, text=text, sha256=hashlib.sha256(text.encode()).hexdigest(),
        savers=sides(catalogue, words.savers, flags, python=words.python),
        loaders=sides(catalogue, words.loaders, flags, python=words.python),
        routes=words.routes, fresh=fresh, net_s=net_s, once=once,
    )  # fmt: skip


def _known(routes: Sequence[str]) -> tuple[str, ...]:
    wrong = [one for one in routes if one not in STANDARD_ROUTES]
    if wrong:
        raise UsageError(f"there is no route {wrong[0]!r}", f"one of {', '.join(STANDARD_ROUTES)}")
    return tuple(dict.fromkeys(routes))


def stored(path: Path) -> Sweep:
    """A sweep that was kept; UsageError where the file is none, or newer than this lab."""
    try:
        data = path.read_bytes()
        about = msgspec.json.decode(data, type=dict[str, object])
        if not isinstance(about.get("schema"), int) or about["schema"] != SCHEMA:
            raise UsageError(f"{path} is no sweep of schema {SCHEMA}", "make it with lab sweep --history FILE")
        return msgspec.json.decode(data, type=Sweep)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "name a file of results/history") from error
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} is damaged: {error}", "restore it from a copy") from error


def _tell(found: Sweep, files: Mapping[str, str], *, lang: str, json: bool) -> None:
    """Write the files asked for, and print the sweep: what is silent first."""
    page = report.page(found, lang)
    texts = {
        "history": store.pretty(found),
        "markdown": page.encode(),
        "html": markdown_page.html(page, lang).encode(),
    }
    for name, path in files.items():
        if path:
            store.write(Path(path).absolute(), texts[name])
    if json:
        say(store.pretty(found).decode())
        return
    from lab.report import sweep_terminal  # noqa: PLC0415 - tables are needed only at the end

    show(sweep_terminal.render(found))
    for path in files.values():
        if path:
            say(f"written {path}")
