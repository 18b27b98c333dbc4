"""A reduction: what of a model is kept, how it is filled, how far it came, and what was shown of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lab.model.outcome import Outcome
from lab.model.search import Reading

FILE = "reduced.json"
"""Where a run keeps its answer, in its folder."""


class FillKind(StrEnum):
    """Where the numbers of a tensor come from."""

    KEPT = "kept"
    """As the user's model has them."""
    SEEDED = "seeded"
    """Drawn from a seed, with the same shape and spread."""
    CONSTANT = "constant"


@dataclass(frozen=True, kw_only=True)
class Filling:
    """How one tensor is filled: kept as it is, drawn around `mean` with `deviation` between `low` and `high`, or `value` everywhere."""

    kind: FillKind = FillKind.KEPT
    seed: int = 0
    mean: float = 0.0
    deviation: float = 0.0
    low: float = 0.0
    high: float = 0.0
    value: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """One smaller model, before its files are made: the operators that were chosen, the lengths that inputs are cut to, what tensors are filled with.

    `opened` are the loops and branches that were opened before, each with its place in the model as it then was, and the branch or the
    number of steps. `lengths` are by the name of a value that is fed, one an axis; `inputs` and `weights` hold those that are filled otherwise than
    as they are. `shapes` are the dimensions that the program declares of results, where it declares others than the whole model.
    `plain` is without names and paths of the user's; `anchored` has a parameter where a release needs one.
    """

    kept: tuple[int, ...]
    opened: tuple[tuple[int, int], ...] = ()
    lengths: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    inputs: Mapping[str, Filling] = field(default_factory=dict)
    weights: Mapping[str, Filling] = field(default_factory=dict)
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    plain: bool = False
    anchored: bool = True


@dataclass(frozen=True, kw_only=True)
class ReducedTensor:
    """One tensor of the reduced model: what it is called there, its element type and shape, and where its numbers come from.

    `inner` says that it is fed where the whole model has a value between two operators: no input of the user's, but made of these and of weights.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    filling: Filling
    inner: bool = False


@dataclass(frozen=True, kw_only=True)
class ReductionStep:
    """One step of the search: what was tried, how many candidates it took, and how many operators were left after it."""

    what: str
    candidates: int
    operators: int
    held: bool


NOT_CLEAN = (
    "# NOT CLEAN: parts of the weights of the model that this was made of are in its files; give them to nobody."
)
"""A line of a reduced script whose files nobody else may have; `lab bundle` looks for it."""


@dataclass(frozen=True, kw_only=True)
class WeightsProof:
    """What was looked for in all that was written: runs of 16 bytes or more of the user's weights, one number repeated left out.

    `found` names the tensors that such a run was found of, `kept` those that are in it on purpose, because the failure needs them.
    `short` counts the tensors that have no such run, because they are smaller.
    """

    tensors: int
    nbytes: int
    files: int
    written: int
    found: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    short: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing of the weights is in what was written."""
        return not self.found and not self.kept


@dataclass(frozen=True, kw_only=True)
class ReducedSide:
    """A release with a way of opening the model, and the variables that are set there."""

    release: str
    environment: str
    route: str
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The side as people say it: "3.3.1 by predictor"."""
        set_ = "".join(f" {name}={value}" for name, value in sorted(self.env.items()))
        return f"{self.release} by {self.route}{set_}"


@dataclass(frozen=True, kw_only=True)
class SlowSeen:
    """What was measured of a slow model: of the `whole`, and of what is `left`, each in fresh processes and in two sessions.

    A candidate counted where it took more than `share` longer in `rounds` rounds. `certain` says that what is left does, too.
    """

    whole: Reading
    left: Reading
    share: float
    rounds: int
    certain: bool


@dataclass(frozen=True, kw_only=True)
class Reduced:
    """The answer of one reduction; `operators` are those that an input reaches, `constants` how many others prepare what these need.

    `confirmed` is how often of `asked` the result showed the failure in the bad place, and none in the good one, each in a start of
    its own. `bytes_before` and `nbytes` count the files of the model. `alike` counts other operators that failed alone in the same
    way, where every one did that was asked: then it is no operator that fails. `slow` is there where slowness was looked for.
    """

    schema: int
    run: str
    command: str
    model: str
    good: ReducedSide
    bad: ReducedSide
    seen: Outcome
    operators_before: int
    operators: tuple[str, ...]
    constants: int
    along: Mapping[str, str]
    bytes_before: int
    nbytes: int
    weights: tuple[ReducedTensor, ...]
    inputs: tuple[ReducedTensor, ...]
    steps: tuple[ReductionStep, ...]
    candidates: int
    confirmed: int
    asked: int
    proof: WeightsProof
    folder: str
    files: tuple[str, ...]
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    alike: int = 0
    slow: SlowSeen | None = None
