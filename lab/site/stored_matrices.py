"""Matrices that are kept beside the history: results/history/*matrix*.json, as `lab matrix --json` printed them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from lab import documents
from lab.report.grid import Grid
from lab.site import PairResult, SourceRun, own_places
from lab.storage import history

PATTERN = "*matrix*.json"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a stored matrix says of each of its runs."""

    id: str
    command: str
    started: str
    engine: str = ""
    isolated: bool = True
    machine: Mapping[str, str] = {}


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """One stored file: its tables, and the runs they came from."""

    grids: tuple[Grid, ...]
    runs: tuple[About, ...]


def read(root: Path) -> Iterator[Stored | str]:
    """Every stored matrix below the history, by name; one that cannot be read is a sentence, and costs only itself."""
    for path in sorted(root.glob(PATTERN)):
        try:
            yield documents.json(path.read_bytes(), Stored) if path.is_file() else f"{path}: it is no plain file"
        except msgspec.DecodeError as error:
            yield f"{path} is damaged: {error}"
        except OSError as error:
            yield f"{path} cannot be read: {error.strerror}"


def pairs(stored: Stored) -> Iterator[tuple[str, PairResult]]:
    """Its squares with the runs they came from, each with its scenario."""
    sources = {one.id: source(one) for one in stored.runs}
    for grid in stored.grids:
        origin = sources.get(grid.run, SourceRun(id=grid.run, command=f"lab matrix {grid.scenario}", started=""))
        for saver, row in grid.squares.items():
            for loader, square in row.items():
                yield (
                    grid.scenario,
                    PairResult(route=grid.route, saver=saver, loader=loader, square=square, source=origin),
                )


def source(one: About) -> SourceRun:
    """A run as the report names it."""
    return SourceRun(
        id=one.id, command=own_places.command(one.command), started=one.started, engine=one.engine, isolated=one.isolated,
        machine=history.machine(one.machine) if one.machine else "",
    )  # fmt: skip
