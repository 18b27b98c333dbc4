"""The arrays of one outputs.npz, read piece by piece straight from the file: never unpickled, never whole in memory.

`numpy.savez` stores its members uncompressed, so the numbers of each array lie in one stretch of the file.
"""

import contextlib
import errno
import io
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

import msgspec
import numpy as np
from numpy.lib import format as npy

from lab.errors import InfraError
from lab.model import Sampled
from lab.storage.outbox import GuestFile, OpenGuestFile
from lab.text import clean

_LOCAL_HEADER = struct.Struct("<26xHH")
# Whatever zipfile has been seen to raise for a file that is cut or has a wrong byte in it.
_BROKEN = (OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, struct.error)
_NAMES_LIMIT = 1_000_000
_HEADERS_LIMIT = 32 << 20
_MOST = 4096
_KINDS = "biufcUS"
_WIDEST = {"f": 8, "c": 16, "U": 1 << 20, "S": 1 << 20}
_BFLOAT16 = "bfloat16"
_TEXTS = {"U": "str", "S": "bytes"}

Values = np.ndarray[Any, np.dtype[Any]]
OutputsFile = Path | GuestFile
"""A file of outputs: in a folder that a container wrote to, or one of the lab's own."""


class UnreadableOutputsError(InfraError):
    """What a step left as its outputs is not what can be compared; whoever compares says it of that pair alone."""


@dataclass(frozen=True, kw_only=True)
class StoredArray:
    """One array in the file: what it is, and where its numbers lie; pieces may be read from several threads at once.

    `kind` is the dtype as Paddle names it: bfloat16 is stored as uint16, and outputs.json says so. `sample` says what of
    a larger array a reference kept, where it did not keep all.
    """

    name: str
    kind: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    descriptor: int
    offset: int
    sample: Sampled | None = None

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

    def __init__(self, path: OutputsFile) -> None:
        """Remember where they are: the npz, with the names beside it in a .json of the same name."""
        self._file = path if isinstance(path, GuestFile) else GuestFile(out=path.parent, name=path.name)
        self._held = contextlib.ExitStack()

    def __enter__(self) -> Self:
        try:
            self._opened = self._held.enter_context(self._file.opened())
            self.arrays = self._open()
        except OSError as error:
            self.close()
            raise self._damaged(error.strerror or str(error)) from error
        except _BROKEN as error:
            self.close()
            raise self._damaged(clean(str(error), 200)) from error
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
        self._held.close()

    def _open(self) -> dict[str, StoredArray]:
        names, kinds, samples = self._names()
        with zipfile.ZipFile(_Headers(self._opened)) as archive:
            members = archive.infolist()
            if [member.filename for member in members] != [f"a{index:04d}.npy" for index in range(len(names))]:
                raise self._damaged(f"its members are not the {len(names)} arrays that outputs.json names")
            return {
                name: self._array(archive, member, name, kinds.get(name, ""), samples.get(name))
                for name, member in zip(names, members, strict=True)
            }

    def _names(self) -> tuple[list[str], dict[str, str], dict[str, Sampled]]:
        """Read the names in order, the dtypes Paddle gave where numpy has none of its own, and what of each was kept."""
        beside = self._file.beside(".json")
        try:
            told = json.loads(beside.read(_NAMES_LIMIT))
        except OSError as error:
            raise self._damaged(f"{beside.label} beside it: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise self._damaged(f"{beside.label} is not JSON") from error
        names = told.get("names") if isinstance(told, dict) else None
        kinds = told.get("dtypes") if isinstance(told, dict) else None
        if not _words(names) or not _words(kinds) or len(names) != len(kinds):
            raise self._damaged(f'{beside.label} does not hold {{"names": [...], "dtypes": [...]}}')
        if len(names) > _MOST:
            raise self._damaged(f"there are {len(names):,} of them, and at most {_MOST:,} are compared")
        shown = [clean(name, 200) for name in names]
        if len(set(shown)) != len(shown):
            raise self._damaged(f"{beside.label} names an output twice")
        return shown, dict(zip(shown, kinds, strict=True)), self._samples(told)

    def _samples(self, told: dict[str, Any]) -> dict[str, Sampled]:
        """By output what of it was kept; only a reference of the lab's own has any."""
        try:
            return msgspec.convert(told.get("samples", {}), dict[str, Sampled])
        except msgspec.ValidationError as error:
            raise self._damaged(f"its samples are not what a stamp keeps: {clean(str(error), 120)}") from error

    def _array(
        self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, told: str, sample: Sampled | None
    ) -> StoredArray:
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
            descriptor=self._opened.descriptor,
            offset=self._start(member) + skipped,
            sample=sample,
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
            raise UnreadableOutputsError(
                f"output {name} has dtype {dtype}, which cannot be compared",
                "let the scenario return arrays of numbers, booleans or text, for instance with numpy.asarray",
            )

    def _start(self, member: zipfile.ZipInfo) -> int:
        """Find the first byte of a member: its local header repeats name and extra field in lengths of its own."""
        header = os.pread(self._opened.descriptor, _LOCAL_HEADER.size, member.header_offset)
        if len(header) != _LOCAL_HEADER.size:
            raise self._damaged("it ends inside a header")
        name, extra = _LOCAL_HEADER.unpack(header)
        return int(member.header_offset + _LOCAL_HEADER.size + name + extra)

    def _damaged(self, why: str) -> InfraError:
        return UnreadableOutputsError(
            f"outputs in {self._file.label} cannot be read: {why}",
            "have it made anew: what wrote this file did not write arrays",
        )


class _Headers(io.RawIOBase):
    """An open file as zipfile reads it, up to a bound: only headers are read this way, and a crowd of them is no output."""

    def __init__(self, file: OpenGuestFile) -> None:
        self._file, self._at, self._left = file, 0, _HEADERS_LIMIT

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._file.size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "it points before its own beginning")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        wanted = self._file.size - self._at if size < 0 else size
        if wanted > self._left:
            raise OSError(errno.EFBIG, f"its headers take more than {_HEADERS_LIMIT:,} bytes")
        data = os.pread(self._file.descriptor, max(0, wanted), self._at)
        self._at += len(data)
        self._left -= len(data)
        return data


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
