"""Where a report names a release of Paddle."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Mention:
    """One place that names a release: the version as the catalogue writes it, and where in which line it stands."""

    version: str
    line: int
    start: int
    end: int
    said: str
    cuda: str = ""
