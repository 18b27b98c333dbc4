"""What a reference keeps of an output that is too large to be kept whole."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """What of an array was kept: of one of this `shape` every `step`-th element in C order, and the sha256 of all bytes."""

    shape: tuple[int, ...]
    step: int
    sha256: str
