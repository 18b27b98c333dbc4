import ast
import builtins
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.formulas import reference
from lab.model.sweep import Net, NetInput
from lab.sweep.operators import choose, read
from lab.sweep.operators_module import render

ROOT = Path(__file__).parents[2]
NETS = read(ROOT / "scenarios" / "sweep" / "operators.toml")
FAMILIES = {
    "conv", "pool", "norm", "activation", "softmax", "resize", "pad", "reduction", "index", "matmul", "integer", "cast",
    "shape", "scan", "elementwise", "rnn", "attention", "quantize", "control", "output",
}  # fmt: skip
MODES = ("nearest", "bilinear", "bicubic", "trilinear", "linear", "area")


def classes(text: str) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)}


def test_the_table_has_every_family_and_enough_operators() -> None:
    assert {one.family for one in NETS} == FAMILIES
    assert len(NETS) >= 340


def test_every_name_is_there_once() -> None:
    names = [one.name for one in NETS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_of_resizing_is_there(mode: str) -> None:
    assert any(f"mode='{mode}'" in one.code for one in NETS)


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_every_mode_of_padding_is_there(mode: str) -> None:
    assert any("F.pad(" in one.code and f"mode='{mode}'" in one.code for one in NETS)


def test_probes_are_of_several_kinds_so_that_they_speak_for_a_format_and_not_for_an_operator() -> None:
    probes = [one for one in NETS if one.probe]
    assert len({one.family for one in probes}) >= 4
    assert {bool(one.layer) for one in probes} == {True, False}


def test_every_net_has_an_independent_witness() -> None:
    assert [one.name for one in NETS if not one.numpy] == []


@pytest.mark.parametrize("one", NETS, ids=lambda one: one.name)
def test_a_formula_calls_nothing_but_numpy_its_inputs_its_weights_and_the_reference(one: Net) -> None:
    nodes = list(ast.walk(ast.parse(f"({one.numpy})", mode="eval")))
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    used = {node.id for node in nodes if isinstance(node, ast.Name)} - bound - {"np", "w", *one.inputs}
    assert used <= set(vars(reference)) | set(vars(builtins))


@pytest.mark.parametrize("dtype", ["int32", "uint8"])
@pytest.mark.parametrize(
    "operator", ["floor_divide(", "mod(", "divide(", "x + y", "x * y", "argmax(", "where(", ".astype("]
)
def test_what_depends_on_a_whole_numbers_width_is_there_in_both(dtype: str, operator: str) -> None:
    assert any(operator in one.code and one.inputs["x"].dtype == dtype for one in NETS)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_every_recurrent_net_goes_forward_backward_and_both_ways(kind: str) -> None:
    layers = [one.layer for one in NETS if one.family == "rnn" and kind in one.layer]
    assert any(f"nn.{kind}(4, 3)" in one for one in layers)
    assert any("is_reverse=True" in one for one in layers)
    assert any("direction='bidirect" in one for one in layers)


@pytest.mark.parametrize(
    "what",
    [
        "LinearQuanter",
        "LinearDequanter",
        "FakeQuantAbsMax",
        "FakeQuantChannelWiseAbsMax",
        "QuantizedLinear",
        "QuantizedConv2D",
    ],
)
def test_every_way_of_quantising_is_there(what: str) -> None:
    assert any(what in one.layer for one in NETS if one.family == "quantize")


def test_window_attention_is_there_whole_in_parts_and_shifted() -> None:
    names = {one.name for one in NETS if one.family == "attention"}
    assert {"window_attention", "window_attention_shifted", "window_partition", "window_reverse"} <= names


def test_a_part_is_a_layer_that_code_calls(tmp_path: Path) -> None:
    line = "a = { part = 'nn.LSTM(4, 3)', code = 'self.part(x, (y, y))', x = 'float32 2', y = 'float32 2' }"
    (net,) = read(written(tmp_path, f"[family]\n{line}\n"))
    assert net.text == "nn.LSTM(4, 3)(x, (y, y))"
    text = render([net])
    assert "self.part = nn.LSTM(4, 3)" in text
    assert "return self.part(x, (y, y))" in text


@given(st.lists(st.sampled_from(NETS), min_size=1, max_size=12, unique_by=lambda one: one.name))
def test_any_choice_renders_to_a_module_that_python_reads_with_a_class_for_each_net(some: list[Net]) -> None:
    text = render(some)
    assert classes(text) == {f"Net_{one.name}" for one in some}
    assert text.isascii()
    assert text == render(some)


def test_a_name_a_pattern_and_a_family_choose() -> None:
    names = {one.name for one in choose(NETS, ["conv2d", "max_pool*", "scan"])}
    assert {"conv2d", "max_pool2d", "cumsum"} <= names
    assert "conv3d" not in names
    with pytest.raises(UsageError, match="no operator is called 'nothing'"):
        choose(NETS, ["nothing"])


def written(folder: Path, text: str) -> Path:
    path = folder / "operators.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a = { code = 'x' }", "has no input x"),
        ("a = { x = 'float32 2' }", "not just one of layer and code"),
        ("a = { code = 'x', layer = 'y', x = 'float32 2' }", "not just one of layer and code"),
        ("a = { layer = 'y', part = 'z', x = 'float32 2' }", "has a part, and no code"),
        ("a = { code = 'x +', x = 'float32 2' }", "not a Python expression"),
        ('a = { code = "x\\nimport os", x = "float32 2" }', "not one line"),
        ("a = { code = 'x); import os; (x', x = 'float32 2' }", "not a Python expression"),
        ("a = { code = 'x', x = 'float31 2' }", "not an input"),
        ("a = { code = 'x', x = 'float32 2 from 3 to 1' }", "more than"),
        ("a = { code = 'x', x = 'int64 = [1,' }", "not JSON"),
        ("a = { code = 'x', x = 'float32 2', xx = 'float32 2' }", "no key 'xx'"),
        ('"a b" = { code = "x", x = "float32 2" }', "letters, digits"),
        ("a = 3", "not a table of operators"),
        ("a = [", "not valid TOML"),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(written(tmp_path, f"[family]\n{line}\n"))


def test_one_name_in_two_families_is_refused(tmp_path: Path) -> None:
    line = "a = { code = 'x', x = 'float32 2' }\n"
    with pytest.raises(UsageError, match="in two families"):
        read(written(tmp_path, f"[one]\n{line}[two]\n{line}"))


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("float32 2x3", NetInput(dtype="float32", shape=(2, 3))),
        ("float32 scalar from 0 to 2.5", NetInput(dtype="float32", shape=(), low=0.0, high=2.5)),
        ("int64 4 from -2 to 7", NetInput(dtype="int64", shape=(4,), low=-2.0, high=7.0)),
        ("int64 4", NetInput(dtype="int64", shape=(4,), low=-9.0, high=9.0)),
        ("bool = [true, false]", NetInput(dtype="bool", values=[True, False])),
    ],
)
def test_an_input_is_drawn_or_given(tmp_path: Path, text: str, drawn: Any) -> None:
    (net,) = read(written(tmp_path, f"[f]\na = {{ code = 'x', x = '{text}' }}\n"))
    assert net.inputs["x"] == drawn
