"""`lab replay`: somebody's bundle is checked, shown, asked about, and then replayed in containers."""

import sys
from pathlib import Path
from typing import NoReturn

import typer

from lab import scratch
from lab.bundle import archive
from lab.bundle import replay as bundle_replay
from lab.bundle import replayed as replayed_words
from lab.bundle.replay import OpenedBundle, ReplayContext
from lab.cli import answer, opening, options
from lab.cli.command import answers, asked
from lab.cli.options import Format
from lab.cli.screen import Screen, labelled, say, teller
from lab.engine.choose import EngineChoice
from lab.errors import Interrupted, UsageError
from lab.model import Kind, OutcomeChange
from lab.model.bundle import Replayed
from lab.outcome.verdict import describe
from lab.report.markdown import cell
from lab.report.rows import settings
from lab.scenario import beside
from lab.text import clean, counted

SECURITY = (
    "a native crash on a model from elsewhere can be a matter of security: Paddle asks for such reports by mail to "
    "paddle-security@baidu.com (https://github.com/PaddlePaddle/Paddle/blob/develop/SECURITY.md), not in public"
)
SHOWN_CODE = 20_000
SHOWN_LINE = 2_000


@answers(Format.TEXT, Format.MARKDOWN)
def replay(
    file: options.BundleArgument,
    other: options.LoaderOption = "",
    repeat: options.RepeatOption = 1,
    yes: options.YesOption = False,
    allow_pickle: options.AllowPickleOption = False,
    offline: options.OfflineOption = False,
    public: options.PublicOption = False,
    private: options.PrivateOption = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    workspace: options.WorkspaceOption = "",
) -> None:
    """What would run is shown first, and asked about; it runs in containers without network.

    --loader asks the same of another release, such as newest: is it fixed?

    Exit code 0 as it claims, 1 something else, 3 undecided, 4 fixed, 8 the bundle is refused.
    """
    found, catalogue = opening.place(workspace)
    with scratch.folder("bundle") as root:
        folder = root / "bundle"
        archive.unpack(_file(file), folder, archive.PRIVATE if private else None)
        what = bundle_replay.opened(folder)
        screen = Screen(quiet=asked().json)
        if not yes:
            _ask(what)
        preparer = opening.laboratory(found, catalogue, engine, screen).preparer
        if not preparer.engine.isolated:
            raise UsageError(
                "a bundle from elsewhere runs only in containers, and this engine has none",
                "--engine docker or podman; or read its scenario.py and run python repro.py check in it yourself",
            )
        context = ReplayContext(
            preparer=preparer, catalogue=catalogue, teller=teller(screen), times=repeat, other=other,
            allow_pickle=allow_pickle, offline=offline,
        )  # fmt: skip
        replayed = bundle_replay.replay(what, context)
    _answer(what, replayed, allow_pickle=allow_pickle, public=public, other=other)


def _file(path: Path) -> Path:
    if not path.is_file():
        raise UsageError(f"there is no bundle {path}", "name a file that lab bundle wrote")
    return path


def _ask(what: OpenedBundle) -> None:
    """Show what would run, and run it only if a person says so."""
    if not sys.stdin.isatty():
        raise UsageError(
            "this bundle would run code of whoever made it, and there is no terminal to ask at",
            "look into it first (tar tf, scenario.py), then --yes",
        )
    say(_shown(what), own=False)
    if not typer.confirm("Run this in containers (no network, no GPU, bounded)?"):
        raise Interrupted("nothing was run", "")


def _shown(what: OpenedBundle) -> str:
    """Claims, files and code of a bundle, as text that can do nothing to a terminal."""
    bundle = what.bundle
    lines = [f"scenario  {bundle.scenario}: {clean(bundle.summary, 200)}", f"model     saved by {bundle.saver}"]
    for case in bundle.cases:
        env = clean(settings(case.trial.loader_env), 200)
        lines.append(f"claims    loaded by {bundle.loader}{env}: {clean(describe(case.trial.outcome), 200)}")
    code = [what.folder / "scenario.py"]
    for path in sorted(what.folder.rglob("*")):
        if path.is_file():
            own = path.relative_to(what.folder).parts[0] in beside.RESERVED
            code += [path] if path.suffix == ".py" and not own else []
            mark = "  CAN HOLD PICKLE, left out" if path in what.pickles else ""
            lines.append(f"{path.stat().st_size:>12} {path.relative_to(what.folder)}{mark}")
    for path in code:
        text = clean(path.read_text(encoding="utf-8", errors="replace"), SHOWN_CODE)
        lines += ["", f"{path.relative_to(what.folder)}, which would run:", "", text]
    return "\n".join([*lines, ""])


def _answer(
    what: OpenedBundle, replayed: tuple[Replayed, ...], *, allow_pickle: bool, public: bool, other: str
) -> NoReturn:
    """Tell what came out, on the security of it too."""
    screen = Screen()
    if what.pickles and not allow_pickle and any(one.change is not OutcomeChange.SAME for one in replayed):
        replayed = replayed_words.undecided(replayed)
        screen.tell(
            f"{counted(len(what.pickles), 'file')} that can hold pickle left out: what differs without that shows nothing; "
            f"--allow-pickle gives it"
        )
    crashed = any(outcome.kind is Kind.NATIVE_CRASH for one in replayed for outcome in one.outcomes)
    if crashed:
        screen.tell(SECURITY)
    written = {asked().format, *(form for _, form in asked().files)}
    if Format.MARKDOWN in written and crashed and not public:
        raise UsageError(
            "no public text is written of a native crash on a model from elsewhere", "--public, if it is harmless"
        )
    for said in sorted({outcome.message for one in replayed for outcome in one.outcomes if not outcome.kind.tested}):
        screen.tell(f"not known: {clean(said, SHOWN_LINE)}")
    lines = [clean(line, SHOWN_LINE) for line in replayed_words.told(replayed, describe)]
    answer.give(
        {"bundle": what.bundle.scenario, "with": other or what.bundle.loader, "replayed": replayed},
        replayed_words.ending(replayed),
        text=lambda: labelled("\n".join(lines), own=False),
        markdown=lambda: "\n".join(f"- {cell(line)}" for line in lines),
    )
