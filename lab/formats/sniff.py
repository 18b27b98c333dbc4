"""What a file is by its first bytes; its name decides only where the bytes say nothing."""

import codecs
import struct

from lab.formats.pickled import is_pickle
from lab.formats.source import ByteSource
from lab.model.inspection import FileKind

HEAD = 4096
_ZIP = b"PK\x03\x04"
FOREIGN = (
    (_ZIP, "a zip archive (PyTorch writes such files; unpack it if a model is inside)"),
    (b"\x1f\x8b", "a gzip archive: unpack it first"),
    (b"BZh", "a bzip2 archive: unpack it first"),
    (b"\xfd7zXZ", "an xz archive: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive: unpack it first"),
    (b"\x89HDF", "an HDF5 file (Keras writes such)"),
    (b"GGUF", "a GGUF file"),
    (b"version https://git-lfs", "a Git LFS pointer: the file itself was never fetched (git lfs pull)"),
    (b"<!DOCTYPE", "a web page: the download went wrong"),
    (b"<html", "a web page: the download went wrong"),
)
BY_NAME = {
    ".pdmodel": FileKind.PROGRAM,
    "__model__": FileKind.PROGRAM,
    ".json": FileKind.PIR,
    ".pdiparams": FileKind.TENSORS,
    "__params__": FileKind.TENSORS,
    ".pdiparams.info": FileKind.PICKLE,
    ".pdparams": FileKind.PICKLE,
    ".pdopt": FileKind.PICKLE,
}
"""What a file of this name should be, by the end of the name, longest first."""
PICKLES = tuple(bytes((0x80, protocol)) for protocol in range(2, 6))
"""How pickles of each protocol begin."""
_TEXT = "a text file, and Paddle writes none such"
_BLANKS = "\t\n\r\f\ufeff"
_MAX_LEVELS = 16
_MAX_DESCRIPTION = 2048


def expected(name: str) -> FileKind:
    """What a name promises; UNKNOWN where Paddle gives no such names."""
    fits = [end for end in BY_NAME if name.endswith(end)]
    return BY_NAME[max(fits, key=len)] if fits else FileKind.UNKNOWN


def kind_of(source: ByteSource, name: str) -> FileKind:
    """What a file is: by its first bytes, else what its name promises (a damaged one, then)."""
    head = source.some(0, HEAD)
    promised = expected(name)
    if not head:
        return FileKind.EMPTY
    if head.startswith(PICKLES) or is_pickle(source):
        return FileKind.PICKLE
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return FileKind.PIR
    if foreign(source):
        return FileKind.FOREIGN
    if _is_tensor(head):
        return FileKind.TENSORS
    return FileKind.PROGRAM if promised is FileKind.UNKNOWN and _is_program(head) else promised


def foreign(source: ByteSource) -> str:
    """What else a file is, in words; empty where it begins like none of the known others, and is no text."""
    head = source.some(0, HEAD)
    return next((words for mark, words in FOREIGN if head.startswith(mark)), _TEXT if is_text(head) else "")


def is_text(head: bytes) -> bool:
    """Whether a file begins as text: UTF-8 without control characters but blanks; no file of Paddle's does."""
    try:
        told = codecs.getincrementaldecoder("utf-8")().decode(head)  # the last character may be cut
    except UnicodeDecodeError:
        return False
    return bool(told) and all(one.isprintable() or one in _BLANKS for one in told)


def is_zip(source: ByteSource) -> bool:
    """Whether a file begins as a zip archive."""
    return source.some(0, len(_ZIP)) == _ZIP


def _is_tensor(head: bytes) -> bool:
    """Whether a file begins with the header of a tensor: two zero versions around the count of levels."""
    if len(head) < 20:  # noqa: PLR2004 - the shortest header
        return False
    version, levels = struct.unpack_from("<IQ", head)
    inner, length = struct.unpack_from("<Ii", head, 12)
    return bool(
        not version and 0 <= levels <= _MAX_LEVELS and (levels or (not inner and 0 < length < _MAX_DESCRIPTION))
    )


def _is_program(head: bytes) -> bool:
    """Whether a file begins as a block whose index and parent come first, as protobuf writes them."""
    return head[:1] == b"\x0a" and b"\x08\x00\x10" in head[:16]
