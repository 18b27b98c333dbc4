import json
from pathlib import Path
from typing import Any

import pytest

from lab.formats import pir
from lab.formats.damage import DamageError
from lab.formats.source import opened
from lab.model.inspection import TensorFacts
from tests.unit.formats_files import FIRST, NEW


def read(folder: Path, data: bytes) -> pir.PirProgram | None:
    path = folder / "net.json"
    path.write_bytes(data)
    with opened(path) as source:
        return pir.read(source)


def real(folder: Path) -> pir.PirProgram:
    with opened(folder / "net.json") as source:
        found = pir.read(source)
    assert found is not None
    return found


def document(folder: Path) -> Any:
    return json.loads((folder / "net.json").read_text())


@pytest.mark.parametrize(("folder", "version"), [(FIRST, 1), (NEW, 4)])
def test_a_real_program_says_its_format_inputs_and_outputs(folder: Path, version: int) -> None:
    found = real(folder)
    assert found.version == version
    assert found.inputs == (
        TensorFacts(name="image", dtype="float32", shape=(-1, 1, 8, 8)),
        TensorFacts(name="length", dtype="int64", shape=(-1, 1)),
    )
    assert found.outputs[0] == TensorFacts(name="fetch_name_0", dtype="float32", shape=(-1, 3))


def test_operators_are_named_with_their_dialect_and_parameters_are_none_of_them() -> None:
    found = real(NEW)
    assert found.operators["pd_op.add"] == 2
    assert sum(found.operators.values()) == 18
    assert [one.name for one in found.parameters] == sorted(one.name for one in found.parameters)
    assert TensorFacts(name="linear_0.w_0", dtype="float32", shape=(18, 3)) in found.parameters


@pytest.mark.parametrize(("flags", "kept"), [([0, 1, 0], 0), ([1, 1, 0], 1), ([], 1), ("no list", 1), (None, 1)])
def test_a_parameter_that_is_not_persistable_is_not_looked_for_beside_the_program(
    tmp_path: Path, flags: object, kept: int
) -> None:
    told = document(NEW)
    operators = told["program"]["regions"][0]["blocks"][0]["ops"]
    first = next(one for one in operators if one["#"] == "p")
    first["OA"] = flags
    found = read(tmp_path, json.dumps(told).encode())
    assert found is not None
    names = [one.name for one in found.parameters]
    assert names.count(first["A"][3]) == kept
    assert len(names) == len(real(NEW).parameters) - (1 - kept)


def test_the_width_of_pooling_windows_tells_3_0_from_later() -> None:
    assert "pool2d.strides=[i32]" in real(FIRST).traits
    assert "pool2d.strides=[i64]" in real(NEW).traits


@pytest.mark.parametrize("folder", [FIRST, NEW])
def test_an_output_that_lost_its_addition_is_found(folder: Path) -> None:
    assert real(folder).lost == ("length",)


def test_an_addition_that_is_used_is_not_lost(tmp_path: Path) -> None:
    changed = document(NEW)
    operators = changed["program"]["regions"][0]["blocks"][0]["ops"]
    shifted = next(one for one in operators if one["#"] == "1.scale")["O"][0]["%"]
    operators[-1]["I"] = [{"%": shifted}]
    found = read(tmp_path, json.dumps(changed).encode())
    assert found is not None
    assert found.lost == ()


def test_operators_inside_branches_are_counted(tmp_path: Path) -> None:
    changed = document(NEW)
    operators = changed["program"]["regions"][0]["blocks"][0]["ops"]
    operators.append({"#": "1.if", "A": [], "I": [], "O": [], "regions": [{"blocks": [{"ops": [{"#": "2.yield"}]}]}]})
    found = read(tmp_path, json.dumps(changed).encode())
    assert found is not None
    assert found.blocks == 2
    assert found.operators["cf.yield"] == 1


@pytest.mark.parametrize("data", [b"{}", b'{"a": [1, 2]}', b'{"program": null}'])
def test_json_of_another_kind_is_no_program(tmp_path: Path, data: bytes) -> None:
    assert read(tmp_path, data) is None


def test_every_cut_of_a_real_program_is_damage(tmp_path: Path) -> None:
    data = (NEW / "net.json").read_bytes().rstrip()
    for length in range(1, len(data), 37):
        with pytest.raises(DamageError, match="damaged or truncated"):
            read(tmp_path, data[:length])


HEAD = b'{"base_code":{"magic":"pir","version":4},"program":'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (HEAD + b"[" * 200_000, "damaged"),
        (HEAD + b'{"regions":' + b'[{"blocks":[{"ops":[{"#":"1.if","regions":' * 50_000, "nested too deep"),
        (HEAD + b"3}", "damaged"),
        (HEAD.replace(b"pir", b"onnx") + b'{"regions":[]}}', "magic is 'onnx'"),
        (HEAD + b'{"regions":[{"blocks":[{"ops":[{"#":"p","A":[0],"O":{}}]}]}]}}', "a parameter without a name"),
        (HEAD + b'{"regions":[{"blocks":[{"ops":[{"#":"1.data","A":7}]}]}]}}', "an operator cannot be read"),
        (HEAD + b'{"regions":[]}} behind', "trailing"),
    ],
)
def test_a_broken_program_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(DamageError) as caught:
        read(tmp_path, data)
    assert said in str(caught.value)


def test_a_list_of_countless_items_is_refused_before_it_takes_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pir, "MAX_ITEMS", 10)
    with pytest.raises(DamageError, match="more than 10 commas"):
        read(tmp_path, HEAD + b"[" + b"0," * 11 + b"0]}")
