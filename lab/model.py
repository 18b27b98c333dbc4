"""The nouns of the lab: frozen, keyword-only dataclasses, and enums for alternatives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Stage(StrEnum):
    """How finished a release was when it was published."""

    STABLE = "stable"
    BETA = "beta"
    RC = "rc"


class Phase(StrEnum):
    """Where in the life of a trial something happened, in order."""

    BUILD = "build"
    PREPARE = "prepare"
    SAVE = "save"
    LOAD = "load"
    INFER = "infer"
    COMPARE = "compare"


class Kind(StrEnum):
    """What Paddle did, or why that is not known."""

    OK = "ok"
    DRIFT = "drift"
    NUMERIC_MISMATCH = "numeric_mismatch"
    PY_EXCEPTION = "py_exception"
    NATIVE_CRASH = "native_crash"
    OOM = "oom"
    TIMEOUT = "timeout"
    BUILD_FAILURE = "build_failure"
    UNSUPPORTED = "unsupported"
    DEPENDS_ON = "depends_on"
    FLAKY = "flaky"
    INFRA_ERROR = "infra_error"


class Grade(StrEnum):
    """How near two arrays are, best first; the tolerances per dtype are in `lab.compare`."""

    EXACT = "exact"
    CLOSE = "close"
    DRIFT = "drift"
    MISMATCH = "mismatch"


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """One installable Paddle build: what to ask an index for, and which Pythons and machines it exists for.

    `index` is "public" for the public Python index, else a folder of Paddle's own index (for instance "cu118"), whose
    address is `url`. `pythons` are "3.11"-like; `arches` are machine names as `uname -m` prints them. Where they differ
    from the usual: `base` is the image it must start from, `python` its own default Python, and `needs` what no image
    of the lab has and the wheel cannot even be imported without.
    """

    package: str
    version: str
    index: str
    pythons: tuple[str, ...]
    arches: tuple[str, ...]
    url: str = ""
    base: str = ""
    python: str = ""
    needs: str = ""


@dataclass(frozen=True, kw_only=True)
class Release:
    """One Paddle version: when it came out, how finished it was, its wheels by device name, and what it needs beside them.

    `date` is ISO (YYYY-MM-DD) or YYYY-MM where only the month is known; `pins` are requirement lines, each with a reason
    in releases.toml; `requires` are the wheels' own requirements, for where their index cannot be asked.
    """

    version: str
    date: str
    stage: Stage
    wheels: Mapping[str, Wheel]
    pins: tuple[str, ...]
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Device:
    """One kind of hardware build: the image it starts from, what the system must add, and how a container of it is run.

    `base` is an image name with `{python}` in it; `apt` are system packages; `gpu` says that a container may be given a
    GPU (without one the wheel falls back to its CPU mode); `forward` are environment names passed on from the host.
    """

    name: str
    summary: str
    base: str
    apt: tuple[str, ...]
    gpu: bool
    forward: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Release x Device x Python on one machine kind: the thing an image is built for."""

    release: Release
    device: Device
    python: str
    arch: str

    @property
    def key(self) -> str:
        """The name of the environment everywhere: folder, image tag, table; "3.0.0-cpu-py311"."""
        machine = "" if self.arch == "x86_64" else f"-{self.arch}"
        return f"{self.release.version}-{self.device.name}-py{self.python.replace('.', '')}{machine}"

    @property
    def wheel(self) -> Wheel:
        """The Paddle wheel this environment installs."""
        return self.release.wheels[self.device.name]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one container may use: a run that goes beyond is stopped and named, never waited for.

    Sizes in bytes, times in seconds; `silent_s` is the longest time without output and without CPU use.
    """

    memory: int = 4 * 1024**3
    cpus: float = 1.0
    pids: int = 512
    wall_s: float = 600.0
    silent_s: float = 120.0
    output: int = 4 * 1024**3
    log: int = 5 * 1024**2


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is set before `import paddle`: flags count only as environment, and threads change times.

    `env` holds FLAGS_* and other variables; `threads` becomes OMP_NUM_THREADS and its siblings.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    threads: int = 1
    limits: Limits = field(default_factory=Limits)

    @property
    def label(self) -> str:
        """The variables as one word for tables: "FLAGS_enable_pir_api=False"; empty where nothing is set."""
        return " ".join(f"{name}={value}" for name, value in sorted(self.env.items()))


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a step runs: an environment and the settings in it."""

    environment: Environment
    settings: Settings = field(default_factory=Settings)

    @property
    def label(self) -> str:
        """The place as people say it: "3.0.0-cpu-py311 FLAGS_enable_pir_api=False"."""
        return f"{self.environment.key} {self.settings.label}".strip()


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What a scenario's header expects of one pair; empty fields are not checked.

    `saver` and `loader` are selectors such as "2.6.2", "2.6.1-gpu" or "newest"; `message` is a regular expression
    searched in the error message; `full` marks pairs that only a full run covers.
    """

    saver: str
    loader: str
    saver_env: Mapping[str, str] = field(default_factory=dict)
    loader_env: Mapping[str, str] = field(default_factory=dict)
    route: str = "own"
    outcome: Kind = Kind.OK
    phase: Phase | None = None
    type: str = ""
    message: str = ""
    grade: Grade | None = None
    full: bool = False


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """A scenario's own tolerance for one output, which must say why it differs from the table."""

    output: str
    rtol: float
    atol: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One file in scenarios/: its header as read without importing it, its text's hash, and where it lies."""

    name: str
    path: str
    sha256: str
    summary: str
    issue: str = ""
    expectations: tuple[Expectation, ...] = ()
    tolerances: tuple[Tolerance, ...] = ()
    routes: tuple[str, ...] = ("own",)
    functions: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    timed: bool = True


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One scenario, saved in one place and loaded in another by one route: the unit of work and of caching."""

    scenario: Scenario
    saver: Place
    loader: Place
    route: str = "own"

    @property
    def label(self) -> str:
        """The trial in one line: "saver -> loader"."""
        by = "" if self.route == "own" else f" by {self.route}"
        return f"{self.saver.label} -> {self.loader.label}{by}"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What Paddle did: phase, kind, the reason inside the kind, and a signature that survives paths and numbers.

    `message` is cleaned text for people; `type` is the exception class or the signal name; `detail` is the traceback
    or the faulthandler text, capped.
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

    `reason` is one of values, nan, inf, shape, dtype, missing, extra (empty unless the grade is mismatch).
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


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Raw values of one metric in seconds, one inner tuple per fresh process; statistics are derived, never stored."""

    metric: str
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True)
class StepFacts:
    """What the guest saw of itself: versions, flags, device, and how much it used (bytes, seconds)."""

    versions: Mapping[str, str] = field(default_factory=dict)
    device: str = ""
    cpu: str = ""
    isa: tuple[str, ...] = ()
    flags_missing: tuple[str, ...] = ()
    phases: Mapping[str, float] = field(default_factory=dict)
    peak_memory: int = 0
    image: str = ""


@dataclass(frozen=True, kw_only=True)
class TrialResult:
    """One finished trial as it is stored: outcome, diffs, raw times and facts; `folder` is relative to the run.

    `verdict` compares with the expectation: "as expected", "differs: ...", or empty where none was stated. `reused`
    names the run the result was taken from.
    """

    label: str
    key: str
    saver: str
    loader: str
    saver_env: Mapping[str, str]
    loader_env: Mapping[str, str]
    route: str
    outcome: Outcome
    diffs: tuple[Diff, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    save: StepFacts | None = None
    load: StepFacts | None = None
    expected: Expectation | None = None
    verdict: str = ""
    folder: str = ""
    reused: str = ""
    seconds: float = 0.0


class Verdict(StrEnum):
    """What a run says about the problem its scenario describes."""

    REPRODUCED = "REPRODUCED"
    NOT_REPRODUCED = "NOT REPRODUCED"
    CHANGED = "CHANGED"
    VOID = "VOID"
    NONE = ""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one command did: its trials, in order, and the machine it ran on.

    `status` is running, finished or interrupted; times are ISO 8601 in UTC; `schema` counts the stored form.
    """

    schema: int
    id: str
    command: str
    scenario: str
    scenario_sha256: str
    engine: str
    isolated: bool
    started: str
    finished: str = ""
    status: str = "running"
    verdict: Verdict = Verdict.NONE
    reasons: tuple[str, ...] = ()
    planned: int = 0
    trials: tuple[TrialResult, ...] = ()
    machine: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Step:
    """One finished start of the guest, as stored in step.json: what it was (`key`), what came out, on which image."""

    key: str
    mode: str
    outcome: Outcome
    facts: StepFacts
    engine: str
    seconds: float
    loops: int = 0
