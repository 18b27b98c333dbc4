"""A graph computed by formulas: right on what can be worked out otherwise, and "not known" wherever it could be wrong."""

import itertools
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import formats
from lab.formats import graph_pir, graph_program, parameters
from lab.formats.damage import DamageError
from lab.formats.source import opened
from lab.formulas import Evaluated, evaluate
from lab.formulas.evaluate import needed
from lab.formulas.window import convolution, pool, transposed
from lab.model.graph import AttributeValue, Graph, GraphConstant, GraphNode
from tests.unit.formats_files import FIRST, NEW, OLD

Array = np.ndarray[Any, np.dtype[Any]]
RNG = np.random.RandomState(0)


def node(operator: str, *inputs: Any, kind: str = "float32", **attributes: AttributeValue) -> GraphNode:
    return GraphNode(operator=operator, inputs=inputs, outputs=("y",), kinds=(kind,), attributes=attributes)


def answer(one: GraphNode, feeds: Mapping[str, Array]) -> Evaluated:
    """What one operator over these feeds answers."""
    graph = Graph(nodes=(one,), feeds={name: name for name in feeds}, fetches=("y",), parameters={})
    return evaluate(graph, feeds, {})


def read(folder: Path) -> tuple[Graph, Mapping[str, Array]]:
    """A checked-in model as a graph, and its parameters."""
    path = next(path for path in folder.iterdir() if path.suffix in (".json", ".pdmodel"))
    with opened(path) as source:
        graph = (graph_pir if path.suffix == ".json" else graph_program).read(source)
    with opened(folder / "net.pdiparams") as source:
        return graph, parameters.read(source, formats.inspect(path).streams[0])


def test_one_model_in_three_formats_is_one_graph_with_the_same_answers() -> None:
    feeds = {"image": RNG.rand(2, 1, 8, 8).astype("float32"), "length": np.array([[1], [0]])}
    answers = [evaluate(graph, feeds, weights) for graph, weights in map(read, (OLD, FIRST, NEW))]
    assert [one.unknown for one in answers] == ["", "", ""]
    first = answers[0].outputs[0]
    assert (first.dtype, first.shape) == (np.dtype("float32"), (2, 3))
    assert all(np.array_equal(one.outputs[0], first) for one in answers)
    # 3.x dropped what is added to an input at the very end, and the file says so
    assert [one.outputs[1].tolist() for one in answers] == [[[2], [1]], [[1], [0]], [[1], [0]]]


def test_results_have_the_element_type_that_the_program_says() -> None:
    x = np.array([1.5, -2.0], "float32")
    assert answer(node("relu", "x"), {"x": x}).outputs[0].dtype == np.float32
    assert answer(node("relu", "x", kind="float16"), {"x": x}).outputs[0].dtype == np.float16
    cast = answer(node("cast", "x", kind="int64", dtype="int64"), {"x": x}).outputs[0]
    assert (cast.dtype, cast.tolist()) == (np.dtype("int64"), [1, -2])


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (node("made_up", "x"), "operator made_up"),
        (node("relu", "x", temperature=2.0), "operator relu, which has the setting 'temperature'"),
        (node("relu", "x", kind="bfloat16"), "operator relu, which has a result of bfloat16"),
        (node("relu", "x", kind="int32"), "operator relu, which has a result of int32, and its formula one of float64"),
        (node("relu", "nowhere"), "operator relu, which takes a result that no formula here gives"),
        (node("full", shape=(1 << 20, 1 << 20), value=1.0), "operator full, which would make a value of the shape"),
        (node("tile", "x", GraphConstant(values=(1 << 40,), shape=(1,), dtype="int64")), "operator tile, which would make"),
        (node("reshape", "x", GraphConstant(values=(7,), shape=(1,), dtype="int64")), "operator reshape, whose operands fit"),
        (node("dropout", "x", None, None), "operator dropout, which is in training"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_said_and_never_guessed(one: GraphNode, why: str) -> None:
    found = answer(one, {"x": np.array([[1.0, 2.0]], "float32")})
    assert (found.outputs, found.unknown.startswith(why)) == ((), True), found.unknown


def test_a_graph_that_takes_too_long_is_not_computed_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["lab.formulas.evaluate"], "MOST_PRODUCTS", 3 * 4 * 5)
    x, w = np.ones((3, 4), "float32"), np.ones((4, 5), "float32")
    one = node("matmul", "x", "w")
    more = GraphNode(operator="relu", inputs=("y",), outputs=("z",), kinds=("float32",))
    feeds = {"x": "x", "w": "w"}
    assert evaluate(Graph(nodes=(one,), feeds=feeds, fetches=("y",), parameters={}), {"x": x, "w": w}, {}).unknown == ""
    both = evaluate(Graph(nodes=(one, more), feeds=feeds, fetches=("z",), parameters={}), {"x": x, "w": w}, {})
    assert both.unknown == "operator relu, up to which it would take 75 products"


def test_an_operator_that_no_output_needs_is_not_asked() -> None:
    other = GraphNode(operator="made_up", inputs=("x",), outputs=("z",), kinds=("float32",))
    graph = Graph(nodes=(other, node("relu", "x")), feeds={"x": "x"}, fetches=("y",), parameters={})
    assert [one.operator for one in needed(graph)] == ["relu"]
    assert evaluate(graph, {"x": np.ones(2, "float32")}, {}).unknown == ""


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.tuples(st.integers(1, 2), st.integers(1, 2), st.integers(3, 6), st.integers(3, 6)),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    padding=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    groups=st.integers(1, 2),
)
def test_a_convolution_is_the_sum_of_products_under_each_window(
    sizes: tuple[int, int, int, int], kernel: tuple[int, int], strides: tuple[int, int], padding: tuple[int, int], groups: int
) -> None:  # fmt: skip
    batch, channels, height, width = sizes
    x = RNG.rand(batch, channels * groups, height, width)
    weights = RNG.rand(2 * groups, channels, *kernel)
    found = convolution(x, weights, strides, padding, groups=groups)
    wide = np.pad(x, [(0, 0), (0, 0), *((one, one) for one in padding)])
    for at in itertools.product(*map(range, found.shape)):
        group = at[1] // 2
        top, left = at[2] * strides[0], at[3] * strides[1]
        seen = wide[at[0], group * channels : (group + 1) * channels, top : top + kernel[0], left : left + kernel[1]]
        assert np.isclose(found[at], (seen * weights[at[1]]).sum())


@settings(max_examples=40, deadline=None)
@given(
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    groups=st.integers(1, 2),
)
def test_a_transposed_convolution_is_the_transpose_of_a_convolution(
    kernel: tuple[int, int], strides: tuple[int, int], groups: int
) -> None:
    x, weights = RNG.rand(1, 2 * groups, 3, 4), RNG.rand(2 * groups, 3, *kernel)
    spread = transposed(x, weights, (), strides, (0, 0), groups=groups)
    back = convolution(other := RNG.rand(*spread.shape), weights, strides, (0, 0), groups=groups)
    assert np.isclose((spread * other).sum(), (x * back).sum())


@settings(max_examples=60, deadline=None)
@given(
    size=st.integers(1, 3), step=st.integers(1, 3), around=st.integers(0, 1), ceil=st.booleans(),
    kind=st.sampled_from(["max", "avg"]), exclusive=st.booleans(),
)  # fmt: skip
def test_a_pool_takes_every_window_by_itself(
    size: int, step: int, around: int, ceil: bool, kind: str, exclusive: bool  # noqa: FBT001
) -> None:  # fmt: skip
    x, around = RNG.rand(2, 1, 7, 5), min(around, size - 1)
    settings_: dict[str, AttributeValue] = {"ceil_mode": ceil, "pooling_type": kind, "exclusive": exclusive}
    found = answer(
        node("pool2d", "x", GraphConstant(values=(size, size), shape=(2,), dtype="int64"), kind="float64",
             strides=(step, step), paddings=(around, around), **settings_),
        {"x": x},
    )  # fmt: skip
    if found.unknown:  # a window that lies in the padding alone
        assert ceil
        return
    for at in itertools.product(*map(range, found.outputs[0].shape)):
        spans = [(one * step - around, min(one * step - around + size, length + around)) for one, length in zip(at[2:], (7, 5), strict=True)]  # fmt: skip
        seen = x[at[0], 0, max(spans[0][0], 0) : spans[0][1], max(spans[1][0], 0) : spans[1][1]]
        count = seen.size if exclusive else (spans[0][1] - spans[0][0]) * (spans[1][1] - spans[1][0])
        assert np.isclose(found.outputs[0][at], seen.max() if kind == "max" else seen.sum() / count)


def test_a_product_of_old_programs_takes_its_operands_as_matrices() -> None:
    x, y = RNG.rand(2, 3, 4).astype("float32"), RNG.rand(12, 5).astype("float32")
    found = answer(node("mul", "x", "w"), {"x": x, "w": y})
    assert np.allclose(found.outputs[0], x.reshape(2, 12) @ y)


def test_a_value_is_made_in_as_many_rows_as_another_has() -> None:
    shape = GraphConstant(values=(-1, 3), shape=(2,), dtype="int64")
    value = GraphConstant(values=(0.5,), shape=(), dtype="float64")
    found = answer(node("full_batch_size_like", "x", shape, value), {"x": np.zeros((4, 7), "float32")})
    assert found.outputs[0].tolist() == [[0.5] * 3] * 4


def test_an_adaptive_pool_to_one_is_the_mean() -> None:
    x = RNG.rand(2, 3, 5, 4)
    found = pool(x, (1, 1), (1, 1), (0, 0), pooling_type="avg", adaptive=True)
    assert np.allclose(found[..., 0, 0], x.mean(axis=(2, 3)))


@pytest.mark.parametrize("folder", [OLD, NEW])
def test_a_changed_file_is_damage_or_computed_or_not_known_and_never_an_error(tmp_path: Path, folder: Path) -> None:
    path = next(path for path in folder.iterdir() if path.suffix in (".json", ".pdmodel"))
    reader = graph_pir if path.suffix == ".json" else graph_program
    weights = read(folder)[1]
    feeds = {"image": RNG.rand(2, 1, 8, 8).astype("float32"), "length": np.array([[1], [0]])}
    data, target = path.read_bytes(), tmp_path / path.name
    ends = {"damage": 0, "computed": 0, "unknown": 0}
    for at in range(0, len(data), 31):
        target.write_bytes(data[:at] + bytes([data[at] ^ 1 << RNG.randint(8)]) + data[at + 1 :])
        with opened(target) as source:
            try:
                found = evaluate(reader.read(source), feeds, weights)
            except DamageError:
                ends["damage"] += 1
            else:
                ends["unknown" if found.unknown else "computed"] += 1
    assert min(ends.values()) > 0, ends


def scaled(name: str, number: int) -> GraphNode:
    """The scale of 1 that Paddle puts behind an output as it saves."""
    out = f"save_infer_model/scale_{number}.tmp_0"
    return GraphNode(operator="scale", inputs=(name,), outputs=(out,), kinds=("float32",))


def test_jit_load_gives_outputs_without_a_last_scale_behind_all_others() -> None:
    nodes = (scaled("a", 0), scaled("b", 1))
    names = [node.outputs[0] for node in nodes]
    graph = Graph(nodes=nodes, feeds={}, fetches=("flag", names[0], "other", names[1]), parameters={})
    assert graph_program.jit_places(graph) == (1, 3, 0, 2)
    assert graph_program.jit_places(replace(graph, fetches=(*names, "flag"))) == ()
    with opened(OLD / "net.pdmodel") as source:
        assert graph_program.jit_places(graph_program.read(source)) == ()


def made(name: str, *shape: int, kind: str = "float32", value: AttributeValue = 1.0) -> GraphNode:
    """An operator that makes a value out of nothing but its settings."""
    return GraphNode(
        operator="full", inputs=(), outputs=(name,), kinds=(kind,), attributes={"shape": shape, "value": value}
    )


HOSTILE: dict[str, tuple[GraphNode, ...]] = {
    "a text for an axis": (made("a", 2), node("sum", "a", axis="abc")),
    "texts for a shape": (made("a", 2), node("reshape", "a", shape=("a",))),
    "a long list of sizes": (made("a", 1 << 21, kind="int64"), node("reshape", "a", "a")),
    "an empty value along a huge one": (made("a", 0, 1 << 26), made("b", 0, 1 << 31), node("sum", "b", axis=(0,))),
    "one value a thousand times": (made("a", 1 << 20), node("concat", ("a",) * 1000)),
    "a row for each of many": (made("a", 1, 1 << 20), made("i", 1 << 20, kind="int64"), node("embedding", "i", "a")),
    "more axes than numpy has": (made("a", 1), node("meshgrid", ("a",) * 80)),
    "no text for a number": (node("full", shape=(4096,), value="a" * 1_000_000),),
    "what is made of itself": (node("relu", "y"),),
    "an operand that comes later": (node("relu", "a"), made("a", 2)),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_graph_is_not_known_and_nothing_is_raised(what: str) -> None:
    found = evaluate(Graph(nodes=HOSTILE[what], feeds={}, fetches=("y",), parameters={}), {}, {})
    assert found.unknown.startswith("operator "), found.unknown
    assert not found.outputs


def test_one_value_is_not_many_outputs() -> None:
    graph = Graph(nodes=(made("y", 1 << 20),), feeds={}, fetches=("y",) * 1000, parameters={})
    unknown = evaluate(graph, {}, {}).unknown  # by itself: a thousand arrays take long to be shown
    assert unknown == "output y, up to which all outputs together are too many"


@pytest.mark.timeout(120)
def test_the_time_for_many_operators_grows_with_their_number_alone() -> None:
    chain = tuple(
        GraphNode(operator="relu", inputs=(f"v{at}",), outputs=(f"v{at + 1}",), kinds=("float32",))
        for at in range(50_000)
    )
    graph = Graph(nodes=chain, feeds={"x": "v0"}, fetches=("v50000",), parameters={})
    assert evaluate(graph, {"x": np.ones(1, "float32")}, {}).outputs[0].tolist() == [1]
