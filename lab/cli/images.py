"""`lab images`: what exists and why something does not; render, lock, build, prune."""

import platform
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from lab import shell
from lab.cli import added, answer, news, opening, options, words
from lab.cli.added import AddedRelease, Adder
from lab.cli.command import answers, asked
from lab.cli.options import Format
from lab.cli.screen import Screen, say, show, teller
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue, locks
from lab.errors import UsageError
from lab.model import Environment, GivenBuild
from lab.outcome.exits import Ending
from lab.storage import store

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
@answers(Format.TEXT)
def list_(
    releases: options.RangesArgument = ["all"],  # noqa: B006 - typer copies it
    device: options.DeviceOption = "",
    why: options.WhyOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Which environments exist; with --why also which do not, and the reason."""
    place, catalogue = opening.place(workspace)
    news.tell(place, catalogue)
    if device:
        catalogue.check_device(device)
    devices = [device] if device else list(catalogue.devices)
    found = [
        line
        for release in catalogue.releases_in(",".join(releases))
        for line in _lines(catalogue, release.version, devices)
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
    from lab.report import listings  # noqa: PLC0415 - tables are needed only at the end

    show(listings.environments(found, why=why))


@app.command()
@answers(Format.TEXT)
def render(check: options.StaleOption = False, workspace: options.WorkspaceOption = "") -> None:
    """Write images/<environment>/Dockerfile for every environment that is checked in."""
    found, catalogue = opening.place(workspace)
    found.require_own("lab images render")
    stale = locks.stale(found.images)
    if check:
        answer.give(
            {"stale": stale},
            Ending.DIFFERENT if stale else Ending.STEADY,
            text=lambda: say(
                "\n".join(f"stale: {name}" for name in stale) or "every Dockerfile is what its template gives"
            ),
        )
    for path, text in locks.render_all(catalogue, found.images).items():
        store.write(path, text.encode())
    answer.give({"renewed": stale}, text=lambda: say(f"{len(stale)} Dockerfile(s) renewed"))


@app.command()
@answers(Format.TEXT)
def lock(
    selectors: options.EnvironmentsArgument, python: options.PythonOption = "", workspace: options.WorkspaceOption = ""
) -> None:
    """Resolve and hash-lock environments anew from the index this host reaches."""
    found, catalogue = opening.place(workspace)
    found.require_own("lab images lock")
    chosen = _environments(catalogue, selectors, python)
    lines = answer.told((locks.renew(one, found.images) for one in chosen), str)
    answer.give({"locks": lines}, text=lambda: say("\n".join(lines)), told=True)


@app.command()
@answers(Format.TEXT)
def add(
    selectors: options.BuildsArgument = [],  # noqa: B006 - typer copies it
    index: options.IndexOption = "",
    all_new: options.AllNewOption = False,
    into_catalogue: options.IntoCatalogueOption = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Take in a wheel by its file, an image by image:NAME, or a release that an index has and the catalogue lacks.

    The first two are known by their content from then on, in bundles too; a release, "nightly" or "nightly-2026-11-01" gets
    its table in images/local.toml, and with --into-catalogue in the checked-in catalogue, with its locks, for a commit.
    """
    del engine  # it is asked where an image is named, before anything here runs
    found, catalogue = opening.place(workspace)
    if bool(selectors) == all_new:
        raise UsageError("name what to add, or --all-new for every newer release, and not both", "lab images add 3.4.0")
    adder = Adder(found=found, catalogue=catalogue, index=index, into=into_catalogue)
    adder.check()
    taken = [adder.taken(one) for one in (adder.new() if all_new else words.listed(selectors))]
    lines = [line for one in taken for line in added.lines(one)]
    answer.give(
        {
            "builds": [one for one in taken if isinstance(one, GivenBuild)],
            "releases": [one for one in taken if isinstance(one, AddedRelease)],
        },
        text=lambda: say("\n".join(lines) or "the index has no stable release that the catalogue lacks"),
    )


@app.command()
@answers(Format.TEXT)
def build(
    selectors: options.EnvironmentsArgument,
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """Make images ready before they are needed: afterwards this machine works offline."""
    found, catalogue = opening.place(workspace)
    screen = Screen(quiet=asked().json)
    preparer = opening.laboratory(found, catalogue, engine, screen).preparer

    def built(environment: Environment) -> dict[str, Any]:
        log = found.cache / "builds" / f"{environment.key}.log"
        image = preparer.image(preparer.recipe(environment), log, teller(screen))
        return {"environment": environment.key, "tag": image.tag, "id": image.id, "size": image.size}

    done = answer.told((built(one) for one in _environments(catalogue, selectors, python)), _built)
    answer.give({"images": done}, text=lambda: say("\n".join(map(_built, done))), told=True)


def _built(one: dict[str, Any]) -> str:
    return f"{one['environment']}  {one['tag']}  {one['id'][:19]}  {one['size'] / 1e6:.0f} MB"


def _environments(catalogue: Catalogue, selectors: list[str], python: str) -> list[Environment]:
    return [catalogue.environment(one, python=python) for one in words.listed(selectors)]


@app.command()
@answers(Format.TEXT)
def save(
    selectors: options.EnvironmentsArgument,
    output: options.FileOption = "images.tar",
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """Write ready images into one file, to replay on a machine without network."""
    found, catalogue = opening.place(workspace)
    laboratory = opening.laboratory(found, catalogue, engine, Screen(quiet=asked().json))
    out = Path(output)
    ready = []
    for environment in _environments(catalogue, selectors, python):
        recipe = laboratory.preparer.recipe(environment)
        image = laboratory.engine.image(recipe)
        if image is None:
            raise UsageError(f"the image {recipe.tag} is not made yet", f"lab images build {environment.key}")
        ready.append(image)
    laboratory.engine.export(ready, out)
    size = out.stat().st_size
    answer.give(
        {"file": str(out), "size": size, "images": [one.tag for one in ready]},
        text=lambda: say(f"{out}  {size / 1e6:.0f} MB; there: lab images load {shell.quote(out.name)}"),
    )


@app.command("load")
@answers(Format.TEXT)
def load_(
    file: options.ImagesFileArgument,
    engine: options.EngineOption = EngineChoice.AUTO,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Take in images that another machine saved; only from somebody you trust."""
    found, catalogue = opening.place(workspace)
    if not file.is_file():
        raise UsageError(f"there is no file {file}", "name what lab images save wrote")
    tags = opening.laboratory(found, catalogue, engine, Screen(quiet=asked().json)).engine.bring(file)
    answer.give({"images": tags}, text=lambda: say("\n".join(tags)))


@app.command()
@answers(Format.TEXT)
def fetch(
    selectors: options.EnvironmentsArgument, python: options.PythonOption = "", workspace: options.WorkspaceOption = ""
) -> None:
    """Only fetch wheels into the store, to build later or elsewhere without network."""
    found, catalogue = opening.place(workspace)
    screen = Screen(quiet=asked().json)
    preparer = opening.laboratory(found, catalogue, EngineChoice.LOCAL, screen).preparer

    def fetched(environment: Environment) -> str:
        preparer.fetch(preparer.recipe(environment), teller(screen))
        return environment.key

    done = answer.told((fetched(one) for one in _environments(catalogue, selectors, python)), _fetched)
    answer.give({"environments": done}, text=lambda: say("\n".join(map(_fetched, done))), told=True)


def _fetched(key: str) -> str:
    return f"{key}: wheels are in the store"


@app.command()
@answers(Format.TEXT)
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
    screen = Screen(quiet=asked().json)
    preparer = opening.laboratory(found, catalogue, EngineChoice.LOCAL, screen).preparer
    recipe = preparer.recipe(catalogue.environment(selector, python=python))
    preparer.fetch(recipe, teller(screen))
    preparer.lay_out(recipe, target)
    line = f"DOCKER_BUILDKIT=1 docker build --network none {shell.quote(str(target))}"
    answer.give({"folder": str(target), "command": line}, text=lambda: say(line))


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
