"""Which operator is which formula, by the name that a .json gives it; and which settings change no number."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from lab.formulas import (
    activation,
    elementwise,
    linear,
    made,
    norm,
    quantise,
    recurrent,
    reduction,
    resize,
    shape,
    window,
)
from lab.formulas.arrays import Array, NoFormulaError
from lab.model.graph import AttributeValue, GraphNode

Formula = Callable[..., Any]

CASTS = frozenset({
    "cast", "full", "full_like", "full_int_array", "full_batch_size_like", "assign_value", "one_hot", "arange", "shape64",
    "numel", "nonzero", "argmax", "argmin", "topk", "argsort",
})  # fmt: skip
"""Operators whose result has an element type of its own, which the program says."""

HARMLESS = frozenset({
    "struct_name", "op_callstack", "op_namescope", "op_device", "op_role", "op_role_var", "with_quant_attr", "stop_gradient",
    "place", "place_type", "force_cpu", "use_cudnn", "use_mkldnn", "use_quantizer", "mkldnn_data_type", "is_test", "sparse",
    "seed", "fix_seed", "sym_shape_str", "infer_flags", "in_dtype", "momentum", "dtype", "stable", "input_size",
    "hidden_size", "exhaustive_search", "workspace_size_MB", "use_addto", "is_sparse", "is_distributed", "remote_prefetch",
    "trainer_id", "entry_config", "table_names", "height_sections", "epmap", "name", "unused",
    "allow_out_of_range", "data_transform", "lod_level", "op_role_vars", "multi_precision", "mkldnn_data_format",
    "skip_quant", "Scale_in", "Scale_out", "Scale_in_eltwise", "Scale_weights", "scale_x", "scale_y", "Scale_x", "Scale_y",
    "x_data_format", "y_data_format", "use_onednn", "onednn_data_type", "is_first_iteration", "dropout_prob",
    "iterations", "summarize", "out_dtype",
})  # fmt: skip
"""Settings that say where or how fast a number is computed, or that a formula has no use for in a finished program."""

IDLE: Mapping[str, AttributeValue] = {
    "fuse_relu": False, "fuse_relu_before_depthwise_conv": False, "fuse_residual_connection": False, "fuse_alpha": 0.0,
    "fuse_beta": 0.0, "fuse_activation": "", "force_fp32_output": False, "fuse_with_relu": False, "mode_int8": False,
    "output_dtype": -1, "axis": -1, "sorted": True, "output_size": -1, "qmin": -128, "qmax": 127, "round_type": 0,
}  # fmt: skip
"""Settings that change nothing while they have this value."""


def _combine(*tensors: Array) -> list[Array]:
    return list(tensors)


def _apart(tensors: Sequence[Array]) -> list[Array]:
    return list(tensors)


def _add_all(tensors: Sequence[Array]) -> Array:
    return elementwise.sum_of(*tensors)


FORMULAS: dict[str, Formula] = {
    **elementwise.PLAIN,
    **{
        name: getattr(elementwise, name)
        for name in (
            "add", "subtract", "multiply", "divide", "maximum", "minimum", "fmax", "remainder", "floor_divide",
            "elementwise_pow", "equal", "not_equal", "less_than", "less_equal", "greater_than", "greater_equal",
            "logical_and", "logical_or", "bitwise_and", "bitwise_or", "bitwise_xor", "scale", "pow", "clip", "rsqrt",
            "round", "where", "assign", "square", "dropout", "lerp",
        )
    },
    **{
        name: getattr(activation, name)
        for name in (
            "relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "celu", "gelu", "erf", "sigmoid", "silu", "swish",
            "logsigmoid", "softplus", "mish", "hardswish", "hardsigmoid", "hardtanh", "hardshrink", "softshrink",
            "softsign", "tanh_shrink", "thresholded_relu", "maxout", "softmax", "log_softmax",
        )
    },
    **{
        name: getattr(reduction, name)
        for name in (
            "mean", "sum", "prod", "max", "min", "all", "any", "logsumexp", "p_norm", "argmax", "argmin", "cumsum",
            "cumprod", "topk", "argsort",
        )
    },
    **{
        name: getattr(shape, name)
        for name in (
            "reshape", "flatten", "squeeze", "unsqueeze", "transpose", "concat", "stack", "split", "split_with_num", "unbind",
            "tile", "expand", "flip", "roll", "slice", "strided_slice", "gather", "index_select", "gather_nd", "index_sample",
            "take_along_axis", "embedding", "one_hot", "masked_select", "nonzero", "tril", "triu", "tril_triu",
            "repeat_interleave", "pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "pad3d", "pad",             "diagonal", "masked_fill",
        )
    },
    **{
        name: getattr(made, name)
        for name in (
            "full", "full_like", "full_batch_size_like", "full_int_array", "assign_value", "arange", "shape64", "numel",
            "meshgrid",
        )
    },
    **{name: getattr(linear, name) for name in ("matmul", "bmm", "mul", "addmm", "dot", "kron", "cross", "einsum", "bilinear")},
    **{name: getattr(norm, name) for name in ("batch_norm", "layer_norm", "group_norm", "instance_norm")},
        "amax": reduction.max, "amin": reduction.min, "cast": elementwise.assign, "shape": made.shape64,
    "combine": _combine, "builtin.split": _apart, "add_n": _add_all, "rnn": recurrent.rnn,
    "conv2d": window.convolution, "conv3d": window.convolution, "depthwise_conv2d": window.convolution,
    "conv2d_transpose": window.transposed, "depthwise_conv2d_transpose": window.transposed,
    "conv3d_transpose": window.transposed, "pool2d": window.pool, "pool3d": window.pool,
    "max_pool2d_with_index": window.max_pool_with_index, "max_pool3d_with_index": window.max_pool_with_index,
    "quantize_linear": quantise.quantize_linear, "dequantize_linear": quantise.dequantize_linear,
    "unfold": window.unfold, "grid_sample": resize.grid_sample, "affine_grid": resize.places_of,
    **{f"{name}_interp": resize.resize for name in ("nearest", "linear", "bilinear", "trilinear", "bicubic")},
}  # fmt: skip
"""Every operator that can be computed here."""


@cache
def _names(formula: Formula) -> frozenset[str] | None:
    """The names of a formula's parameters; None where numpy's own functions do not say, which take no settings."""
    try:
        found = inspect.signature(formula).parameters.values()
    except ValueError:
        return None
    if any(one.kind is one.VAR_KEYWORD for one in found):
        return frozenset({one.name for one in found} | {"lambda"})
    return frozenset(one.name for one in found)


def formula_of(node: GraphNode) -> Callable[..., Any]:
    """The formula of an operator with its settings put in; NoFormulaError where there is none, or a setting is not known."""
    formula = FORMULAS.get(node.operator)
    if formula is None:
        raise NoFormulaError("")
    known = frozenset() if node.operator in elementwise.PLAIN else _names(formula) or frozenset()
    given = {name: value for name, value in node.attributes.items() if name in known}
    for name, value in node.attributes.items():
        idle = (
            (node.operator, name) == ("p_norm", "epsilon") or name in HARMLESS or (name in IDLE and IDLE[name] == value)
        )
        if name not in known and not idle:
            raise NoFormulaError(f"has the setting {name!r}")
    return partial(formula, **given)
