"""A model taken apart so that parts of it can be models of their own: its operators, the values between them, and a choice of these."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class CutValue:
    """One value between operators, under the name a graph gives it; a dimension of -1 is open, a shape of None means no dense tensor.

    `variable` is what it is called in the file: an operator that works in place makes a new value of the same variable.
    """

    name: str
    variable: str
    dtype: str
    shape: tuple[int, ...] | None

    @property
    def feedable(self) -> bool:
        """Whether it can be given from outside: a dense tensor of an element type that is known."""
        return self.shape is not None and self.dtype not in ("", "unknown")


@dataclass(frozen=True, kw_only=True)
class CutNode:
    """One operator of the main block: the values it reads and makes, in the names of `CutValue`.

    `constant` says that it is made of its own settings alone, as the size that a reshape is given; `blocks` that it holds operators.
    """

    operator: str
    reads: tuple[str, ...]
    makes: tuple[str, ...]
    constant: bool = False
    blocks: bool = False


@dataclass(frozen=True, kw_only=True)
class Anatomy:
    """What a model is made of, in the order its operators run; the nodes are those of its graph, one for one.

    `feeds` and `parameters` map a value to the name people know, `fetches` are values in the order they come out.
    """

    nodes: tuple[CutNode, ...]
    values: Mapping[str, CutValue]
    feeds: Mapping[str, str]
    parameters: Mapping[str, str]
    fetches: tuple[str, ...]
    maker: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Which operators are kept, in their order; which values are given from outside, and which are wanted.

    `along` says of operators that nobody chose why they had to come along.
    """

    kept: tuple[int, ...]
    feeds: tuple[CutValue, ...]
    fetches: tuple[str, ...]
    along: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CutModel:
    """A slice as a model: the bytes of its program, and which parameters of the whole it needs, sorted as its stream has them.

    `parameters` are pairs: the name in the whole model, and the name in this one. `feeds` are pairs of a value and the name
    it is fed by, in the program's order; `fetches` are values in the order they come out. `anchor` is the name of a parameter
    that no operator reads, where there is no other: the predictor of 3.0 opens no .json without one.
    """

    ending: str
    program: bytes
    parameters: tuple[tuple[str, str], ...]
    feeds: tuple[tuple[str, str], ...]
    fetches: tuple[str, ...]
    anchor: str = ""
