"""Formulas that make fewer numbers of many: sums, means, extremes, where they are, running sums."""

import numpy as np

from lab.formulas.arrays import Array, Integers, NoFormulaError, axes, axis_of, one_integer


def _over(x: Array, axis: Integers, *, reduce_all: bool) -> tuple[int, ...]:
    return axes((), x.ndim) if reduce_all else axes(axis, x.ndim)


def mean(x: Array, axis: Integers = (), *, keepdim: bool = False, reduce_all: bool = False) -> Array:
    """The mean."""
    return np.asarray(x.mean(axis=_over(x, axis, reduce_all=reduce_all), keepdims=keepdim))


def sum(x: Array, axis: Integers = (), *, keepdim: bool = False, reduce_all: bool = False) -> Array:  # noqa: A001
    """The sum."""
    return np.asarray(x.sum(axis=_over(x, axis, reduce_all=reduce_all), keepdims=keepdim))


def prod(x: Array, axis: Integers = (), *, keepdim: bool = False, reduce_all: bool = False) -> Array:
    """The product."""
    return np.asarray(x.prod(axis=_over(x, axis, reduce_all=reduce_all), keepdims=keepdim))


def max(x: Array, axis: Integers = (), *, keepdim: bool = False, reduce_all: bool = False) -> Array:  # noqa: A001
    """The largest."""
    return np.asarray(x.max(axis=_over(x, axis, reduce_all=reduce_all), keepdims=keepdim))


def min(x: Array, axis: Integers = (), *, keepdim: bool = False, reduce_all: bool = False) -> Array:  # noqa: A001
    """The smallest."""
    return np.asarray(x.min(axis=_over(x, axis, reduce_all=reduce_all), keepdims=keepdim))


def all(x: Array, axis: Integers = (), *, keepdim: bool = False, reduce_all: bool = False) -> Array:  # noqa: A001
    """Whether all are true."""
    return np.asarray(x.all(axis=_over(x, axis, reduce_all=reduce_all), keepdims=keepdim))


def any(x: Array, axis: Integers = (), *, keepdim: bool = False, reduce_all: bool = False) -> Array:  # noqa: A001
    """Whether any is true."""
    return np.asarray(x.any(axis=_over(x, axis, reduce_all=reduce_all), keepdims=keepdim))


def logsumexp(x: Array, axis: Integers = (), *, keepdim: bool = False, reduce_all: bool = False) -> Array:
    """The logarithm of the sum of exponentials."""
    over = _over(x, axis, reduce_all=reduce_all)
    top = x.max(axis=over, keepdims=True)
    found = np.log(np.exp(x - top).sum(axis=over, keepdims=True)) + top
    return np.asarray(found if keepdim else np.squeeze(found, axis=over))


def p_norm(
    x: Array, porder: float = 2.0, axis: int = -1, *, keepdim: bool = False,
    asvector: bool = False,
) -> Array:  # fmt: skip
    """The p-norm along one axis."""
    over = axes((), x.ndim) if asvector else (axis_of(axis, x.ndim),)
    size = np.abs(x)
    if porder == 0:
        return np.asarray((x != 0).sum(axis=over, keepdims=keepdim).astype(x.dtype))
    if np.isinf(porder):
        return np.asarray((size.max if porder > 0 else size.min)(axis=over, keepdims=keepdim))
    return np.asarray((size**porder).sum(axis=over, keepdims=keepdim) ** (1 / porder))


def argmax(
    x: Array, axis: Integers = 0, *, keepdims: bool = False, flatten: bool = False
) -> Array:  # fmt: skip
    """Where the largest is, the first of equals."""
    return _where_best(np.argmax, x, axis, keepdims=keepdims, flatten=flatten)


def argmin(
    x: Array, axis: Integers = 0, *, keepdims: bool = False, flatten: bool = False
) -> Array:  # fmt: skip
    """Where the smallest is, the first of equals."""
    return _where_best(np.argmin, x, axis, keepdims=keepdims, flatten=flatten)


def _where_best(rule: object, x: Array, axis: Integers, *, keepdims: bool, flatten: bool) -> Array:
    best = np.argmax if rule is np.argmax else np.argmin
    if flatten:
        found = np.asarray(best(x.reshape(-1)))
        return found.reshape((1,) * x.ndim) if keepdims else found
    return np.asarray(best(x, axis=axis_of(axis, x.ndim), keepdims=keepdims))


def cumsum(
    x: Array, axis: Integers = -1, *, flatten: bool = False, exclusive: bool = False, reverse: bool = False
) -> Array:  # fmt: skip
    """Running sums."""
    if flatten:
        x, axis = x.reshape(-1), 0
    at = axis_of(axis, x.ndim)
    turned = np.flip(x, at) if reverse else x
    found = turned.cumsum(axis=at)
    if exclusive:
        found = found - turned
    return np.asarray(np.flip(found, at) if reverse else found)


def cumprod(x: Array, dim: int, *, exclusive: bool = False, reverse: bool = False) -> Array:
    """Running products."""
    if exclusive or reverse:
        raise NoFormulaError("goes backwards, or leaves its own element out")
    return np.asarray(x.cumprod(axis=axis_of(dim, x.ndim)))


def topk(
    x: Array, k: Integers, axis: int = -1, *, largest: bool = True
) -> tuple[Array, Array]:  # fmt: skip
    """The k largest or smallest and where they are; equals are not judged, as their order is nobody's."""
    at = axis_of(axis, x.ndim)
    order = _order(-x if largest else x, at)
    kept = np.take(order, np.arange(one_integer(k)), axis=at)
    return np.take_along_axis(x, kept, at), kept


def argsort(x: Array, axis: int = -1, *, descending: bool = False) -> tuple[Array, Array]:
    """In order, and where each was."""
    at = axis_of(axis, x.ndim)
    order = _order(-x if descending else x, at)
    return np.take_along_axis(x, order, at), order


def _order(x: Array, axis: int) -> Array:
    found = np.argsort(x, axis=axis, kind="stable")
    told = np.take_along_axis(x, found, axis)
    if x.dtype.kind in "ub" or (np.diff(told, axis=axis) == 0).any():
        raise NoFormulaError("orders equal numbers")
    return found
