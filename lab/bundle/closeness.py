"""Whether outputs are as a bundle claims them: the lab's own rules in few lines, on whole arrays; the standard library and numpy.

An element passes if |a-b| <= atol + rtol*|b|, b the saver's. The atol of the table is for numbers around 1: where all of an
output lies below that, it shrinks with the largest element. An output that shows nothing is neither alike nor different.
"""

from __future__ import annotations

from typing import Any

# (rtol, atol) of the close tier by dtype; what is not here must be equal. An output's own tolerance stands in results.json.
CLOSE = {
    "float64": (1e-7, 1e-7),
    "complex128": (1e-7, 1e-7),
    "float32": (1.3e-6, 1e-5),
    "complex64": (1.3e-6, 1e-5),
    "float16": (1e-3, 1e-3),
}
# A crowd in the shade of the largest element: so many, off by so much of themselves, by more than so many roundings.
FEW, FAR, ROUNDINGS = 8, 0.4, 4


def compared(numpy: Any, expected: dict[str, Any], seen: dict[str, Any], diffs: list[dict[str, Any]]) -> dict[str, Any]:
    """Compare outputs with the saver's: differs, undecided or ok, and every output that is why."""
    own = {diff["output"]: (diff["rtol"], diff["atol"]) for diff in diffs if diff["overridden"]}
    found: dict[str, list[str]] = {"differs": [], "undecided": [], "blank": [], "ok": []}
    for name in {**expected, **seen}:
        if name not in expected or name not in seen:
            kind, why = "differs", "only on one side"
        else:
            kind, why = told(numpy, expected[name], numpy.asarray(seen[name]), own.get(name))
        found[kind].append(f"{name}: {why}")
    if found["differs"]:
        return {"kind": "differs", "text": "; ".join(found["differs"])}
    if found["undecided"] or not found["ok"]:
        return {"kind": "undecided", "text": "; ".join(found["undecided"] + found["blank"])}
    return {"kind": "ok", "text": ""}


def told(numpy: Any, expected: Any, seen: Any, own: tuple[float, float] | None) -> tuple[str, str]:
    """(differs, undecided, blank or ok, why) of two arrays: shape, dtype, NaN, Inf, values, in this order."""
    if expected.shape != seen.shape or expected.dtype != seen.dtype:
        return "differs", f"{seen.dtype} {list(seen.shape)} instead of {expected.dtype} {list(expected.shape)}"
    if expected.dtype.kind not in "fciub":
        return ("ok", "") if (expected == seen).all() else ("differs", "values")
    kind = numpy.complex128 if expected.dtype.kind == "c" else numpy.float64
    with numpy.errstate(all="ignore"):
        a, b = seen.astype(kind).ravel(), expected.astype(kind).ravel()
        if expected.tobytes() == seen.tobytes():
            return blank(numpy, b, expected.dtype)
        if (numpy.isnan(a) != numpy.isnan(b)).any():
            return "differs", "NaN on one side"
        if ((numpy.isinf(a) | numpy.isinf(b)) & (a != b) & ~numpy.isnan(b)).any():
            return "differs", "Inf on one side"
        return unequal(numpy, a, b, expected, own)


def unequal(numpy: Any, a: Any, b: Any, expected: Any, own: tuple[float, float] | None) -> tuple[str, str]:
    """The same of two arrays that differ in a byte, and have NaN and Inf in the same places."""
    size = numpy.abs(b)
    largest = float(size[numpy.isfinite(size)].max(initial=0))
    rtol, most = own or CLOSE.get(str(expected.dtype), (0.0, 0.0))
    atol = most if own else most * min(1.0, largest)
    same = (a == b) | numpy.isnan(b)
    gap = numpy.where(same, 0.0, numpy.abs(a - b))
    if not own and largest < smallest(numpy, expected.dtype) and 0 < gap.max() <= most:
        return "undecided", f"nothing says whether an error of {gap.max()} is large"
    good = same | (gap <= atol + rtol * size)
    if not good.all():
        return "differs", f"values, by up to {gap[~good].max()}"
    if own and max(largest, float(numpy.abs(a)[numpy.isfinite(a)].max(initial=0))) <= atol:
        return "blank", f"the scenario's own tolerance ({atol}) is wider than every number"
    return (None if own else shaded(numpy, size, gap, atol, expected.dtype)) or blank(numpy, b, expected.dtype)


def shaded(numpy: Any, size: Any, gap: Any, atol: float, dtype: Any) -> tuple[str, str] | None:
    """What atol hides where most elements lie below it, and are not what they should be; None where that is not so."""
    usable = numpy.isfinite(size) & numpy.isfinite(gap)
    small = usable & (size > 0) & (size <= atol)
    if small.sum() < FEW or 2 * small.sum() <= (size[usable] > 0).sum():
        return None
    wrong, right = (numpy.sqrt(numpy.mean(numpy.square(one[small] / size[small].max()))) for one in (gap, size))
    if wrong <= FAR * right:
        return None
    rounding = ROUNDINGS * numpy.finfo(dtype).eps / 2 * min(1.0, float(size[usable].max()))
    why = "most elements differ by as much as they are large"
    return ("differs" if wrong * size[small].max() > rounding else "undecided"), why


def smallest(numpy: Any, dtype: Any) -> float:
    """The smallest normal number of a float dtype; 0 of any other."""
    return float(numpy.finfo(dtype).tiny) if dtype.kind in "fc" else 0.0


def blank(numpy: Any, b: Any, dtype: Any) -> tuple[str, str]:
    """Ok, or why equality with this array shows nothing."""
    size = numpy.abs(b)
    if not b.size:
        return "blank", "it has no element"
    if not numpy.isfinite(b).any():
        return "blank", "no element is a finite number"
    if dtype.kind in "fc" and size[numpy.isfinite(size)].max(initial=0) < smallest(numpy, dtype):
        return "blank", "no element is a normal number"
    return ("blank", "every element is the same") if b.size > 1 and (b == b[0]).all() else ("ok", "")
