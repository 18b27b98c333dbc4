"""Operators by numpy alone: what a formula of the table may call. Its text goes into the module of nets, so old Pythons run it.

`w` is the weights of a net by name. Everything is worked out in double precision, whatever the inputs are.
"""

import itertools
import math
from typing import Any

import numpy as np


def pairs(padding: Any, axes: int) -> list[Any]:
    """Padding as (before, after) of each axis: from one number, or from one number or pair an axis."""
    each = padding if isinstance(padding, (list, tuple)) else [padding] * axes
    return [one if isinstance(one, (list, tuple)) else (one, one) for one in each]


def each(one: Any, axes: int) -> list[Any]:
    """A number for each axis: the same for all, or one an axis."""
    return list(one) if isinstance(one, (list, tuple)) else [one] * axes


def conv(x: Any, w: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """A convolution over any number of axes; x is channels first, w has "weight" and may have "bias"."""
    weight = w["weight"].astype("float64")
    axes, deep = x.ndim - 2, weight.shape[1]
    steps, gaps = each(stride, axes), each(dilation, axes)
    x = np.pad(x.astype("float64"), [(0, 0), (0, 0), *pairs(padding, axes)])
    size = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(x.shape[2:], weight.shape[2:], steps, gaps)]
    taps_of = weight.reshape(groups, weight.shape[0] // groups, deep, -1)
    out: Any = np.zeros((x.shape[0], groups, taps_of.shape[1], math.prod(size)))
    for number, tap in enumerate(itertools.product(*map(range, weight.shape[2:]))):
        seen = tuple(slice(t * d, t * d + s * (n - 1) + 1, s) for t, n, s, d in zip(tap, size, steps, gaps))
        out += taps_of[..., number] @ x[(slice(None), slice(None), *seen)].reshape(x.shape[0], groups, deep, -1)
    out = out.reshape(x.shape[0], weight.shape[0], *size)
    return out + along(w["bias"], 1, out.ndim) if "bias" in w else out


def conv_transpose(
    x: Any, w: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1, more: Any = 0
) -> Any:
    """A transposed convolution; "weight" is (in, out of a group, ...), `more` lengthens the end of each axis."""
    weight = w["weight"].astype("float64")
    axes, many = x.ndim - 2, weight.shape[1]
    steps, gaps, ends = each(stride, axes), each(dilation, axes), each(more, axes)
    full = [
        (n - 1) * s + d * (k - 1) + 1 + m for n, k, s, d, m in zip(x.shape[2:], weight.shape[2:], steps, gaps, ends)
    ]
    taps_of = weight.reshape(groups, weight.shape[0] // groups, many, -1)
    given = x.astype("float64").reshape(x.shape[0], groups, weight.shape[0] // groups, -1)
    out: Any = np.zeros((x.shape[0], many * groups, *full))
    for number, tap in enumerate(itertools.product(*map(range, weight.shape[2:]))):
        spots = tuple(slice(t * d, t * d + s * (n - 1) + 1, s) for t, n, s, d in zip(tap, x.shape[2:], steps, gaps))
        part = taps_of[..., number].swapaxes(1, 2) @ given
        out[(slice(None), slice(None), *spots)] += part.reshape(x.shape[0], many * groups, *x.shape[2:])
    out = out[(Ellipsis, *(slice(first, n - last) for n, (first, last) in zip(full, pairs(padding, axes))))]
    return out + along(w["bias"], 1, out.ndim) if "bias" in w else out


def along(one: Any, axis: int, axes: int) -> Any:
    """A row of numbers laid along one axis, so that it can be added to an array of so many."""
    return one.reshape([-1 if at == axis else 1 for at in range(axes)])


def pool(x: Any, size: int, how: Any = np.max, stride: int = 0, padding: int = 0, *, ceil: bool = False) -> Any:
    """A pool over all axes behind the first two; what lies outside counts for nothing."""
    stride = stride or size
    up = math.ceil if ceil else math.floor
    axes = [range(int(up((n + 2 * padding - size) / stride)) + 1) for n in x.shape[2:]]
    spans = [
        [slice(max(0, at * stride - padding), min(n, at * stride - padding + size)) for at in places]
        for n, places in zip(x.shape[2:], axes)
    ]
    return pooled(x, spans, how)


def adaptive(x: Any, sizes: Any, how: Any = np.mean) -> Any:
    """A pool to given sizes: each place takes from its floor to its ceiling."""
    spans = [[slice(at * n // to, -(-(at + 1) * n // to)) for at in range(to)] for n, to in zip(x.shape[2:], sizes)]
    return pooled(x, spans, how)


def pooled(x: Any, spans: Any, how: Any) -> Any:
    """One number out of each window."""
    axes = tuple(range(2, x.ndim))
    out: Any = np.zeros((*x.shape[:2], *map(len, spans)))
    for place in itertools.product(*(range(len(one)) for one in spans)):
        window = x[(slice(None), slice(None), *(one[at] for one, at in zip(spans, place)))]
        out[(slice(None), slice(None), *place)] = how(window.astype("float64"), axis=axes)
    return out


def normal(x: Any, axes: Any, w: Any = (), channel: int = -1, epsilon: float = 1e-5) -> Any:
    """Mean 0 and deviation 1 over these axes, then weight and bias where there are any: along `channel`, or as they are shaped."""
    x = x.astype("float64")
    out = (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(x.var(axis=axes, keepdims=True) + epsilon)
    return scaled(out, w, channel)


def scaled(x: Any, w: Any, channel: int) -> Any:
    """Times the weight and plus the bias of a norm."""
    for name, join in (("weight", np.multiply), ("scale", np.multiply), ("bias", np.add)):
        if name in w:
            x = join(x, along(w[name], channel, x.ndim) if channel >= 0 else w[name])
    return x


def batch_norm(x: Any, w: Any, epsilon: float = 1e-5) -> Any:
    """A batch norm that was trained: by the mean and variance it keeps."""
    mean, variance = along(w["_mean"], 1, x.ndim), along(w["_variance"], 1, x.ndim)
    return scaled((x.astype("float64") - mean) / np.sqrt(variance + epsilon), w, 1)


def resize(x: Any, sizes: Any, how: str = "linear", *, corners: bool = False, halves: bool = True) -> Any:
    """Resized along every axis behind the first two, one after the other: nearest, linear or cubic.

    `corners` keeps the outermost points where they are; `halves` counts from the middle of a point (align_mode=0).
    """
    for axis, to in enumerate(sizes, 2):
        x = np.moveaxis(
            np.moveaxis(x.astype("float64"), axis, -1) @ taps(x.shape[axis], to, how, corners=corners, halves=halves),
            -1,
            axis,
        )
    return x


def taps(size: int, to: int, how: str, *, corners: bool, halves: bool) -> Any:
    """How much of each of `size` points goes into each of `to`."""
    out: Any = np.zeros((size, to))
    for at in range(to):
        if how == "nearest":
            out[at * size // to, at] = 1
            continue
        place = at * (size - 1) / (to - 1) if corners else (at + 0.5) * size / to - 0.5 if halves else at * size / to
        place = max(place, 0.0) if how == "linear" else place
        low = math.floor(place)
        for tap in range(low - 1, low + 3):
            out[min(max(tap, 0), size - 1), at] += kernel(how, abs(place - tap))
    return out


def kernel(how: str, far: float) -> float:
    """The share of a point so far away."""
    if how == "linear":
        return max(0.0, 1.0 - far)
    a = -0.75
    if far <= 1:
        return (a + 2) * far**3 - (a + 3) * far**2 + 1
    return a * far**3 - 5 * a * far**2 + 8 * a * far - 4 * a if far < 2 else 0.0  # noqa: PLR2004 - its support


def sigmoid(x: Any) -> Any:
    """Between 0 and 1."""
    return 1 / (1 + np.exp(-x))


def softmax(x: Any) -> Any:
    """Shares of one along the last axis."""
    grown = np.exp(x - x.max(axis=-1, keepdims=True))
    return grown / grown.sum(axis=-1, keepdims=True)


def attention(q: Any, k: Any, v: Any, mask: Any = 0.0) -> Any:
    """Scaled dot products over the last two axes; `mask` is added before the shares are made."""
    return softmax(q.astype("float64") @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1]) + mask) @ v


def heads(x: Any, many: int) -> Any:
    """(batch, time, width) as (batch, heads, time, width of one)."""
    return x.reshape(*x.shape[:2], many, -1).swapaxes(1, 2)


def many_heads(x: Any, w: Any, many: int) -> Any:
    """Self-attention of many heads: projections, attention, projection."""
    q, k, v = (heads(x @ w[f"{one}_proj.weight"] + w[f"{one}_proj.bias"], many) for one in "qkv")
    joined = attention(q, k, v).swapaxes(1, 2).reshape(x.shape)
    return joined @ w["out_proj.weight"] + w["out_proj.bias"]


def under(w: Any, name: str) -> Any:
    """The weights of one part of a net."""
    return {key[len(name) + 1 :]: one for key, one in w.items() if key.startswith(name + ".")}


def windows(x: Any, size: int) -> Any:
    """(batch, height, width, channels) as (windows, points of one, channels)."""
    b, h, wide, c = x.shape
    parts = x.reshape(b, h // size, size, wide // size, size, c).transpose(0, 1, 3, 2, 4, 5)
    return parts.reshape(-1, size * size, c)


def unwindows(x: Any, size: int, shape: Any) -> Any:
    """What `windows` took apart, put together again."""
    b, h, wide, c = shape
    return x.reshape(b, h // size, wide // size, size, size, c).transpose(0, 1, 3, 2, 4, 5).reshape(shape)


def cell(kind: str, x: Any, state: Any, w: Any, act: Any = np.tanh) -> Any:
    """One step of a cell: its output, and its state; gates as Paddle orders them (LSTM: i, f, c, o; GRU: r, z, c)."""
    given = x.astype("float64") @ w["weight_ih"].T + w["bias_ih"]
    kept = state[0] @ w["weight_hh"].T + w["bias_hh"]
    if kind == "simple":
        h = act(given + kept)
        return h, (h,)
    if kind == "gru":
        (r, z, c), (hr, hz, hc) = np.split(given, 3, axis=-1), np.split(kept, 3, axis=-1)
        z, c = sigmoid(z + hz), np.tanh(c + sigmoid(r + hr) * hc)
        h = (state[0] - c) * z + c
        return h, (h,)
    i, f, g, o = np.split(given + kept, 4, axis=-1)
    c = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, (h, c)


def one_way(kind: str, x: Any, w: Any, state: Any = None, act: Any = np.tanh, *, back: bool = False) -> Any:
    """A cell over time (batch, time, width), from its end where it goes back: outputs, and the last state."""
    zeros = np.zeros((x.shape[0], w["weight_hh"].shape[1]))
    state = state or (zeros, zeros)
    out: Any = np.zeros((*x.shape[:2], zeros.shape[1]))
    for at in reversed(range(x.shape[1])) if back else range(x.shape[1]):
        out[:, at], state = cell(kind, x[:, at], state, w, act)
    return out, state


def recurrent(kind: str, x: Any, w: Any, layers: int = 1, ways: int = 1, state: Any = None, act: Any = np.tanh) -> Any:
    """A recurrent net of layers and directions: outputs and the last states, in the order in which Paddle answers them."""
    last = []
    for layer in range(layers):
        outs = []
        for way in range(ways):
            end = f"_l{layer}" + ("_reverse" if way else "")
            part = {name: w[name + end] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
            out, final = one_way(kind, x, part, state, act, back=bool(way))
            outs.append(out)
            last.append(final)
        x = np.concatenate(outs, axis=-1)
    return (x, *(np.stack(one) for one in zip(*last)))


def quantised(x: Any, scale: Any) -> Any:
    """To whole numbers of 8 bits: `scale` becomes 127. Releases differ about halves, so inputs must avoid them."""
    return np.clip(np.round(x.astype("float64") / scale * 127), -128, 127)


def there_and_back(x: Any, scale: Any, top: int = 127) -> Any:
    """Quantised and back again, as nets are trained for it."""
    return np.round(np.clip(x.astype("float64"), -scale, scale) / scale * top) * scale / top


def erf(x: Any) -> Any:
    """The error function, one number after the other."""
    return np.vectorize(math.erf)(x)


def brain(x: Any) -> Any:
    """float32 as bfloat16 keeps it: the upper half, rounded to the nearest, halves to the even one."""
    bits = x.view("uint32").astype("uint64")
    return (((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16) << 16).astype("uint32").view("float32")


def spectral(x: Any, u: Any, v: Any, rounds: int) -> Any:
    """A matrix by its largest singular value, which is found in so many rounds."""
    for _ in range(rounds):
        v = x.T @ u / np.linalg.norm(x.T @ u)
        u = x @ v / np.linalg.norm(x @ v)
    return x / (u @ x @ v)


def sampled(x: Any, grid: Any) -> Any:
    """Bilinear samples at places from -1 to 1 that mean the middles of the outermost points; zeros lie outside."""
    out: Any = np.zeros((*x.shape[:2], *grid.shape[1:3]))
    for b, i, j in itertools.product(range(x.shape[0]), *map(range, grid.shape[1:3])):
        across, down = ((grid[b, i, j, at] + 1) / 2 * (x.shape[3 - at] - 1) for at in (0, 1))
        for row, column in itertools.product(range(x.shape[2]), range(x.shape[3])):
            out[b, :, i, j] += x[b, :, row, column] * max(0, 1 - abs(down - row)) * max(0, 1 - abs(across - column))
    return out


def transformer(x: Any, w: Any, many: int) -> Any:
    """One layer of an encoder: attention and two linear layers, each added to what came in, then made normal."""
    x = normal(x + many_heads(x, under(w, "self_attn"), many), 2, under(w, "norm1"))
    inside = np.maximum(x @ w["linear1.weight"] + w["linear1.bias"], 0)
    return normal(x + inside @ w["linear2.weight"] + w["linear2.bias"], 2, under(w, "norm2"))
