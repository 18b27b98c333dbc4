"""What came out of one step: what Paddle did, how near the numbers are, what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Phase(StrEnum):
    """Where in the life of a trial something happened, in order."""

    BUILD = "build"
    PREPARE = "prepare"
    SAVE = "save"
    LOAD = "load"
    INFER = "infer"
    COMPARE = "compare"


class Progress(IntEnum):
    """How far Paddle came; each step includes those before it."""

    UNTRIED = 0
    """It was never asked: no image, no wheel, a failure of the lab; or what it said decides nothing."""
    TRIED = 1
    """It was asked, and what it was asked for had failed before."""
    DECIDED = 2
    """What it did is known."""
    ANSWERED = 3
    """It gave outputs."""
    WORKED = 4
    """Its outputs agree, or nearly."""


class Kind(StrEnum):
    """What Paddle did, or why that is not known; what follows from it everywhere stands in KINDS."""

    OK = "ok"
    DRIFT = "drift"
    NUMERIC_MISMATCH = "numeric_mismatch"
    LEAK = "leak"
    """Its numbers agree, and its memory grows with every load or call, without an end."""
    PY_EXCEPTION = "py_exception"
    NATIVE_CRASH = "native_crash"
    OOM = "oom"
    TIMEOUT = "timeout"
    BUILD_FAILURE = "build_failure"
    UNSUPPORTED = "unsupported"
    DEPENDS_ON = "depends_on"
    FLAKY = "flaky"
    UNDECIDED = "undecided"
    """It gave outputs, and they show nothing: neither that its numbers agree nor that they do not."""
    INFRA_ERROR = "infra_error"

    @property
    def tested(self) -> bool:
        """Whether Paddle was asked at all; the rest is left out, counted and named."""
        return KINDS[self].progress >= Progress.TRIED

    @property
    def decided(self) -> bool:
        """Whether it is known what Paddle does here; the rest speaks neither for nor against a problem."""
        return KINDS[self].progress >= Progress.DECIDED

    @property
    def answered(self) -> bool:
        """Whether there are outputs, right or wrong."""
        return KINDS[self].progress >= Progress.ANSWERED

    @property
    def works(self) -> bool:
        """Whether the outputs agree, or nearly."""
        return KINDS[self].progress >= Progress.WORKED

    @property
    def differs(self) -> bool:
        """Whether it is the numbers that are not the same."""
        return self.answered and self not in (Kind.OK, Kind.LEAK)

    @property
    def raised(self) -> bool:
        """Whether an exception can say it: what is out of memory in one lab's eyes may be an exception like others in another's."""
        return KINDS[self].raised

    @property
    def kept(self) -> bool:
        """Whether a later run may take it over, because asking again would not change it."""
        return KINDS[self].kept

    @property
    def exit_code(self) -> int:
        """What a command returns that could not find out because of it; 0 where it is decided."""
        return KINDS[self].exit_code


@dataclass(frozen=True, kw_only=True)
class KindRow:
    """What follows from a kind of outcome: how far Paddle came, whether it is kept or raised, and the exit code it leads to."""

    progress: Progress
    kept: bool = True
    raised: bool = False
    exit_code: int = 0


KINDS: Mapping[Kind, KindRow] = {
    Kind.OK: KindRow(progress=Progress.WORKED),
    Kind.DRIFT: KindRow(progress=Progress.WORKED),
    Kind.NUMERIC_MISMATCH: KindRow(progress=Progress.ANSWERED),
    Kind.LEAK: KindRow(progress=Progress.ANSWERED),
    Kind.PY_EXCEPTION: KindRow(progress=Progress.DECIDED, raised=True),
    Kind.NATIVE_CRASH: KindRow(progress=Progress.DECIDED),
    Kind.OOM: KindRow(progress=Progress.DECIDED, kept=False, raised=True),
    Kind.TIMEOUT: KindRow(progress=Progress.DECIDED, kept=False),
    Kind.BUILD_FAILURE: KindRow(progress=Progress.UNTRIED, kept=False, exit_code=5),
    Kind.UNSUPPORTED: KindRow(progress=Progress.UNTRIED, exit_code=3),
    Kind.DEPENDS_ON: KindRow(progress=Progress.TRIED, kept=False, exit_code=3),
    Kind.FLAKY: KindRow(progress=Progress.UNTRIED, kept=False, exit_code=3),
    Kind.UNDECIDED: KindRow(progress=Progress.UNTRIED, kept=False, exit_code=3),
    Kind.INFRA_ERROR: KindRow(progress=Progress.UNTRIED, kept=False, exit_code=7),
}


class Grade(StrEnum):
    """How near two arrays are, best first; the tolerances per dtype are in `lab.compare`.

    UNDECIDED says that they differ, and that nothing in them says whether by much or by little.
    """

    EXACT = "exact"
    CLOSE = "close"
    UNDECIDED = "undecided"
    DRIFT = "drift"
    MISMATCH = "mismatch"

    @property
    def agrees(self) -> bool:
        """Whether two arrays of this grade count as the same."""
        return self in (Grade.EXACT, Grade.CLOSE)

    @property
    def differs(self) -> bool:
        """Whether two arrays of this grade are known not to be the same."""
        return self in (Grade.DRIFT, Grade.MISMATCH)


class OutcomeChange(StrEnum):
    """How an outcome stands to an earlier one of the same trial."""

    SAME = "same"
    FIXED = "fixed"
    DRIFTED = "drifted"
    REGRESSED = "regressed"
    OTHER_FAILURE = "changed failure"
    UNKNOWN = "unknown"
    FLAKY = "flaky"
    UNTRIED = "untried"

    @property
    def worse(self) -> bool:
        """Whether something fails that worked, or fails otherwise than before."""
        return self in (OutcomeChange.REGRESSED, OutcomeChange.OTHER_FAILURE)

    @property
    def known(self) -> bool:
        """Whether the two could be compared."""
        return self not in (OutcomeChange.UNKNOWN, OutcomeChange.FLAKY, OutcomeChange.UNTRIED)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What Paddle did: phase, kind, the reason inside the kind, and a signature that survives paths and numbers.

    `message` is cleaned text for people, with the root cause first where others led to it; `type` is the exception class or
    the signal name; `detail` is the traceback, or the stacks of a native crash, capped.
    """

    kind: Kind
    phase: Phase
    reason: str = ""
    type: str = ""
    message: str = ""
    signature: str = ""
    detail: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether Paddle did its work with numbers that agree."""
        return self.kind is Kind.OK


@dataclass(frozen=True, kw_only=True)
class Worst:
    """The element with the largest error: its index and both values, as text so that NaN and Inf survive JSON."""

    index: tuple[int, ...]
    reference: str
    candidate: str


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """What is always recorded of two arrays of one shape and dtype; None where it has no meaning.

    `mismatched` is the share of elements outside the close tolerance; `quantiles` are of the absolute error at 50, 99
    and 99.9 %; `ulp` is the largest distance in units in the last place; `atol_needed` (with rtol 0) and `rtol_needed`
    (with atol 0) are the smallest that would pass.
    """

    size: int
    mismatched: float | None = None
    max_abs: float | None = None
    max_rel: float | None = None
    worst_abs: Worst | None = None
    worst_rel: Worst | None = None
    quantiles: tuple[float, float, float] | None = None
    ulp: int | None = None
    cosine: float | None = None
    argmax_agreement: float | None = None
    nan_reference: int = 0
    nan_candidate: int = 0
    inf_reference: int = 0
    inf_candidate: int = 0
    atol_needed: float | None = None
    rtol_needed: float | None = None


@dataclass(frozen=True, kw_only=True)
class Diff:
    """One output against its reference: the grade, why it is a mismatch if it is one, and the numbers behind it.

    `reason` is one of values, nan, inf, shape, dtype, missing, extra (empty unless the grade is mismatch). `rtol` and
    `atol` are the bounds of close that were in force. `blank` says why the comparison showed nothing, where it did not:
    equal arrays of zeros are exact, and no evidence.
    """

    output: str
    grade: Grade
    reason: str = ""
    reference: str = ""
    candidate: str = ""
    rtol: float = 0.0
    atol: float = 0.0
    metrics: Metrics | None = None
    overridden: str = ""
    blank: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the two count as the same, and that is worth something."""
        return self.grade.agrees and not self.blank
