"""The rules by which a value parts, batches are made, and places are chosen."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.check import given_model, sample_inputs
from lab.environment import load
from lab.errors import UsageError
from lab.model import Kind, Outcome, Phase
from lab.model.cutting import CutValue
from lab.model.location import CutSeen, CutSort
from lab.search.judge import resembles
from lab.search.locate import numbers, record, subject
from lab.search.locate.request import REFERENCES, SideWords, sides
from lab.storage.store import Store
from tests.conftest import ROOT

GIVEN = ROOT / "tests" / "golden" / "given"
CATALOGUE = load(ROOT / "images")


def seen(folder: Path, good: np.ndarray, bad: np.ndarray, kind: str = "float32") -> CutSeen:
    for name, one in (("good", good), ("bad", bad)):
        sample_inputs.keep({"out0": one}, folder, name)
    (found,) = numbers.seen(folder / "good.npz", folder / "bad.npz", [kind])
    return found


def test_rounding_beside_large_values_is_no_difference_though_single_elements_are_far_off(tmp_path: Path) -> None:
    good = np.full(1000, 100.0, "float32")
    good[7] = 1e-4
    bad = good.copy()
    bad[7] = 1e-3  # ten times the element, and a hundred-thousandth of what was added up around it
    found = seen(tmp_path, good, bad)
    assert (found.sort, found.grade) == (CutSort.AGREES, "mismatch")
    assert found.relative == pytest.approx(9e-6, rel=0.01)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_a_thousandth_of_the_largest_value_parts_at_every_size(tmp_path: Path, size: float) -> None:
    good = np.linspace(-size, size, 501).astype("float32")
    bad = good.copy()
    bad[3] += np.float32(size * 2e-3)
    assert seen(tmp_path, good, bad).sort is CutSort.PARTS
    assert seen(tmp_path, good, good).sort is CutSort.AGREES


def test_whole_numbers_part_at_the_first_that_differs(tmp_path: Path) -> None:
    good = np.arange(100_000)
    bad = good.copy()
    bad[1] += 1
    assert seen(tmp_path, good, bad, "int64").sort is CutSort.PARTS


def test_bfloat16_is_held_to_its_own_tolerance_and_not_to_that_of_its_bits(tmp_path: Path) -> None:
    bits = np.array([0x3F80, 0x4000, 0x4040], "uint16")  # 1, 2, 3
    near, far = bits.copy(), bits.copy()
    near[0] += 1
    far[0] = 0x4000
    assert seen(tmp_path, bits, near, "bfloat16").sort is CutSort.AGREES
    assert seen(tmp_path, bits, far, "bfloat16").sort is CutSort.PARTS


def test_another_shape_parts_and_another_number_of_outputs_says_nothing(tmp_path: Path) -> None:
    assert seen(tmp_path, np.ones(3, "float32"), np.ones(4, "float32")).sort is CutSort.PARTS
    sample_inputs.keep({"out0": np.ones(3), "out1": np.ones(3)}, tmp_path, "two")
    found = numbers.seen(tmp_path / "good.npz", tmp_path / "two.npz", ["float32"])
    assert CutSort.UNKNOWN in {one.sort for one in found}


def test_a_file_that_is_no_outputs_is_not_known_and_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"no")
    (tmp_path / "a.json").write_text("{}")
    (found,) = numbers.seen(tmp_path / "a.npz", tmp_path / "a.npz", ["float32"])
    assert found.sort is CutSort.UNKNOWN


CUTS = st.builds(CutSeen, sort=st.sampled_from(CutSort), relative=st.one_of(st.none(), st.floats(0, 1)))


@given(st.lists(CUTS, min_size=1, max_size=6))
def test_the_worst_of_several_outputs_speaks_for_the_cut(several: list[CutSeen]) -> None:
    found = numbers.worst(several)
    assert found in several
    assert found.sort.bad == any(one.sort.bad for one in several)
    if found.sort is CutSort.AGREES:
        assert {one.sort for one in several} == {CutSort.AGREES}


@given(st.lists(st.integers(1, 1 << 20), max_size=60), st.integers(1, 8), st.integers(1, 1 << 22))
def test_batches_hold_every_value_once_in_order_and_no_more_than_fits(sizes: list[int], most: int, room: int) -> None:
    values = [
        CutValue(name=f"%{place}", variable=f"%{place}", dtype="float32", shape=(size,))
        for place, size in enumerate(sizes)
    ]
    found = record.batches(values, most, room)
    assert [name for batch in found for name in batch] == [one.name for one in values]
    held = {one.name: 8 * (one.shape or (0,))[0] for one in values}
    assert all(batch and len(batch) <= most for batch in found)
    assert all(len(batch) == 1 or sum(held[name] for name in batch) <= room for batch in found)


def crash(detail: str = "", signal: str = "SIGSEGV", phase: Phase = Phase.LOAD) -> Outcome:
    return Outcome(
        kind=Kind.NATIVE_CRASH,
        phase=phase,
        type=signal,
        signature=f"{phase}:{signal}:v2-{abs(hash(detail)):012d}",
        detail=detail,
    )


STACK = "C++ Traceback (most recent call last):\n0   paddle::A::Run(int)\n1   pir::B::data() const\n"


def test_a_crash_without_a_stack_is_told_by_its_signal_and_one_with_a_stack_by_that() -> None:
    assert resembles(crash(STACK), crash())
    assert not resembles(crash(STACK), crash(signal="SIGABRT"))
    assert not resembles(crash(STACK), crash(phase=Phase.INFER))
    assert not resembles(crash(STACK), crash(STACK.replace("pir::B::data", "phi::C::other")))


def test_a_cut_fails_as_the_whole_does_only_where_the_whole_is_known_to_fail() -> None:
    failure = Outcome(
        kind=Kind.PY_EXCEPTION, phase=Phase.LOAD, type="ValueError", signature="load:ValueError:v2-000000000001"
    )
    assert numbers.failing(failure, failure).sort is CutSort.FAILS
    assert numbers.failing(failure, None).sort is CutSort.OTHER
    wrong = Outcome(kind=Kind.NUMERIC_MISMATCH, phase=Phase.COMPARE, signature="x")
    assert numbers.failing(failure, wrong).sort is CutSort.OTHER
    lost = Outcome(kind=Kind.INFRA_ERROR, phase=Phase.LOAD)
    assert numbers.failing(lost, failure).sort is CutSort.UNKNOWN


def test_without_names_the_writer_is_held_against_the_newest_and_one_place_never_against_itself() -> None:
    given_ = given_model.look(GIVEN / "nearest_2-2.6.2")
    good, bad = sides(given_, CATALOGUE, SideWords(), SideWords())
    assert (good.place.environment.release.version, good.routes) == ("2.6.2", REFERENCES)
    assert bad.place.environment.release == CATALOGUE.newest
    here = SideWords(release="3.0.0")
    good, bad = sides(given_, CATALOGUE, here, SideWords(release="3.0.0", routes=("static",)))
    assert "static" not in good.routes
    good, bad = sides(given_, CATALOGUE, here, SideWords(release="3.0.0", routes=("static",), env={"FLAGS_x": "1"}))
    assert "static" in good.routes
    assert bad.place.settings.env == {"FLAGS_x": "1"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"name": "no/such/model"}, "there is no model at no/such/model"),
        ({"name": "net.json"}, "there is no model at net.json"),
        ({"name": "nothing"}, "there is no run 'nothing'"),
        ({"name": str(GIVEN / "nearest_2-2.6.2"), "good": "9.9.9"}, "9.9.9"),
        (
            {"name": str(GIVEN / "nearest_2-2.6.2"), "expect": "x.npz"},
            "--expect says what is right for inputs of your own",
        ),
    ],
)
def test_words_that_fit_nothing_are_one_sentence(tmp_path: Path, words: dict[str, str], said: str) -> None:
    asked = subject.LocateWords(command="lab locate", **words)  # type: ignore[arg-type]
    with pytest.raises(UsageError) as raised, subject.requested(asked, Store(root=tmp_path), CATALOGUE):
        pass
    assert said in raised.value.what
