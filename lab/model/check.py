"""A user's own model: its sample inputs, the ways of opening it, its stamp, and the answer of convert."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lab.model.inspection import Reader
from lab.model.outcome import Diff, Outcome


class Draw(StrEnum):
    """A kind of made-up floats, the most usual one first."""

    UNIFORM = "uniform"
    """From 0 to 1."""
    NORMALISED = "normalised"
    """Pixels with their mean taken off and divided by their deviation, as most nets for pictures want them: from -2 to 2.4."""
    PIXELS = "pixels"
    """Whole numbers from 0 to 255."""
    NORMAL = "normal"
    """Mean 0, deviation 1."""
    WIDE = "wide"
    """Mean 0, deviation 10."""

    @property
    def pixels(self) -> bool:
        """Whether such numbers are those of a picture."""
        return self in (Draw.NORMALISED, Draw.PIXELS)


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One input as it is given to the model: `shape` has no open dimension left; `wanted` is what the program says.

    `draw` says what its floats are where they are made up.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    wanted: tuple[int, ...] | None = None
    draw: Draw = Draw.UNIFORM


DULL = 1000.0
"""Outputs narrower than the widest by this factor are not worth comparing: pixels of 0 to 255 alone widen a linear model 255 times."""


@dataclass(frozen=True, kw_only=True)
class Excited:
    """Which kind of made-up inputs a check took: by draw that was tried, how wide its narrowest output was.

    1 is as wide as that output was with any of them; None means that the model failed, or gave what is not finite.
    """

    draw: Draw
    shares: Mapping[Draw, float | None]

    @property
    def lively(self) -> bool:
        """Whether no output is dull with the kind that was taken."""
        return (self.shares[self.draw] or 0.0) * DULL >= 1


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way of opening a model: a standard route, and what is set before `import paddle`; `cure` names the entry it is from."""

    route: str
    env: Mapping[str, str] = field(default_factory=dict)
    cure: str = ""

    @property
    def api(self) -> str:
        """The route that this one is another form of: their numbers and times are held against each other."""
        return {"jit_old_ir": "jit"}.get(self.route, self.route)

    @property
    def label(self) -> str:
        """The way as people say it: "jit with FLAGS_enable_pir_api=False"."""
        words = " ".join(f"{name}={value}" for name, value in sorted(self.env.items()))
        return f"{self.route} with {words}" if words else self.route


@dataclass(frozen=True, kw_only=True)
class StampedFile:
    """One file as it was when it was stamped; size in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class StampedArray:
    """One array of a stamp: as base64 of its little-endian bytes in C order, or only its hash and a summary.

    With a `step`, `data` has every step-th element only; `sha256` is always of all bytes. `summary` has min, max, mean,
    deviation and the first values, as texts so that NaN survives JSON. `dtype` is as Paddle names it (bfloat16).
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    sha256: str
    data: str | None = None
    step: int = 0
    summary: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """`<prefix>.lab.json`: what saved a model, and what it answered then.

    `release` is the one it was run in, `writer` what the file says of its own, `way` how it was opened for these outputs,
    and `good` every way that worked there. Inputs that were made up are made again from `feeds`, `seed` and the number of
    the `generator`.
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
    generator: int = 1
    good: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StampUsed:
    """What a model's stamp was used for: `golden` says that its outputs are what the numbers are held against.

    `agreement` has its outputs where only hashes were kept, each in a sentence; `asked` says that its inputs were used.
    """

    made: str
    release: str
    way: Way
    asked: bool
    golden: bool
    agreement: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ProvedWay:
    """One way of opening the converted model in one release, and how its answers stand to the source's.

    `needed` says that this way worked before it was converted, and `as_itself` that `diffs` are against what the same way
    answered then, and not against the reference.
    """

    release: str
    route: str
    outcome: Outcome
    diffs: tuple[Diff, ...]
    good: bool
    needed: bool = True
    as_itself: bool = False


@dataclass(frozen=True, kw_only=True)
class Converted:
    """A converted model: where it lies, who made it, how its ways of opening stand to the source's, and who reads it.

    `outputs` are pairs of an output's name before and after, `readers` what is known of such files, `accepted` the ways
    that were named as enough, and `refused` what other releases made and why that was not kept.
    """

    path: str
    files: tuple[str, ...]
    release: str
    source: str
    proved: tuple[ProvedWay, ...]
    run: str
    outputs: tuple[tuple[str, str], ...] = ()
    readers: tuple[Reader, ...] = ()
    accepted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
