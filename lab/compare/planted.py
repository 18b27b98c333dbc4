"""The comparator's own test, run beside every comparison that counts: planted differences that it must find."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lab import scratch
from lab.compare.outputs import compare
from lab.model import Diff, Grade

Values = np.ndarray[Any, np.dtype[Any]]
Planted = tuple[Mapping[str, Values], Grade, str]
"""The candidate's outputs, the grade they must get, and the reason that must be given with a mismatch."""

_PLACE = (2, 3)
_ZERO = (0, 0)


def selftest() -> tuple[str, ...]:
    """Feed the comparator planted differences through real files and name those it let pass; empty means sound.

    One ULP must not be called exact, and neither must a negative zero in place of a positive one (their bytes differ,
    their values do not, so both are close); everything else planted must be a mismatch for the right reason, or
    undecided where nothing says how large the error is. What is really equal must be exact. The output `tiny` lies far
    below every absolute tolerance, and of `lost` one element lies far above. Takes well under a second.
    """
    y = np.linspace(-1, 1, 24, dtype=np.float32).reshape(4, 6)
    y[_ZERO] = 0
    lost = y * np.float32(1e-6)
    lost[_PLACE] = 1
    reference: dict[str, Values] = {
        "y": y, "n": np.arange(6), "tiny": y * np.float32(1e-9), "lost": lost, "zero": np.zeros(6, np.float32)
    }  # fmt: skip
    with scratch.folder("selftest") as folder:
        good = write_outputs(folder / "reference.npz", reference)
        return tuple(
            name
            for name, planted in _planted(reference).items()
            if not _found(compare(good, write_outputs(folder / "candidate.npz", planted[0])), planted)
        )


def write_outputs(path: Path, arrays: Mapping[str, Values]) -> Path:
    """Write outputs as the guest does: numbered arrays in an npz, their names in order in a .json beside it."""
    np.savez(path, **{f"a{index:04d}": array for index, array in enumerate(arrays.values())})  # type: ignore[arg-type]
    about = {"names": list(arrays), "dtypes": [str(array.dtype) for array in arrays.values()]}
    path.with_suffix(".json").write_text(json.dumps(about), encoding="utf-8")
    return path


def _planted(good: Mapping[str, Values]) -> dict[str, Planted]:
    y, n, tiny, lost, zero = good.values()

    def but(**changed: Values) -> Mapping[str, Values]:
        return {**good, **changed}

    return {
        "nothing changed": (good, Grade.EXACT, ""),
        "sign flip": (but(y=-y), Grade.MISMATCH, "values"),
        "one NaN": (but(y=_with(y, np.nan)), Grade.MISMATCH, "nan"),
        "one Inf": (but(y=_with(y, np.inf)), Grade.MISMATCH, "inf"),
        "one ULP": (but(y=_with(y, np.nextafter(y[_PLACE], np.float32(9)))), Grade.CLOSE, ""),
        "one value by 1e-2": (but(y=_with(y, y[_PLACE] + 1e-2)), Grade.MISMATCH, "values"),
        "negative zero": (but(y=_with(y, -0.0, _ZERO)), Grade.CLOSE, ""),
        "one integer by one": (but(n=n + (n == n[2])), Grade.MISMATCH, "values"),
        "small numbers halved": (but(tiny=tiny / 2), Grade.MISMATCH, "values"),
        "one small number doubled": (but(tiny=_with(tiny, tiny[_PLACE] * 2)), Grade.MISMATCH, "values"),
        "one small number by one ULP": (
            but(tiny=_with(tiny, np.nextafter(tiny[_PLACE], np.float32(9)))),
            Grade.CLOSE,
            "",
        ),
        "small numbers halved beside a large one": (but(lost=_with(lost / 2, 1)), Grade.MISMATCH, "values"),
        "something small instead of zero": (but(zero=zero + np.float32(1e-9)), Grade.UNDECIDED, ""),
        "transposed": (but(y=np.ascontiguousarray(y.T)), Grade.MISMATCH, "shape"),
        "wrong dtype": (but(y=y.astype(np.float64)), Grade.MISMATCH, "dtype"),
        "missing": ({name: array for name, array in good.items() if name != "n"}, Grade.MISMATCH, "missing"),
        "extra": (but(z=n), Grade.MISMATCH, "extra"),
    }


def _with(values: Values, value: float, where: tuple[int, int] = _PLACE) -> Values:
    changed = values.copy()
    changed[where] = value
    return changed


def _found(diffs: tuple[Diff, ...], planted: Planted) -> bool:
    """Whether the comparator said of the output with the planted difference just what is true of it."""
    _, grade, reason = planted
    others = [diff for diff in diffs if diff.grade is not Grade.EXACT]
    if grade is Grade.EXACT:
        return bool(diffs) and not others
    return [(diff.grade, diff.reason) for diff in others] == [(grade, reason)]
