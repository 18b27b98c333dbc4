"""The model as it was given: found, read, and refused in one sentence where nothing could be run with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import formats, shell
from lab.check import stamp_file
from lab.errors import UsageError
from lab.formats import graph_program
from lab.formats.damage import DamageError
from lab.formats.find import ModelPlace, find
from lab.formats.names import end_of
from lab.formats.source import opened
from lab.model.check import Stamp, StampedFile
from lab.model.inspection import FileKind, Inspection, InspectLevel, ProgramFacts, Writer
from lab.outcome import pasted
from lab.text import clean

STAGED = (".pdmodel", ".json", ".pdiparams", ".pdiparams.info")
"""The ends of the files that the standard ways of opening a model look at."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """A user's model: where its files lie, what they say of themselves, and the program that is to be run.

    `unpickled` says whether the files that are read by unpickling are run too.
    """

    found: ModelPlace
    seen: Inspection
    program: ProgramFacts
    stamp: Stamp | None = None
    unpickled: bool = True

    @property
    def prefix(self) -> str:
        """The model's name, fit to show."""
        return self.seen.prefix

    @property
    def statement(self) -> str:
        """The line of a program that names where it lies, as it was named to the lab."""
        return pasted.named(str(self.found.folder / self.found.prefix))

    @property
    def format(self) -> str:
        """The end of its program's name: ".pdmodel" or ".json"."""
        return ".json" if self.program.kind is FileKind.PIR else ".pdmodel"

    @property
    def writer(self) -> Writer:
        """Who wrote the program."""
        return self.program.writer

    @property
    def files(self) -> tuple[StampedFile, ...]:
        """The files that are run, with their hashes."""
        return self._hashed(self.paths)

    @property
    def whole(self) -> tuple[StampedFile, ...]:
        """The files that a model consists of, pickles too, with their hashes."""
        return self._hashed(self._ending(STAGED))

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that are run, where they lie."""
        return self._ending(STAGED if self.unpickled else STAGED[:-1])

    def _hashed(self, paths: Sequence[Path]) -> tuple[StampedFile, ...]:
        by_name = {one.name: one for one in self.seen.files}
        facts = [by_name[clean(path.name, 400)] for path in paths]
        return tuple(StampedFile(name=one.name, size=one.size, sha256=one.sha256) for one in facts)

    def _ending(self, ends: Sequence[str]) -> tuple[Path, ...]:
        return tuple(path for path in self.found.files if end_of(path.name) in ends and not self._other(path))

    def _other(self, path: Path) -> bool:
        """Whether a file is a program beside the one that is meant."""
        return end_of(path.name) in (".pdmodel", ".json") and clean(path.name, 400) != self.program.file

    @property
    def pickles(self) -> tuple[str, ...]:
        """The staged files that a release reads by unpickling."""
        staged = {one.name for one in self.files}
        return tuple(one.file for one in self.seen.pickles if one.file in staged)

    @property
    def jit_places(self) -> tuple[int, ...]:
        """Where jit.load gives the outputs in another order than the program: for each of its outputs the place there."""
        if self.format == ".json":
            return ()
        program = next(path for path in self.paths if clean(path.name, 400) == self.program.file)
        try:
            with opened(program) as source:
                return graph_program.jit_places(graph_program.read(source))
        except DamageError:
            return ()

    @property
    def damage(self) -> tuple[str, ...]:
        """What is broken in the files, one sentence each."""
        return tuple(one.what for one in self.seen.findings if one.level is InspectLevel.BROKEN)

    @property
    def mixed(self) -> str:
        """Why nobody can say whose parameters these are, in one sentence; empty where nothing speaks against them."""
        shared = self.seen.shared
        if shared is None or shared.owner == self.program.file:
            return ""
        belongs = f"it belongs to {shared.owner}" if shared.owner else "nothing shows which it was written with"
        return f"{shared.file} lies under two programs, {' and '.join(shared.programs)}, and {belongs}"

    def unreadable_by(self, release: str) -> bool:
        """Whether it is known of a release that it reads such a program by no API, whatever is set."""
        known = [one.reads for one in self.seen.readers if one.release == release]
        return bool(known) and all(one.useless for one in known)

    @property
    def size(self) -> int:
        """Bytes of all files that are run."""
        return sum(one.size for one in self.files)


def look(
    path: Path, *, prefix: str = "", anyway: bool | None = None, stamped: bool = True, unpickled: bool = True
) -> Given:
    """The model at a path, a prefix or a folder; `anyway` lets damaged files through, None where the verb knows no such word.

    UsageError says what is missing, damaged or must be chosen, and what to do.
    """
    found = find(path, prefix, linked=True)
    seen = formats.inspect(path, prefix=prefix, hashed=True, linked=True)
    if not anyway:
        _refuse_damaged(seen, offered=anyway is not None)
    if len(seen.programs) > 1:
        raise _two(found, seen)
    if not seen.programs:
        raise UsageError(*_no_program(seen))
    program = seen.programs[0]
    _refuse_pickled(seen, program)
    beside = found.folder / stamp_file.name(found.prefix)
    stamp = stamp_file.read(beside) if stamped and beside.is_file() else None
    return Given(found=found, seen=seen, program=program, stamp=stamp, unpickled=unpickled)


def _refuse_damaged(seen: Inspection, *, offered: bool) -> None:
    broken = [one for one in seen.findings if one.level is InspectLevel.BROKEN]
    if broken:
        what = "; ".join(one.what for one in broken[:3])
        remedy = broken[0].remedy
        raise UsageError(
            f"not safe with any release: {what}",
            f"{remedy}; lab check MODEL --anyway runs it all the same" if offered else remedy,
        )


def _two(found: ModelPlace, seen: Inspection) -> UsageError:
    """The choice between two programs under one prefix, the newer one first; only the one the parameters belong to, if any."""
    written = {one.name: one.modified for one in seen.files}
    names = sorted((one.file for one in seen.programs), key=lambda name: -written[name])
    about = next((one.what for one in seen.findings if one.what.startswith("two programs")), "")
    mine = seen.shared.owner if seen.shared is not None else ""
    offers = " or ".join(f"lab check {shell.quote(str(found.folder / name))}" for name in names if mine in ("", name))
    if mine and seen.shared is not None:
        return UsageError(
            f"{about or 'two programs under one prefix'}; {seen.shared.file} belongs to {mine}: {seen.shared.why}",
            f"check that one: {offers}; for the other, export it again into a folder of its own",
        )
    return UsageError(
        f"{about or 'two programs under one prefix'}; {names[0]} is the newer one", f"check one: {offers}"
    )


def _no_program(seen: Inspection) -> tuple[str, str]:
    note = next((one for one in seen.findings if one.what.startswith("only parameters")), None)
    if note is not None:
        return note.what, note.remedy
    pickled = [one.file for one in seen.pickles]
    if pickled:
        return f"{pickled[0]} is a state dict without a program", "export the model, or write a scenario: lab new NAME"
    return f"{seen.path} holds no program that could be run", "lab inspect says what is there"


def _refuse_pickled(seen: Inspection, program: ProgramFacts) -> None:
    if program.parameters and not seen.streams:
        others = [one.file for one in seen.pickles if not one.file.endswith(".info")]
        single = any(one.what.startswith("the parameters lie in one file each") for one in seen.findings)
        where = "lie in one file each, as releases before 2.0 wrote them" if single else "are missing"
        where = f"lie in {others[0]}, a pickle for paddle.load or static.load" if others else where
        raise UsageError(
            f"the parameters of {program.file} {where}: no standard way of opening a model reads that",
            "export it with paddle.jit.save or static.save_inference_model, or write a scenario: lab new NAME",
        )
