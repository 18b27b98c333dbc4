"""The arrays of one outputs.npz, read piece by piece straight from the file: never unpickled, never whole in memory.

`numpy.savez` stores its members uncompressed, so the numbers of each array lie in one stretch of the file.
"""

import json
import os
import struct
import tokenize
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeGuard

import numpy as np
from numpy.lib import format as npy

from lab.errors import InfraError, UsageError
from lab.text import clean

_LOCAL_HEADER = struct.Struct("<26xHH")
# Whatever zipfile has been seen to raise for a file that is cut or has a wrong byte in it.
_BROKEN = (OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, struct.error)
_NAMES_LIMIT = 1_000_000
_KINDS = "biufcUS"
_WIDEST = {"f": 8, "c": 16, "U": 1 << 20, "S": 1 << 20}
_BFLOAT16 = "bfloat16"
_TEXTS = {"U": "str", "S": "bytes"}

Values = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, kw_only=True)
class StoredArray:
    """One array in the file: what it is, and where its numbers lie; pieces may be read from several threads at once.

    `kind` is the dtype as Paddle names it: bfloat16 is stored as uint16, and outputs.json says so.
    """

    name: str
    kind: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    descriptor: int
    offset: int

    @property
    def size(self) -> int:
        """The number of elements."""
        return _product(self.shape)

    @property
    def label(self) -> str:
        """Dtype and shape for people: "float32 [2, 10]"."""
        return f"{self.kind} {list(self.shape)}"

    def read(self, start: int, stop: int, memory: Values | None = None) -> Values:
        """Read the elements from `start` up to `stop`, counted in C order, in this machine's byte order.

        They are put into `memory` (bytes, at least as many as needed) where it is given, and then last until its next use.
        """
        wanted = (stop - start) * self.dtype.itemsize
        raw = np.empty(wanted, np.uint8) if memory is None else memory[:wanted]
        if os.preadv(self.descriptor, [raw.data], self.offset + start * self.dtype.itemsize) != wanted:
            raise InfraError(f"the file of output {self.name} ended early", "look for a full disk, then run it again")
        values = raw.view(self.dtype)
        return values if self.dtype.isnative else values.astype(self.dtype.newbyteorder("="))


class Outputs:
    """The named arrays of one step, opened for as long as the `with` lasts."""

    def __init__(self, path: Path) -> None:
        """Remember where they are; `path` is the npz, the names are beside it in a .json of the same name."""
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> Self:
        try:
            self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            self.arrays = self._open()
        except _BROKEN as error:
            self.close()
            raise self._damaged(str(error)) from error
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; more than once does no harm."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self) -> dict[str, StoredArray]:
        names, kinds = self._names()
        with zipfile.ZipFile(self._path) as archive:
            members = archive.infolist()
            if [member.filename for member in members] != [f"a{index:04d}.npy" for index in range(len(names))]:
                raise self._damaged(f"its members are not the {len(names)} arrays that outputs.json names")
            return {
                name: self._array(archive, member, name, kinds.get(name, ""))
                for name, member in zip(names, members, strict=True)
            }

    def _names(self) -> tuple[list[str], dict[str, str]]:
        """Read the names in order, and the dtypes Paddle gave where numpy has none of its own."""
        beside = self._path.with_suffix(".json")
        try:
            if beside.stat().st_size > _NAMES_LIMIT:
                raise self._damaged(f"{beside.name} is larger than {_NAMES_LIMIT} bytes")
            told = json.loads(beside.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise self._damaged(f"{beside.name} is not JSON") from error
        names = told.get("names") if isinstance(told, dict) else None
        kinds = told.get("dtypes") if isinstance(told, dict) else None
        if not _words(names) or not _words(kinds) or len(names) != len(kinds):
            raise self._damaged(f'{beside.name} does not hold {{"names": [...], "dtypes": [...]}}')
        shown = [clean(name, 200) for name in names]
        if len(set(shown)) != len(shown):
            raise self._damaged(f"{beside.name} names an output twice")
        return shown, dict(zip(shown, kinds, strict=True))

    def _array(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, told: str) -> StoredArray:
        if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
            raise self._damaged(f"output {name} is compressed or encrypted; the guest stores arrays as they are")
        with archive.open(member) as stream:
            shape, fortran, dtype = self._header(stream, name)
            skipped = stream.tell()
        self._check(name, dtype)
        if fortran and len([length for length in shape if length != 1]) > 1:
            raise self._damaged(f"output {name} is stored column by column; the guest stores C order")
        if skipped + _product(shape) * dtype.itemsize != member.file_size:
            raise self._damaged(f"output {name} says {dtype} {list(shape)} and holds another number of bytes")
        return StoredArray(
            name=name,
            kind=_kind(dtype, told),
            dtype=dtype,
            shape=shape,
            descriptor=self._descriptor,
            offset=self._start(member) + skipped,
        )

    def _header(self, stream: Any, name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
        """Read what numpy wrote before the numbers; numpy reads it as a literal and runs nothing."""
        try:
            version = npy.read_magic(stream)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            with warnings.catch_warnings(action="ignore"):
                shape, fortran, dtype = read(stream)
        except (*_BROKEN, SyntaxError, tokenize.TokenError, RecursionError, TypeError) as error:
            raise self._damaged(f"output {name} is not a numpy array: {clean(str(error), 200)}") from error
        if any(length < 0 for length in shape):
            raise self._damaged(f"output {name} has a negative length")
        return shape, fortran, dtype

    def _check(self, name: str, dtype: np.dtype[Any]) -> None:
        """Refuse what has no numeric meaning: objects (which would need unpickling), records, dates, wide floats."""
        if dtype.kind not in _KINDS or not 0 < dtype.itemsize <= _WIDEST.get(dtype.kind, dtype.itemsize):
            raise UsageError(
                f"output {name} has dtype {dtype}, which cannot be compared",
                "let the scenario return arrays of numbers, booleans or text, for instance with numpy.asarray",
            )

    def _start(self, member: zipfile.ZipInfo) -> int:
        """Find the first byte of a member: its local header repeats name and extra field in lengths of its own."""
        header = os.pread(self._descriptor, _LOCAL_HEADER.size, member.header_offset)
        if len(header) != _LOCAL_HEADER.size:
            raise self._damaged("it ends inside a header")
        name, extra = _LOCAL_HEADER.unpack(header)
        return int(member.header_offset + _LOCAL_HEADER.size + name + extra)

    def _damaged(self, why: str) -> InfraError:
        return InfraError(
            f"outputs in {self._path.name} cannot be read: {why}",
            "have it made anew: what wrote this file did not write arrays",
        )


def place(index: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Turn a flat index in C order into one index an axis."""
    found = []
    for length in reversed(shape):
        index, inside = divmod(index, length)
        found.append(inside)
    return tuple(reversed(found))


def _kind(dtype: np.dtype[Any], told: str) -> str:
    """Name a dtype without its byte order, and texts without their width, which says nothing about the values."""
    if dtype.kind in _TEXTS:
        return _TEXTS[dtype.kind]
    return _BFLOAT16 if told == _BFLOAT16 and dtype == np.uint16 else dtype.newbyteorder("=").name


def _product(shape: tuple[int, ...]) -> int:
    """Multiply the lengths as Python integers, which do not overflow whatever a header says."""
    total = 1
    for length in shape:
        total *= length
    return total


def _words(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
