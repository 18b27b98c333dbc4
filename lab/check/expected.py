"""Outputs that a user holds to be right, from an npz; whatever is wrong with it is one sentence before anything runs."""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lab.check import sample_inputs
from lab.check.sample_inputs import Array, Arrays
from lab.errors import UsageError
from lab.model.inspection import TensorFacts
from lab.text import clean

LARGEST = 1 << 30
"""Bytes of all arrays together: what is compared is read beside the model's own."""

PLAIN = "biufc"
_BY_PLACE = re.compile(r"(?:arr_|out)(\d+)")
_HOW = "save it with numpy.savez(file, **{name: array}), or numpy.savez(file, first, second) in the model's order"


def read(path: Path, wanted: Sequence[TensorFacts]) -> tuple[Arrays, tuple[str, ...]]:
    """The arrays as out0, out1, ... in the model's order, and what had to be assumed.

    They may have the model's own names for its outputs, or out0 or arr_0 and so on. UsageError where the file is missing,
    too large or no npz of plain arrays, a name is unknown, the number of outputs, a shape or an element type does not
    fit, or a NaN is in it.
    """
    stored = _stored(path)
    order = _ordered(path, stored, wanted)
    for number, name in enumerate(order):
        _acceptable(path, name, stored[name], wanted[number] if number < len(wanted) else None)
    notes = (f"expected outputs are taken as {', '.join(order)}, in this order",)
    return {f"out{number}": stored[name] for number, name in enumerate(order)}, notes


def _stored(path: Path) -> Arrays:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (OSError, zipfile.BadZipFile):
        size = 0  # the reader says what it is instead
    if size > LARGEST:
        raise UsageError(
            f"{clean(str(path), 200)} holds {size / (1 << 30):.1f} GiB, and expected outputs may have 1 GiB",
            "give a smaller batch: fewer inputs, and their outputs",
        )
    return sample_inputs.stored(path, "--expect y.npz")


def _ordered(path: Path, stored: Arrays, wanted: Sequence[TensorFacts]) -> list[str]:
    """The names in the file in the order of the model's outputs."""
    names = [one.name for one in wanted]
    if not stored:
        raise UsageError(f"{clean(str(path), 200)} holds no array", _HOW)
    if names and set(stored) == set(names):
        return names
    places = {name: int(found[1]) for name in stored if (found := _BY_PLACE.fullmatch(name))}
    if len(places) != len(stored):
        unknown = sorted(set(stored) - set(names) - set(places))
        known = f"the model's outputs are {', '.join(names)}" if names else "the program does not name its outputs"
        what = f"names {clean(unknown[0], 80)}, and " if unknown else "does not have all outputs: "
        raise UsageError(f"{clean(str(path), 200)} {what}{known}", f"or out0, out1, ... in their order; {_HOW}")
    if sorted(places.values()) != list(range(len(places))) or (names and len(places) != len(names)):
        raise UsageError(
            f"{clean(str(path), 200)} has {', '.join(sorted(stored))}, and the model has {len(names) or 'other'} outputs",
            f"one array for each output: out0 to out{max(len(names) - 1, 0)}; {_HOW}",
        )
    return sorted(places, key=lambda name: places[name])


def _acceptable(path: Path, name: str, array: Array, wanted: TensorFacts | None) -> None:
    where = f"output {clean(name, 80)} in {clean(str(path), 200)}"
    if array.dtype.kind not in PLAIN:
        raise UsageError(f"{where} is {array.dtype}, which is no array of numbers", _HOW)
    if array.dtype.kind in "fc" and np.isnan(array).any():
        raise UsageError(f"{where} has NaN in it, and nothing can be held against that", "give outputs that are right")
    if wanted is None:
        return
    kind = {"bfloat16": "uint16"}.get(wanted.dtype, wanted.dtype)
    if kind and array.dtype.name != kind:
        raise UsageError(f"{where} is {array.dtype}, and the model gives {wanted.dtype}", f"array.astype({kind!r})")
    if wanted.shape is not None and not sample_inputs.fits(array.shape, wanted.shape):
        raise UsageError(
            f"{where} is {sample_inputs.shape_words(array.shape)}, and the model gives {sample_inputs.shape_words(wanted.shape)}",
            "give what the model answers to --inputs, in its shape",
        )
