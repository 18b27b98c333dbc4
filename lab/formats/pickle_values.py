"""What a loading pickle has in its hands, as far as it decides what is called; and the calls that Paddle's own files make."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto


class ValueKind(Enum):
    """What a value is; FOREIGN came from a name that Paddle does not write, UNKNOWN cannot be told beforehand."""

    NONE = auto()
    NUMBER = auto()
    TEXT = auto()
    BYTES = auto()
    TUPLE = auto()
    LIST = auto()
    SET = auto()
    DICT = auto()
    ORDERED_DICT = auto()
    ARRAY = auto()
    DTYPE = auto()
    NAMED = auto()
    FOREIGN = auto()
    UNKNOWN = auto()


_MOST_ITEMS = 9
"""Items of a tuple that are kept: no call that is known takes more."""


@dataclass(slots=True, eq=False)
class PickleValue:
    """One value: its kind and, where they are kept, its text (of NAMED: which call, of a number: its digits), items, pairs."""

    kind: ValueKind
    text: str | None = None
    items: tuple["PickleValue", ...] | None = None
    pairs: "dict[str, PickleValue] | None" = None


NONE = PickleValue(ValueKind.NONE)
NUMBER = PickleValue(ValueKind.NUMBER)
TRUE = PickleValue(ValueKind.NUMBER, "1")
FALSE = PickleValue(ValueKind.NUMBER, "0")
BYTES = PickleValue(ValueKind.BYTES)
LONG_TEXT = PickleValue(ValueKind.TEXT)
ANY_TUPLE = PickleValue(ValueKind.TUPLE)
LIST = PickleValue(ValueKind.LIST)
SET = PickleValue(ValueKind.SET)
ANY_DICT = PickleValue(ValueKind.DICT)
ORDERED_DICT = PickleValue(ValueKind.ORDERED_DICT)
ARRAY = PickleValue(ValueKind.ARRAY)
FOREIGN = PickleValue(ValueKind.FOREIGN)
UNKNOWN = PickleValue(ValueKind.UNKNOWN)

_NAMES = {
    "reconstruct": ("numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct"),
    "scalar": ("numpy.core.multiarray scalar", "numpy._core.multiarray scalar"),
    "frombuffer": ("numpy.core.numeric _frombuffer", "numpy._core.numeric _frombuffer"),
    "ndarray": ("numpy ndarray",),
    "dtype": ("numpy dtype",),
    "encode": ("_codecs encode",),
    "OrderedDict": ("collections OrderedDict",),
} | {
    name: (f"builtins {name}", f"__builtin__ {name}")
    for name in ("bytes", "tuple", "list", "dict", "set", "frozenset", "eval")
}
USUAL = {tuple(where.split(" ")): PickleValue(ValueKind.NAMED, call) for call, all_ in _NAMES.items() for where in all_}
"""(module, name) of all that Paddle's own pickles import, seen in files of 2.6.2, 3.0.0 and 3.3.1 or in its sources.

`eval` is among them: paddle.save writes a DenseTensor (LoDTensor) as eval("data", {"data": array}).
"""

_DTYPE = re.compile(r"(?P<kind>[biufcOSUV?])(?P<length>\d{0,9})")
_FLEXIBLE = {"S": (1, "1", "0"), "U": (4, "4", "8"), "V": (1, "1", "0")}
_FIXED = ("-1", "-1", "0")
_OBJECTS = ("-1", "-1", "63")
_K = ValueKind
_ARGUMENTS: dict[str, tuple[tuple[frozenset[ValueKind], ...], PickleValue]] = {
    "reconstruct": ((frozenset({_K.NAMED}), frozenset({_K.TUPLE}), frozenset({_K.BYTES, _K.TEXT})), ARRAY),
    "dtype": ((frozenset({_K.TEXT}), frozenset({_K.NUMBER}), frozenset({_K.NUMBER})), UNKNOWN),
    "scalar": ((frozenset({_K.DTYPE}), frozenset({_K.BYTES})), NUMBER),
    "frombuffer": (
        (frozenset({_K.BYTES}), frozenset({_K.DTYPE}), frozenset({_K.TUPLE}), frozenset({_K.TEXT})),
        ARRAY,
    ),
    "encode": ((frozenset({_K.TEXT}), frozenset({_K.TEXT})), BYTES),
    "OrderedDict": ((), ORDERED_DICT),
    "bytes": ((), BYTES),
    "tuple": ((frozenset({_K.TUPLE, _K.LIST}),), ANY_TUPLE),
    "list": ((frozenset({_K.TUPLE, _K.LIST}),), LIST),
    "set": ((frozenset({_K.TUPLE, _K.LIST}),), SET),
    "frozenset": ((frozenset({_K.TUPLE, _K.LIST}),), SET),
    "dict": ((), ANY_DICT),
    "eval": ((frozenset({_K.TEXT}), frozenset({_K.DICT})), ARRAY),
}
"""What each call takes and gives; `ndarray` is only ever handed to `reconstruct`."""


def text(content: str | None) -> PickleValue:
    """A text; one whose content is not known cannot name anything."""
    return LONG_TEXT if content is None else PickleValue(ValueKind.TEXT, content)


def tuple_of(items: Sequence[PickleValue]) -> PickleValue:
    """A tuple with its items, unless they are many; what lies deeper than one level is not kept."""
    if len(items) > _MOST_ITEMS:
        return ANY_TUPLE
    return PickleValue(_K.TUPLE, items=tuple(ANY_TUPLE if one.kind is _K.TUPLE else one for one in items))


def empty_dict() -> PickleValue:
    """A dict that remembers its first few pairs."""
    return PickleValue(_K.DICT, pairs={})


def put(target: PickleValue, key: PickleValue, value: PickleValue) -> None:
    """Set one item of a dict: it forgets all its pairs where they become many, or a key is no known text."""
    if target.pairs is None:
        return
    if key.text is None or key.kind is not _K.TEXT or len(target.pairs) >= _MOST_ITEMS:
        target.pairs = None
        return
    deeper = {_K.TUPLE: ANY_TUPLE, _K.DICT: ANY_DICT}
    target.pairs[key.text] = deeper.get(value.kind, value)


def called(call: str, arguments: PickleValue) -> PickleValue | None:
    """What a usual call gives; None where its arguments are not those that Paddle's files give it."""
    wanted, result = _ARGUMENTS.get(call, ((), None))
    given = arguments.items
    if result is None or given is None or len(given) != len(wanted):
        return None
    if any(one.kind not in kinds for one, kinds in zip(given, wanted, strict=True)):
        return None
    if not _meant(call, given):
        return None
    return PickleValue(_K.DTYPE, given[0].text) if call == "dtype" else result


def _meant(call: str, given: Sequence[PickleValue]) -> bool:
    """Whether arguments of the right kinds also say what they must."""
    if call == "reconstruct":
        return given[0].text == "ndarray"
    if call == "dtype":  # without a copy, BUILD would change the element type of the whole process
        return _DTYPE.fullmatch(given[0].text or "") is not None and given[2].text == "1"
    if call == "encode":
        return given[1].text == "latin1"
    if call == "eval":
        pairs = given[1].pairs or {}
        return given[0].text == "data" and list(pairs) == ["data"] and pairs["data"].kind is _K.ARRAY
    return True


def takes_state(target: PickleValue, state: PickleValue) -> bool:
    """Whether BUILD does to an array or an element type what numpy's own pickles do."""
    items = state.items or ()
    kinds = [one.kind for one in items]
    if target.kind is _K.ARRAY:
        return kinds in (
            [_K.NUMBER, _K.TUPLE, _K.DTYPE, _K.NUMBER, _K.BYTES],
            [_K.NUMBER, _K.TUPLE, _K.DTYPE, _K.NUMBER, _K.LIST],
        )
    # The third to fifth item would be the parts of a structured type, which the state can place out of bounds.
    plain = [_K.NUMBER, _K.TEXT, _K.NONE, _K.NONE, _K.NONE, _K.NUMBER, _K.NUMBER, _K.NUMBER]
    if target.kind is not _K.DTYPE or kinds != plain:
        return False
    return tuple(one.text for one in items[-3:]) == _layout(target.text or "")


def _layout(dtype: str) -> tuple[str, str, str]:
    """Size, alignment and flags in the state of an element type, as numpy 1.26 and 2.x write them.

    Wrong ones make numpy take numbers for pointers or read beyond an array, so nothing else will do.
    """
    found = _DTYPE.fullmatch(dtype)
    if found is None or found["kind"] not in _FLEXIBLE:
        return _OBJECTS if found and found["kind"] == "O" else _FIXED
    unit, alignment, flags = _FLEXIBLE[found["kind"]]
    return str(unit * int(found["length"] or 0)), alignment, flags
