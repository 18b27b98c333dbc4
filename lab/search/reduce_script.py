"""A reduced model as one file of plain Paddle: a scenario for the lab, and a script for whoever has none of it."""

import base64
import json
import textwrap
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lab import shell
from lab.compare.tolerance import tiers
from lab.cut.filling import Array
from lab.model import Kind, Outcome
from lab.model.reduction import NOT_CLEAN, Filling, FillKind, ReducedSide
from lab.search import reduce_ways

_LINE = 110
_SHOWN = 64
"""Numbers of the right answer that stand in the script as numbers; more of them are packed."""


@dataclass(frozen=True, kw_only=True)
class ScriptTensor:
    """One tensor as the script makes it: Paddle's number of its element type, how numpy has it, its shape, and its numbers."""

    name: str
    number: int
    dtype: str
    shape: tuple[int, ...]
    filling: Filling
    data: bytes = b""

    @property
    def how(self) -> str:
        """Its numbers as Python: one number, what a draw needs, or the numbers themselves, packed."""
        one = self.filling
        if one.kind is FillKind.CONSTANT:
            return repr(one.value)
        if one.kind is FillKind.SEEDED:
            return repr((one.seed, one.mean, one.deviation, one.low, one.high))
        return repr(base64.b64encode(zlib.compress(self.data, 9)).decode())


@dataclass(frozen=True, kw_only=True)
class ScriptFacts:
    """All that the script says: both sides, what was seen, the program, its tensors, and what is right."""

    good: ReducedSide
    bad: ReducedSide
    saver: str
    loader: str
    seen: Outcome
    operators: Sequence[str]
    ending: str
    program: bytes
    tensors: Sequence[ScriptTensor]
    inputs: Sequence[ScriptTensor]
    right: Mapping[str, Array]
    slow: bool = False


def text(facts: ScriptFacts, *, clean: bool = True) -> str:
    """The file, byte for byte the same for the same facts; not `clean` it says below its header that it is for nobody else."""
    names, alone = ", ".join(facts.operators), command(facts.bad, "THIS_FILE")
    parts = [
        _header(facts),
        *([] if clean else [NOT_CLEAN]),
        f'"""{_summary(facts)}.\n\nA reduced model: {names}. Run it by itself with the Paddle that fails: {alone}\n"""\n',
        _IMPORTS,
        f"GOOD, BAD = {facts.good.route!r}, {facts.bad.route!r}",
        f"ENDING = {facts.ending!r}",
        _program(facts),
        "# Each: Paddle's number of its element type, how numpy has it, its shape, and its numbers",
        "# (one for all, or seed, mean, deviation, lowest and highest of a draw, or the numbers themselves).",
        _tuple("TENSORS", [f"({one.number}, {one.dtype!r}, {one.shape!r}, {one.how})" for one in facts.tensors]),
        _tuple("INPUTS", [f"({one.name!r}, {one.dtype!r}, {one.shape!r}, {one.how})" for one in facts.inputs]),
        "# Each output: its element type, its shape, how far from it is not wrong (relative, absolute), and its numbers.",
        _tuple("RIGHT", [_right(name, array) for name, array in facts.right.items()]),
        _FUNCTIONS,
        reduce_ways.text([facts.good.route, facts.bad.route]),
        _MAIN,
    ]
    return "\n".join(parts)


def _summary(facts: ScriptFacts) -> str:
    said = "it takes longer" if facts.slow else _failure(facts.seen)
    return f"{said} by {facts.bad.route} of {facts.bad.release}, and not by {facts.good.route} of {facts.good.release}"


def _failure(seen: Outcome) -> str:
    if seen.kind is Kind.NUMERIC_MISMATCH:
        return f"wrong numbers ({seen.reason})"
    return f"{seen.type or seen.kind.value} in {seen.phase.value}"


def command(side: ReducedSide, path: str) -> str:
    """How the script at a path is run by itself so that it shows the failure: what is set before the import stands before it."""
    words = [f"{name}={shell.quote(value)}" for name, value in sorted(side.env.items())]
    return " ".join([*words, "python", shell.quote(path)])


def selector(side: ReducedSide) -> str:
    """A side as --releases takes it: its release, with the variables that are set there."""
    return "+".join([side.release, *(f"{name}={value}" for name, value in sorted(side.env.items()))])


def _header(facts: ScriptFacts) -> str:
    lines = [
        "/// script", 'requires-python = ">=3.8"', 'dependencies = ["paddlepaddle", "numpy"]', "", "[tool.lab]",
        f"summary = {json.dumps(_summary(facts))}",
        f"routes = {json.dumps(list(dict.fromkeys([facts.good.route, facts.bad.route])))}", f"timed = {json.dumps(facts.slow)}", "",
        *_expected(facts, facts.saver, facts.good), *_expected(facts, facts.loader, facts.bad)[:-1],
        *_wrong(facts.seen), "///",
    ]  # fmt: skip
    return "\n".join(f"# {one}".rstrip() for one in lines)


def _expected(facts: ScriptFacts, loader: str, side: ReducedSide) -> list[str]:
    return [
        "[[tool.lab.expect]]",
        f"saver = {json.dumps(facts.saver)}",
        *_env("saver_env", facts.good.env),
        f"loader = {json.dumps(loader)}",
        *_env("loader_env", side.env),
        f"route = {json.dumps(side.route)}",
        "",
    ]


def _env(name: str, env: Mapping[str, str]) -> list[str]:
    pairs = ", ".join(f"{key} = {json.dumps(value)}" for key, value in sorted(env.items()))
    return [f"{name} = {{ {pairs} }}"] if pairs else []


def _wrong(seen: Outcome) -> list[str]:
    found = [f"outcome = {json.dumps(seen.kind.value)}", f"phase = {json.dumps(seen.phase.value)}"]
    if seen.kind is Kind.NUMERIC_MISMATCH:
        return [*found, f"reason = {json.dumps(seen.reason)}"]
    return [*found, f"type = {json.dumps(seen.type)}"] if seen.type else found


def _program(facts: ScriptFacts) -> str:
    if facts.ending == ".json":
        lines = textwrap.wrap(facts.program.decode(), _LINE, break_on_hyphens=False, drop_whitespace=False)
        return "\n".join(["PROGRAM = (", *(f"    {one!r}" for one in lines), ").encode()"])
    lines = textwrap.wrap(base64.b64encode(facts.program).decode(), _LINE)
    return "\n".join(["PROGRAM = base64.b64decode(", *(f"    {one!r}" for one in lines), ")"])


def _tuple(name: str, items: Sequence[str]) -> str:
    return "\n".join([f"{name} = (", *(f"    {one}," for one in items), ")"]) if items else f"{name} = ()"


def _right(name: str, array: Array) -> str:
    """All numbers of one output, with how far from them is still not wrong: the lab's own bounds for a mismatch."""
    finite = np.abs(array[np.isfinite(array)]) if array.dtype.kind in "fc" else np.zeros(0)
    bounds = tiers(array.dtype.name, name, ()).loose.scaled(float(finite.max()) if finite.size else 1.0)
    packed = base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 9)).decode()
    how = array.reshape(-1).tolist() if array.size <= _SHOWN else packed
    return f"({name!r}, {array.dtype.name!r}, {array.shape!r}, {bounds.rtol!r}, {bounds.atol!r}, {how!r})"


_IMPORTS = """\
import base64
import os
import struct
import tempfile
import zlib

import numpy as np
import paddle

nan, inf = float("nan"), float("inf")
"""
_FUNCTIONS = '''

def draw(dtype, shape, how):
    """The numbers of one tensor."""
    kind = np.dtype(dtype)
    if isinstance(how, str):
        return np.frombuffer(zlib.decompress(base64.b64decode(how)), kind).reshape(shape)
    if not isinstance(how, tuple):
        return np.full(shape, how).astype(kind)
    seed, mean, deviation, low, high = how
    rng = np.random.RandomState(seed)
    if kind.kind == "f":
        return np.clip(rng.normal(mean, deviation, shape), low, high).astype(kind)
    return rng.randint(int(low), int(high) + 1, shape).astype(kind)


def varint(value):
    """A number as protobuf writes it."""
    found = b""
    while value > 127:
        found, value = found + struct.pack("B", value & 127 | 128), value >> 7
    return found + struct.pack("B", value)


def write(prefix):
    """The model's files: its program, and its parameters as Paddle stores them."""
    with open(prefix + ENDING, "wb") as file:
        file.write(PROGRAM)
    if not TENSORS:
        return
    with open(prefix + ".pdiparams", "wb") as file:
        for number, dtype, shape, how in TENSORS:
            about = b"\\x08" + varint(number) + b"".join(b"\\x10" + varint(length) for length in shape)
            file.write(struct.pack("<IQIi", 0, 0, 0, len(about)) + about + draw(dtype, shape, how).tobytes())


def inputs(rng):
    """What the model is fed."""
    return {name: draw(dtype, shape, how) for name, dtype, shape, how in INPUTS}


def save(prefix, inputs):
    """Write the model, and answer by the way that is right."""
    write(prefix)
    return answer(GOOD, prefix, inputs)


'''
_MAIN = '''
def told(route, prefix):
    """Open the model by one way, and print how its answer differs from what is right."""
    try:
        found = answer(route, prefix, inputs(None))
    except Exception as error:
        print("{}: {}: {}".format(route, type(error).__name__, str(error).strip()[-300:]), flush=True)
        return
    for name, dtype, shape, rtol, atol, how in RIGHT:
        right = np.array(how, dtype).reshape(shape) if isinstance(how, list) else draw(dtype, shape, how)
        one = found[name]
        if one.shape != right.shape:
            print("{}: {} IS WRONG\\n  right: {}\\n  found: {}".format(route, name, right.shape, one.shape), flush=True)
            continue
        near = np.isclose(one, right, rtol=rtol, atol=atol, equal_nan=True)
        # Whole numbers are the same or not: as floats, large ones that differ by one are equal.
        off = np.flatnonzero(one != right if right.dtype.kind in "iub" else ~near)
        if not len(off):
            print("{}: {} is right".format(route, name), flush=True)
            continue
        print("{}: {} IS WRONG in {} of {} numbers, from number {} on".format(route, name, len(off), one.size, off[0]))
        for said, array in (("right", right), ("found", one)):
            print("  {}: {}".format(said, array.reshape(-1)[off[0] :][:8].tolist()), flush=True)


if __name__ == "__main__":
    print("Paddle", paddle.__version__, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        write(os.path.join(folder, "net"))
        for one in dict.fromkeys([GOOD, BAD]):
            told(one, os.path.join(folder, "net"))
'''
