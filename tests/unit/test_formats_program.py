from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.formats import program as rules
from lab.formats.damage import DamageError
from lab.formats.source import opened
from lab.formats.wire import Message, signed
from lab.model.inspection import TensorFacts
from tests.unit.formats_files import OLD, part, program, variable, varint, whole


def read(folder: Path, data: bytes) -> rules.Program:
    path = folder / "net.pdmodel"
    path.write_bytes(data)
    with opened(path) as source:
        return rules.read(source)


def damage(folder: Path, data: bytes) -> str:
    with pytest.raises(DamageError) as caught:
        read(folder, data)
    return str(caught.value)


@given(value=st.integers(-(2**63), 2**63 - 1))
def test_a_number_survives_the_wire(value: int) -> None:
    data = varint(value)
    assert signed(Message(data).varint(0, len(data), "it")[0]) == value


def test_a_real_program_says_what_goes_in_and_out(tmp_path: Path) -> None:
    found = read(tmp_path, (OLD / "net.pdmodel").read_bytes())
    assert found.version == 2006002
    assert found.inputs == (
        TensorFacts(name="image", dtype="float32", shape=(-1, 1, 8, 8)),
        TensorFacts(name="length", dtype="int64", shape=(-1, 1)),
    )
    assert [(one.dtype, one.shape) for one in found.outputs] == [("float32", (-1, 3)), ("int64", (-1, 1))]


def test_a_real_program_says_its_operators_and_parameters(tmp_path: Path) -> None:
    found = read(tmp_path, (OLD / "net.pdmodel").read_bytes())
    assert found.operators["elementwise_add"] == 2
    assert sum(found.operators.values()) == 17
    assert len(found.operator_versions) == 68
    assert found.operator_versions["elementwise_add"] == 1
    assert [one.name for one in found.parameters][-2:] == ["linear_0.b_0", "linear_0.w_0"]
    assert found.parameters[-1].shape == (18, 3)


def test_every_cut_of_a_real_program_is_damage_or_ends_between_its_parts(tmp_path: Path) -> None:
    data = (OLD / "net.pdmodel").read_bytes()
    whole_parts = 0
    for length in range(0, len(data), 7):
        try:
            read(tmp_path, data[:length])
        except DamageError:
            continue
        whole_parts += 1
    assert whole_parts <= 2


def test_only_persistable_tensors_are_parameters_and_they_are_sorted(tmp_path: Path) -> None:
    variables = [
        variable("b", "float32", (1,)),
        variable("a", "int64", (2, 3)),
        variable("x", "float32", (4,), persistable=False),
    ]
    assert [one.name for one in read(tmp_path, program(variables)).parameters] == ["a", "b"]


def test_packed_dimensions_are_read_as_well(tmp_path: Path) -> None:
    described = whole(1, 5) + part(2, varint(3) + varint(-1))
    packed = part(1, "w") + part(2, whole(1, 7) + part(3, part(1, described))) + whole(3, 1)
    assert read(tmp_path, program([packed])).parameters[0].shape == (3, -1)


def test_a_program_without_a_version_says_so(tmp_path: Path) -> None:
    assert read(tmp_path, program([], version=None)).version is None


def test_an_operator_name_cannot_carry_an_escape_to_the_terminal(tmp_path: Path) -> None:
    assert list(read(tmp_path, program([], operators=["re\x1b[31mlu"])).operators) == ["relu"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it has no block"),
        (part(9, "unknown"), "it has no block"),
        (part(1, whole(1, 0)), "no index or no parent"),
        (part(1, b"")[:1] + b"\xff\xff\xff\xff\x7f", "the file ends"),
        (b"\x0a" + b"\xff" * 11, "a number of more than 64 bits"),
        (program([], operators=["\ud800".encode("utf-8", "surrogatepass").decode("latin-1")])[:-9], "damaged"),
        (part(1, whole(1, 0) + whole(2, -1) + part(4, part(1, "X"))), "an operator has no type"),
        (part(1, whole(1, 0) + whole(2, -1) + whole(4, 3)), "wire type 0"),
        (b"\x00\x01", "field number 0"),
        (b"\x0f\x01", "wire type 7"),
    ],
)
def test_what_is_no_program_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in damage(tmp_path, data)


def test_a_program_of_countless_fields_is_not_read_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.formats.wire.MAX_FIELDS", 100)
    assert "more than" in damage(tmp_path, part(9, "") * 101)


def test_a_program_larger_than_any_is_not_read_at_all(tmp_path: Path) -> None:
    path = tmp_path / "net.pdmodel"
    with path.open("wb") as file:
        file.truncate(10 * 1024**3)
    with opened(path) as source, pytest.raises(DamageError, match="too large for a program"):
        rules.read(source)
