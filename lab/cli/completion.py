"""What a shell offers where Tab is pressed: scenarios, runs, releases and routes of the workspace one stands in.

Nothing is ever said here: where there is nothing to offer, a shell offers nothing.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import typer

from lab.errors import LabError


def scenarios(incomplete: str) -> list[str]:
    """Scenarios by name."""
    return _offered(incomplete, _scenarios)


def runs(incomplete: str) -> list[str]:
    """Runs by id, the newest first, and "last"."""
    return _offered(incomplete, _runs)


def releases(incomplete: str) -> list[str]:
    """Releases of the catalogue; of a list with commas, its last word."""
    head, comma, last = incomplete.rpartition(",")
    return [f"{head}{comma}{one}" for one in _offered(last, _releases)]


def routes(incomplete: str) -> list[str]:
    """The routes that open any model."""
    from lab.scenario import STANDARD_ROUTES  # noqa: PLC0415 - only where Tab is pressed

    return [one for one in STANDARD_ROUTES if one.startswith(incomplete)]


def _offered(incomplete: str, found: Callable[[], Iterable[str]]) -> list[str]:
    with contextlib.suppress(LabError, OSError):
        return [one for one in found() if one.startswith(incomplete)]
    return []


def _scenarios() -> Iterator[str]:
    from lab.storage import workspace  # noqa: PLC0415

    yield from (path.stem for path in sorted(workspace.find().scenarios.glob("*.py")))


def _runs() -> Iterator[str]:
    from lab.storage import workspace  # noqa: PLC0415
    from lab.storage.store import Store  # noqa: PLC0415

    yield from (*Store(root=workspace.find().results).ids(), "last")


def _releases() -> Iterator[str]:
    from lab.environment import load  # noqa: PLC0415
    from lab.storage import workspace  # noqa: PLC0415

    yield from ("newest", *(one.version for one in load(workspace.find().images).releases))


scenario_word = partial(typer.Argument, autocompletion=scenarios)
scenario_option = partial(typer.Option, autocompletion=scenarios)
run_word = partial(typer.Argument, autocompletion=runs)
run_option = partial(typer.Option, autocompletion=runs)
release_word = partial(typer.Argument, autocompletion=releases)
release_option = partial(typer.Option, autocompletion=releases)
route_option = partial(typer.Option, autocompletion=routes)
