"""The tolerances of each dtype: how far two numbers may be apart and still be called close, or a drift."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lab.model import Tolerance


@dataclass(frozen=True, kw_only=True)
class Tier:
    """One pair of bounds: |a-b| <= atol + rtol*|b|, b the reference."""

    rtol: float
    atol: float

    def scaled(self, largest: float) -> "Tier":
        """The bounds for an output whose largest element is `largest` in magnitude, never wider than they are.

        The table's `atol` are the defaults of torch.testing.assert_close, made for numbers around 1: there they are a
        bound on the normwise error max|a-b| / max|b|, the measure of LAPACK's test ratios and of its users' guide ("How
        to Measure Errors"). An output that lies below 1 as a whole gets that same bound: atol * max|b|. So what an
        output's size hides is the same at every size, and a number that is halved or doubled is never close by atol
        alone unless it is lost beside larger ones. Above 1 `atol` stays absolute, so that one large number (a mask of
        -1e9, a coordinate beside probabilities) does not hide what is wrong with the others.
        """
        return replace(self, atol=self.atol * min(1.0, largest))


@dataclass(frozen=True, kw_only=True)
class Tiers:
    """What is close and what is still a drift, for one output; `reason` is the scenario's where it says otherwise."""

    close: Tier
    loose: Tier
    reason: str = ""

    def scaled(self, largest: float) -> "Tiers":
        """The bounds for an output of this magnitude; what the scenario itself states is taken at its word."""
        close = self.close if self.reason else self.close.scaled(largest)
        return replace(self, close=close, loose=self.loose.scaled(largest))


_EQUAL = Tiers(close=Tier(rtol=0, atol=0), loose=Tier(rtol=0, atol=0))
_FLOAT64 = Tiers(close=Tier(rtol=1e-7, atol=1e-7), loose=Tier(rtol=1e-5, atol=1e-8))
_FLOAT32 = Tiers(close=Tier(rtol=1.3e-6, atol=1e-5), loose=Tier(rtol=1e-3, atol=1e-5))

TABLE: Mapping[str, Tiers] = {
    "float64": _FLOAT64,
    "complex128": _FLOAT64,
    "float32": _FLOAT32,
    "complex64": _FLOAT32,
    "float16": Tiers(close=Tier(rtol=1e-3, atol=1e-3), loose=Tier(rtol=1e-2, atol=1e-2)),
    "bfloat16": Tiers(close=Tier(rtol=1.6e-2, atol=1e-2), loose=Tier(rtol=3e-2, atol=3e-2)),
}
"""Tiers by dtype name; whatever is not here (integers, booleans, text) must be equal. docs/guide.md shows this table to users."""


def tiers(kind: str, output: str, overrides: Sequence[Tolerance]) -> Tiers:
    """Choose the bounds for one output: the scenario's own for close where it states some, else the table's.

    What is still a drift stays as the table says; an element that is close is never outside it.
    """
    table = TABLE.get(kind, _EQUAL)
    for own in overrides:
        if own.output == output:
            return Tiers(close=Tier(rtol=own.rtol, atol=own.atol), loose=table.loose, reason=own.reason)
    return table
