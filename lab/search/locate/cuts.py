"""Cuts of one model as candidates on disk: their files, what they are fed, and what they should answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from lab.check import adopt, sample_inputs
from lab.check.sample_inputs import Array, Arrays
from lab.compare import Outputs, OutputsFile
from lab.cut import edges
from lab.cut.body import ModelBody
from lab.formats import graph_program
from lab.formats.damage import DamageError
from lab.formats.names import end_of
from lab.formats.source import opened
from lab.model.cutting import CutModel, Slice
from lab.run.candidates import INPUTS, PLACES, PREFIX, CandidateModel
from lab.search.locate.request import LocateRequest
from lab.storage import store

EXPECTED = "expected"


@dataclass(frozen=True, kw_only=True)
class RecordedValue:
    """One value of the good place: the file it lies in, and its name there."""

    file: OutputsFile
    name: str


@dataclass(frozen=True, kw_only=True)
class AskedCut:
    """A cut ready to be asked: its slice, its candidate, and the file of what the good place had there."""

    part: Slice
    model: CandidateModel
    expected: OutputsFile


class NotRecordedError(ValueError):
    """A cut that needs values which nobody has; its text is the sentence people read."""


@dataclass(kw_only=True)
class CutMaker:
    """Makes candidates below `folder` out of a model that is taken apart; `recorded` are the good place's values by name, `program` lies where the model is not the user's own."""

    request: LocateRequest
    body: ModelBody
    folder: Path
    recorded: dict[str, RecordedValue] = field(default_factory=dict)
    program: Path | None = None
    _numbers: Iterator[int] = field(default_factory=count)
    _opened: dict[OutputsFile, Outputs] = field(default_factory=dict)

    def value(self, name: str) -> Array:
        """The numbers of one recorded value, whole; its file, which holds hundreds of them, is opened once."""
        where = self.recorded[name]
        if where.file not in self._opened:
            self._opened[where.file] = Outputs(where.file).__enter__()
        one = self._opened[where.file].arrays[where.name]
        return one.read(0, one.size).reshape(one.shape)

    def close(self) -> None:
        """Let go of the files of recorded values."""
        for one in self._opened.values():
            one.close()
        self._opened.clear()

    def own(self) -> CandidateModel:
        """The user's model as it is."""
        home = self._new("whole")
        hashes = dict(zip(self.request.given.paths, (one.sha256 for one in self.request.given.files), strict=True))
        for path in self.request.given.paths:
            adopt.copied(path, home / f"{PREFIX}{end_of(path.name)}", hashes[path])
        sample_inputs.keep(self.request.material.inputs, home, INPUTS)
        if self.request.given.jit_places:
            store.write(home / PLACES, store.pretty(self.request.given.jit_places), lasting=False)
        return CandidateModel(name=home.name, folder=home)

    def of(self, body: ModelBody, name: str) -> "CutMaker":
        """A maker of cuts of another body of this model, below a folder of its own, for which nothing is recorded yet."""
        home = self.folder / name
        home.mkdir(parents=True, exist_ok=True)
        whole = body.cut(edges.whole(body.anatomy))
        program = home / f"{PREFIX}{whole.ending}"
        program.write_bytes(whole.program)
        return CutMaker(request=self.request, body=body, folder=home, program=program)

    def from_inputs(self, part: Slice) -> CandidateModel:
        """A cut that needs nothing but the model's own inputs, fed as the user's model is."""
        return self._written(part, self.request.material.inputs)

    def marked(self, fetches: Sequence[str]) -> CandidateModel:
        """The whole model with other values wanted of it, fed as the user's model is."""
        part = edges.whole(self.body.anatomy, fetches)
        return self._written(part, self.request.material.inputs)

    def asked(self, part: Slice) -> AskedCut:
        """A cut fed with the good place's values, and what these say it should answer; NotRecordedError where they lack some."""
        wanted = tuple(name for name in part.fetches if name in self.recorded)
        if not wanted:
            raise NotRecordedError("what it gives is no value that stays the same and can be looked at")
        part = replace(part, fetches=wanted)
        model = self._written(part, self._given(part))
        values = {f"out{place}": self.value(name) for place, name in enumerate(wanted)}
        sample_inputs.keep(values, model.folder, EXPECTED)
        return AskedCut(part=part, model=model, expected=model.folder / f"{EXPECTED}.npz")

    def _given(self, part: Slice) -> Arrays:
        """The values from outside: recorded ones, or the user's own inputs; by the names of the graph."""
        own = self.body.anatomy.feeds
        found: Arrays = {}
        for one in part.feeds:
            if one.name in own:
                found[one.name] = self.request.material.inputs[own[one.name]]
            elif one.name in self.recorded:
                found[one.name] = self.value(one.name)
            else:
                raise NotRecordedError(
                    f"it needs {one.name}, which is no value that stays the same and can be looked at"
                )
        return found

    def _written(self, part: Slice, values: Mapping[str, Array]) -> CandidateModel:
        home = self._new("cut")
        made = self.body.cut(part)
        self.body.write(made, home)
        own = self.body.anatomy.feeds
        named = {called: values[value if value in values else own[value]] for value, called in made.feeds}
        sample_inputs.keep(named, home, INPUTS)
        self._placed(made, home)
        return CandidateModel(name=home.name, folder=home)

    def _placed(self, made: CutModel, home: Path) -> None:
        """Where jit.load gives the outputs of a .pdmodel in another order, write down which."""
        if made.ending == ".json":
            return
        try:
            with opened(home / f"{PREFIX}{made.ending}") as source:
                places = graph_program.jit_places(graph_program.read(source))
        except DamageError:
            return
        if places:
            store.write(home / PLACES, store.pretty(places), lasting=False)

    def _new(self, kind: str) -> Path:
        home = self.folder / f"{kind}{next(self._numbers)}"
        home.mkdir(parents=True)
        return home
