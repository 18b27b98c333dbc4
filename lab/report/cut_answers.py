"""What a run answered that cut a model instead of trying pairs: a reduction, or a location, as it kept it."""

from pathlib import Path

from lab import documents
from lab.model.location import FILE as LOCATED
from lab.model.location import Location
from lab.model.reduction import FILE as REDUCED
from lab.model.reduction import Reduced
from lab.report import locate, reduce


def lines(folder: Path) -> list[str]:
    """The answer that lies in a run's folder, line by line; empty where there is none."""
    try:
        if (folder / REDUCED).is_file():
            return reduce.lines(documents.json((folder / REDUCED).read_bytes(), Reduced))
        if (folder / LOCATED).is_file():
            return locate.text(documents.json((folder / LOCATED).read_bytes(), Location)).splitlines()
    except (OSError, ValueError):
        return ["the answer of this run cannot be read any more"]
    return []
