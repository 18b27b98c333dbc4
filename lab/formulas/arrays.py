"""What all formulas share: arrays, axes, sizes that come as numbers or as tensors, and the limits of one value."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Integers = Array | Sequence[Any] | int
"""Sizes, axes: a tensor, a list of numbers or of tensors, or one number."""

MOST_INTEGERS = 1 << 20
"""Numbers of one list of sizes, axes or indices."""
LARGEST = 1 << 27
"""Elements of one value: a GiB of float64."""
MOST_WORK = 1 << 36
"""Products of one operator: some ten seconds of a core."""


class NoFormulaError(Exception):
    """Nothing here computes an operator as it is used; `why` follows its name in a sentence."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def integers(value: Integers) -> tuple[int, ...]:
    """Whole numbers in order, however they are given."""
    if isinstance(value, str):
        raise NoFormulaError(f"has the text {value[:40]!r} for a number")
    if isinstance(value, (int, np.integer)):
        return (int(value),)
    several = value.reshape(-1) if isinstance(value, np.ndarray) else value
    if len(several) > MOST_INTEGERS:
        raise NoFormulaError(f"has a list of {len(several):,} sizes")
    if isinstance(value, np.ndarray):
        return tuple(int(one) for one in several)
    return tuple(number for one in value for number in integers(one))


def one_integer(value: Integers) -> int:
    """A single whole number."""
    (found,) = integers(value)
    return found


def one_number(value: Array | float | str) -> Any:
    """A single number, the first of several; one that is written as a text is the number it says."""
    return np.asarray(float(value) if isinstance(value, str) else value).reshape(-1)[0]


def axes(value: Integers, rank: int) -> tuple[int, ...]:
    """Axes counted from the front; all of them where none is named."""
    found = integers(value) or tuple(range(rank))
    if any(not -rank <= one < rank for one in found):
        raise NoFormulaError(f"has an axis of {list(found)} that {rank} dimensions lack")
    return tuple(sorted({one % rank for one in found}))


def axis_of(value: Integers, rank: int) -> int:
    """One axis counted from the front."""
    (found,) = axes(one_integer(value), rank)
    return found


def roomy(shape: Sequence[int]) -> tuple[int, ...]:
    """A shape that is about to be made, where it may be.

    A length of 0 counts as 1: the value is empty, and what is made of it along its other axes is not.
    """
    if any(length < 0 for length in shape) or math.prod(max(1, length) for length in shape) > LARGEST:
        raise NoFormulaError(f"would make a value of the shape {list(shape)}")
    return tuple(shape)


def bearable(work: int) -> None:
    """Refuse an operator that takes too long."""
    if work > MOST_WORK:
        raise NoFormulaError(f"would take {work:,} products")


def together(*arrays: Array) -> list[Array]:
    """Arrays broadcast against each other, where the result has room."""
    shape = roomy(np.broadcast_shapes(*(one.shape for one in arrays)))
    return [np.broadcast_to(one, shape) for one in arrays]


def spatial(data_format: str, rank: int) -> bool:
    """Whether the channels lie behind all lengths; NoFormulaError for an order that nobody knows."""
    first = {"NCHW", "NCDHW", "NCL", "NCW", "AnyLayout", "NC", "Undefined(0)"}
    last = {"NHWC", "NDHWC", "NLC", "NWC"}
    if data_format not in first | last or rank < 2:  # noqa: PLR2004 - batch and channels
        raise NoFormulaError(f"has the layout {data_format!r}")
    return data_format in last
