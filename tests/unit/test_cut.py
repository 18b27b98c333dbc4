"""Parts of a model: what a slice answers is what the whole had there, every part of the file is as it was, and damage is a sentence."""

import random
import subprocess
import sys
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.cut import body, edges
from lab.cut.edges import CannotCutError
from lab.errors import UsageError
from lab.formats import inspect, pir_parts, program_parts, tensor_writer, tensors
from lab.formats.source import MemorySource, opened
from lab.formats.tensor_writer import NewTensor
from lab.model.cutting import Anatomy, CutNode, CutValue
from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"
MODELS = sorted(
    path
    for folder in ("given", "models", "faults")
    for path in (GOLDEN / folder).glob("*/net.*")
    if path.suffix in (".json", ".pdmodel")
)


def apart(model: Path) -> AbstractContextManager[body.ModelBody]:
    return body.taken_apart(model, model.with_suffix(".pdiparams"))


def name_of(model: Path) -> str:
    return f"{model.parent.name}{model.suffix}"


class Drawn:
    """A program of operators that read and write variables, some in place, drawn by chance; and what each value is as the whole runs."""

    def __init__(self, seed: int, size: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - programs, not secrets
        self.values: dict[str, CutValue] = {}
        self.nodes: list[CutNode] = []
        self.count: dict[str, int] = {}
        inputs = [self._new(f"in{number}") for number in range(chance.randint(1, 3))]
        parameters = [self._new(f"w{number}") for number in range(chance.randint(0, 3))]
        for number in range(size):
            self._node(chance, number)
        last = [name for name in self._now() if self.values[name].feedable]
        self.anatomy = Anatomy(
            nodes=tuple(self.nodes), values=self.values, feeds={name: name for name in inputs},
            parameters={name: name for name in parameters}, fetches=tuple(last[-2:]),
            maker={name: index for index, node in enumerate(self.nodes) for name in node.makes},
        )  # fmt: skip

    def _new(self, variable: str, *, dense: bool = True) -> str:
        self.count[variable] = self.count.get(variable, 0) + 1
        name = variable if self.count[variable] == 1 else f"{variable}#{self.count[variable]}"
        self.values[name] = CutValue(name=name, variable=variable, dtype="float32", shape=(2,) if dense else None)
        return name

    def _now(self) -> list[str]:
        return [name if count == 1 else f"{name}#{count}" for name, count in self.count.items()]

    def _node(self, chance: random.Random, number: int) -> None:
        constant = chance.random() < 0.15
        reads = [] if constant else chance.sample(self._now(), min(len(self.count), chance.randint(1, 3)))
        makes = [self._new(f"v{number}", dense=constant or chance.random() > 0.1)]
        if not constant and chance.random() < 0.25:
            makes.append(self._new(self.values[chance.choice(reads)].variable))
        self.nodes.append(CutNode(operator="any", reads=tuple(reads), makes=tuple(makes), constant=constant))

    def run(self, kept: "range | tuple[int, ...]", state: dict[str, int]) -> dict[str, int]:
        """The values that these operators make, one after another, as a machine with variables would."""
        seen: dict[str, int] = {}
        for index in kept:
            node = self.nodes[index]
            given = tuple(state[self.values[name].variable] for name in node.reads)
            for place, name in enumerate(node.makes):
                seen[name] = state[self.values[name].variable] = hash((index, place, given))
        return seen

    def beginning(self) -> dict[str, int]:
        return {name: hash(name) for name in (*self.anatomy.feeds, *self.anatomy.parameters)}


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 25), data=st.data())
def test_every_slice_answers_what_the_whole_had_there_also_where_values_are_changed_in_place(
    seed: int, size: int, data: st.DataObject
) -> None:
    drawn = Drawn(seed, size)
    recorded = drawn.beginning() | drawn.run(range(size), drawn.beginning())
    chosen = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
    if not any(drawn.anatomy.values[name].feedable for index in chosen for name in drawn.nodes[index].makes):
        return  # a list alone: another test says what is said of it
    part = None
    with suppress(CannotCutError):  # what they make may be changed in place by what has to come along
        part = edges.sliced(drawn.anatomy, chosen)
    if part is None:
        return
    assert chosen <= set(part.kept)
    assert set(part.kept) - chosen == set(part.along)
    assert all(one.feedable for one in part.feeds)
    state = {name: hash(name) for name in drawn.anatomy.parameters}
    state |= {one.variable: recorded[one.name] for one in part.feeds}
    drawn.run(part.kept, state)
    values = drawn.anatomy.values
    assert {name: state[values[name].variable] for name in part.fetches} == {
        name: recorded[name] for name in part.fetches
    }


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 25))
def test_what_can_be_looked_at_in_the_whole_is_still_there_at_its_end(seed: int, size: int) -> None:
    drawn = Drawn(seed, size)
    state = drawn.beginning()
    recorded = drawn.run(range(size), state)
    for name in edges.fetchable(drawn.anatomy):
        assert state[drawn.anatomy.values[name].variable] == recorded[name]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 25))
def test_a_value_that_is_changed_in_place_later_is_what_the_model_up_to_it_gives(seed: int, size: int) -> None:
    drawn = Drawn(seed, size)
    values = drawn.anatomy.values
    recorded = drawn.run(range(size), drawn.beginning())
    assert not set(edges.passing(drawn.anatomy)) & set(edges.fetchable(drawn.anatomy))
    for name in edges.passing(drawn.anatomy):
        with suppress(CannotCutError):
            part = edges.reaching(drawn.anatomy, name)
            assert {one.name for one in part.feeds} <= set(drawn.anatomy.feeds)
            state = drawn.beginning()
            drawn.run(part.kept, state)
            assert part.fetches[0] == name
            assert state[values[name].variable] == recorded[name]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 25))
def test_what_a_value_is_made_of_needs_nothing_from_outside_but_the_models_own_inputs(seed: int, size: int) -> None:
    drawn = Drawn(seed, size)
    wanted = [name for name in edges.fetchable(drawn.anatomy) if name in drawn.anatomy.maker][-1:]
    if not wanted:
        return
    part = edges.sliced(drawn.anatomy, edges.before(drawn.anatomy, wanted), wanted)
    assert {one.name for one in part.feeds} <= set(drawn.anatomy.feeds)


def test_a_choice_that_is_none_is_a_sentence() -> None:
    anatomy = Drawn(3, 4).anatomy
    with pytest.raises(CannotCutError, match="no operator was chosen"):
        edges.sliced(anatomy, [])
    with pytest.raises(CannotCutError, match="there is no operator 4: the program has 4"):
        edges.sliced(anatomy, [4])
    with pytest.raises(CannotCutError, match="nowhere is made by none"):
        edges.sliced(anatomy, [0], ["nowhere"])


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_the_whole_as_a_cut_is_the_file_byte_for_byte(model: Path) -> None:
    """But for variables of a .pdmodel that no operator uses: these are left out."""
    with apart(model) as whole:
        made = whole.cut(edges.whole(whole.anatomy))
        left_out = [
            one
            for one in getattr(whole.body.parts, "blocks", [])[:1]
            for one in one.variables
            if one.text not in made.program
        ]
        if not left_out:
            assert made.program == model.read_bytes()
        assert len(made.program) + sum(len(one.text) for one in left_out) + 6 * len(left_out) >= model.stat().st_size
        assert b"".join(whole.parameters(made)) == model.with_suffix(".pdiparams").read_bytes()


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_every_cut_reads_as_a_sound_model_that_says_what_was_cut(model: Path, tmp_path: Path) -> None:
    with apart(model) as whole:
        anatomy = whole.anatomy
        for index in range(len(anatomy.nodes)):
            try:
                part = edges.sliced(anatomy, [index])
            except CannotCutError as error:
                assert anatomy.nodes[index].operator == "create_array", error  # noqa: PT017 - the one that gives no tensor
                continue
            made = whole.cut(part)
            whole.write(made, tmp_path)
            seen = inspect(tmp_path)
            assert not seen.broken, seen.findings
            (program,) = seen.programs
            assert [one.name for one in program.inputs] == [name for _, name in made.feeds]
            assert len(program.outputs) == len(made.fetches)
            named = [made.anchor] if made.anchor else [name for _, name in made.parameters]
            assert [one.name for one in program.parameters] == named
            doors = {"data", "feed", "fetch"}
            names = [name.rpartition(".")[2] for name, count in program.operators.items() for _ in range(count)]
            if not any(anatomy.nodes[one].blocks for one in part.kept):
                assert sorted(set(names) - doors) == sorted({anatomy.nodes[one].operator for one in part.kept})
            for path in tmp_path.iterdir():
                path.unlink()


def test_an_operator_of_a_json_is_written_as_it_was() -> None:
    model = GOLDEN / "models" / "3.3.1" / "net.json"
    with opened(model) as source:
        texts = pir_parts.read(source).operators
    with apart(model) as whole:
        made = whole.cut(edges.sliced(whole.anatomy, [7]))
        assert sum(one in made.program for one in texts) == 2  # the pooling and the window it is given


def test_the_constant_that_an_operator_needs_comes_along_and_why_is_said() -> None:
    with apart(GOLDEN / "models" / "3.3.1" / "net.json") as whole:
        part = edges.sliced(whole.anatomy, [7])
        assert [whole.anatomy.nodes[index].operator for index in part.kept] == ["full_int_array", "pool2d"]
        assert dict(part.along) == {6: "it is a constant"}


def test_a_loop_over_a_list_of_tensors_is_cut_as_a_whole_and_with_its_list() -> None:
    with apart(GOLDEN / "given" / "loop_in_place-3.0.0" / "net.json") as whole:
        nodes = whole.anatomy.nodes
        (loop,) = (index for index, node in enumerate(nodes) if node.blocks)
        part = edges.sliced(whole.anatomy, [loop])
        assert [nodes[index].operator for index in part.kept] == [
            "full",
            "create_array",
            "create_array",
            "array_write_",
            "while",
        ]
        assert set(part.along.values()) >= {"its result is no dense tensor, which alone can be given from outside"}


@settings(max_examples=150, deadline=None)
@given(model=st.sampled_from(MODELS), at=st.integers(0, 10**6), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_model_is_cut_or_refused_in_a_sentence(model: Path, at: int, byte: int, *, cut: bool, tmp_path_factory: pytest.TempPathFactory) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("damaged")
    data = bytearray(model.read_bytes())
    place = at % len(data)
    if cut:
        del data[place:]
    else:
        data[place] = byte
    damaged = folder / model.name
    damaged.write_bytes(data)
    said: list[UsageError] = []
    with suppress(CannotCutError):
        try:
            with body.taken_apart(damaged, model.with_suffix(".pdiparams")) as found:
                found.cut(edges.whole(found.anatomy))
        except UsageError as error:
            said.append(error)
    assert all("cannot be taken apart" in one.what and one.remedy for one in said)


def test_parameters_that_are_not_those_of_the_program_are_refused() -> None:
    model = GOLDEN / "models" / "3.3.1" / "net.json"
    other = GOLDEN / "given" / "upsample-2.6.2" / "net.pdiparams"
    with (
        pytest.raises(UsageError, match="asks for 9 parameters, and 4 lie in the file"),
        body.taken_apart(model, other),
    ):
        pass
    with pytest.raises(UsageError, match="there is no file of them"), body.taken_apart(model, None):
        pass


@given(data=st.data())
def test_a_tensor_that_takes_the_place_of_another_reads_as_what_it_is(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(0, 5), max_size=4)))
    made = np.arange(np.prod(shape), dtype="float32").reshape(shape)
    written = b"".join(tensor_writer.new(NewTensor(dtype="float32", shape=shape, data=(made.tobytes(),))))
    stream = tensors.read(MemorySource(data=written))
    assert stream.damage is None
    assert [(one.dtype, one.shape) for one in stream.tensors] == [("float32", shape)]
    assert written[stream.tensors[0].offset :] == made.tobytes()


_LARGE = """
import sys
from pathlib import Path
from lab.cut import body, edges, filling
from lab.model.reduction import Filling, FillKind
model, out = map(Path, sys.argv[1:3])
how = Filling(kind=FillKind.SEEDED, seed=1, deviation=1.0, low=-3.0, high=3.0)
with body.taken_apart(model, model.with_suffix(".pdiparams")) as whole:
    large = max(whole.stored, key=lambda name: whole.stored[name].tensor.nbytes)
    one = whole.stored[large].tensor
    instead = {large: filling.tensor(how, one.dtype, one.shape)} if sys.argv[3] == "drawn" else {}
    whole.write(whole.cut(edges.whole(whole.anatomy)), out, instead)
(most,) = (line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(int(most) * 1024)
"""


@pytest.mark.parametrize(("how", "size"), [("copied", 500 << 20), ("drawn", 150 << 20)])
def test_parameters_of_any_size_are_copied_and_drawn_a_piece_at_a_time(how: str, size: int, tmp_path: Path) -> None:
    """A large weight, sparse on disk, is never in memory as a whole."""
    model, size = tmp_path / "net.json", size // 12 * 12
    text = (GOLDEN / "models" / "3.3.1" / "net.json").read_text()
    model.write_text(text.replace("[18,3]", f"[{size // 12},3]", 1))
    with (
        opened(GOLDEN / "models" / "3.3.1" / "net.pdiparams") as source,
        model.with_suffix(".pdiparams").open("wb") as file,
    ):
        for one in tensors.read(source).tensors:
            shape = (size // 12, 3) if one.shape == (18, 3) else one.shape
            file.write(tensor_writer.header(one.dtype, shape))
            if one.shape == (18, 3):
                file.seek(size, 1)
            else:
                file.write(source.at(one.offset, one.nbytes, ""))
        file.truncate()
    out = tmp_path / "out"
    out.mkdir()
    words = [sys.executable, "-c", _LARGE, str(model), str(out), how]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT)})
    assert (out / "net.pdiparams").stat().st_size == model.with_suffix(".pdiparams").stat().st_size
    assert int(done.stdout) < 140 << 20


def test_the_feeds_of_a_pdmodel_stand_the_last_one_first_as_jit_load_takes_them() -> None:
    with apart(GOLDEN / "models" / "2.6.2" / "net.pdmodel") as opened_model:
        anatomy = opened_model.anatomy
        added = next(index for index, node in enumerate(anatomy.nodes) if node.operator == "elementwise_add")
        made = opened_model.cut(edges.sliced(anatomy, [added]))
    block = program_parts.read(MemorySource(data=made.program)).blocks[0]
    columns = [one.column for one in block.operators if one.kind == "feed"]
    assert columns == [1, 0]
    assert len(made.feeds) == 2
