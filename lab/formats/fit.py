"""Files of one model held against each other: do the parameters fit the program, is one missing, is one stale."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from lab.model.inspection import (
    FileFacts,
    FileKind,
    InspectFinding,
    InspectLevel,
    ProgramFacts,
    StoredTensor,
    StreamFacts,
    TensorFacts,
)
from lab.text import clean

EXPORT = "export the model again, or find the parameter file that was written with the program"
ONE_FILE = "export it again with a release from 2.0 on, which writes one parameter file: 3.x opens no model of many"
_MINUTE = 60
_NAMED = 5


def fit(
    programs: Sequence[ProgramFacts], streams: Sequence[StreamFacts]
) -> tuple[dict[str, StreamFacts], list[InspectFinding]]:
    """The streams with the names of the first program they fit, by file name, and what does not fit.

    Paddle writes parameters in the order of their sorted names, so the n-th tensor belongs to the n-th name.
    """
    named: dict[str, StreamFacts] = {}
    findings: list[InspectFinding] = []
    for stream in streams:
        misfits = {one.file: misfit(one, stream) for one in programs if one.parameters or stream.tensors}
        good = [one for one in programs if misfits.get(one.file) == ""]
        if good:
            named[stream.file] = _with_names(stream, good[0])
        level = InspectLevel.WARNING if good else InspectLevel.BROKEN
        findings += [InspectFinding(level=level, what=what, remedy=EXPORT) for what in misfits.values() if what]
    return named, findings


def misfit(program: ProgramFacts, stream: StreamFacts) -> str:
    """Where a stream first differs from what a program asks for, in one sentence; empty where they fit."""
    pairs = zip(program.parameters, stream.tensors, strict=False)
    for number, (wanted, stored) in enumerate(pairs, start=1):
        if not _same(wanted, stored):
            return (
                f"{stream.file} does not fit {program.file}: tensor {number} is {stored.dtype} {list(stored.shape)}, "
                f"but {wanted.name} is {wanted.dtype} {list(wanted.shape or ())}"
            )
    if len(program.parameters) == len(stream.tensors):
        return ""
    return (
        f"{stream.file} does not fit {program.file}: it holds {len(stream.tensors)} tensors, "
        f"the program asks for {len(program.parameters)}"
    )


def _same(wanted: TensorFacts, stored: StoredTensor) -> bool:
    """Whether a stored tensor can be the wanted one; a dimension of -1 fits any."""
    if wanted.shape is None:
        return True
    lengths = zip(wanted.shape, stored.shape, strict=False)
    same_shape = len(wanted.shape) == len(stored.shape) and all(one in (-1, other) for one, other in lengths)
    return wanted.dtype == stored.dtype and same_shape


def _with_names(stream: StreamFacts, program: ProgramFacts) -> StreamFacts:
    pairs = zip(stream.tensors, program.parameters, strict=True)
    tensors = tuple(replace(stored, name=wanted.name) for stored, wanted in pairs)
    return replace(stream, tensors=tensors, named_by=program.file)


def missing(
    programs: Sequence[ProgramFacts], files: Sequence[FileFacts], broken: Collection[str], prefix: str
) -> list[InspectFinding]:
    """What a model needs and has not: parameters without a program, or a program without its parameters.

    A .pdiparams.info is no parameter file: it names the parameters, and holds none of them.
    """
    kinds = {one.kind for one in files if not one.name.endswith(".info")}
    if FileKind.TENSORS in kinds and not kinds & {FileKind.PROGRAM, FileKind.PIR}:
        what = f"only parameters: there is no program ({prefix}.json or {prefix}.pdmodel) beside them"
        return [
            InspectFinding(
                level=InspectLevel.NOTE, what=what, remedy="copy the program too: parameters alone cannot be run"
            )
        ]
    asking = [one for one in programs if one.parameters and one.file not in broken]
    if not asking or kinds & {FileKind.TENSORS, FileKind.PICKLE} or any(one.kind is FileKind.EMPTY for one in files):
        return []
    what = f"the parameters are missing: {asking[0].file} asks for {len(asking[0].parameters)}, "
    info = [one.name for one in files if one.name.endswith(".info")]
    what += f"and there is no {prefix}.pdiparams" + (f" beside {info[0]}, which holds none" if info else "")
    remedy = "copy the parameter file too; its name must have the program's prefix"
    return [InspectFinding(level=InspectLevel.BROKEN, what=what, remedy=remedy)]


def singles(program: ProgramFacts, stored: Mapping[str, StoredTensor | None]) -> list[InspectFinding]:
    """What is said of parameters in one file each, as releases before 2.0 wrote them.

    `stored` has, for every parameter's name that is a file beside the program, the one tensor in it; None where the
    file holds something else.
    """
    wrong = [
        one.name for one in program.parameters
        if one.name in stored and ((held := stored[one.name]) is None or not _same(one, held))
    ]  # fmt: skip
    gone = [one.name for one in program.parameters if one.name not in stored]
    told = f"the parameters lie in one file each, as releases before 2.0 wrote them: {len(stored)} of {len(program.parameters)}"
    found = [InspectFinding(level=InspectLevel.NOTE, what=f"{told} that {program.file} asks for", remedy=ONE_FILE)]
    if gone:
        what = f"no file {_some(gone)} lies beside {program.file}, which asks for it"
        found.append(InspectFinding(level=InspectLevel.BROKEN, what=what, remedy="copy the whole folder"))
    if wrong:
        what = f"{_some(wrong)}: not the tensor that {program.file} asks for under this name"
        found.append(InspectFinding(level=InspectLevel.BROKEN, what=what, remedy=EXPORT))
    return found


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(clean(name, 80) for name in names[:_NAMED]) + more


def stale(programs: Sequence[ProgramFacts], files: Sequence[FileFacts]) -> list[InspectFinding]:
    """Two programs under one prefix: which release reads which, and which is older."""
    old = next((one for one in programs if one.file.endswith(".pdmodel")), None)
    new = next((one for one in programs if one.file.endswith(".json")), None)
    if old is None or new is None:
        return []
    written = {one.name: one.modified for one in files}
    gap = written[new.file] - written[old.file]
    age = f"; {old.file if gap > 0 else new.file} is older by {span(abs(gap))}" if abs(gap) >= _MINUTE else ""
    return [
        InspectFinding(
            level=InspectLevel.WARNING,
            what=f"two programs under one prefix: 3.x reads {new.file}, 2.x and FLAGS_enable_pir_api=0 read {old.file}{age}",
            remedy="remove the one that is not meant, or keep them in two folders",
        )
    ]


def span(seconds: float) -> str:
    """A time as people say it: "3 days", "5 seconds"."""
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
