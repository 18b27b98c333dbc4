"""A saved model as its files have it: its program taken apart, its parameters where they lie, and any part of it as files of its own."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lab import scratch
from lab.cut import blocks_pir, blocks_program, pir, program
from lab.cut.blocks import OpenedBlock
from lab.cut.pir import PirBody
from lab.cut.program import ProgramBody
from lab.errors import UsageError
from lab.formats import tensor_writer, tensors
from lab.formats.damage import DamageError
from lab.formats.find import shown
from lab.formats.source import FileSource, MemorySource, opened
from lab.formats.tensor_writer import NewTensor
from lab.model.cutting import Anatomy, CutModel, Slice
from lab.model.inspection import StoredTensor

PARAMETERS = ".pdiparams"
NET = "net"
_UNREAD = NewTensor(dtype="float32", shape=(1,), data=(bytes(4),))
_AGAIN = "export the model again, or name the folder it was exported to"


@dataclass(frozen=True, kw_only=True)
class StoredParameter:
    """One tensor of the parameter file: where it begins with its header, and what it is."""

    begin: int
    tensor: StoredTensor


@dataclass(frozen=True, kw_only=True)
class ModelBody:
    """A model whose files are open: cut as often as is asked for, while they are."""

    body: PirBody | ProgramBody
    stored: Mapping[str, StoredParameter]
    source: FileSource | None

    @property
    def anatomy(self) -> Anatomy:
        """Its operators and values."""
        return self.body.anatomy

    def cut(
        self,
        part: Slice,
        names: Mapping[str, str] | None = None,
        *,
        anchored: bool = True,
        shapes: Mapping[str, tuple[int, ...]] | None = None,
    ) -> CutModel:
        """A slice as a program; `names` are what inputs are called that shall have a name of their own.

        Not `anchored` it has no parameter where no operator reads one; `shapes` are dimensions that it declares of results in the place of the file's.
        """
        return self.body.cut(part, names, anchored=anchored, shapes=shapes)

    def condition(self, index: int) -> str:
        """The value that says whether the blocks of an operator are run."""
        if isinstance(self.body, PirBody):
            return blocks_pir.condition(self.body, index)
        return blocks_program.condition(self.body, index)

    def opened(self, index: int, choice: int) -> tuple["ModelBody", OpenedBlock]:
        """The model with an operator that holds others opened: a branch by its number, or so many steps of a loop.

        CannotCutError where that cannot be done soundly.
        """
        if isinstance(self.body, PirBody):
            made = blocks_pir.opened(self.body, index, choice)
            return replace(self, body=pir.read(MemorySource(data=made.program))), made
        made = blocks_program.opened(self.body, index, choice)
        return replace(self, body=program.read(MemorySource(data=made.program))), made

    def parameters(self, cut: CutModel, instead: Mapping[str, NewTensor] | None = None) -> Iterator[bytes]:
        """The parameter file of a cut, a piece at a time; `instead` are tensors that take the place of the model's own, by its names."""
        changed = instead or {}
        if cut.anchor:
            yield from tensor_writer.new(_UNREAD)
        for name, _ in cut.parameters:
            if name in changed:
                yield from tensor_writer.new(changed[name])
            elif self.source is not None:
                one = self.stored[name]
                yield from tensor_writer.copied(self.source, one.tensor, one.begin)

    def write(self, cut: CutModel, folder: Path, instead: Mapping[str, NewTensor] | None = None) -> None:
        """A cut as files of the prefix `net` in a folder that is there; without parameters there is no file of them."""
        _put(folder / f"{NET}{cut.ending}", iter((cut.program,)))
        if cut.parameters or cut.anchor:
            _put(folder / f"{NET}{PARAMETERS}", self.parameters(cut, instead))


def _put(target: Path, pieces: Iterator[bytes]) -> None:
    with scratch.file_beside(target) as unfinished:
        with unfinished.open("wb") as file:
            for one in pieces:
                file.write(one)
        unfinished.chmod(0o644)
        unfinished.rename(target)


@contextmanager
def taken_apart(model: Path, parameters: Path | None) -> Iterator[ModelBody]:
    """A model by its program's file and that of its parameters; UsageError says what of them cannot be read."""
    with ExitStack() as stack:
        at = stack.enter_context(opened(model))
        beside = stack.enter_context(opened(parameters)) if parameters is not None else None
        try:
            body = pir.read(at) if at.some(0, 64).lstrip()[:1] == b"{" else program.read(at)
            stored = _stored(body, beside)
        except DamageError as error:
            raise UsageError(f"{shown(model)} cannot be taken apart: {error}", _AGAIN) from error
        yield ModelBody(body=body, stored=stored, source=beside)


def _stored(body: PirBody | ProgramBody, source: FileSource | None) -> dict[str, StoredParameter]:
    """The parameters by name: the n-th tensor of the stream is that of the n-th sorted name."""
    names = body.stored
    if not names:
        return {}
    if source is None:
        raise DamageError(f"its program asks for {len(names)} parameters, and there is no file of them")
    stream = tensors.read(source)
    if stream.damage is not None:
        raise stream.damage
    if len(stream.tensors) != len(names):
        raise DamageError(f"its program asks for {len(names)} parameters, and {len(stream.tensors)} lie in the file")
    begins = [0, *(one.offset + one.nbytes for one in stream.tensors)]
    return {
        name: StoredParameter(begin=begin, tensor=one)
        for name, begin, one in zip(names, begins, stream.tensors, strict=False)
    }
