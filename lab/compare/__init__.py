"""Two sets of outputs to Diffs: what differs, by how much, and whether that is exact, close, a drift or a mismatch.

The rule is `|a-b| <= atol + rtol*|b|` in float64 with b the reference, never broadcast, checked in this order: presence,
shape, dtype, NaN and Inf, values. Outputs are read in pieces, so memory does not grow with them.
"""

from lab.compare.arrays import Outputs, OutputsFile, StoredArray, UnreadableOutputsError
from lab.compare.outputs import compare
from lab.compare.planted import selftest
from lab.compare.tolerance import TABLE, Tier, Tiers

__all__ = [
    "TABLE",
    "Outputs",
    "OutputsFile",
    "StoredArray",
    "Tier",
    "Tiers",
    "UnreadableOutputsError",
    "compare",
    "selftest",
]
