"""The comparator's own test, run beside every comparison that counts: planted differences that it must find."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

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
    their values do not, so both are close); everything else planted must be a mismatch for the right reason. What is
    really equal must be exact. Takes some tens of milliseconds.
    """
    y = np.linspace(-1, 1, 24, dtype=np.float32).reshape(4, 6)
    y[_ZERO] = 0
    reference: dict[str, Values] = {"y": y, "n": np.arange(6)}
    with tempfile.TemporaryDirectory(prefix="lab-selftest-") as folder:
        good = write_outputs(Path(folder) / "reference.npz", reference)
        return tuple(
            name
            for name, planted in _planted(reference).items()
            if not _found(compare(good, write_outputs(Path(folder) / "candidate.npz", planted[0])), planted)
        )


def write_outputs(path: Path, arrays: Mapping[str, Values]) -> Path:
    """Write outputs as the guest does: numbered arrays in an npz, their names in order in a .json beside it."""
    np.savez(path, **{f"a{index:04d}": array for index, array in enumerate(arrays.values())})  # type: ignore[arg-type]
    about = {"names": list(arrays), "dtypes": [str(array.dtype) for array in arrays.values()]}
    path.with_suffix(".json").write_text(json.dumps(about), encoding="utf-8")
    return path


def _planted(good: Mapping[str, Values]) -> dict[str, Planted]:
    y, n = good["y"], good["n"]
    return {
        "nothing changed": (good, Grade.EXACT, ""),
        "sign flip": ({"y": -y, "n": n}, Grade.MISMATCH, "values"),
        "one NaN": ({"y": _with(y, np.nan), "n": n}, Grade.MISMATCH, "nan"),
        "one Inf": ({"y": _with(y, np.inf), "n": n}, Grade.MISMATCH, "inf"),
        "one ULP": ({"y": _with(y, np.nextafter(y[_PLACE], np.float32(9))), "n": n}, Grade.CLOSE, ""),
        "one value by 1e-2": ({"y": _with(y, y[_PLACE] + 1e-2), "n": n}, Grade.MISMATCH, "values"),
        "negative zero": ({"y": _with(y, -0.0, _ZERO), "n": n}, Grade.CLOSE, ""),
        "one integer by one": ({"y": y, "n": n + (n == n[2])}, Grade.MISMATCH, "values"),
        "transposed": ({"y": np.ascontiguousarray(y.T), "n": n}, Grade.MISMATCH, "shape"),
        "wrong dtype": ({"y": y.astype(np.float64), "n": n}, Grade.MISMATCH, "dtype"),
        "missing": ({"y": y}, Grade.MISMATCH, "missing"),
        "extra": ({**good, "z": n}, Grade.MISMATCH, "extra"),
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
