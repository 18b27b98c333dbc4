"""One start of the guest as it is kept: what it saw of itself, what it measured, which files it left."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.model.outcome import Outcome


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Raw values of one metric in seconds, one inner tuple per fresh process; statistics are derived, never stored."""

    metric: str
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True)
class StepFacts:
    """What the guest saw of itself: versions, flags, device, and how much it used (bytes, seconds).

    `image` and `ground` are the engine's: the image's digest, and what that image was built on. `host` is the machine it ran
    on by its name in a fleet, empty for the machine of the run itself, and `host_class` what its hardware is. `zlib` says how its
    Python was built: "built in" as Debian's, or "a module of its own" as the official images'.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    device: str = ""
    cpu: str = ""
    isa: tuple[str, ...] = ()
    flags_missing: tuple[str, ...] = ()
    phases: Mapping[str, float] = field(default_factory=dict)
    peak_memory: int = 0
    image: str = ""
    ground: str = ""
    zlib: str = ""
    host: str = ""
    host_class: str = ""

    @property
    def where(self) -> str:
        """The host of a fleet with its class in brackets; empty for the machine of the run itself."""
        return f"{self.host} ({self.host_class})" if self.host else ""


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """One file a step left, as it was when it was kept: bytes, time of change (nanoseconds) and hash."""

    size: int
    changed: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One finished start of the guest, as stored in step.json: what it was (`key`), what came out, on which image.

    `files` are the files it left, by their path below out/; a step without them is of an older lab, and not known. `resident` are the bytes of memory after each
    of many loads or calls, where the scenario asks for them.
    """

    key: str
    mode: str
    outcome: Outcome
    facts: StepFacts
    engine: str
    seconds: float
    loops: int = 0
    resident: tuple[int, ...] = ()
    files: Mapping[str, StoredFile] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The machine it ran on, by its name in a fleet; empty for the machine of the run itself."""
        return self.facts.host
