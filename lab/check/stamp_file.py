"""`<prefix>.lab.json` beside a model: what saved it and what it answered then, so that it can be held to that years later."""

import base64
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from lab import documents
from lab.check.sample_inputs import KeptOutputs
from lab.compare import Outputs
from lab.errors import InfraError, UsageError
from lab.model import Sampled
from lab.model.check import Stamp, StampedArray, StampedFile
from lab.storage import store
from lab.storage.outbox import GuestFile
from lab.text import clean

# History of the stored form; every older one stays readable.
# 1 (2026-11): the first.
# 2 (2026-11): of large outputs a sample is kept, with the step it was taken by; the number of the generator of inputs.
SCHEMA = 2
END = ".lab.json"
WHOLE = 64 << 10
"""Arrays up to so many bytes are kept whole, as long as all of them together fit."""
INPUTS = 256 << 10
"""Bytes of inputs that were given and not made up: a picture of 1x3x48x320 in float32 has 184,320."""
OUTPUTS = 160 << 10
"""Bytes that are kept of all outputs together."""
_FEWEST = 16

_LARGEST = 64 << 20
_SHOWN = 8
Arrays = dict[str, "np.ndarray[Any, np.dtype[Any]]"]


def name(prefix: str) -> str:
    """The name of a model's stamp."""
    return prefix + END


def read(path: Path) -> Stamp:
    """The stamp in a file; UsageError where it is damaged, or newer than this lab."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(
                f"{clean(str(path), 400)} is too large for a stamp", "remove it, and stamp the model again"
            )
        data = path.read_bytes()
        schema = documents.json(data, dict[str, object]).get("schema")
    except (OSError, msgspec.DecodeError) as error:
        raise _damaged(path, error) from error
    if wrong := documents.numbered(schema, SCHEMA):
        raise UsageError(
            f"the stamp {clean(str(path), 400)} {wrong}", "use a newer lab for it, or stamp the model again"
        )
    try:
        return documents.json(data, Stamp)
    except msgspec.DecodeError as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> UsageError:
    said = clean(str(error), 200)
    return UsageError(f"the stamp {clean(str(path), 400)} is damaged: {said}", "restore it, or stamp the model again")


def write(path: Path, stamp: Stamp) -> None:
    """Write a stamp beside its model, whole or not at all; UsageError where the folder cannot be written."""
    try:
        store.write(path, store.pretty(stamp))
    except (InfraError, OSError) as error:
        raise UsageError(
            f"{clean(str(path), 400)} could not be written: {clean(str(error), 200)}",
            "stamp a copy of the model in a folder of your own",
        ) from error


def stored(file: GuestFile) -> Arrays:
    """The arrays of a step's npz by name."""
    with Outputs(file) as found:
        return {name: np.array(one.read(0, one.size)).reshape(one.shape) for name, one in found.arrays.items()}


def kinds(file: GuestFile) -> dict[str, str]:
    """The element types of a step's npz as Paddle names them, by name."""
    with Outputs(file) as found:
        return {name: one.kind for name, one in found.arrays.items()}


def inputs(arrays: Mapping[str, "np.ndarray[Any, np.dtype[Any]]"], *, again: bool) -> tuple[StampedArray, ...]:
    """Inputs as a stamp keeps them: whole where they are small or cannot be made `again`, else as hash and summary.

    Those that cannot be made again are kept whole up to `INPUTS` bytes in all.
    """
    total = sum(one.nbytes for one in arrays.values())
    limit = WHOLE if again or total > INPUTS else INPUTS
    return tuple(_packed(name, array, array.nbytes <= limit) for name, array in arrays.items())


def outputs(
    arrays: Mapping[str, "np.ndarray[Any, np.dtype[Any]]"], names: Mapping[str, str] | None = None
) -> tuple[StampedArray, ...]:
    """Outputs as a stamp keeps them: whole where they fit, else a sample of even steps, `OUTPUTS` bytes of all together.

    `names` are the element types as Paddle names them, where numpy has another.
    """
    whole = sum(one.nbytes for one in arrays.values()) <= OUTPUTS
    share = OUTPUTS // max(1, len(arrays))
    made = []
    for name, array in arrays.items():
        fits = array.nbytes <= (WHOLE if whole else min(WHOLE, share))
        one = _packed(name, array, fits) if fits else _thinned(name, array, min(WHOLE, share))
        made.append(replace(one, dtype=(names or {}).get(name, one.dtype)))
    return tuple(made)


def _packed(name: str, array: "np.ndarray[Any, np.dtype[Any]]", whole: bool) -> StampedArray:  # noqa: FBT001
    data = _bytes(array)
    return StampedArray(
        name=name,
        dtype=array.dtype.name,
        shape=array.shape,
        sha256=hashlib.sha256(data).hexdigest(),
        data=base64.b64encode(data).decode("ascii") if whole else None,
        summary=_summary(array),
    )


def _thinned(name: str, array: "np.ndarray[Any, np.dtype[Any]]", limit: int) -> StampedArray:
    """An array with every so many of its elements, as many as fit into `limit` bytes, from all of its rows."""
    most = max(_FEWEST, limit // array.dtype.itemsize)
    step = coprime(-(-array.size // most), array.shape)
    some = array.reshape(-1)[::step]
    kept = base64.b64encode(_bytes(some)).decode("ascii")
    return replace(_packed(name, array, whole=False), data=kept, step=step)


def coprime(least: int, shape: Sequence[int]) -> int:
    """The first step from `least` on that has no factor in common with any axis, so that it walks through every column."""
    step = least
    while any(math.gcd(step, length) > 1 for length in shape if length > 1):
        step += 1
    return step


def _bytes(array: "np.ndarray[Any, np.dtype[Any]]") -> bytes:
    """The values, little-endian and in C order, on every machine."""
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()


def _summary(array: "np.ndarray[Any, np.dtype[Any]]") -> dict[str, str]:
    if array.dtype.kind not in "biuf" or not array.size:
        return {}
    wide = array.astype(np.float64)
    first = " ".join(f"{one:.9g}" for one in wide.flat[:_SHOWN])
    with np.errstate(all="ignore"):
        figures = {"min": wide.min(), "max": wide.max(), "mean": wide.mean(), "deviation": wide.std()}
    return {key: f"{value:.9g}" for key, value in figures.items()} | {"first": first}


def unpacked(arrays: Sequence[StampedArray]) -> KeptOutputs | None:
    """The arrays of a stamp; None where one is kept only as hash and summary, UsageError where its hash is wrong."""
    if any(one.data is None for one in arrays):
        return None
    samples = {one.name: Sampled(shape=one.shape, step=one.step, sha256=one.sha256) for one in arrays if one.step}
    kinds = {one.name: one.dtype for one in arrays}
    return KeptOutputs({one.name: _unpacked(one) for one in arrays}, samples, kinds)


def _unpacked(one: StampedArray) -> "np.ndarray[Any, np.dtype[Any]]":
    try:
        data = base64.b64decode(one.data or "", validate=True)
        kind = np.dtype({"bfloat16": "uint16"}.get(one.dtype, one.dtype))
        if kind.kind not in "biufc":
            raise ValueError(f"its element type is {clean(one.dtype, 40)}")  # noqa: TRY301 - told with the others
        shape = one.shape if not one.step else (-(-math.prod(one.shape) // one.step),)
        values = np.frombuffer(data, kind.newbyteorder("<")).astype(kind).reshape(shape)
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"array {clean(one.name, 80)} of the stamp is damaged: {error}", "restore the stamp"
        ) from error
    if not one.step and hashlib.sha256(data).hexdigest() != one.sha256:
        raise UsageError(f"array {clean(one.name, 80)} of the stamp is not what its hash says", "restore the stamp")
    return values


def misnamed(stamp: Stamp, wanted: Sequence[str]) -> str:
    """What of a stamp is not called as the model it was made of calls it, in words that follow "the stamp"; empty where all is.

    `wanted` are the names of the model's inputs. A lab names outputs out0, out1, ...
    """
    for told, names in (
        ("names its inputs", [one.name for one in stamp.inputs]),
        ("draws its inputs as", [one.name for one in stamp.feeds]),
    ):
        if names and sorted(names) != sorted(wanted):
            return f"{told} {_list(names)}, and the model takes {_list(wanted)}"
    outputs = [one.name for one in stamp.outputs]
    if outputs != (usual := [f"out{number}" for number in range(len(outputs))]):
        return f"names its outputs {_list(outputs)}, and a lab writes {_list(usual)}"
    return ""


def _list(names: Sequence[str]) -> str:
    return ", ".join(clean(name, 80) for name in names[:_SHOWN]) or "nothing"


def changed(stamp: Stamp, files: Sequence[StampedFile]) -> tuple[str, ...]:
    """What has changed since the stamp was made, one sentence for each file."""
    now = {one.name: one for one in files}
    then = {one.name for one in stamp.files}
    found = [said for one in stamp.files if (said := _difference(one, now.get(one.name)))]
    return (*found, *(f"{name} was not there when it was stamped" for name in now if name not in then))


def _difference(then: StampedFile, now: StampedFile | None) -> str:
    if now is None:
        return f"{then.name} is gone"
    if now.sha256 == then.sha256:
        return ""
    sizes = f"{then.size} bytes then, {now.size} now" if then.size != now.size else f"the same {then.size} bytes long"
    return f"{then.name} has changed since it was stamped ({sizes})"


def agreement(stamped: Sequence[StampedArray], arrays: Arrays) -> tuple[str, ...]:
    """How outputs of today stand to those a stamp keeps only as hash and summary, one sentence for each."""
    return tuple(_agreement(one, arrays.get(one.name)) for one in stamped)


def _agreement(one: StampedArray, array: "np.ndarray[Any, np.dtype[Any]] | None") -> str:
    where = clean(one.name, 80)
    if array is None or array.shape != one.shape or array.dtype.name != one.dtype:
        return f"{where} has another shape or type than when it was stamped"
    if hashlib.sha256(_bytes(array)).hexdigest() == one.sha256:
        return f"{where} is bit for bit what it was when it was stamped"
    today = _summary(array)
    parts = [f"{key} {one.summary[key]} then, {today[key]} now" for key in ("mean", "min", "max") if key in one.summary]
    return f"{where} is not bit for bit what it was when it was stamped: {'; '.join(parts)}"
