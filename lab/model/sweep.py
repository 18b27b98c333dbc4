"""What a sweep is about: nets of one operator each, what became of each, and all of one sweep as it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.model.outcome import Outcome


@dataclass(frozen=True, kw_only=True)
class NetInput:
    """One input of a net: given `values`, or numbers drawn evenly from `low` to `high` (integers include both)."""

    dtype: str
    shape: tuple[int, ...] = ()
    low: float = -1.0
    high: float = 1.0
    values: object = None


@dataclass(frozen=True, kw_only=True)
class Net:
    """One operator as a net: a `layer`, or an expression `code` over its inputs, which may call the layer as `self.part`.

    `numpy` is the same without Paddle, with the layer's weights as `w`; without it only releases say what is right. A `probe` goes first: where all probes fail alike in loading, it is the format and not the operator.
    """

    name: str
    family: str
    inputs: Mapping[str, NetInput]
    layer: str = ""
    code: str = ""
    numpy: str = ""
    probe: bool = False

    @property
    def text(self) -> str:
        """What it computes, as code."""
        if self.code:
            return self.code.replace("self.part", self.layer) if self.layer else self.code
        return f"{self.layer}({', '.join(self.inputs)})"


@dataclass(frozen=True, kw_only=True)
class SweepFinding:
    """What some nets of one cell did alike: their outcome, and where it is about numbers, by how much and who is wrong.

    `blame` is "opened", "saved" (the saver's own answer is wrong), "release" (the opening release computes it otherwise,
    in Python too), "unclear" or empty. `witness` says who knows: numpy, so many releases; for "release", with whom numpy is.
    `second` is what a second look at the net alone gave: "same", "other", or empty where there was none. `gap` is the
    largest absolute error.
    """

    nets: tuple[str, ...]
    outcome: Outcome
    gap: float | None = None
    blame: str = ""
    witness: str = ""
    second: str = ""


@dataclass(frozen=True, kw_only=True)
class SweepCell:
    """All nets of one saver in one loader by one route; without a loader, what saving them did.

    `counts` has every net by its grade, else its kind; `found` only what is not exact or close. A `closed` cell was left
    after its probes: the loader does not read this format. `formats` are the endings of the programs that a saver wrote.
    """

    saver: str
    saver_env: Mapping[str, str]
    route: str = ""
    loader: str = ""
    loader_env: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    found: tuple[SweepFinding, ...] = ()
    closed: bool = False
    formats: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One sweep as it is kept: the nets, what saving did, every cell, and the machine; `schema` counts the stored form.

    `eager` holds, for each saver, where its answer in Python differs from the first saver's (route "release") or from
    numpy's (route "numpy"). `loads` counts the nets that were really opened.
    """

    schema: int
    id: str
    command: str
    started: str
    finished: str
    nets: tuple[Net, ...]
    saves: tuple[SweepCell, ...]
    cells: tuple[SweepCell, ...]
    eager: tuple[SweepCell, ...]
    machine: Mapping[str, str] = field(default_factory=dict)
    isolated: bool = True
    seconds: float = 0.0
    loads: int = 0
