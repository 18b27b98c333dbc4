"""Formulas of quantised nets: to whole numbers of few bits, and back."""

import numpy as np

from lab.formulas.arrays import Array, NoFormulaError


def _wide(scale: Array, x: Array, quant_axis: int) -> Array:
    """One scale for all, or one for each place of an axis."""
    if scale.size == 1:
        return scale.reshape(())
    if not -x.ndim <= quant_axis < x.ndim or quant_axis == -1:
        raise NoFormulaError("has many scales, and no axis for them")
    return scale.reshape([-1 if at == quant_axis % x.ndim else 1 for at in range(x.ndim)])


def _plain(zero_point: Array | None, *, is_test: bool, only_observer: bool) -> None:
    if not is_test or only_observer or (zero_point is not None and zero_point.any()):
        raise NoFormulaError("observes, is in training, or has a zero of its own")


def quantize_linear(
    x: Array, scale: Array, zero_point: Array | None = None, *_: object, quant_axis: int = 0, bit_length: int = 8,
    round_type: int = 0, is_test: bool = True, only_observer: bool = False,
) -> tuple[Array]:  # fmt: skip
    """To whole numbers; in float32, as the kernel has it, because a half that falls to the other side is a whole step."""
    _plain(zero_point, is_test=is_test, only_observer=only_observer)
    most = np.float32(2 ** (bit_length - 1) - 1)
    width = _wide(scale.astype(np.float32), x, quant_axis)
    if not (width > 0).all():
        raise NoFormulaError("has a scale of zero")
    values = x.astype(np.float32)
    if round_type == 0:
        found = np.clip(np.rint(most * (np.float32(1) / width) * values), -most - 1, most)
    else:
        steps = most * (np.float32(1) / width) * np.clip(values, -width, width)
        found = np.trunc(steps + np.copysign(np.float32(0.5), steps))
    return (found.astype(np.float64),)


def dequantize_linear(
    x: Array, scale: Array, zero_point: Array | None = None, *_: object, quant_axis: int = 0, bit_length: int = 8,
    is_test: bool = True, only_observer: bool = False,
) -> tuple[Array]:  # fmt: skip
    """And back."""
    _plain(zero_point, is_test=is_test, only_observer=only_observer)
    return (x * _wide(scale, x, quant_axis) / (2 ** (bit_length - 1) - 1),)
