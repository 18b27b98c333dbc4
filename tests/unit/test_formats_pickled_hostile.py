"""No pickle that executes is called harmless: held against real loads, both unpicklers of Python, and a scanner."""

import io
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from picklescan.scanner import SafetyLevel, scan_pickle_bytes

from lab import formats
from lab.formats import pickle_values, pickled
from lab.formats.source import MemorySource
from lab.model.inspection import InspectLevel
from lab.text import clean
from tests.unit import pickle_assembler as assembler
from tests.unit import pickle_child
from tests.unit.pickle_assembler import short

ROOT = Path(__file__).parents[2]
EXAMPLES = int(os.environ.get("LAB_EXAMPLES", "25"))
NAMES = ("net.pdparams", "net.pdopt", "net.pdiparams.info", "net.pdiparams", "net.pkl")


class Child:
    """A process that loads what it is given."""

    def __init__(self) -> None:
        words = [sys.executable, pickle_child.__file__]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def executes(self, path: Path, marker: Path) -> bool:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([str(path), str(marker)]) + "\n")
        self.process.stdin.flush()
        told = bool(json.loads(self.process.stdout.readline()))
        shutil.rmtree(marker, ignore_errors=True)
        return told


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    one = Child()
    with one.process:
        yield one
    assert one.process.returncode == 0


def follow(data: bytes) -> pickled.Pickle:
    return pickled.read(MemorySource(data=data))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_file_that_executes_is_called_harmless(
    child: Child, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    marker = folder / "executed"
    path = folder / data.draw(st.sampled_from(NAMES))
    path.write_bytes(data.draw(assembler.wrapped(str(marker))))
    found = formats.inspect(path)
    assert not marker.exists()
    assert child.executes(path, marker)
    path.unlink()
    assert not any(one.harmless for one in found.pickles)
    assert [one for one in found.findings if one.level is InspectLevel.WARNING and "do not load it" in one.remedy]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.one_of(assembler.executing("/tmp/x"), assembler.programs()))
def test_it_is_at_least_as_strict_as_a_scanner(data: bytes) -> None:
    if not follow(data).harmless:
        return
    scanned = scan_pickle_bytes(io.BytesIO(data), "x")
    assert not scanned.issues_count
    strange = {(one.module, one.name) for one in scanned.globals if one.safety is not SafetyLevel.Innocuous}
    assert strange <= set(pickle_values.USUAL)


class Recorder:
    """What every name stands for while a pickle is followed for real: it can be called and changed, and does nothing."""

    def __new__(cls, *_: Any, **__: Any) -> Self:
        return super().__new__(cls)

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __setstate__(self, _: Any) -> None: ...

    def __call__(self, *_: Any) -> "Recorder":
        return self

    def __setitem__(self, _: Any, __: Any) -> None: ...

    def append(self, _: Any) -> None: ...

    add = extend = append


def asked(unpickler: type, data: bytes) -> tuple[list[str], bool]:
    """The names that an unpickler of Python asks for, each once, and whether it came to the end."""
    names: dict[str, None] = {}

    class Asking(unpickler):  # type: ignore[misc]
        def find_class(self, module: str, name: str) -> type[Recorder]:
            names[clean(f"{module}.{name}", 400)] = None
            return Recorder

        def persistent_load(self, _: Any) -> Recorder:
            return Recorder()

    try:
        Asking(io.BytesIO(data), encoding="latin1").load()
    except Exception:  # noqa: BLE001 - whatever a strange pickle ends in
        return list(names), False
    return list(names), True


@settings(max_examples=5 * EXAMPLES, deadline=None)
@given(data=st.one_of(assembler.programs(), assembler.executing("/tmp/x")))
@pytest.mark.parametrize("unpickler", [pickle.Unpickler, pickle._Unpickler])
def test_the_modelled_machine_asks_for_the_names_that_pythons_own_ask_for(unpickler: type, data: bytes) -> None:
    names, ended = asked(unpickler, data)
    found = follow(data)
    assert set(names) <= set(found.imports)
    if ended:
        assert found.damage is None
    if found.harmless:
        assert all(tuple(name.rsplit(".", 1)) in pickle_values.USUAL for name in names)


POP = short("os") + short("mkdir") + short("numpy.core.multiarray") + short("_reconstruct") + b"00\x93"
TEXT_CALL = b"cos\nmkdir\n(S'%s'\ntR"
EXECUTING: dict[str, Callable[[str], bytes]] = {
    "b_pop of the campaign": lambda marker: b"\x80\x04" + POP + short(marker) + b"\x85R.",
    "POP_MARK": lambda marker: (
        short("os") + short("mkdir") + b"(" + short("numpy") + short("dtype") + b"1\x93" + short(marker) + b"\x85R."
    ),
    "DUP": lambda marker: short("os") + short("mkdir") + b"20\x93" + short(marker) + b"\x85R.",
    "text PUT and GET": lambda marker: (
        b"S'os'\np7\n0S'mkdir'\np8\n0S'numpy'\n0g7\ng8\n\x93(S'%s'\ntR." % marker.encode()
    ),
    "LONG_BINPUT": lambda marker: (
        short("os") + b"r\x07\0\0\0000j\x07\0\0\0" + short("mkdir") + b"\x93" + short(marker) + b"\x85R."
    ),
    "MEMOIZE": lambda marker: short("os") + b"\x940h\x00" + short("mkdir") + b"\x93" + short(marker) + b"\x85R.",
    "protocol 0": lambda marker: TEXT_CALL % marker.encode() + b".",
    "INST": lambda marker: b"(S'%s'\nios\nmkdir\n." % marker.encode(),
    "OBJ": lambda marker: b"(cos\nmkdir\nS'%s'\no." % marker.encode(),
    "NEWOBJ": lambda marker: b"cfunctools\npartial\ncos\nmkdir\nS'%s'\n\x86\x81)R." % marker.encode(),
    "NEWOBJ_EX": lambda marker: b"cfunctools\npartial\ncos\nmkdir\nS'%s'\n\x86}\x92)R." % marker.encode(),
    "BUILD": lambda marker: assembler.by_state(marker) + b".",
    "EXT1": lambda marker: assembler.extension(marker) + b".",
    "a name with a dot": lambda marker: b"\x80\x04cnumpy\nf2py.os.mkdir\n(S'%s'\ntR." % marker.encode(),
    "numpy runs text": lambda marker: assembler.numpys(f"__import__('os').mkdir({marker!r})") + b".",
    "nearly a DenseTensor": lambda marker: assembler.nearly_paddles(f"__import__('os').mkdir({marker!r})") + b".",
    "a second pickle": lambda marker: pickle.dumps({"a": 1}, 2) + TEXT_CALL % marker.encode() + b".",
    "another mark": lambda marker: b"GGUF" + bytes(5) + b"0" + TEXT_CALL % marker.encode() + b".",
    "then damage": lambda marker: TEXT_CALL % marker.encode() + b"\xff",
    "a long line first": lambda marker: b"S'" + b"a" * 9000 + b"'\n0" + TEXT_CALL % marker.encode() + b".",
}


@pytest.mark.parametrize("made", EXECUTING.values(), ids=EXECUTING)
def test_each_way_to_execute_is_seen_whatever_the_file_is_called(
    child: Child, tmp_path: Path, made: Callable[[str], bytes]
) -> None:
    marker = tmp_path / "executed"
    for name in NAMES:
        path = tmp_path / name
        path.write_bytes(made(str(marker)))
        found = formats.inspect(path)
        assert child.executes(path, marker)
        assert found.pickles
        assert not any(one.harmless for one in found.pickles)
        assert any("do not load it" in one.remedy for one in found.findings)
        path.unlink()
