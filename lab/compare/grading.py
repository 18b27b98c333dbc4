"""From what was measured of an output to its grade, and to whether that grade shows anything."""

import math
from dataclasses import dataclass

from lab.compare.arrays import StoredArray
from lab.compare.metrics import Total
from lab.compare.scale import ENOUGH, blank, largest, smallest
from lab.compare.shade import in_shade
from lab.compare.tolerance import Tiers
from lab.model import Grade


@dataclass(frozen=True, kw_only=True)
class MeasuredOutput:
    """An output's total under the bounds in force, beside the table's; `size` is the magnitude that bounded them (0: not looked for)."""

    total: Total
    table: Tiers
    tiers: Tiers
    size: float


@dataclass(frozen=True, kw_only=True)
class Said:
    """What is said of an output: as in a `Diff`; `share` of its elements are why, where no bound of an element is."""

    grade: Grade
    reason: str = ""
    blank: str = ""
    share: float = 0.0


def graded(expected: StoredArray, seen: StoredArray, measured: MeasuredOutput) -> Said:
    """Grade an output that has elements.

    What differs although the reference has no number in full cannot be judged, unless it is further away than even
    numbers around 1 may be: the size of such errors has nothing to be held against.
    """
    grade, reason = measured.total.grade()
    if grade is Grade.EXACT:
        return Said(grade=grade, blank=blank(expected))
    if reason in ("nan", "inf"):
        return Said(grade=grade, reason=reason)
    if measured.tiers.reason:
        return Said(grade=grade, reason=reason, blank=_covered(expected, seen, measured) if grade.agrees else "")
    if measured.size < smallest(expected.kind) and 0 < measured.total.absolute.value <= measured.table.close.atol:
        return Said(grade=Grade.UNDECIDED, blank=_without_size(expected, measured))
    if grade is Grade.CLOSE:
        return _close(expected, seen, measured)
    return Said(grade=grade, reason=reason)


def _close(expected: StoredArray, seen: StoredArray, measured: MeasuredOutput) -> Said:
    size = min(measured.size, ENOUGH)
    found = in_shade(expected, seen, measured.tiers.close.atol, size)
    if found is None:
        return Said(grade=Grade.CLOSE, blank=blank(expected))
    grade, share = found
    if grade is Grade.MISMATCH:
        return Said(grade=grade, reason="values", share=share)
    why = f"most elements differ by as much as they are large, too little to be told from rounding at {size:.3g}"
    return Said(grade=grade, blank=why, share=share)


def _without_size(expected: StoredArray, measured: MeasuredOutput) -> str:
    few = (
        f"no element of the reference is a normal number of {expected.kind}"
        if measured.size
        else "the reference is zero"
    )
    return f"{few}, so nothing says whether an error of {measured.total.absolute.value:.3g} is large"


def _covered(expected: StoredArray, seen: StoredArray, measured: MeasuredOutput) -> str:
    """Whether the scenario's own bound would have passed any number of this size, zero included."""
    atol = measured.tiers.close.atol
    beyond = math.nextafter(atol, math.inf)
    if max(largest(side, above=beyond) for side in (expected, seen)) >= beyond:
        return blank(expected)
    return f"the scenario's own tolerance ({atol:g}) is wider than every number"
