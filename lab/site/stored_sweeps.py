"""Sweeps of operators for the report: those kept below the history, and those of the runs on this disk; each once, newest first."""

from collections.abc import Iterator
from pathlib import Path

from lab.errors import UsageError
from lab.model.sweep import Sweep
from lab.site import operators, own_places
from lab.site.operators import SiteSweep
from lab.storage.store import Store
from lab.sweep import kept as sweep_file
from lab.sweep.sweep import FILE

PATTERN = "*sweep*.json"


def read(history: Path, kept: Store) -> tuple[tuple[SiteSweep, ...], tuple[str, ...]]:
    """All sweeps, and of each file that cannot be read one sentence, because the others still tell the truth."""
    found: dict[str, SiteSweep] = {}
    damage: list[str] = []
    for path in _files(history, kept):
        try:
            one = sweep_file.read(path)
        except UsageError as error:
            damage.append(error.what)
            continue
        if one.cells and one.id not in found:
            found[one.id] = _seen(one)
    newest = sorted(found.values(), key=lambda one: (one.started, one.id), reverse=True)
    return tuple(newest), tuple(damage)


def _files(history: Path, kept: Store) -> Iterator[Path]:
    yield from (path for path in sorted(history.glob(PATTERN)) if path.is_file())
    yield from (path for name in kept.ids() if (path := kept.folder(name) / FILE).is_file())


def _seen(sweep: Sweep) -> SiteSweep:
    return operators.seen(sweep, own_places.command(sweep.command))
