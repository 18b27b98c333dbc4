"""Locations of the runs on this disk for the report: which operator of a model goes wrong, each as a page of its own, newest first."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from lab import documents
from lab.errors import UsageError
from lab.model import Run
from lab.model.location import FILE, Location
from lab.report import locate
from lab.site import own_places
from lab.storage.store import Store


@dataclass(frozen=True, kw_only=True)
class SiteLocation:
    """One location: its run, when that began, the answer in a sentence, and where its page lies in the site."""

    run: str
    started: str
    answer: str
    path: str
    found: Location


def read(kept: Store, takes: Callable[[str], bool]) -> tuple[tuple[SiteLocation, ...], tuple[str, ...]]:
    """Those of the scenarios that are taken, newest first; and a sentence for each that cannot be read, because the others still tell the truth."""
    found: list[SiteLocation] = []
    damage: list[str] = []
    for run in _runs(kept, takes):
        try:
            found.append(_seen(run, documents.json((kept.folder(run.id) / FILE).read_bytes(), Location)))
        except (OSError, ValueError):
            damage.append(f"{run.id}: its {FILE} cannot be read")
    return tuple(found), tuple(damage)


def _runs(kept: Store, takes: Callable[[str], bool]) -> Iterator[Run]:
    """The runs that have one; a run that cannot be read is named where its pairs would be."""
    for name in kept.ids():
        if (kept.folder(name) / FILE).is_file():
            with suppress(UsageError):
                run = kept.load(name)
                if takes(run.scenario):
                    yield run


def _seen(run: Run, found: Location) -> SiteLocation:
    short = replace(found, command=own_places.command(found.command))
    return SiteLocation(
        run=run.id, started=run.started, answer=locate.answer(found), path=f"locations/{run.id}.html", found=short
    )  # fmt: skip
