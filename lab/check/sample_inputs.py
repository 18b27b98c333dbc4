"""Sample inputs for a model that came without any: what its program asks for, drawn from a seed, or read from a file.

The same draw is also written as Python, so that a reader without the lab gets the same numbers.
"""

import hashlib
import json
import math
import tokenize
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from lab.errors import UsageError
from lab.model import Sampled
from lab.model.check import Draw, Feed
from lab.model.inspection import TensorFacts
from lab.text import clean

SEED = 0
GENERATOR = 1
"""Which draw this is: a change of what a seed and a feed give is another number, so that a stamp says which it was made by."""
BATCH, CHANNELS, PIXELS, LENGTH = 2, 3, 64, 8
"""What an open dimension becomes: the first axis, the second of pictures, their height and width, every other axis."""

FLOATS, COMPLEX = ("float16", "float32", "float64"), ("complex64", "complex128")
BELOW = {"bool": 2, "int8": 2, "int16": 2, "int32": 2, "int64": 2, "uint8": 256}
"""Integers are drawn from 0 up to here: 0 and 1 fit every table of embeddings, and bytes are mostly pictures."""

MEAN, DEVIATION = 0.45, 0.225
"""About what nets for pictures are trained with (0.485, 0.456, 0.406 and 0.229, 0.224, 0.225), for pixels from 0 to 1."""

_BROKEN = (
    *(OSError, ValueError, EOFError, KeyError, TypeError, MemoryError, RuntimeError, SyntaxError),
    *(zipfile.BadZipFile, zlib.error, tokenize.TokenError),
)
"""Whatever numpy and zipfile have been seen to raise for an npz that is cut, encrypted, has a wrong byte or a mad header."""

_WRITTEN = {
    Draw.UNIFORM: "rng.rand({sizes})",
    Draw.NORMALISED: f"(rng.rand({{sizes}}) - {MEAN}) / {DEVIATION}",
    Draw.PIXELS: "rng.randint(0, 256, {shape})",
    Draw.NORMAL: "rng.randn({sizes})",
    Draw.WIDE: "10 * rng.randn({sizes})",
}
LARGEST = 1 << 28
_RANK_OF_PICTURES = (4, 5)
Array = np.ndarray[Any, np.dtype[Any]]
Arrays = dict[str, Array]


def feeds(inputs: Sequence[TensorFacts], dims: Mapping[str, str]) -> tuple[tuple[Feed, ...], tuple[str, ...]]:
    """The feeds of a program with every open dimension closed, and what had to be assumed.

    `dims` maps batch, length, height, width, FEED:AXIS or FEED (a whole shape, "4x3x64x64") to numbers. UsageError
    where a word fits nothing, or a dimension that the model fixes would change.
    """
    known = {one.name for one in inputs}
    used: set[str] = set()
    found = tuple(_feed(one, dims, used) for one in inputs)
    unused = [word for word in dims if word not in used]
    if unused:
        raise UsageError(
            f"--dim {unused[0]} fits no open dimension of this model",
            f"batch, length, height, width, or one of {_list(known)} (FEED:AXIS=4, or FEED=4x3x64x64)",
        )
    opened = [one for one in found if one.wanted is not None and -1 in one.wanted]
    notes = [
        f"{one.name} is given as {shape_words(one.shape)}, the model says {shape_words(one.wanted)}" for one in opened
    ]
    return found, tuple(notes)


def _list(words: set[str]) -> str:
    return ", ".join(sorted(words)[:8])


def shape_words(shape: Sequence[int] | None) -> str:
    """A shape as people write it, an open dimension as ?."""
    return "[" + ", ".join("?" if one < 0 else str(one) for one in shape or ()) + "]"


def _feed(one: TensorFacts, dims: Mapping[str, str], used: set[str]) -> Feed:
    feed = Feed(name=one.name, dtype=one.dtype, shape=one.shape or (), wanted=one.shape)
    if one.name in dims:
        used.add(one.name)
        return _fitting(replace(feed, shape=_whole(one.name, dims[one.name])))
    shape = tuple(_axis(one, axis, length, dims, used) for axis, length in enumerate(one.shape or ()))
    return replace(feed, shape=shape)


def _words(one: TensorFacts, axis: int) -> list[str]:
    """The words of --dim that mean this axis of this feed, the most exact one first."""
    rank = len(one.shape or ())
    words = [f"{one.name}:{axis}"]
    if axis == 0:
        words.append("batch")
    if rank in _RANK_OF_PICTURES and axis >= rank - 2:
        words.append("height" if axis == rank - 2 else "width")
    if rank not in _RANK_OF_PICTURES and axis == 1:
        words.append("length")
    return words


def _axis(one: TensorFacts, axis: int, length: int, dims: Mapping[str, str], used: set[str]) -> int:
    """The length of one axis: what the model fixes, what the user says, or a small stated number."""
    words = [word for word in _words(one, axis) if word in dims]
    if length >= 0:
        exact = f"{one.name}:{axis}"
        if exact in words:
            raise UsageError(f"axis {axis} of {one.name} is fixed to {length}", f"leave --dim {exact} out")
        return length
    used.update(words)
    if words:
        return _number(words[0], dims[words[0]])
    if axis == 0:
        return BATCH
    if len(one.shape or ()) not in _RANK_OF_PICTURES:
        return LENGTH
    return CHANNELS if axis == 1 else PIXELS


def _number(word: str, value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < LARGEST:
        raise UsageError(f"--dim {word}={clean(value, 40)} is no length", "give a whole number above 0")
    return int(value)


def _whole(word: str, value: str) -> tuple[int, ...]:
    return tuple(_number(word, part) for part in value.split("x"))


def _fitting(feed: Feed) -> Feed:
    """The feed, whose whole shape the user gave; UsageError where the model cannot take it."""
    if feed.wanted is not None and not fits(feed.shape, feed.wanted):
        raise UsageError(
            f"--dim {feed.name} gives {shape_words(feed.shape)}, and the model takes {shape_words(feed.wanted)}",
            "only dimensions shown as ? may be chosen",
        )
    return feed


def fits(shape: Sequence[int], wanted: Sequence[int]) -> bool:
    """Whether an array of this shape is what a program says, whose open dimensions are -1."""
    return len(shape) == len(wanted) and all(want in (-1, have) for have, want in zip(shape, wanted, strict=True))


def expression(feed: Feed) -> str:
    """The draw of one feed as Python; UsageError where it cannot be guessed."""
    shape = feed.shape
    if feed.wanted is None and not shape:
        raise UsageError(f"the shape of input {feed.name} is not in the program", "give the inputs: --inputs x.npz")
    if math.prod(shape) > LARGEST:
        raise UsageError(f"input {feed.name} would be {shape_words(shape)}", "choose smaller dimensions with --dim")
    floats = _WRITTEN[feed.draw].format(sizes=", ".join(str(one) for one in shape), shape=shape)
    if feed.dtype in FLOATS:
        return f'np.asarray({floats}, "{feed.dtype}")'
    if feed.dtype in COMPLEX:
        return f'np.asarray(({floats}) + 1j * ({floats}), "{feed.dtype}")'
    if feed.dtype in BELOW:
        return f'np.asarray(rng.randint(0, {BELOW[feed.dtype]}, {shape}), "{feed.dtype}")'
    raise UsageError(f"inputs of type {feed.dtype} ({feed.name}) cannot be guessed", "give them: --inputs x.npz")


def drawn(wanted: Sequence[Feed], seed: int = SEED) -> Arrays:
    """The inputs, drawn one after the other from one seed: what `expression` says, for every feed in order."""
    rng = np.random.RandomState(seed)  # its stream is frozen for ever, unlike that of newer generators
    return {one.name: _drawn(rng, one) for one in wanted}


def _drawn(rng: np.random.RandomState, feed: Feed) -> Array:
    expression(feed)  # refuses what cannot be drawn
    if feed.dtype in BELOW:
        return np.asarray(rng.randint(0, BELOW[feed.dtype], feed.shape), feed.dtype)
    values = np.asarray(_floats(rng, feed))
    if feed.dtype in COMPLEX:
        values = values + 1j * _floats(rng, feed)
    return np.asarray(values, feed.dtype)


def _floats(rng: np.random.RandomState, feed: Feed) -> Any:
    """Draw what `expression` writes, number by number."""
    match feed.draw:
        case Draw.UNIFORM:
            return rng.rand(*feed.shape)
        case Draw.NORMALISED:
            return (rng.rand(*feed.shape) - MEAN) / DEVIATION
        case Draw.PIXELS:
            return rng.randint(0, 256, feed.shape)
        case Draw.NORMAL:
            return rng.randn(*feed.shape)
        case Draw.WIDE:
            return 10 * rng.randn(*feed.shape)


def given(path: Path, wanted: Sequence[TensorFacts]) -> tuple[Arrays, tuple[str, ...]]:
    """The inputs in an npz file under the model's names, and what had to be assumed; UsageError where they do not fit."""
    arrays = stored(path, "--inputs x.npz")
    names = [one.name for one in wanted]
    notes: tuple[str, ...] = ()
    if set(arrays) != set(names):
        if len(arrays) != len(names):
            raise UsageError(
                f"{path} holds {_list(set(arrays)) or 'nothing'}, and the model takes {', '.join(names)}",
                "save it with numpy.savez(file, **{name: array}), one array for each input",
            )
        notes = (f"the arrays of --inputs are taken in their order as {', '.join(names)}",)
        arrays = dict(zip(names, arrays.values(), strict=True))
    for one in wanted:
        _acceptable(one, arrays[one.name])
    return {name: np.ascontiguousarray(arrays[name]) for name in names}, notes


def stored(path: Path, option: str) -> Arrays:
    """The plain arrays of an npz file that a user gave with `option`; UsageError where it is none."""
    if path.exists() and not path.is_file():
        # A pipe would be waited for, perhaps for ever, and cannot be sought in as an archive is.
        raise UsageError(f"{path} is no regular file", f"name an npz file: {option}")
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                raise UsageError(f"{path} is one array, not a set of them", "save it with numpy.savez")
            with loaded as archive:
                return {clean(name, 200): np.asarray(archive[name]) for name in archive.files}
    except FileNotFoundError as error:
        raise UsageError(f"there is no file {path}", f"name an npz file: {option}") from error
    except _BROKEN as error:
        what = f"{path} is no npz file of plain arrays: {clean(str(error), 120)}"
        raise UsageError(
            what, "save it with numpy.savez; objects are not read, since they would be unpickled"
        ) from error


def _acceptable(wanted: TensorFacts, array: Array) -> None:
    """Refuse an array of another element type or shape than the model takes."""
    stored_as = {"bfloat16": "uint16"}.get(wanted.dtype, wanted.dtype)
    if array.dtype.name != stored_as:
        raise UsageError(
            f"input {wanted.name} is {array.dtype} in --inputs, and the model takes {wanted.dtype}",
            f"array.astype({stored_as!r})",
        )
    if wanted.shape is not None and not fits(array.shape, wanted.shape):
        raise UsageError(
            f"input {wanted.name} is {shape_words(array.shape)} in --inputs, and the model takes {shape_words(wanted.shape)}",
            "give it the model's shape; only dimensions shown as ? may be chosen",
        )


class KeptOutputs(dict[str, Array]):
    """Arrays that a stamp kept, by name: of those in `samples` only some elements; `kinds` are dtypes as Paddle names them."""

    def __init__(self, arrays: Mapping[str, Array], samples: Mapping[str, Sampled], kinds: Mapping[str, str]) -> None:
        """Arrays with what they are a part of."""
        super().__init__(arrays)
        self.samples, self.kinds = dict(samples), dict(kinds)


def keep(arrays: Mapping[str, Any], folder: Path, stem: str) -> None:
    """Write arrays as the guest does: keys a0000, a0001, ..., and their names in a JSON file beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / f"{stem}.npz", **{f"a{number:04d}": array for number, array in enumerate(arrays.values())})
    kinds = arrays.kinds if isinstance(arrays, KeptOutputs) else {}
    about: dict[str, Any] = {
        "names": list(arrays),
        "dtypes": [kinds.get(name, str(array.dtype)) for name, array in arrays.items()],
    }
    if isinstance(arrays, KeptOutputs) and arrays.samples:
        about["samples"] = {name: asdict(one) for name, one in arrays.samples.items()}
    (folder / f"{stem}.json").write_text(json.dumps(about), encoding="utf-8")


def digest(arrays: Mapping[str, Any]) -> str:
    """One sha256 over names, element types, shapes and values."""
    made = hashlib.sha256()
    for name, array in arrays.items():
        made.update(f"{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        made.update(np.ascontiguousarray(array).data)
    return made.hexdigest()
