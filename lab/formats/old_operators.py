"""Operators of a `.pdmodel` under the names, with the operands and settings that a `.json` of 3.x gives the same ones.

Each row is: the new name, where each operand comes from, which outputs there are in order, and settings that are called
otherwise. A source is a list of places, the first one that is filled counts: `X` a variable, `X[]` several as a list, `@axis` a
setting as a constant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.formats.types import by_number
from lab.model.graph import AttributeValue, GraphConstant, GraphNode, Operand


@dataclass(frozen=True, kw_only=True)
class OldOperator:
    """One operator as a .pdmodel has it: variables by the names of its inputs and outputs, and its settings."""

    kind: str
    inputs: Mapping[str, tuple[str, ...]]
    outputs: Mapping[str, tuple[str, ...]]
    attributes: Mapping[str, AttributeValue]


@dataclass(frozen=True, kw_only=True)
class OldRow:
    """How one old operator is read; `called` are settings by their old names under the new ones."""

    name: str
    sources: tuple[str, ...]
    results: tuple[str, ...] = ("Out",)
    called: Mapping[str, str] = field(default_factory=dict)


def _row(name: str, *sources: str, out: str = "Out", **called: str) -> OldRow:
    return OldRow(
        name=name, sources=sources, results=tuple(out.split()), called={old: new for new, old in called.items()}
    )


_AXIS = "AxisTensor|AxisTensorList[]|@dim"
_REDUCED = {"keepdim": "keep_dim"}
_LAYOUT = {"data_format": "data_layout"}
_RESIZED = ("X", "OutSize", "SizeTensor[]", "Scale")
ROWS: dict[str, OldRow] = {
    **{f"elementwise_{old}": _row(new, "X", "Y") for old, new in {
        "add": "add", "sub": "subtract", "mul": "multiply", "div": "divide", "max": "maximum", "min": "minimum",
        "fmax": "fmax", "mod": "remainder", "floordiv": "floor_divide", "pow": "elementwise_pow",
    }.items()},
    **{f"reduce_{name}": _row(name, "X", _AXIS, **_REDUCED) for name in (
        "mean", "sum", "max", "min", "prod", "all", "any", "amax", "amin",
    )},
    **{name: _row(name, "X", "Y") for name in (
        "equal", "not_equal", "less_than", "less_equal", "greater_than", "greater_equal", "logical_and", "logical_or",
        "bitwise_and", "bitwise_or", "bitwise_xor", "bmm", "dot", "kron",
    )},
    **{f"{name}_interp{end}": _row(f"{name}_interp", *_RESIZED, **_LAYOUT) for end in ("", "_v2") for name in (
        "nearest", "linear", "bilinear", "trilinear", "bicubic",
    )},
    **{name: _row(name, "Input", "Filter", out="Output") for name in ("conv2d", "conv3d", "depthwise_conv2d")},
    **{name: _row(name, "Input", "Filter", "@output_size", out="Output") for name in (
        "conv2d_transpose", "depthwise_conv2d_transpose", "conv3d_transpose",
    )},
    **{name: _row(name, "X", "@ksize") for name in ("pool2d", "pool3d")},
    **{name: _row(name, "X", kernel_size="ksize") for name in ("max_pool2d_with_index", "max_pool3d_with_index")},
    "addmm": _row("addmm", "Input", "X", "Y", beta="Beta", alpha="Alpha"),
    "affine_grid": _row("affine_grid", "Theta", "OutputShape|@output_shape", out="Output"),
    "arg_max": _row("argmax", "X", "@axis"),
    "arg_min": _row("argmin", "X", "@axis"),
    "argsort": _row("argsort", "X", out="Out Indices"),
    "assign": _row("assign", "X"),
    "assign_value": _row("assign_value", ""),
    "atan2": _row("atan2", "X1", "X2"),
    "batch_norm": _row("batch_norm", "X", "Mean", "Variance", "Scale", "Bias", out="Y", **_LAYOUT),
    "bilinear_tensor_product": _row("bilinear", "X", "Y", "Weight", "Bias"),
    "brelu": _row("hardtanh", "X"),
    "cast": _row("cast", "X", dtype="out_dtype"),
    "clip": _row("clip", "X", "Min|@min", "Max|@max"),
    "concat": _row("concat", "X[]", "AxisTensor|@axis"),
    "cross": _row("cross", "X", "Y", axis="dim"),
    "cumsum": _row("cumsum", "X", "@axis"),
    "diagonal": _row("diagonal", "Input"),
    "dropout": _row("dropout", "X", "", "@dropout_prob", mode="dropout_implementation"),
    "einsum": _row("einsum", "Operands[]"),
    "expand_v2": _row("expand", "X", "Shape|expand_shapes_tensor[]|@shape"),
    "fill_any_like": _row("full_like", "X", "@value"),
    "fill_constant": _row("full", "ShapeTensor|ShapeTensorList[]|@shape", "ValueTensor|@str_value|@value"),
    "fill_constant_batch_size_like": _row("full_batch_size_like", "Input", "@shape", "@str_value|@value"),
    "flatten_contiguous_range": _row("flatten", "X"),
    "gather": _row("gather", "X", "Index", "Axis|@axis"),
    "gather_nd": _row("gather_nd", "X", "Index"),
    "grid_sampler": _row("grid_sample", "X", "Grid", out="Output"),
    "group_norm": _row("group_norm", "X", "Scale", "Bias", out="Y", **_LAYOUT),
    "hard_shrink": _row("hardshrink", "X"),
    "hard_sigmoid": _row("hardsigmoid", "X"),
    "hard_swish": _row("hardswish", "X"),
    "index_sample": _row("index_sample", "X", "Index"),
    "index_select": _row("index_select", "X", "Index", axis="dim"),
    "instance_norm": _row("instance_norm", "X", "Scale", "Bias", out="Y"),
    "isfinite_v2": _row("isfinite", "X"),
    "isinf_v2": _row("isinf", "X"),
    "isnan_v2": _row("isnan", "X"),
    "layer_norm": _row("layer_norm", "X", "Scale", "Bias", out="Y"),
    "leaky_relu": _row("leaky_relu", "X", negative_slope="alpha"),
    "lerp": _row("lerp", "X", "Y", "Weight"),
    "lookup_table_v2": _row("embedding", "Ids", "W"),
    "masked_select": _row("masked_select", "X", "Mask", out="Y"),
    "matmul": _row("matmul", "X", "Y", transpose_x="transpose_X", transpose_y="transpose_Y"),
    "matmul_v2": _row("matmul", "X", "Y", transpose_x="trans_x", transpose_y="trans_y"),
    "mean": _row("mean", "X"),
    "meshgrid": _row("meshgrid", "X[]"),
    "mish": _row("mish", "X", **{"lambda": "threshold"}),
    "mul": _row("mul", "X", "Y"),
    "one_hot_v2": _row("one_hot", "X", "depth_tensor|@depth"),
    "pad": _row("pad", "X", "@pad_value"),
    "pad3d": _row("pad3d", "X", "Paddings|@paddings", pad_value="value"),
    "pow": _row("pow", "X", "FactorTensor|@factor"),
    "prelu": _row("prelu", "X", "Alpha"),
    "quantize_linear": _row("quantize_linear", "X", "Scale", "ZeroPoint", out="Y"),
    "dequantize_linear": _row("dequantize_linear", "X", "Scale", "ZeroPoint", out="Y"),
    "range": _row("arange", "Start", "End", "Step"),
    "relu6": _row("relu6", "X"),
    "repeat_interleave": _row("repeat_interleave", "X", repeats="Repeats", axis="dim"),
    "reshape2": _row("reshape", "X", "ShapeTensor[]|Shape|@shape"),
    "rnn": _row("rnn", "Input", "PreState[]", "WeightList[]", "SequenceLength", out="Out DropoutState State Reserve"),
    "roll": _row("roll", "X", "ShiftsTensor|@shifts"),
    "scale": _row("scale", "X", "ScaleTensor|@scale"),
    "shape": _row("shape", "Input"),
    "size": _row("numel", "Input"),
    "slice": _row("slice", "Input", "StartsTensor|StartsTensorList[]|@starts", "EndsTensor|EndsTensorList[]|@ends"),
    "softshrink": _row("softshrink", "X", threshold="lambda"),
    "squeeze2": _row("squeeze", "X", "@axes"),
    "stack": _row("stack", "X[]", out="Y"),
    "strided_slice": _row(
        "strided_slice", "Input", "StartsTensor|StartsTensorList[]|@starts", "EndsTensor|EndsTensorList[]|@ends",
        "StridesTensor|StridesTensorList[]|@strides",
    ),
    "sum": _row("add_n", "X[]"),
    "take_along_axis": _row("take_along_axis", "Input", "Index", out="Result", axis="Axis"),
    "tile": _row("tile", "X", "RepeatTimes|repeat_times_tensor[]|@repeat_times"),
    "top_k_v2": _row("topk", "X", "K|@k", out="Out Indices"),
    "transpose2": _row("transpose", "X", perm="axis"),
    "unfold": _row("unfold", "X", out="Y"),
    "unsqueeze2": _row("unsqueeze", "X", "AxesTensor|AxesTensorList[]|@axes"),
    "where": _row("where", "Condition", "X", "Y"),
    "where_index": _row("nonzero", "Condition"),
}  # fmt: skip
"""Every old operator whose new one has another name, other operands or other settings; the rest take `X` and give `Out`."""


def translated(old: OldOperator, kinds: Mapping[str, str]) -> GraphNode:
    """The same operator as a `.json` would have it; `kinds` are the element types of variables."""
    row = _split(old) if old.kind == "split" else ROWS.get(old.kind) or _plain(old)
    taken = {place[1:] for source in row.sources for place in source.split("|") if place.startswith("@")}
    names = [name for result in row.results for name in old.outputs.get(result, ())]
    return GraphNode(
        operator=row.name,
        inputs=tuple(_operand(old, source) for source in row.sources),
        outputs=tuple(names),
        kinds=tuple(kinds.get(name, "unknown") for name in names),
        attributes=_settings(old, row, taken),
    )


def _plain(old: OldOperator) -> OldRow:
    """An operator that is called the same; where it is another than of X and Out, whatever goes in and comes out of it."""
    return OldRow(name=old.kind, sources=("X",) if "X" in old.inputs else tuple(old.inputs), results=tuple(old.outputs))


def _settings(old: OldOperator, row: OldRow, taken: set[str]) -> dict[str, AttributeValue]:
    found = {row.called.get(name, name): value for name, value in old.attributes.items() if name not in taken}
    for name in ("dtype", "out_dtype"):
        if isinstance(number := found.get(name), int) and number >= 0:
            found[name] = by_number(number)
    if row.name == "assign_value":
        lists = [name for name in found if name.endswith("_values") or name == "values"]
        numbers = [found.pop(name) for name in lists]
        found["values"] = next((one for one in numbers if one), ())
    if row.name == "softmax":
        found.pop("data_format", None)
    return found


def _split(old: OldOperator) -> OldRow:
    """A split has lengths, or else a number of parts."""
    sized = old.attributes.get("sections") or old.inputs.get("SectionsTensorList")
    if sized:
        return _row("split", "X", "SectionsTensorList[]|@sections", "AxisTensor|@axis", unused="num")
    return _row("split_with_num", "X", "AxisTensor|@axis", unused="sections")


def _operand(old: OldOperator, source: str) -> Operand:
    """What is given for one operand: the first place that is filled."""
    for place in source.split("|"):
        if place.startswith("@"):
            found = old.attributes.get(place[1:])
            if found is not None and found != "":
                return _constant(found)
        elif variables := old.inputs.get(place.removesuffix("[]")):
            return variables if place.endswith("[]") else variables[0]
    return None


def _constant(value: AttributeValue) -> GraphConstant | None:
    """A setting as a tensor; text is a number that was written out, as in fill_constant."""
    parts = value if isinstance(value, tuple) else (value,)
    try:
        numbers = tuple(float(one) if isinstance(one, str) else one for one in parts if one is not None)
    except ValueError:
        return None
    shape = (len(numbers),) if isinstance(value, tuple) else ()
    whole = all(isinstance(one, int) for one in numbers)
    return GraphConstant(values=numbers, shape=shape, dtype="int64" if whole else "float64")
