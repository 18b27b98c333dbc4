"""What files of a saved model say of themselves, read without Paddle and without unpickling."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FileKind(StrEnum):
    """What a file is by its content, whatever its name says."""

    PROGRAM = "program (protobuf)"
    PIR = "program (PIR JSON)"
    TENSORS = "parameters (tensor stream)"
    PICKLE = "pickle"
    JSON = "JSON, but no model"
    EMPTY = "empty"
    FOREIGN = "not a file of Paddle"
    UNKNOWN = "unknown"


class InspectLevel(StrEnum):
    """How much a finding matters: broken files make the exit code 2."""

    BROKEN = "broken"
    WARNING = "warning"
    NOTE = "note"


class Reads(StrEnum):
    """Whether one release reads the model by one API, and what comes of it: opening a model is not yet answering.

    DIES is a crash while it is opened, CRASHES one of the first run, DOUBTFUL where the input decides.
    """

    YES = "yes"
    WITH = "with"
    DOUBTFUL = "opens; may answer wrong"
    WRONG = "opens; answers wrong"
    FAILS = "opens; fails"
    CRASHES = "opens; crashes"
    NO = "no"
    DIES = "dies"
    UNKNOWN = "not known"

    @property
    def useless(self) -> bool:
        """Whether no answer comes of it, whatever is set."""
        return self in (Reads.NO, Reads.DIES, Reads.FAILS, Reads.CRASHES)


@dataclass(frozen=True, kw_only=True)
class InspectFinding:
    """Something a person should know about a file: what, where, and what to do."""

    level: InspectLevel
    what: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class TensorFacts:
    """One input, output or parameter; a dimension of -1 is dynamic, and a shape of None is not known."""

    name: str
    dtype: str
    shape: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class StoredTensor:
    """One tensor of a parameter stream: where its data lies (bytes from the start of the file) and what it holds."""

    dtype: str
    shape: tuple[int, ...]
    offset: int
    nbytes: int
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """One file as it lies on disk; `size` in bytes, `modified` in seconds since 1970, `sha256` only where asked for."""

    name: str
    kind: FileKind
    size: int
    modified: float
    sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Who wrote a program: a release or a range of them, and the evidence; empty `releases` where nobody knows."""

    releases: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class ProgramFacts:
    """One program: its format and version number, who wrote it, and what goes in, through and out of it."""

    file: str
    kind: FileKind
    version: int
    writer: Writer
    blocks: int
    operators: Mapping[str, int]
    inputs: tuple[TensorFacts, ...]
    outputs: tuple[TensorFacts, ...]
    parameters: tuple[TensorFacts, ...]
    operator_versions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SavedModelFacts:
    """What can be held against a known problem of the files of one save: format (".json"), operators, and whether there are parameters.

    Operators are named as in a .pdmodel: "leaky_relu", without the dialect that a .json puts in front.
    """

    format: str
    operators: frozenset[str]
    parameters: bool


@dataclass(frozen=True, kw_only=True)
class StreamFacts:
    """One parameter file: its tensors in file order; `named_by` is the program whose sorted names fit them."""

    file: str
    tensors: tuple[StoredTensor, ...]
    nbytes: int
    named_by: str = ""


@dataclass(frozen=True, kw_only=True)
class PickleFacts:
    """One pickle, never loaded: its protocol, what loading would import, and what of that Paddle does not write.

    `doubts` are sentences: what else Paddle's files do not do, or what cannot be told. It is `harmless` only where all
    of it was followed and loading does nothing but what Paddle's own files do.
    """

    file: str
    protocol: int
    imports: tuple[str, ...]
    unusual: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    harmless: bool = False


@dataclass(frozen=True, kw_only=True)
class Reader:
    """What one release does with the model by one API; `setting` is what it takes, `source` where that is known from."""

    release: str
    api: str
    reads: Reads
    setting: str = ""
    why: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class SharedWeights:
    """One parameter file under two programs: which it belongs to (empty where nothing shows it), and why."""

    file: str
    programs: tuple[str, str]
    owner: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """Everything `lab inspect` found at one place."""

    path: str
    prefix: str
    files: tuple[FileFacts, ...]
    programs: tuple[ProgramFacts, ...] = ()
    streams: tuple[StreamFacts, ...] = ()
    pickles: tuple[PickleFacts, ...] = ()
    readers: tuple[Reader, ...] = ()
    findings: tuple[InspectFinding, ...] = ()
    shared: SharedWeights | None = None

    @property
    def broken(self) -> bool:
        """Whether any file is damaged, or not what its place asks for."""
        return any(one.level is InspectLevel.BROKEN for one in self.findings)
