"""A run, or the telling part of one, as an archive: what it claims, and what proves it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lab.model.environment import GivenBuild, Limits
from lab.model.outcome import Outcome, OutcomeChange
from lab.model.run import Run, TrialResult


@dataclass(frozen=True, kw_only=True)
class ModelFile:
    """One file of a saved model: its name below saved/model/, its size in bytes and its sha256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """One trial a bundle claims; `said` is its message as repro.py compares it, with paths and numbers masked."""

    trial: TrialResult
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """What results.json holds: one saver, one loader, and one or more cases of them; the first case is the subject.

    `carried` says whether saved/model/ is in the archive; where it did not fit, the scenario's save makes it again and
    `model` tells what it was. `images` are the tags of both images, "save" and "load", each with the digest of its
    recipe; `builds` are what was handed over in the place of a release, each known by its content and not carried.
    `schema` counts the stored form.
    """

    schema: int
    scenario: str
    scenario_sha256: str
    summary: str
    issue: str
    saver: str
    loader: str
    saver_env: Mapping[str, str]
    arch: str
    threads: int
    limits: Limits
    carried: bool
    model: tuple[ModelFile, ...]
    cases: tuple[Case, ...]
    images: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, str] = field(default_factory=dict)
    run: str = ""
    command: str = ""
    builds: tuple[GivenBuild, ...] = ()

    @property
    def subject(self) -> TrialResult:
        """The trial the bundle is about."""
        return self.cases[0].trial


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """One case after its replays: what came out each time, and what that is against the claim.

    `beside` marks one that the bundle does not claim as it was tried: it is told, and decides nothing.
    """

    label: str
    claimed: Outcome
    outcomes: tuple[Outcome, ...]
    changes: tuple[OutcomeChange, ...]
    beside: bool = False

    @property
    def change(self) -> OutcomeChange:
        """The one word of all replays; FLAKY where they disagree."""
        words = set(self.changes)
        return self.changes[0] if len(words) == 1 else OutcomeChange.FLAKY


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What PROOF.json holds: how often the bundle was replayed from itself, in what, and what came out; no times."""

    schema: int
    engine: str
    isolated: bool
    times: int
    signatures: Mapping[str, str]
    files_sha256: str


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What is kept beside a run of the bundle that was made of it last: where it lies, what it is about, its proof.

    `name` is the folder inside it. An issue mentions it while it lies there.
    """

    path: str
    name: str
    label: str
    proof: Proof | None


class Lang(StrEnum):
    """The language of the text; both means Chinese and English side by side."""

    EN = "en"
    ZH = "zh"
    BOTH = "both"


@dataclass(frozen=True, kw_only=True)
class IssueReport:
    """What an issue is made of: the run, the trial it is about, the scenario's words, and what is handed over with it.

    `attachment` is the bundle's file name, empty where there is none, and `unpacked` the folder in it; `logs` are by name, as the container wrote them.
    `given` says that the model was given as files, so that no command of the lab makes it. `known` is the report upstream that
    the failure is an instance of, with what is known of it in both languages.
    """

    run: Run
    subject: TrialResult
    summary: str
    code: str
    summary_zh: str = ""
    given: bool = False
    known: str = ""
    known_en: str = ""
    known_zh: str = ""
    issue: str = ""
    attachment: str = ""
    unpacked: str = ""
    proof: Proof | None = None
    logs: Mapping[str, str] = field(default_factory=dict)
