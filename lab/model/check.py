"""A user's own model: its sample inputs, the ways it was tried, and the answers of check, stamp and convert."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lab.model.cure import Ratio
from lab.model.run import TrialResult


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One input as it is given to the model: `shape` has no open dimension left; `wanted` is what the program says."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    wanted: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way of opening a model: a standard route, and what is set before `import paddle`; `cure` names the entry it is from."""

    route: str
    env: Mapping[str, str] = field(default_factory=dict)
    cure: str = ""

    @property
    def label(self) -> str:
        """The way as people say it: "jit with FLAGS_enable_pir_api=False"."""
        words = " ".join(f"{name}={value}" for name, value in sorted(self.env.items()))
        return f"{self.route} with {words}" if words else self.route


class Safety(StrEnum):
    """What is said of one release: unchanged code works, other code does, nothing does, or nobody could find out."""

    SAFE = "safe"
    OTHERWISE = "safe, but not by every way that worked before"
    UNSAFE = "not safe"
    UNKNOWN = "not known"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One way in one release: the trial, its numbers beside the same way in the old release, and its times beside those."""

    release: str
    way: Way
    trial: TrialResult
    good: bool
    before: str = ""
    load: Ratio | None = None
    call: Ratio | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is said of one release: the ways that may be used, the best first, and the lines for the first."""

    release: str
    safety: Safety
    good: tuple[Way, ...] = ()
    lost: tuple[str, ...] = ()
    why: str = ""
    lines: str = ""


@dataclass(frozen=True, kw_only=True)
class StampedFile:
    """One file as it was when it was stamped; size in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class StampedArray:
    """One array of a stamp: whole as base64 of its little-endian bytes in C order, or only its hash and a summary.

    `summary` has min, max, mean and the first values, as texts so that NaN survives JSON.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    sha256: str
    data: str | None = None
    summary: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """`<prefix>.lab.json`: what saved a model, and what it answered then.

    `release` is the one it was run in, `writer` what the file says of its own, `way` how it was opened for these outputs,
    and `good` every way that worked there.
    """

    schema: int
    made: str
    prefix: str
    release: str
    environment: str
    way: Way
    writer: str
    format: str
    files: tuple[StampedFile, ...]
    operators: Mapping[str, int]
    versions: Mapping[str, str]
    inputs: tuple[StampedArray, ...]
    outputs: tuple[StampedArray, ...]
    feeds: tuple[Feed, ...] = ()
    seed: int = 0
    good: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The answer of `lab check`: how everything was chosen, what was tried, and what follows from it.

    `reference` says whose outputs the numbers are held against; `assumed` is what a reader must know to believe it.
    """

    schema: int
    run: str
    command: str
    prefix: str
    format: str
    files: tuple[StampedFile, ...]
    old: str
    chosen: str
    reference: str
    feeds: tuple[Feed, ...]
    rounds: int
    answers: tuple[Answer, ...]
    attempts: tuple[Attempt, ...]
    assumed: tuple[str, ...] = ()
    stamp: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()
    paragraph: str = ""
    seconds: float = 0.0
