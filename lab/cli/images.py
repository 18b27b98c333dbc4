"""`lab images`: what exists and why something does not; render, lock, build, prune."""

import platform
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from lab.cli import answer, opening, options, words
from lab.cli.command import answers, asked
from lab.cli.options import Format
from lab.cli.screen import Screen, say, show, teller
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue, locks
from lab.errors import UsageError
from lab.model import Environment
from lab.outcome.exits import Ending
from lab.storage import store

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
@answers(Format.TEXT)
def list_(
    releases: options.RangeArgument = "all",
    device: options.DeviceOption = "",
    why: options.WhyOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Which environments exist; with --why also which do not, and the reason."""
    _, catalogue = opening.place(workspace)
    if device:
        catalogue.check_device(device)
    devices = [device] if device else list(catalogue.devices)
    found = [
        line for release in catalogue.releases_in(releases) for line in _lines(catalogue, release.version, devices)
    ]
    if not why:
        found = [line for line in found if not line["why_not"]]
    answer.give({"environments": found}, text=lambda: _table(found, why=why))


def _lines(catalogue: Catalogue, version: str, devices: list[str]) -> Iterator[dict[str, str]]:
    release = catalogue.release(version)
    for device in devices:
        good: list[str] = []
        bad: dict[str, list[str]] = {}
        for python in catalogue.known.pythons:
            reason = catalogue.why_not(release, device, python, platform.machine())
            if reason:
                bad.setdefault(reason, []).append(python)
            else:
                good.append(python)
        line = {"release": version, "date": release.date, "stage": release.stage.value, "device": device}
        if good:
            yield {**line, "pythons": " ".join(good), "why_not": ""}
        for reason, pythons in bad.items():
            yield {**line, "pythons": " ".join(pythons), "why_not": reason}


def _table(found: list[dict[str, str]], *, why: bool) -> None:
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("release", "date", "stage", "device", "pythons", *(["why not"] if why else [])):
        table.add_column(heading)
    for line in found:
        table.add_row(*list(line.values())[: 6 if why else 5], style="dim" if line["why_not"] else "")
    show(table)


@app.command()
def render(check: options.StaleOption = False, workspace: options.WorkspaceOption = "") -> None:
    """Write images/<environment>/Dockerfile for every environment that is checked in."""
    found, catalogue = opening.place(workspace)
    stale = locks.stale(found.images)
    if check:
        for name in stale:
            say(f"stale: {name}")
        raise typer.Exit(1 if stale else 0)
    for path, text in locks.render_all(catalogue, found.images).items():
        store.write(path, text.encode())
    say(f"{len(stale)} Dockerfile(s) renewed")


@app.command()
def lock(
    selectors: options.EnvironmentsArgument, python: options.PythonOption = "", workspace: options.WorkspaceOption = ""
) -> None:
    """Resolve and hash-lock environments anew from the index this host reaches."""
    found, catalogue = opening.place(workspace)
    for environment in _environments(catalogue, selectors, python):
        say(locks.renew(environment, found.images))


@app.command()
def build(
    selectors: options.EnvironmentsArgument,
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """Make images ready before they are needed: afterwards this machine works offline."""
    found, catalogue = opening.place(workspace)
    screen = Screen()
    laboratory = opening.laboratory(found, catalogue, engine, screen)
    for environment in _environments(catalogue, selectors, python):
        recipe = laboratory.preparer.recipe(environment)
        log = found.cache / "builds" / f"{environment.key}.log"
        image = laboratory.preparer.image(recipe, log, teller(screen))
        say(f"{environment.key}  {image.tag}  {image.id[:19]}  {image.size / 1e6:.0f} MB")


def _environments(catalogue: Catalogue, selectors: list[str], python: str) -> list[Environment]:
    return [catalogue.environment(one, python=python) for one in words.listed(selectors)]


@app.command()
def save(
    selectors: options.EnvironmentsArgument,
    output: options.FileOption = "images.tar",
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """Write ready images into one file, to replay on a machine without network."""
    found, catalogue = opening.place(workspace)
    laboratory = opening.laboratory(found, catalogue, engine, Screen())
    out = Path(output)
    ready = []
    for environment in _environments(catalogue, selectors, python):
        recipe = laboratory.preparer.recipe(environment)
        image = laboratory.engine.image(recipe)
        if image is None:
            raise UsageError(f"the image {recipe.tag} is not made yet", f"lab images build {environment.key}")
        ready.append(image)
    laboratory.engine.export(ready, out)
    say(f"{out}  {out.stat().st_size / 1e6:.0f} MB; there: lab images load {out.name}")


@app.command("load")
def load_(
    file: options.ImagesFileArgument,
    engine: options.EngineOption = EngineChoice.AUTO,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Take in images that another machine saved; only from somebody you trust."""
    found, catalogue = opening.place(workspace)
    if not file.is_file():
        raise UsageError(f"there is no file {file}", "name what lab images save wrote")
    for tag in opening.laboratory(found, catalogue, engine, Screen()).engine.bring(file):
        say(tag)


@app.command()
def fetch(
    selectors: options.EnvironmentsArgument, python: options.PythonOption = "", workspace: options.WorkspaceOption = ""
) -> None:
    """Only fetch wheels into the store, to build later or elsewhere without network."""
    found, catalogue = opening.place(workspace)
    screen = Screen()
    laboratory = opening.laboratory(found, catalogue, EngineChoice.LOCAL, screen)
    for environment in _environments(catalogue, selectors, python):
        laboratory.preparer.fetch(laboratory.preparer.recipe(environment), teller(screen))
        say(f"{environment.key}: wheels are in the store")


@app.command()
def context(
    selector: options.EnvironmentArgument,
    target: options.NewFolderArgument,
    python: options.PythonOption = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """Lay out a build context with all wheels: `docker build --network none` works on it, here or elsewhere."""
    found, catalogue = opening.place(workspace)
    if target.exists():
        raise UsageError(f"{target} exists already", "name a folder that does not exist yet")
    screen = Screen()
    preparer = opening.laboratory(found, catalogue, EngineChoice.LOCAL, screen).preparer
    recipe = preparer.recipe(catalogue.environment(selector, python=python))
    preparer.fetch(recipe, teller(screen))
    preparer.lay_out(recipe, target)
    say(f"DOCKER_BUILDKIT=1 docker build --network none {target}")


@app.command()
@answers(Format.TEXT)
def prune(
    keep: options.KeepOption = [],  # noqa: B006 - typer copies it
    dry_run: options.DryOption = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Remove the lab's own images from the engine (never anything else)."""
    found, catalogue = opening.place(workspace)
    laboratory = opening.laboratory(found, catalogue, engine, Screen(quiet=asked().json))
    kept = {one.key for one in _environments(catalogue, keep, "")}
    gone = []
    for image in laboratory.engine.images():
        if image.environment in kept or (kept and not image.environment):
            continue  # a base serves what is kept
        if not dry_run:
            laboratory.engine.remove(image)
        gone.append(image.tag)
    answer.give(
        {"images": gone},
        Ending.PLANNED if dry_run else Ending.DONE,
        text=lambda: _gone("would remove" if dry_run else "removed", gone),
    )


def _gone(said: str, tags: Sequence[str]) -> None:
    say("\n".join(f"{said} {tag}" for tag in tags) or "the engine has no image of the lab to remove")
