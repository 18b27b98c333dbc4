"""Formulas that take elements by themselves: arithmetic, comparisons, rounding, functions of one number."""

import numpy as np

from lab.formulas.arrays import Array, NoFormulaError, together


def add(x: Array, y: Array, axis: int = -1) -> Array:
    """Add with broadcasting; an old program may say from which axis on y lies along x."""
    left, right = _along(x, y, axis)
    return left + right


def subtract(x: Array, y: Array, axis: int = -1) -> Array:
    """Subtract."""
    left, right = _along(x, y, axis)
    return left - right


def multiply(x: Array, y: Array, axis: int = -1) -> Array:
    """Multiply."""
    left, right = _along(x, y, axis)
    return left * right


def divide(x: Array, y: Array, axis: int = -1) -> Array:
    """Divide, numbers with a fraction only: whole ones are divided otherwise in each release."""
    left, right = _along(x, y, axis)
    if left.dtype.kind not in "fc":
        raise NoFormulaError("divides whole numbers")
    return left / right


def maximum(x: Array, y: Array, axis: int = -1) -> Array:
    """The larger one, of numbers."""
    return np.maximum(*_comparable(x, y, axis))


def minimum(x: Array, y: Array, axis: int = -1) -> Array:
    """The smaller one, of numbers."""
    return np.minimum(*_comparable(x, y, axis))


def fmax(x: Array, y: Array, axis: int = -1) -> Array:
    """The larger one that is a number."""
    return np.fmax(*_along(x, y, axis))


def remainder(x: Array, y: Array, axis: int = -1) -> Array:
    """The remainder with the sign of y."""
    return np.mod(*_divisible(x, y, axis))


def floor_divide(x: Array, y: Array, axis: int = -1) -> Array:
    """The quotient, rounded down."""
    return np.floor_divide(*_divisible(x, y, axis))


def elementwise_pow(x: Array, y: Array, axis: int = -1) -> Array:
    """The power of two tensors."""
    return np.power(*_along(x, y, axis))


def _along(x: Array, y: Array, axis: int) -> tuple[Array, Array]:
    """Both sides in one shape: y lies along x from `axis` on, where that is said and they do not end together."""
    if axis != -1 and x.ndim > y.ndim and axis + y.ndim != x.ndim:
        y = y.reshape(*y.shape, *(1,) * (x.ndim - axis - y.ndim))
    left, right = together(x, y)
    return left, right


def _comparable(x: Array, y: Array, axis: int) -> tuple[Array, Array]:
    """Two without NaN, of which releases say different things."""
    if np.isnan(x).any() or np.isnan(y).any():
        raise NoFormulaError("compares what is no number")
    return _along(x, y, axis)


def _divisible(x: Array, y: Array, axis: int) -> tuple[Array, Array]:
    left, right = _along(x, y, axis)
    if right.dtype.kind in "iu" and not right.all():
        raise NoFormulaError("divides a whole number by zero")
    return left, right


def equal(x: Array, y: Array) -> Array:
    """Whether two are equal."""
    return np.equal(*together(x, y))


def not_equal(x: Array, y: Array) -> Array:
    """Whether two differ."""
    return np.not_equal(*together(x, y))


def less_than(x: Array, y: Array) -> Array:
    """Whether the first is smaller."""
    return np.less(*together(x, y))


def less_equal(x: Array, y: Array) -> Array:
    """Whether the first is not larger."""
    return np.less_equal(*together(x, y))


def greater_than(x: Array, y: Array) -> Array:
    """Whether the first is larger."""
    return np.greater(*together(x, y))


def greater_equal(x: Array, y: Array) -> Array:
    """Whether the first is not smaller."""
    return np.greater_equal(*together(x, y))


def logical_and(x: Array, y: Array) -> Array:
    """Both."""
    return np.logical_and(*together(x, y))


def logical_or(x: Array, y: Array) -> Array:
    """Either."""
    return np.logical_or(*together(x, y))


def bitwise_and(x: Array, y: Array) -> Array:
    """Both bits."""
    return np.bitwise_and(*together(x, y))


def bitwise_or(x: Array, y: Array) -> Array:
    """Either bit."""
    return np.bitwise_or(*together(x, y))


def bitwise_xor(x: Array, y: Array) -> Array:
    """One bit and not the other."""
    return np.bitwise_xor(*together(x, y))


def scale(x: Array, scale: Array | float = 1.0, bias: Array | float = 0.0, *, bias_after_scale: bool = True) -> Array:
    """Multiply by a number and add another, in either order; whole numbers with whole ones."""
    factor, shift = (np.asarray(one).reshape(-1)[0] for one in (scale, bias))
    if x.dtype.kind in "iu":
        if factor != int(factor) or shift != int(shift):
            raise NoFormulaError("scales whole numbers by a fraction")
        factor, shift = x.dtype.type(int(factor)), x.dtype.type(int(shift))
    return np.asarray(x * factor + shift if bias_after_scale else (x + shift) * factor)


def pow(x: Array, y: Array | float = 1.0) -> Array:  # noqa: A001 - Paddle's own name
    """The power with one exponent."""
    exponent = np.asarray(y).reshape(-1)[0]
    if x.dtype.kind in "iu":
        if exponent != int(exponent) or exponent < 0:
            raise NoFormulaError("raises whole numbers to a fraction")
        exponent = x.dtype.type(int(exponent))
    return np.asarray(np.power(x, exponent))


def clip(x: Array, min: Array | float, max: Array | float) -> Array:  # noqa: A002 - Paddle's own names
    """Cut at both ends."""
    low, high = (np.asarray(one).reshape(-1)[0] for one in (min, max))
    return np.asarray(np.minimum(np.maximum(x, low), high).astype(x.dtype))


def rsqrt(x: Array) -> Array:
    """One over the square root."""
    return 1 / np.sqrt(x)


def round(x: Array, decimals: int = 0) -> Array:  # noqa: A001 - Paddle's own name
    """To the nearest; halves go where releases differ, so they are not judged."""
    if decimals or (np.abs(x % 1) == 0.5).any():  # noqa: PLR2004
        raise NoFormulaError("rounds halves, or to decimals")
    return np.round(x)


def where(condition: Array, x: Array, y: Array) -> Array:
    """One or the other, element by element."""
    return np.where(*together(condition, x, y))


def lerp(x: Array, y: Array, weight: Array) -> Array:
    """A part of the way from one to the other."""
    left, right, share = together(x, y, weight)
    return np.asarray(left + share * (right - left))


def assign(x: Array) -> Array:
    """The same again."""
    return x


def square(x: Array) -> Array:
    """The number times itself."""
    return x * x


def dropout(x: Array, *_: object, p: float = 0.0, mode: str = "upscale_in_train", is_test: bool = False) -> Array:
    """Dropout that is not training: the same again, or scaled down where it was not scaled up in training."""
    if not is_test:
        raise NoFormulaError("is in training")
    if mode == "upscale_in_train":
        return x
    share = float(np.asarray(_[1]).reshape(-1)[0]) if len(_) > 1 and _[1] is not None else p
    return x * (1 - share)


def sum_of(*tensors: Array) -> Array:
    """Add several tensors up."""
    total = tensors[0]
    for one in tensors[1:]:
        total = add(total, one)
    return total


PLAIN = {
    "abs": np.abs, "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "log2": np.log2,
    "log10": np.log10, "sqrt": np.sqrt, "floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "sign": np.sign,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "reciprocal": np.reciprocal, "isnan": np.isnan,
    "isinf": np.isinf, "isfinite": np.isfinite, "logical_not": np.logical_not, "bitwise_not": np.invert,
    "atan2": np.arctan2,
}  # fmt: skip
"""Functions that numpy has as they are."""
