"""One look at one model: every file read for itself, then held against the others."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.formats import archive, fit, pickled, pir, program, rules, shared, sniff, tensors
from lab.formats.damage import DamageError
from lab.formats.find import ModelPlace, find, shown, spelling
from lab.formats.source import FileSource, opened
from lab.model.inspection import (
    FileFacts,
    FileKind,
    InspectFinding,
    Inspection,
    InspectLevel,
    PickleFacts,
    ProgramFacts,
    SharedWeights,
    StoredTensor,
    StreamFacts,
    Writer,
)

_BLOCK = 1 << 20
AGAIN = "copy or export it again; `sha256sum` on both sides shows whether the copy is the original"
UNTRUSTED = "do not load it, unless you know who made it and why"
_NAMED = 5
LOST = (
    "output {name} is an input or a parameter as it is, although the program adds a constant to it: jit.save of 3.0.0 "
    "to 3.3.1 drops `x + constant` where it is the last step on a named tensor, and raises nothing"
)


@dataclass(kw_only=True)
class _LookState:
    """What was found so far."""

    files: list[FileFacts] = field(default_factory=list)
    programs: list[ProgramFacts] = field(default_factory=list)
    streams: list[StreamFacts] = field(default_factory=list)
    pickles: list[PickleFacts] = field(default_factory=list)
    findings: list[InspectFinding] = field(default_factory=list)
    traits: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    def say(self, level: InspectLevel, what: str, remedy: str = "") -> None:
        self.findings.append(InspectFinding(level=level, what=what, remedy=remedy))

    def break_(self, name: str, what: str, remedy: str = AGAIN, *, is_: bool = False) -> None:
        """A file is broken; with `is_`, `what` is what it is: behind a colon, a name such as passwd makes that a secret."""
        self.broken.add(name)
        self.say(InspectLevel.BROKEN, f"{name} is {what}" if is_ else f"{name}: {what}", remedy)


def inspect(path: Path, *, prefix: str = "", hashed: bool = False, linked: bool = False) -> Inspection:
    """What the files at `path` (a folder, a prefix or a file) are; with `hashed` also their sha256.

    Only headers and programs are read, so the size of the parameters costs nothing. Damaged files are findings;
    UsageError is raised only where there is nothing to look at or a choice is missing. With `linked`, model files that
    are links to files elsewhere are read too.
    """
    found = find(path, prefix, linked=linked)
    sheet = _LookState(findings=[*found.findings, *spelling(found)])
    for file in found.files:
        with opened(file) as source:
            _file(sheet, file, source, hashed=hashed)
    _together(sheet, found)
    sharing = _sharing(sheet, found)
    sheet.findings += shared.told(sharing, [one.file for one in sheet.programs])
    return Inspection(
        path=shown(path),
        prefix=shown(found.prefix),
        files=tuple(sheet.files),
        programs=tuple(sheet.programs),
        streams=tuple(sheet.streams),
        pickles=tuple(sheet.pickles),
        readers=rules.readers(sheet.programs, sheet.pickles, frozenset(sheet.traits)),
        findings=tuple(sorted(sheet.findings, key=lambda one: tuple(InspectLevel).index(one.level))),
        shared=sharing,
    )


def _file(sheet: _LookState, path: Path, source: FileSource, *, hashed: bool) -> None:
    name, kind = shown(path.name), sniff.kind_of(source, path.name)
    try:
        kind = _read(sheet, name, kind, source)
    except DamageError as damage:
        sheet.break_(name, str(damage))
    _promise(sheet, name, kind, source)
    modified = os.fstat(source.descriptor).st_mtime
    digest = _sha256(source) if hashed else ""
    sheet.files.append(FileFacts(name=name, kind=kind, size=source.size, modified=modified, sha256=digest))


def _read(sheet: _LookState, name: str, kind: FileKind, source: FileSource) -> FileKind:
    """Read one file as what it seems to be; gives what it turned out to be."""
    match kind:
        case FileKind.PROGRAM:
            sheet.programs.append(_program(sheet, name, program.read(source)))
        case FileKind.PIR:
            read = pir.read(source)
            if read is None:
                return FileKind.JSON
            sheet.programs.append(_pir(sheet, name, read))
        case FileKind.TENSORS:
            _stream(sheet, name, tensors.read(source))
        case FileKind.PICKLE:
            _pickle(sheet, name, pickled.read(source))
    return kind


def _program(sheet: _LookState, name: str, read: program.Program) -> ProgramFacts:
    sheet.traits |= read.traits
    writer = rules.pdmodel_writer(read.version, len(read.operator_versions))
    if read.version is None:
        sheet.say(
            InspectLevel.WARNING,
            f"{name}: there is no version in it: written by another tool, or cut after its last block",
        )
    return ProgramFacts(
        file=name, kind=FileKind.PROGRAM, version=read.version or 0, writer=writer, blocks=read.blocks,
        operators=read.operators, inputs=read.inputs, outputs=read.outputs, parameters=read.parameters,
        operator_versions=read.operator_versions,
    )  # fmt: skip


def _pir(sheet: _LookState, name: str, read: pir.PirProgram) -> ProgramFacts:
    sheet.traits |= read.traits
    for output in read.lost:
        sheet.say(
            InspectLevel.WARNING,
            f"{name}: {LOST.format(name=repr(output))}",
            "save it again with `paddle.assign(...)` around that output, or with FLAGS_enable_pir_api=0",
        )
    writer: Writer = rules.pir_writer(read.version)
    return ProgramFacts(
        file=name, kind=FileKind.PIR, version=read.version, writer=writer, blocks=read.blocks, operators=read.operators,
        inputs=read.inputs, outputs=read.outputs, parameters=read.parameters,
    )  # fmt: skip


def _stream(sheet: _LookState, name: str, read: tensors.Stream) -> None:
    nbytes = sum(one.nbytes for one in read.tensors)
    sheet.streams.append(StreamFacts(file=name, tensors=read.tensors, nbytes=nbytes))
    if read.damage:
        sheet.break_(name, str(read.damage))


def _pickle(sheet: _LookState, name: str, read: pickled.Pickle) -> None:
    facts = PickleFacts(
        file=name, protocol=read.protocol, imports=read.imports, unusual=read.foreign, doubts=read.doubts,
        harmless=read.harmless,
    )  # fmt: skip
    sheet.pickles.append(facts)
    if read.damage:
        sheet.break_(name, str(read.damage))
    if read.foreign:
        sheet.say(
            InspectLevel.WARNING,
            f"{name}: loading it would import {_some(read.foreign)}, which Paddle does not write",
            UNTRUSTED,
        )
    if read.doubts:
        sheet.say(InspectLevel.WARNING, f"{name}: {'; '.join(read.doubts)}", UNTRUSTED)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _members(sheet: _LookState, name: str, source: FileSource) -> None:
    """The pickles inside a zip archive: what it is called does not keep a program from loading them."""
    found = archive.read(source)
    for member, read in found.pickles:
        _pickle(sheet, f"{name}, {member}", read)
    if found.unread:
        what = f"{name}: not everything in it could be looked at ({_some(found.unread)})"
        sheet.say(InspectLevel.WARNING, what, UNTRUSTED)


def _promise(sheet: _LookState, name: str, kind: FileKind, source: FileSource) -> None:
    """Hold what a file is against what its name promises."""
    promised = sniff.expected(name)
    match kind:
        case FileKind.EMPTY:
            sheet.break_(name, "the file is empty")
        case FileKind.FOREIGN:
            sheet.break_(name, sniff.foreign(source), "name a file that Paddle wrote", is_=True)
            if sniff.is_zip(source):
                _members(sheet, name, source)
        case FileKind.UNKNOWN:
            sheet.break_(name, "no file that Paddle writes, or its beginning is lost", is_=True)
        case FileKind.JSON:
            sheet.break_(
                name, "this is JSON, but no Paddle program (it has no base_code header)", "name the model's file"
            )
        case FileKind.PICKLE if promised is FileKind.TENSORS:
            sheet.break_(
                name,
                "a pickle, as paddle.save writes it, lies where the parameters of a program belong",
                "export the model again, or name it .pdparams and use paddle.load",
            )
        case FileKind.PIR if promised is FileKind.PROGRAM:
            sheet.say(
                InspectLevel.WARNING, f"{name}: it holds PIR JSON, as paddle.save(program) of 3.x writes under any name"
            )
        case _ if promised not in (kind, FileKind.UNKNOWN):
            sheet.say(InspectLevel.WARNING, f"{name}: its name promises {promised.value}, but it is: {kind.value}")


def _together(sheet: _LookState, found: ModelPlace) -> None:
    """Hold the files of one model against each other."""
    whole = [one for one in sheet.streams if one.file not in sheet.broken]
    named, findings = fit.fit(sheet.programs, whole)
    sheet.streams = [named.get(one.file, one) for one in sheet.streams]
    sheet.findings += findings
    missing = fit.missing(sheet.programs, sheet.files, sheet.broken, shown(found.prefix))
    alone = _singles(found, sheet.programs[0]) if missing and sheet.programs else {}
    sheet.findings += fit.singles(sheet.programs[0], alone) if alone else missing
    sheet.findings += fit.stale(sheet.programs, sheet.files)


def _singles(found: ModelPlace, asking: ProgramFacts) -> dict[str, StoredTensor | None]:
    """The files beside a program that are called as its parameters are, and the one tensor in each."""
    stored: dict[str, StoredTensor | None] = {}
    for one in asking.parameters:
        path = found.folder / one.name
        if path.name != one.name or path.is_symlink() or not path.is_file():
            continue
        with opened(path) as source:
            try:
                held = tensors.read(source)
            except DamageError:
                stored[one.name] = None
            else:
                stored[one.name] = held.tensors[0] if len(held.tensors) == 1 and not held.damage else None
    return stored


def _sharing(sheet: _LookState, found: ModelPlace) -> SharedWeights | None:
    """Which of two programs the parameters belong to, also where only one of the two was named."""
    beside = _LookState()
    for file in found.twins:
        with opened(file) as source:
            _file(beside, file, source, hashed=False)
    written = {one.name: one.modified for one in (*sheet.files, *beside.files)}
    whole = [one for one in sheet.streams if one.file not in sheet.broken]
    sound = [one for one in (*sheet.programs, *beside.programs) if one.file not in sheet.broken | beside.broken]
    return shared.shared(sound, whole, written)


def _sha256(source: FileSource) -> str:
    digest, at = hashlib.sha256(), 0
    while block := source.some(at, _BLOCK):
        digest.update(block)
        at += len(block)
    return digest.hexdigest()
