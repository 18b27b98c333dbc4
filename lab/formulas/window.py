"""Formulas of windows that go over a picture, a signal or a volume: convolutions and pools."""

import math
from collections.abc import Sequence

import numpy as np

from lab.formulas import reference
from lab.formulas.arrays import Array, Integers, NoFormulaError, bearable, integers, roomy, spatial

_MOST = 1 << 14
"""Windows along one axis."""


def _edges(
    paddings: Integers, lengths: Sequence[int], algorithm: str, reach: Sequence[int], strides: Sequence[int]
) -> list[tuple[int, int]]:
    """How much is put before and behind each length."""
    if algorithm == "VALID":
        return [(0, 0)] * len(lengths)
    if algorithm == "SAME":
        wanted = [
            max((-(-length // step) - 1) * step + over - length, 0)
            for length, over, step in zip(lengths, reach, strides, strict=True)
        ]
        return [(one // 2, one - one // 2) for one in wanted]
    found = integers(paddings)
    if len(found) == len(lengths):
        return [(one, one) for one in found]
    return list(zip(found[::2], found[1::2], strict=True))


def _padded(x: Array, edges: Sequence[tuple[int, int]]) -> Array:
    roomy([*x.shape[:2], *(length + sum(edge) for length, edge in zip(x.shape[2:], edges, strict=True))])
    return np.pad(x, [(0, 0), (0, 0), *edges])


def convolution(
    input: Array, filter: Array, strides: Integers, paddings: Integers, *,  # noqa: A002
    padding_algorithm: str = "EXPLICIT", dilations: Integers = (), groups: int = 1, data_format: str = "NCHW",
) -> Array:  # fmt: skip
    """Sum of products under each window, kernel position by kernel position."""
    rank = input.ndim - 2
    steps, gaps = integers(strides), integers(dilations) or (1,) * rank
    last = spatial(data_format, input.ndim)
    x = np.moveaxis(input, -1, 1) if last else input
    kernel = filter.shape[2:]
    reach = [(size - 1) * gap + 1 for size, gap in zip(kernel, gaps, strict=True)]
    same = padding_algorithm == "SAME"
    gaps, reach = ((1,) * rank, list(kernel)) if same else (gaps, reach)
    edges = _edges(paddings, x.shape[2:], padding_algorithm, reach, steps)
    x = _padded(x, edges)
    sizes = [(length - over) // step + 1 for length, over, step in zip(x.shape[2:], reach, steps, strict=True)]
    bearable(math.prod(roomy((len(x), len(filter), *sizes))) * math.prod(filter.shape[1:]))
    found = reference.conv(x, {"weight": filter}, steps, 0, gaps, groups)
    return np.moveaxis(found, 1, -1) if last else np.asarray(found)


def transposed(
    x: Array, filter: Array, output_size: Integers = (), strides: Integers = (), paddings: Integers = (), *,  # noqa: A002
    output_padding: Integers = (), padding_algorithm: str = "EXPLICIT", groups: int = 1, dilations: Integers = (),
    data_format: str = "NCHW",
) -> Array:  # fmt: skip
    """Each number spread under a window, which is a convolution the other way round."""
    if integers(output_size) or padding_algorithm != "EXPLICIT" or spatial(data_format, x.ndim):
        raise NoFormulaError("has a given size, another padding or its channels last")
    kernel, steps = filter.shape[2:], integers(strides)
    gaps, more = (integers(one) or (default,) * (x.ndim - 2) for one, default in ((dilations, 1), (output_padding, 0)))
    lengths = [
        (length - 1) * step + (size - 1) * gap + 1 + extra
        for length, step, size, gap, extra in zip(x.shape[2:], steps, kernel, gaps, more, strict=True)
    ]
    roomy((len(x), filter.shape[1] * groups, *lengths))
    bearable(x.size * math.prod(filter.shape[1:]))
    edges = _edges(paddings, x.shape[2:], padding_algorithm, kernel, steps)
    return np.asarray(reference.conv_transpose(x, {"weight": filter}, steps, edges, gaps, groups, more))


def pool(
    x: Array, kernel_size: Integers, strides: Integers, paddings: Integers, *, ceil_mode: bool = False,
    exclusive: bool = True, data_format: str = "NCHW", pooling_type: str = "max", global_pooling: bool = False,
    adaptive: bool = False, padding_algorithm: str = "EXPLICIT",
) -> Array:  # fmt: skip
    """The largest or the mean under each window, one axis after the other."""
    last = spatial(data_format, x.ndim)
    found = np.moveaxis(x, -1, 1) if last else x
    lengths = found.shape[2:]
    kernel = lengths if global_pooling else integers(kernel_size)
    kernel = kernel * len(lengths) if len(kernel) == 1 else kernel
    steps = integers(strides) or kernel
    edges = [(0, 0)] * len(lengths)
    if not global_pooling:
        edges = _edges(paddings, lengths, padding_algorithm, kernel, steps)
    if pooling_type not in ("max", "avg"):
        raise NoFormulaError(f"pools by {pooling_type!r}")
    windows = [
        _adaptive(length, size) if adaptive else _spans(length, size, step, edge, ceil_mode=ceil_mode)
        for length, size, step, edge in zip(lengths, kernel, steps, edges, strict=True)
    ]
    roomy((*found.shape[:2], *map(len, windows)))
    inside = [_inside(spans, length) for spans, length in zip(windows, lengths, strict=True)]
    found = reference.pooled(found, inside, np.max if pooling_type == "max" else np.sum)
    if pooling_type == "avg":
        counted = inside if exclusive or adaptive else [[slice(*span) for span in spans] for spans in windows]
        for axis, spans in enumerate(counted, 2):
            found = found / reference.along(np.asarray([one.stop - one.start for one in spans]), axis, found.ndim)
    return np.moveaxis(found, 1, -1) if last else np.asarray(found)


def _inside(spans: Sequence[tuple[int, int]], length: int) -> list[slice]:
    """What of each window lies inside."""
    found = [slice(max(start, 0), min(end, length)) for start, end in spans]
    if any(one.start >= one.stop for one in found):
        raise NoFormulaError("has a window of padding alone")
    return found


def _adaptive(length: int, count: int) -> list[tuple[int, int]]:
    """As many windows as there shall be, as even as they can be."""
    if count > _MOST:
        raise NoFormulaError(f"has {count:,} windows along one axis")
    return [(at * length // count, -(-(at + 1) * length // count)) for at in range(count)]


def _spans(length: int, size: int, step: int, edge: tuple[int, int], *, ceil_mode: bool) -> list[tuple[int, int]]:
    """Where each window begins and ends; before 0 and behind the length lies padding."""
    room = length + sum(edge) - size
    count = (-(-room // step) if ceil_mode else room // step) + 1
    if count > _MOST:
        raise NoFormulaError(f"has {count:,} windows along one axis")
    starts = [at * step - edge[0] for at in range(count)]
    return [(start, min(start + size, length + edge[1])) for start in starts]


def max_pool_with_index(
    x: Array, kernel_size: Integers, strides: Integers, paddings: Integers, *, global_pooling: bool = False,
    adaptive: bool = False, ceil_mode: bool = False,
) -> tuple[Array]:  # fmt: skip
    """The largest under each window; where it was is not computed here."""
    found = pool(
        x, kernel_size, strides, paddings, ceil_mode=ceil_mode, global_pooling=global_pooling, adaptive=adaptive
    )  # fmt: skip
    return (found,)


def unfold(
    x: Array, kernel_sizes: Integers, strides: Integers, paddings: Integers, dilations: Integers = (1, 1)
) -> Array:  # fmt: skip
    """What lies under each window as a column."""
    kernel, steps, gaps, around = map(integers, (kernel_sizes, strides, dilations, paddings))
    x = _padded(x, [(around[0], around[2]), (around[1], around[3])])
    sizes = [
        (length - (size - 1) * gap - 1) // step + 1
        for length, size, gap, step in zip(x.shape[2:], kernel, gaps, steps, strict=True)
    ]
    roomy((*x.shape[:2], *kernel, *sizes))
    parts = [
        x[:, :, at * gaps[0] :: steps[0], to * gaps[1] :: steps[1]][:, :, : sizes[0], : sizes[1]]
        for at in range(kernel[0])
        for to in range(kernel[1])
    ]
    return np.stack(parts, axis=2).reshape(len(x), x.shape[1] * math.prod(kernel), -1)
