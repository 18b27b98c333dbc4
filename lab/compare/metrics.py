"""Pieces added up, in order, to the metrics of one output and to its grade."""

import math
from collections.abc import Iterable, Iterator

import numpy as np

from lab.compare.gap import Peak, PeaksSoFar, Values
from lab.compare.piece import Piece
from lab.compare.rows import Agreement
from lab.model import Grade, Metrics

SAMPLED = 1 << 20
"""Up to this many elements quantiles are exact; above it they are those of about so many elements, evenly spread."""

_QUANTILES = (0.5, 0.99, 0.999)


class Total:
    """The sum of all pieces of one output; what it holds does not grow with the output beyond a few megabytes."""

    def __init__(self) -> None:
        self.equal = True
        self._nan, self._inf = (0, 0), (0, 0)
        self._nan_differ = self._inf_differ = self._close = self._loose = self._ulp = 0
        self.odd = -1
        self.absolute, self.relative = Peak(), Peak()
        self._from_zero = False
        self._sums: list[tuple[Values, Values, Values]] = []
        self._samples: list[Values] = []
        self._rows: Agreement | None = None

    def add(self, piece: Piece) -> None:
        """Take the next piece; the order decides which of two equal peaks is named."""
        odd, gap = piece.odd, piece.gap
        self.equal &= piece.equal
        self._nan = (self._nan[0] + odd.nan[0], self._nan[1] + odd.nan[1])
        self._inf = (self._inf[0] + odd.inf[0], self._inf[1] + odd.inf[1])
        self._nan_differ += odd.nan_differ
        self._inf_differ += odd.inf_differ
        self.odd = odd.first if self.odd < 0 else self.odd
        self._close += gap.outside_close
        self._loose += gap.outside_loose
        self._ulp = max(self._ulp, gap.ulp)
        self.absolute = max(self.absolute, gap.absolute, key=_value)
        self.relative = max(self.relative, gap.relative, key=_value)
        self._from_zero |= gap.from_zero
        self._sums.append(piece.sums)
        self._samples.append(piece.sample)
        if piece.rows is not None:
            self._rows = self._rows or Agreement()
            self._rows.add(piece.rows)

    def known(self) -> PeaksSoFar:
        """The largest values so far: what stays below them need not be looked for exactly."""
        return PeaksSoFar(absolute=self.absolute.value, relative=self.relative.value, ulp=self._ulp)

    def grade(self) -> tuple[Grade, str]:
        """Grade the output, with the reason where it is a mismatch."""
        if self.equal:
            return Grade.EXACT, ""
        if self._nan_differ:
            return Grade.MISMATCH, "nan"
        if self._inf_differ:
            return Grade.MISMATCH, "inf"
        if self._loose:
            return Grade.MISMATCH, "values"
        return (Grade.DRIFT if self._close else Grade.CLOSE), ""

    def metrics(self, size: int, *, inexact: bool) -> Metrics:
        """Put the metrics together; `inexact` says that the dtype is a float or complex one, which alone has ULPs."""
        odd = self._nan_differ + self._inf_differ
        return Metrics(
            size=size,
            mismatched=(self._close + odd) / size,
            max_abs=_finite(self.absolute.value),
            max_rel=_finite(self.relative.value),
            quantiles=self._quantiles(),
            ulp=self._ulp if inexact else None,
            cosine=self._cosine(),
            argmax_agreement=self._rows.agree / self._rows.rows if self._rows else None,
            nan_reference=self._nan[0],
            nan_candidate=self._nan[1],
            inf_reference=self._inf[0],
            inf_candidate=self._inf[1],
            atol_needed=None if odd else _finite(self.absolute.value),
            rtol_needed=None if odd or self._from_zero else _rtol(self.relative.value),
        )

    def _quantiles(self) -> tuple[float, float, float] | None:
        errors = np.concatenate(self._samples)
        if not errors.size:
            return None
        if not self.absolute.value:
            return 0.0, 0.0, 0.0
        # An error that overflowed float64 is infinite; between two such there is nothing to interpolate.
        with np.errstate(invalid="ignore"):
            median, most, nearly_all = (float(value) for value in np.quantile(errors, _QUANTILES))
        found = (median, most, nearly_all)
        return found if all(map(math.isfinite, found)) else None

    def _cosine(self) -> float | None:
        """The cosine of the angle between both sides, over what is finite; 1.0 for what is equal."""
        sums = [_total(np.concatenate(parts)) for parts in zip(*self._sums, strict=True)]
        if not all(map(math.isfinite, sums)) or not (sums[0] > 0 and sums[2] > 0):
            return None
        b, both, a = sums
        return 1.0 if self.equal else max(-1.0, min(1.0, both / (math.sqrt(b) * math.sqrt(a))))


def _total(parts: Values) -> float:
    """Add up exactly, so that neither order nor the size of pieces matters; infinite where float64 is too small."""
    try:
        return math.fsum(parts) if np.isfinite(parts).all() else math.inf
    except OverflowError:
        return math.inf


def _value(peak: Peak) -> float:
    return peak.value


def _finite(value: float) -> float | None:
    """What overflowed has no finite number, and infinity does not survive JSON."""
    return value if math.isfinite(value) else None


def _rtol(largest: float) -> float | None:
    """Round up: the division may have rounded down, and then the very element it came from would not pass."""
    return _finite(math.nextafter(largest, math.inf)) if largest else 0.0


def stride(size: int, shape: Iterable[int]) -> int:
    """Choose how many elements lie between two sampled ones: a prime that divides no axis, so that no column is missed."""
    least = -(-size // SAMPLED)
    lengths = [length for length in shape if length > 1]
    return next(n for n in _primes_from(least) if n == 1 or all(length % n for length in lengths))


def _primes_from(least: int) -> Iterator[int]:
    number = max(least, 1)
    while True:
        if number == 1 or all(number % divisor for divisor in range(2, math.isqrt(number) + 1)):
            yield number
        number += 1
