"""A sweep that was kept in a file, by `lab sweep` or beside its run."""

from pathlib import Path

import msgspec

from lab import documents
from lab.errors import UsageError
from lab.model.sweep import Sweep
from lab.sweep.sweep import SCHEMA


def read(path: Path) -> Sweep:
    """A sweep that was kept; UsageError where the file is none, or newer than this lab."""
    try:
        data = path.read_bytes()
        about = documents.json(data, dict[str, object])
        if not isinstance(about.get("schema"), int) or about["schema"] != SCHEMA:
            raise UsageError(f"{path} is no sweep of schema {SCHEMA}", "make it with lab sweep -o FILE.json")
        return documents.json(data, Sweep)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "name a file of results/history") from error
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} is damaged: {error}", "restore it from a copy") from error
