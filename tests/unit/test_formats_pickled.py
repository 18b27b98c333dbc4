import pickle
from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.formats import pickle_machine, pickle_opcodes, pickle_steps, pickled
from lab.formats.source import MemorySource, opened
from tests.unit.formats_files import OLD

PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=12,
)


class Evil:
    def __reduce__(self) -> Any:
        return eval, ("1 / 0",)


def read(folder: Path, data: bytes) -> pickled.Pickle:
    path = folder / "net.pdparams"
    path.write_bytes(data)
    with opened(path) as source:
        return pickled.read(source)


@given(value=PLAIN, protocol=st.integers(3, 5))
def test_plain_values_import_nothing(value: object, protocol: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    found = read(tmp_path_factory.getbasetemp(), pickle.dumps(value, protocol))
    assert found == pickled.Pickle(protocol=protocol, imports=())
    assert found.harmless


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_arrays_import_numpy_and_nothing_else(tmp_path: Path, protocol: int) -> None:
    state = OrderedDict(w=np.ones((2, 3), "float32"), b=np.zeros(3, "float64"))
    found = read(tmp_path, pickle.dumps(state, protocol))
    assert found.damage is None
    assert {name.partition(".")[0] for name in found.imports} <= {"numpy", "collections", "_codecs"}
    assert "collections.OrderedDict" in found.imports


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_hostile_pickle_is_named_by_what_it_would_import_and_never_run(tmp_path: Path, protocol: int) -> None:
    found = read(tmp_path, pickle.dumps({"w": Evil(), "v": Evil()}, protocol))
    assert found.imports == (("builtins.eval",) if protocol == 4 else ("__builtin__.eval",))


def test_a_name_that_is_computed_while_loading_is_said_to_be_hidden(tmp_path: Path) -> None:
    code = b"\x80\x04\x8c\x02osN\x93."
    found = read(tmp_path, code)
    assert found.imports == ()
    assert found.doubts == (pickle_steps.COMPUTED,)
    assert not found.harmless


def test_real_pickles_of_paddle_are_read_to_their_end() -> None:
    with opened(OLD / "net.pdparams") as source:
        state = pickled.read(source)
    with opened(OLD / "net.pdiparams.info") as source:
        info = pickled.read(source)
    assert state.imports == ("numpy.core.multiarray._reconstruct", "numpy.ndarray", "numpy.dtype")
    assert (info.protocol, info.imports) == (2, ())
    assert state.damage is None
    assert info.damage is None


def test_every_cut_of_a_real_pickle_is_named(tmp_path: Path) -> None:
    data = (OLD / "net.pdparams").read_bytes()
    assert all(read(tmp_path, data[:length]).damage for length in range(1, len(data), 3))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x80\x04\x8e" + b"\xff" * 8, "wants 18,446,744,073,709,551,615 bytes"),
        (b"\x80\x04\x8b\xff\xff\xff\xff", "wants -1 bytes"),
        (b"\x80\x04\xff", "0xff is no pickle opcode"),
        (b"\x80\x04cos\nsystem", "does not end"),
        (b"\x80\x04", "ends inside the opcodes"),
    ],
)
def test_a_length_that_cannot_be_is_damage_and_not_memory(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in str(read(tmp_path, data).damage)


def test_a_pickle_of_countless_opcodes_is_not_read_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = partial(pickle_opcodes.OpcodeReader, left=20)
    monkeypatch.setattr(pickled, "OpcodeReader", reader)
    found = read(tmp_path, b"\x80\x04" + b"N" * 30)
    assert "opcodes: not read further" in str(found.damage)
    assert found.doubts == ("it was not followed to its end",)


ELEMENTS = ("?", "i1", "u2", "i8", "f2", "f4", "f8", "c8", "c16", "U3", "S5", "V4", "O")


@given(
    dtype=st.sampled_from(ELEMENTS),
    shape=st.lists(st.integers(0, 3), max_size=3),
    order=st.sampled_from("CF"),
    protocol=st.integers(0, 5),
)
def test_arrays_of_every_kind_are_what_paddle_writes(dtype: str, shape: list[int], order: Any, protocol: int) -> None:
    state = OrderedDict(w=np.zeros(shape, dtype, order=order), b=np.ones(2)[0], c=({1}, frozenset({2}), b"", b"x", 2.5))
    found = pickled.read(MemorySource(data=pickle.dumps(state, protocol)))
    assert found.harmless, found


class DenseTensor:
    """What paddle.save does with a DenseTensor (LoDTensor): framework/io.py of 2.6.2 to 3.3.1."""

    def __reduce__(self) -> Any:
        return eval, ("data", {"data": np.ones((2, 2), "float32")})


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_the_one_eval_that_paddle_writes_is_known(protocol: int) -> None:
    found = pickled.read(MemorySource(data=pickle.dumps({"a": DenseTensor(), "b": DenseTensor()}, protocol)))
    assert found.harmless, found


def arrays_with(change: bytes, by: bytes) -> pickled.Pickle:
    data = pickle.dumps(np.ones(2, "float32"), 2)
    assert change in data
    return pickled.read(MemorySource(data=data.replace(change, by)))


@pytest.mark.parametrize(
    ("change", "by"),
    [
        (b"K\x00tq", b"K\x3ftq"),  # flags that take numbers for pointers
        (b"NNN", b"NN}"),  # parts of a structured type
        (b"J\xff\xff\xff\xff", b"J\xff\xff\xff\x0f"),  # a size that is not its own
        (b"\x89\x88\x87q", b"\x89\x89\x87q"),  # not a copy: the type of the whole process
        (b"latin1", b"utf_16"),
        (b"cnumpy\nndarray\n", b"cnumpy\ndtype\n"),
    ],
)
def test_an_array_laid_out_as_numpy_never_does_is_not_called_harmless(change: bytes, by: bytes) -> None:
    assert arrays_with(change, change).harmless
    found = arrays_with(change, by)
    assert found.doubts
    assert not found.harmless


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"N.N.", "2 bytes lie behind its end"),
        (b"N.PK\x03\x04", "4 bytes lie behind its end"),
        (b"Psome\n.", pickle_steps.OUTSIDE),
        (b"NQ.", pickle_steps.OUTSIDE),
        (b"\x82\x01.", pickle_steps.OUTSIDE),
        (b"\x97.", pickle_steps.OUTSIDE),
        (b"ccollections\nOrderedDict\n)\x81.", pickle_steps.CREATES),
        (b"NNb.", pickle_steps.STATE),
        (b"cnumpy\ndtype\nNNs.", pickle_steps.STATE),
        (b"N)R.", pickle_machine.UNTOLD),
        (b"cnumpy\nndarray\n(K\x01tR.", "it calls ndarray with other values"),
        (b"cbuiltins\nbytes\n(J\xff\xff\xff\x7ftR.", "it calls bytes with other values"),
        (b"c" + b"a" * 500 + b"\nb\n.", "longer than any"),
    ],
)
def test_what_paddles_files_never_do_is_said(data: bytes, said: str) -> None:
    found = pickled.read(MemorySource(data=data))
    assert any(said in one for one in found.doubts), found
    assert not found.harmless


def test_an_eval_that_is_only_imported_is_foreign_too() -> None:
    assert pickled.read(MemorySource(data=b"cbuiltins\neval\n.")).foreign == ("builtins.eval",)


def test_what_is_behind_the_end_is_named_too() -> None:
    found = pickled.read(MemorySource(data=b"N." * 5 + b"cos\nsystem\n."))
    assert found.foreign == ("os.system",)


def test_memory_stays_small_whatever_is_piled_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle_machine, "MAX_KEPT", 10)
    monkeypatch.setattr(pickle_machine, "MAX_TEXTS", 10)
    assert pickled.read(MemorySource(data=b"}" * 30 + b".")).harmless
    many = b"\x8c\x02os" * 20 + b"\x93."
    assert pickled.read(MemorySource(data=many)).doubts == (pickle_steps.COMPUTED,)


def test_memo_entries_out_of_order_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle_machine, "MAX_SPARSE", 10)
    found = pickled.read(MemorySource(data=b"N" + b"".join(b"p%d\n" % (1000 - at) for at in range(20)) + b"."))
    assert "memo entries out of order" in str(found.damage)
    assert not found.harmless


def test_an_escape_that_is_none_is_read_as_the_unpickler_reads_it() -> None:
    found = pickled.read(MemorySource(data=b"S'o\\Ys'\nS'x'\n\x93."))
    assert found.imports == (r"o\Ys.x",)
