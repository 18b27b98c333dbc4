"""How the readers say that a file is not what it should be, and the limits no file may make them exceed."""

MAX_PROGRAM = 128 * 1024**2
"""Bytes of a program file. A program holds no weights: 128 MB are some 200,000 operators."""
MAX_FIELDS = 4_000_000
"""Protobuf fields looked at in one program."""
MAX_ITEMS = 12_000_000
"""Commas in one JSON program: each may become one small object in memory."""
MAX_TENSORS = 200_000
"""Tensors in one parameter file."""
MAX_OPCODES = 2_000_000
"""Pickle opcodes looked at in one file."""
MAX_RANK = 64
"""Dimensions of one tensor."""
MAX_NAME = 400
"""Characters of one name that are kept."""


class DamageError(Exception):
    """A file is broken at one place; `what` is the sentence people read, `offset` the byte (-1 where none is known)."""

    def __init__(self, what: str, offset: int = -1) -> None:
        self.what = what
        self.offset = offset
        super().__init__(what if offset < 0 else f"{what} (at byte {offset:,})")
