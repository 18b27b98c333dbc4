"""Formulas that move numbers and compute none: shapes, order, parts, indices."""

from collections.abc import Sequence

import numpy as np

from lab.formulas.arrays import Array, Integers, NoFormulaError, axes, axis_of, integers, one_integer, roomy, spatial


def reshape(x: Array, shape: Integers) -> Array:
    """Another shape; 0 keeps a length, -1 is what is left."""
    wanted = [x.shape[at] if length == 0 else length for at, length in enumerate(integers(shape))]
    return x.reshape(wanted)


def flatten(x: Array, start_axis: int = 1, stop_axis: int = 1) -> Array:
    """Several axes as one."""
    if not x.ndim:
        return x.reshape(1)
    first, last = axis_of(start_axis, x.ndim), axis_of(stop_axis, x.ndim)
    return x.reshape(*x.shape[:first], -1, *x.shape[last + 1 :])


def squeeze(x: Array, axis: Integers = ()) -> Array:
    """Without axes of one; those named, else all of them."""
    wanted = axes(axis, x.ndim) if integers(axis) else range(x.ndim)
    return np.squeeze(x, axis=tuple(one for one in wanted if x.shape[one] == 1))


def unsqueeze(x: Array, axis: Integers) -> Array:
    """With axes of one, put in one after another."""
    for one in integers(axis):
        x = np.expand_dims(x, one)
    return x


def transpose(x: Array, perm: Sequence[int]) -> Array:
    """Axes in another order."""
    return x.transpose(integers(perm))


def concat(x: Sequence[Array], axis: Integers = 0) -> Array:
    """One after another."""
    return np.concatenate(x, axis=axis_of(axis, x[0].ndim))


def stack(x: Sequence[Array], axis: int = 0) -> Array:
    """Along a new axis."""
    return np.stack(x, axis=axis)


def split(x: Array, sections: Integers, axis: Integers = 0) -> list[Array]:
    """In parts of given lengths; one of -1 is what is left."""
    at, lengths = axis_of(axis, x.ndim), list(integers(sections))
    if -1 in lengths:
        lengths[lengths.index(-1)] = x.shape[at] - sum(lengths) - 1
    return np.split(x, np.cumsum(lengths)[:-1], axis=at)


def split_with_num(x: Array, axis: Integers = 0, num: int = 1) -> list[Array]:
    """In equal parts."""
    return np.split(x, num, axis=axis_of(axis, x.ndim))


def unbind(x: Array, axis: int = 0) -> list[Array]:
    """As many as an axis is long, without it."""
    return list(np.moveaxis(x, axis, 0))


def tile(x: Array, repeat_times: Integers) -> Array:
    """Repeated along its axes."""
    times = integers(repeat_times)
    rank = max(x.ndim, len(times))
    lengths, counts = (1,) * (rank - x.ndim) + x.shape, (1,) * (rank - len(times)) + times
    roomy([length * count for length, count in zip(lengths, counts, strict=True)])
    return np.tile(x, times)


def expand(x: Array, shape: Integers) -> Array:
    """Repeated to a shape; -1 keeps a length."""
    wanted = integers(shape)
    had = (1,) * (len(wanted) - x.ndim) + x.shape
    return np.broadcast_to(x, roomy([own if one == -1 else one for one, own in zip(wanted, had, strict=True)]))


def flip(x: Array, axis: Integers) -> Array:
    """Backwards."""
    return np.flip(x, axes(axis, x.ndim))


def roll(x: Array, shifts: Integers, axis: Integers = ()) -> Array:
    """Round and round."""
    return np.roll(x, integers(shifts), integers(axis)) if integers(axis) else np.roll(x, integers(shifts))


def slice(  # noqa: A001 - Paddle's own name and its settings
    input: Array, starts: Integers, ends: Integers, axes: Integers,  # noqa: A002
    decrease_axis: Integers = (),
) -> Array:  # fmt: skip
    """A stretch of some axes; those of length one that are named are left out."""
    return strided_slice(input, starts, ends, (1,) * len(integers(starts)), axes, decrease_axis)


def strided_slice(
    x: Array, starts: Integers, ends: Integers, strides: Integers, axes: Integers,
    decrease_axis: Integers = (),
) -> Array:  # fmt: skip
    """Every so many of some axes."""
    cut = [np.s_[:]] * x.ndim
    for one, first, last, step in zip(*map(integers, (axes, starts, ends, strides)), strict=True):
        # Backwards, an end of -1 is what lies before the first element, and not the last one.
        to_start = step < 0 and (last == -1 or last < -x.shape[one])
        cut[one] = np.s_[first : None if to_start else last : step]
    found = x[tuple(cut)]
    gone = integers(decrease_axis)
    return found.reshape([length for at, length in enumerate(found.shape) if at not in gone])


def gather(x: Array, index: Array, axis: Integers = 0) -> Array:
    """The rows that are named."""
    at = axis_of(axis, x.ndim)
    return np.take(x, _inside(index.reshape(-1) if index.ndim else index, x.shape[at]), axis=at)


def index_select(x: Array, index: Array, axis: int = 0) -> Array:
    """The rows that are named."""
    return gather(x, index, axis)


def gather_nd(x: Array, index: Array) -> Array:
    """The elements or rows that rows of indices name."""
    return np.asarray(x[tuple(np.moveaxis(index, -1, 0))])


def index_sample(x: Array, index: Array) -> Array:
    """Of each row the elements that its row of indices names."""
    return np.take_along_axis(x, _inside(index, x.shape[1]), axis=1)


def take_along_axis(arr: Array, indices: Array, axis: int) -> Array:
    """Along an axis the elements that the indices name."""
    return np.take_along_axis(arr, _inside(indices, arr.shape[axis]), axis=axis)


def embedding(x: Array, weight: Array, padding_idx: int = -1) -> Array:
    """Rows of a table; zeros for the padding."""
    found = weight[_inside(x, len(weight))]
    return np.where((x == padding_idx)[..., None], 0, found) if padding_idx != -1 else found


def _inside(index: Array, length: int) -> Array:
    if index.size and (index.min() < -length or index.max() >= length):
        raise NoFormulaError("has an index outside of its table")
    return index


def one_hot(x: Array, num_classes: Integers) -> Array:
    """A one where the number says."""
    classes = one_integer(num_classes)
    roomy((*x.shape, classes))
    return np.asarray(_inside(x, classes)[..., None] == np.arange(classes), np.float64)


def masked_select(x: Array, mask: Array) -> Array:
    """The elements under a mask."""
    return np.asarray(x[np.broadcast_to(mask, x.shape)])


def nonzero(condition: Array) -> Array:
    """The indices of what is not zero."""
    return np.stack(np.nonzero(condition), axis=1) if condition.ndim else np.zeros((int(bool(condition)), 0), np.int64)


def tril(x: Array, diagonal: int = 0) -> Array:
    """Nothing above a diagonal."""
    return np.tril(x, diagonal)


def triu(x: Array, diagonal: int = 0) -> Array:
    """Nothing below a diagonal."""
    return np.triu(x, diagonal)


def tril_triu(x: Array, diagonal: int = 0, *, lower: bool = True) -> Array:
    """One of the two, as old programs write them."""
    return np.tril(x, diagonal) if lower else np.triu(x, diagonal)


def repeat_interleave(x: Array, repeats: int, axis: int = 0) -> Array:
    """Each several times."""
    at = axis_of(axis, x.ndim)
    roomy([length * (repeats if one == at else 1) for one, length in enumerate(x.shape)])
    return x.repeat(repeats, axis=at)


def pixel_shuffle(x: Array, upscale_factor: int = 1, data_format: str = "NCHW") -> Array:
    """Channels as pixels between pixels."""
    if spatial(data_format, x.ndim):
        return np.moveaxis(pixel_shuffle(np.moveaxis(x, -1, 1), upscale_factor), 1, -1)
    batch, channels, height, width = x.shape
    factor = upscale_factor
    parts = x.reshape(batch, channels // factor**2, factor, factor, height, width)
    return parts.transpose(0, 1, 4, 2, 5, 3).reshape(batch, -1, height * factor, width * factor)


def pixel_unshuffle(x: Array, downscale_factor: int = 1, data_format: str = "NCHW") -> Array:
    """Pixels between pixels as channels."""
    if spatial(data_format, x.ndim):
        return np.moveaxis(pixel_unshuffle(np.moveaxis(x, -1, 1), downscale_factor), 1, -1)
    batch, channels, height, width = x.shape
    factor = downscale_factor
    parts = x.reshape(batch, channels, height // factor, factor, width // factor, factor)
    return parts.transpose(0, 1, 3, 5, 2, 4).reshape(batch, -1, height // factor, width // factor)


def channel_shuffle(x: Array, groups: int = 1, data_format: str = "NCHW") -> Array:
    """Channels of the groups in turn."""
    if spatial(data_format, x.ndim):
        return np.moveaxis(channel_shuffle(np.moveaxis(x, -1, 1), groups), 1, -1)
    batch, channels, *rest = x.shape
    return x.reshape(batch, groups, channels // groups, *rest).swapaxes(1, 2).reshape(x.shape)


_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad3d(
    x: Array, paddings: Integers, mode: str = "constant", pad_value: float = 0.0, data_format: str = "NCDHW"
) -> Array:  # fmt: skip
    """More around the last three lengths; the paddings are of the last axis first."""
    found = integers(paddings)
    pairs = [(found[at], found[at + 1]) for at in range(0, len(found), 2)][::-1]
    behind = [(0, 0)] if spatial(data_format, x.ndim) else []
    widths = [*[(0, 0)] * (x.ndim - len(pairs) - len(behind)), *pairs, *behind]
    return _padded(x, widths, mode, pad_value)


def pad(x: Array, pad_value: Array | float = 0.0, paddings: Integers = (), mode: str = "constant") -> Array:
    """More around every axis; the paddings are of the first axis first."""
    found = integers(paddings)
    value = float(np.asarray(pad_value).reshape(-1)[0])
    return _padded(x, [(found[at], found[at + 1]) for at in range(0, len(found), 2)], mode, value)


def _padded(x: Array, widths: Sequence[tuple[int, int]], mode: str, value: float) -> Array:
    if mode not in _MODES or min(map(min, widths), default=0) < 0:
        raise NoFormulaError(f"pads by {list(widths)} in the mode {mode!r}")
    roomy([length + sum(one) for length, one in zip(x.shape, widths, strict=True)])
    more = {"constant_values": value} if mode == "constant" else {}
    return np.pad(x, widths, mode=_MODES[mode], **more)  # type: ignore[call-overload,no-any-return]


def diagonal(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """One diagonal."""
    return np.diagonal(x, offset, axis1, axis2)


def masked_fill(x: Array, mask: Array, value: Array) -> Array:
    """Another number under a mask."""
    return np.where(np.broadcast_to(mask, x.shape), value.reshape(-1)[0], x)
