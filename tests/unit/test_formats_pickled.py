import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.formats import pickled
from lab.formats.source import opened
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
    assert read(tmp_path, code).imports == ("a name computed while loading",)


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
    monkeypatch.setattr(pickled, "MAX_OPCODES", 20)
    assert "more than 20 opcodes" in str(read(tmp_path, b"\x80\x04" + b"N" * 30).damage)
