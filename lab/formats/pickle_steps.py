"""What each opcode of a pickle does to the machine: all of protocols 0 to 5, and what no model needs leaves a doubt."""

import struct
from collections.abc import Callable

from lab.formats import pickle_texts
from lab.formats import pickle_values as values
from lab.formats.damage import MAX_NAME, DamageError
from lab.formats.pickle_machine import PickleMachine
from lab.formats.pickle_opcodes import FollowedNoFurtherError, PickleStep
from lab.formats.pickle_values import PickleValue, ValueKind

_NEWEST_PROTOCOL = 5
COMPUTED = "it imports a name that is computed while loading: what that is cannot be told"
LONG = "it imports a name longer than any that Paddle has"
OUTSIDE = "it asks for objects from outside the file"
CREATES = "it creates objects of a class, which Paddle's files never do"
STATE = "it changes the inside of an object in a way that Paddle's files never do"

_Do = Callable[[PickleMachine, PickleStep], None]


def take(machine: PickleMachine, step: PickleStep) -> None:
    """One opcode; DamageError where loading would end in an error too."""
    _STEPS[step.name](machine, step)


def _proto(machine: PickleMachine, step: PickleStep) -> None:
    if step.argument[0] > _NEWEST_PROTOCOL:
        raise DamageError(f"damaged: there is no pickle protocol {step.argument[0]}", step.at)
    machine.protocol = max(machine.protocol, step.argument[0])


def _nothing(machine: PickleMachine, step: PickleStep) -> None:
    """FRAME says how much lies ahead, which a reader by position need not know."""
    del machine, step


def _stop(machine: PickleMachine, step: PickleStep) -> None:
    machine.pop(step)


def _mark(machine: PickleMachine, step: PickleStep) -> None:
    del step
    machine.marks.append(len(machine.stack))


def _pop(machine: PickleMachine, step: PickleStep) -> None:
    """POP takes a mark where one is on top, and a value else."""
    if machine.marks and machine.marks[-1] == len(machine.stack):
        machine.marks.pop()
    else:
        machine.pop(step)


def _pop_mark(machine: PickleMachine, step: PickleStep) -> None:
    machine.pop_mark(step)


def _dup(machine: PickleMachine, step: PickleStep) -> None:
    machine.push(machine.top(step))


def _pushes(value: PickleValue) -> _Do:
    def push(machine: PickleMachine, step: PickleStep) -> None:
        del step
        machine.push(value)

    return push


def _whole_number(machine: PickleMachine, step: PickleStep) -> None:
    """An integer, which may say how an array is laid out."""
    if step.name == "INT":
        digits = step.argument if step.whole else b""
        number = int(digits) if digits.removeprefix(b"-").isdigit() else None
    else:
        number = int.from_bytes(step.argument, "little", signed=step.name == "BININT")
    machine.make(values.NUMBER if number is None else PickleValue(ValueKind.NUMBER, str(number)), values.NUMBER)


def _collects(value: PickleValue) -> _Do:
    def collect(machine: PickleMachine, step: PickleStep) -> None:
        machine.pop_mark(step)
        machine.push(value)

    return collect


def _empty_dict(machine: PickleMachine, step: PickleStep) -> None:
    del step
    machine.make(values.empty_dict(), values.ANY_DICT)


def _dict(machine: PickleMachine, step: PickleStep) -> None:
    made = values.empty_dict()
    _fill(made, machine.pop_mark(step), step)
    machine.make(made, values.ANY_DICT)


def _fill(target: PickleValue, items: list[PickleValue], step: PickleStep) -> None:
    if len(items) % 2:
        raise DamageError(f"damaged: {step.name} finds a key without its value", step.at)
    for at in range(0, len(items), 2):
        values.put(target, items[at], items[at + 1])


def _tuple(machine: PickleMachine, step: PickleStep) -> None:
    machine.make(values.tuple_of(machine.pop_mark(step)), values.ANY_TUPLE)


def _small_tuple(machine: PickleMachine, step: PickleStep) -> None:
    items = [machine.pop(step) for _ in range(int(step.name[-1]))][::-1]
    machine.make(values.tuple_of(items), values.ANY_TUPLE)


def _adds(*kinds: ValueKind, many: bool) -> _Do:
    """APPEND(S) and ADDITEMS: of anything but a list or a set they call a method of it."""

    def add(machine: PickleMachine, step: PickleStep) -> None:
        if many:
            machine.pop_mark(step)
        else:
            machine.pop(step)
        if machine.top(step).kind not in (*kinds, ValueKind.FOREIGN):
            machine.doubt(STATE)

    return add


def _setitem(machine: PickleMachine, step: PickleStep) -> None:
    value, key = machine.pop(step), machine.pop(step)
    _set(machine, [key, value], step)


def _setitems(machine: PickleMachine, step: PickleStep) -> None:
    _set(machine, machine.pop_mark(step), step)


def _set(machine: PickleMachine, items: list[PickleValue], step: PickleStep) -> None:
    target = machine.top(step)
    if target.kind not in (ValueKind.DICT, ValueKind.ORDERED_DICT, ValueKind.FOREIGN):
        machine.doubt(STATE)
    _fill(target, items, step)


def _memoize(machine: PickleMachine, step: PickleStep) -> None:
    machine.memo.put(len(machine.memo), machine.top(step), step.at)


def _key(step: PickleStep) -> int:
    """Which memo entry is meant, read as the unpickler reads it."""
    layouts = {1: "<B", 4: "<I"}
    if step.name in ("PUT", "GET"):
        if not step.whole:
            raise FollowedNoFurtherError(f"a memo entry has more than {MAX_NAME} digits: not read further", step.at)
        try:
            return int(step.argument)
        except ValueError as error:
            raise DamageError(f"damaged: {step.name} names no memo entry", step.at) from error
    return int(struct.unpack(layouts[len(step.argument)], step.argument)[0])


def _put(machine: PickleMachine, step: PickleStep) -> None:
    key = _key(step)
    if key < 0:
        raise DamageError(f"damaged: {step.name} names no memo entry", step.at)
    machine.memo.put(key, machine.top(step), step.at)


def _get(machine: PickleMachine, step: PickleStep) -> None:
    machine.push(machine.memo.get(_key(step), step.at))


def _text(machine: PickleMachine, step: PickleStep) -> None:
    machine.text(pickle_texts.decoded(step))


def _lines(machine: PickleMachine, step: PickleStep) -> PickleValue:
    """What the name in the two lines of GLOBAL and INST stands for."""
    module, name = pickle_texts.lines(step)
    if module is not None and name is not None:
        return machine.named(module, name)
    machine.doubt(LONG)
    return values.UNKNOWN


def _global(machine: PickleMachine, step: PickleStep) -> None:
    machine.push(_lines(machine, step))


def _stack_global(machine: PickleMachine, step: PickleStep) -> None:
    name, module = machine.pop(step), machine.pop(step)
    if name.kind is module.kind is ValueKind.TEXT and name.text is not None and module.text is not None:
        machine.push(machine.named(module.text, name.text))
    else:
        machine.doubt(COMPUTED)
        machine.push(values.UNKNOWN)


def _reduce(machine: PickleMachine, step: PickleStep) -> None:
    arguments, what = machine.pop(step), machine.pop(step)
    machine.push(machine.call(what, arguments))


def _build(machine: PickleMachine, step: PickleStep) -> None:
    state, target = machine.pop(step), machine.top(step)
    if target.kind is not ValueKind.FOREIGN and not values.takes_state(target, state):
        machine.doubt(STATE)


def _creates(machine: PickleMachine, step: PickleStep) -> None:
    """INST, OBJ, NEWOBJ, NEWOBJ_EX: no file of Paddle has them, so what they create is not modelled."""
    machine.calls += 1
    machine.doubt(CREATES)
    if step.name == "INST":
        _lines(machine, step)
    if step.name in ("INST", "OBJ"):
        machine.pop_mark(step)
    for _ in range({"NEWOBJ": 2, "NEWOBJ_EX": 3}.get(step.name, 0)):
        machine.pop(step)
    machine.push(values.UNKNOWN)


def _outside(machine: PickleMachine, step: PickleStep) -> None:
    """PERSID, BINPERSID, EXT1/2/4, NEXT_BUFFER, READONLY_BUFFER: what they bring is decided by who loads."""
    machine.doubt(OUTSIDE)
    if step.name in ("BINPERSID", "READONLY_BUFFER"):
        machine.pop(step)
    machine.push(values.UNKNOWN)


_SAME: dict[_Do, str] = {
    _proto: "PROTO",
    _nothing: "FRAME",
    _stop: "STOP",
    _mark: "MARK",
    _pop: "POP",
    _pop_mark: "POP_MARK",
    _dup: "DUP",
    _empty_dict: "EMPTY_DICT",
    _dict: "DICT",
    _tuple: "TUPLE",
    _small_tuple: "TUPLE1 TUPLE2 TUPLE3",
    _setitem: "SETITEM",
    _setitems: "SETITEMS",
    _memoize: "MEMOIZE",
    _put: "PUT BINPUT LONG_BINPUT",
    _get: "GET BINGET LONG_BINGET",
    _text: "SHORT_BINUNICODE BINUNICODE BINUNICODE8 UNICODE STRING BINSTRING SHORT_BINSTRING",
    _global: "GLOBAL",
    _stack_global: "STACK_GLOBAL",
    _reduce: "REDUCE",
    _build: "BUILD",
    _creates: "INST OBJ NEWOBJ NEWOBJ_EX",
    _outside: "PERSID BINPERSID EXT1 EXT2 EXT4 NEXT_BUFFER READONLY_BUFFER",
    _pushes(values.NONE): "NONE",
    _whole_number: "INT BININT BININT1 BININT2",
    _pushes(values.TRUE): "NEWTRUE",
    _pushes(values.FALSE): "NEWFALSE",
    _pushes(values.NUMBER): "LONG LONG1 LONG4 FLOAT BINFLOAT",
    _pushes(values.BYTES): "SHORT_BINBYTES BINBYTES BINBYTES8 BYTEARRAY8",
    _pushes(values.LIST): "EMPTY_LIST",
    _pushes(values.SET): "EMPTY_SET",
    _pushes(values.tuple_of(())): "EMPTY_TUPLE",
    _collects(values.LIST): "LIST",
    _collects(values.SET): "FROZENSET",
    _adds(ValueKind.LIST, many=False): "APPEND",
    _adds(ValueKind.LIST, many=True): "APPENDS",
    _adds(ValueKind.SET, many=True): "ADDITEMS",
}
_STEPS = {name: do for do, names in _SAME.items() for name in names.split()}
