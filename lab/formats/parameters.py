"""The numbers of a parameter file by name: read whole, because somebody computes with them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lab.formats.damage import DamageError
from lab.formats.source import FileSource
from lab.model.inspection import StreamFacts

LARGEST = 1 << 30
"""Bytes of all parameters together."""


def read(source: FileSource, stream: StreamFacts) -> Mapping[str, "np.ndarray[Any, np.dtype[Any]]"]:
    """Every tensor under the name that its program gives it; DamageError where they are too many, or of an unknown type.

    bfloat16 is as it lies there, in uint16.
    """
    if stream.nbytes > LARGEST:
        raise DamageError(
            f"too large to compute with: {stream.nbytes:,} bytes of parameters, at most {LARGEST:,} are read"
        )
    found = {}
    for one in stream.tensors:
        try:
            kind = np.dtype({"bfloat16": "uint16"}.get(one.dtype, one.dtype)).newbyteorder("<")
        except TypeError as error:
            raise DamageError(f"{one.name} has the element type {one.dtype}", one.offset) from error
        data = source.at(one.offset, one.nbytes, one.name)
        found[one.name] = np.frombuffer(data, kind).reshape(one.shape)
    return found
