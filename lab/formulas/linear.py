"""Formulas of products: matrices, and what is made of them."""

from collections.abc import Sequence

import numpy as np

from lab.formulas.arrays import Array, NoFormulaError, bearable, roomy


def matmul(x: Array, y: Array, *, transpose_x: bool = False, transpose_y: bool = False, alpha: float = 1.0) -> Array:
    """The product of matrices; a vector is a row on the left, a column on the right."""
    left = np.swapaxes(x, -1, -2) if transpose_x and x.ndim > 1 else x
    right = np.swapaxes(y, -1, -2) if transpose_y and y.ndim > 1 else y
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    rows = left.shape[-2] if left.ndim > 1 else 1
    columns = right.shape[-1] if right.ndim > 1 else 1
    bearable(int(np.prod(roomy((*batch, rows, columns)), dtype=np.int64)) * left.shape[-1])
    return np.asarray(alpha * np.matmul(left, right) if alpha != 1 else np.matmul(left, right))


def bmm(x: Array, y: Array) -> Array:
    """The product of many matrices."""
    return matmul(x, y)


def mul(x: Array, y: Array, x_num_col_dims: int = 1, y_num_col_dims: int = 1) -> Array:
    """The product of two tensors taken as matrices, as old programs write a linear layer."""
    left = x.reshape(int(np.prod(x.shape[:x_num_col_dims])), -1)
    right = y.reshape(int(np.prod(y.shape[:y_num_col_dims])), -1)
    return matmul(left, right).reshape(*x.shape[:x_num_col_dims], *y.shape[y_num_col_dims:])


def addmm(input: Array, x: Array, y: Array, beta: float = 1.0, alpha: float = 1.0) -> Array:  # noqa: A002
    """A product added to something."""
    return beta * input + alpha * matmul(x, y)


def dot(x: Array, y: Array) -> Array:
    """The sum of products along the last axis."""
    return np.asarray((x * y).sum(axis=-1))


def kron(x: Array, y: Array) -> Array:
    """Every product of two."""
    roomy((x.size, y.size))
    return np.kron(x, y)


def cross(x: Array, y: Array, axis: int = 9) -> Array:
    """The vector at a right angle."""
    if axis == 9:  # noqa: PLR2004 - Paddle's word for "the first of length 3"
        raise NoFormulaError("does not say its axis")
    return np.cross(x, y, axis=axis)


def einsum(operands: Sequence[Array], equation: str) -> Array:
    """Einstein's sum of two tensors."""
    lengths = {
        letter: length
        for letters, one in zip(equation.split("->", maxsplit=1)[0].replace(" ", "").split(","), operands, strict=True)
        for letter, length in zip(letters, one.shape, strict=True)
    }
    bearable(int(np.prod(list(lengths.values()), dtype=np.float64)))
    return np.asarray(np.einsum(equation, *operands))


def bilinear(x: Array, y: Array, weight: Array, bias: Array | None = None) -> Array:
    """A form of two vectors."""
    bearable(len(x) * weight.size)
    found = np.einsum("bi,kij,bj->bk", x, weight, y)
    return np.asarray(found if bias is None else found + bias)
