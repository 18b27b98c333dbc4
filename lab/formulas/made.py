"""Formulas of values that are made: of one number, of a list, of even steps, of the shape of another value."""

from collections.abc import Sequence

import numpy as np

from lab.formulas.arrays import Array, Integers, integers, one_number, roomy


def full(shape: Integers, value: Array | float = 0.0) -> Array:
    """One number everywhere."""
    return np.full(roomy(integers(shape)), one_number(value))


def full_like(x: Array, value: Array | float) -> Array:
    """One number in the shape of another value."""
    return np.full(x.shape, one_number(value))


def full_batch_size_like(
    input: Array, shape: Integers, value: Array | float = 0.0,  # noqa: A002
    input_dim_idx: int = 0, output_dim_idx: int = 0,
) -> Array:  # fmt: skip
    """One number everywhere, in as many rows as another value has."""
    wanted = list(integers(shape))
    wanted[output_dim_idx] = input.shape[input_dim_idx]
    return full(wanted, value)


def full_int_array(value: Integers) -> Array:
    """The numbers themselves."""
    return np.asarray(integers(value), np.int64)


def arange(start: Array, end: Array, step: Array) -> Array:
    """Numbers at even steps."""
    first, last, by = (np.asarray(one).reshape(-1)[0] for one in (start, end, step))
    roomy((max(0, int(np.ceil((last - first) / by))),))
    return np.arange(first, last, by)


def shape64(x: Array) -> Array:
    """The lengths of its axes."""
    return np.asarray(x.shape, np.int64)


def numel(x: Array) -> Array:
    """How many elements there are."""
    return np.asarray(x.size, np.int64)


def meshgrid(inputs: Sequence[Array]) -> list[Array]:
    """Axes as grids."""
    roomy([one.size for one in inputs])
    return list(np.meshgrid(*inputs, indexing="ij"))


def assign_value(_: object, shape: Integers, values: Sequence[float]) -> Array:
    """The numbers themselves, in a shape; the first operand is only where they are put."""
    return np.asarray(values).reshape(integers(shape))
