"""Where a model goes wrong: which of its operators was found, by what it was shown, and how the difference grows from there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lab.model.outcome import Outcome

FILE = "location.json"
"""Where a run keeps its answer, in its folder."""


class CutSort(StrEnum):
    """What a cut did beside the reference."""

    AGREES = "agrees"
    PARTS = "parts"
    """Its values are beyond their tolerance."""
    FAILS = "fails"
    """It fails as the whole model does."""
    OTHER = "fails otherwise"
    UNKNOWN = "not known"
    """It could not be made or asked, or what it answers shows nothing."""

    @property
    def bad(self) -> bool:
        """Whether it shows what the whole model shows."""
        return self in (CutSort.PARTS, CutSort.FAILS)


class LocatedSort(StrEnum):
    """What was found out about a model that goes wrong."""

    OPERATOR = "operator"
    """One operator does it by itself, fed with good values."""
    FUSED = "only in the fused whole"
    """No operator of a cut does it by itself, and the cut only while nobody looks between them."""
    TOGETHER = "operators together"
    """No operator of a cut does it by itself, and the cut also while all between them is looked at."""
    EVERYWHERE = "every cut"
    """Every cut fails in the same way: it is the file or the way it is opened, and no operator."""
    NOWHERE = "not located"
    """No cut that could be tried shows it."""


@dataclass(frozen=True, kw_only=True)
class LocatedPlace:
    """One side: a release by its environment, the way of opening, and what is set there."""

    environment: str
    route: str
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The side in one line: "3.0.0-cpu-py311 by predictor"."""
        words = [f"{name}={value}" for name, value in sorted(self.env.items())]
        return " ".join([self.environment, *words, "by", self.route])


@dataclass(frozen=True, kw_only=True)
class CutSeen:
    """What one cut did in the bad place: its worst value beside the reference, or how it failed.

    `largest` is the largest difference of any element, `relative` the same as a share of the largest element of the
    reference; None where there are no numbers. `why` is in words what is not plain.
    """

    sort: CutSort
    grade: str = ""
    largest: float | None = None
    relative: float | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class OperatorSeen:
    """One operator in the order of the graph: what it is, where in the network, and what it did in both ways.

    `cumulative` is its value where the bad place goes on with its own values, `alone` where it was fed the good place's;
    None where that was not asked. `operands` and `results` are types with shapes; `place` is its name in the network.
    """

    index: int
    operator: str
    place: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    operands: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    cumulative: CutSeen | None = None
    alone: CutSeen | None = None


@dataclass(frozen=True, kw_only=True)
class CutConfirmed:
    """How often the found cut was asked again by itself: it showed the fault `bad` of `asked` times in the bad place.

    `good` of `controls` times the good place answered the same cut as it had answered in the whole. `within` says what the
    cut did whose head is the model's own, from its inputs on: None where that was not asked. `apart` says that the fault
    was also seen in a process of its own.
    """

    bad: int
    asked: int
    good: int
    controls: int
    within: CutSort | None = None
    apart: bool = False

    @property
    def certain(self) -> bool:
        """Whether every repeat and every control says so."""
        return 0 < self.asked == self.bad and 0 < self.controls == self.good and self.apart


@dataclass(frozen=True, kw_only=True)
class OpenedSeen:
    """What was found inside an operator that holds others, opened as `what` says.

    `first` to `last` are places in the opened model, whose operators from inside begin at `start`, `each` of them a step. `inside`
    is what was found where the found one again holds operators.
    """

    what: str
    sort: LocatedSort
    first: int
    last: int
    start: int
    each: int
    operators: tuple[OperatorSeen, ...]
    confirmed: CutConfirmed | None = None
    inside: "OpenedSeen | None" = None

    @property
    def found(self) -> tuple[OperatorSeen, ...]:
        """The operators that were found."""
        return tuple(one for one in self.operators if self.first <= one.index <= self.last)


@dataclass(frozen=True, kw_only=True)
class Location:
    """The answer: which operators, from `first` to `last` in the order of the graph, and how certain that is.

    `failure` is what the whole model does in the bad place; `flaky` is empty, or how often it did so. `hidden` says that the
    model's own outputs were right while values between were looked at. `others` are further operators that do it alone.
    `unsteady` counts values that the good place answers differently each time, which are held against nothing. `inside` is what was found in the blocks of the found operator.
    """

    schema: int
    run: str
    command: str
    model: str
    format: str
    good: LocatedPlace
    bad: LocatedPlace
    failure: Outcome
    sort: LocatedSort
    operators: tuple[OperatorSeen, ...]
    first: int | None = None
    last: int | None = None
    others: tuple[int, ...] = ()
    confirmed: CutConfirmed | None = None
    hidden: bool = False
    flaky: str = ""
    unsteady: int = 0
    outputs: CutSeen | None = None
    inside: OpenedSeen | None = None
    notes: tuple[str, ...] = ()
    candidates: int = 0
    seconds: float = 0.0

    def operator(self, index: int) -> OperatorSeen:
        """One operator by its place in the graph."""
        return next(one for one in self.operators if one.index == index)

    @property
    def certain(self) -> bool:
        """Whether there is one answer, and nothing that was asked again speaks against it."""
        found = self.sort in (LocatedSort.OPERATOR, LocatedSort.FUSED, LocatedSort.TOGETHER)
        return found and not self.flaky and self.confirmed is not None and self.confirmed.certain
