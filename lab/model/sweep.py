"""What a sweep is about: nets of one operator each, what became of each, and all of one sweep as it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.model.outcome import Outcome


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One input of a net: given `values`, or numbers drawn evenly from `low` to `high` (integers include both)."""

    dtype: str
    shape: tuple[int, ...] = ()
    low: float = -1.0
    high: float = 1.0
    values: object = None


@dataclass(frozen=True, kw_only=True)
class Net:
    """One operator as a net: a `layer`, or an expression `code` over its inputs; `numpy` is the same without Paddle.

    A `probe` goes first: where all probes fail alike in loading, it is the format and not the operator.
    """

    name: str
    family: str
    inputs: Mapping[str, Drawn]
    layer: str = ""
    code: str = ""
    numpy: str = ""
    probe: bool = False

    @property
    def text(self) -> str:
        """What it computes, as code."""
        return self.code or f"{self.layer}({', '.join(self.inputs)})"


@dataclass(frozen=True, kw_only=True)
class NetResult:
    """What one net did in one cell: its outcome, its worst grade, and who is wrong where the numbers differ.

    `blame` is "saved" (the saver's own answer is wrong), "opened", "unclear" or empty, `witness` what says so.
    `second` is what a second look at this net alone gave: "same", "other", or empty where there was none.
    `gap` is the largest absolute error.
    """

    net: str
    outcome: Outcome
    grade: str = ""
    gap: float | None = None
    blame: str = ""
    witness: str = ""
    second: str = ""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """All nets of one saver in one loader by one route, or (without loader) what saving them did.

    `counts` has every net by its grade or kind; `results` only those that are not plain exact or close. A `closed` cell
    was left after its probes: the loader does not read the format. `failed` is set where the start as a whole failed.
    """

    saver: str
    saver_env: Mapping[str, str]
    route: str
    loader: str = ""
    loader_env: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    results: tuple[NetResult, ...] = ()
    closed: bool = False
    failed: Outcome | None = None
    seconds: float = 0.0
    formats: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One sweep as it is kept: the table it ran, what saving did, every cell, and the machine; `schema` counts the form.

    `eager` holds, for each saver, the nets whose answer in Python differs from the first saver's or from numpy's.
    """

    schema: int
    id: str
    command: str
    started: str
    finished: str
    table_sha256: str
    nets: tuple[Net, ...]
    saves: tuple[Cell, ...]
    cells: tuple[Cell, ...]
    eager: tuple[Cell, ...]
    machine: Mapping[str, str] = field(default_factory=dict)
    isolated: bool = True
    seconds: float = 0.0
    loads: int = 0
