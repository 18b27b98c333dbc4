"""Which made-up inputs are tried, and which of them are taken."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.check.candidates import candidates, choose, spread
from lab.check.sample_inputs import drawn
from lab.compare.planted import write_outputs
from lab.model.check import DULL, Draw, Feed

WIDTHS = st.dictionaries(st.sampled_from("ab"), st.floats(0, 1e12), min_size=1)


def feed(dtype: str, *shape: int, name: str = "x") -> Feed:
    return Feed(name=name, dtype=dtype, shape=shape, wanted=shape)


def test_a_picture_is_tried_with_every_kind_of_numbers_the_usual_one_first() -> None:
    found = candidates([feed("float32", 2, 3, 64, 64)])
    assert [one.draw for one in found] == list(Draw)
    assert [one.feeds[0].draw for one in found] == list(Draw)


@pytest.mark.parametrize("shape", [(2, 8), (2, 16, 64, 64), (2, 3, 1, 1), (2, 3, 4, 8, 8)])
def test_what_is_no_picture_is_tried_without_pixels(shape: tuple[int, ...]) -> None:
    assert [one.draw for one in candidates([feed("float32", *shape)])] == [Draw.UNIFORM, Draw.NORMAL, Draw.WIDE]


def test_only_what_looks_like_a_picture_gets_pixels() -> None:
    found = candidates([feed("float32", 2, 3, 8, 8), feed("float32", 2, 2, name="scale"), feed("int64", 2, name="ids")])
    pixels = next(one for one in found if one.draw is Draw.PIXELS)
    assert [one.draw for one in pixels.feeds] == [Draw.PIXELS, Draw.UNIFORM, Draw.UNIFORM]


def test_integers_are_never_tried_with_others() -> None:
    assert [one.draw for one in candidates([feed("int64", 2, 8), feed("bool", 2)])] == [Draw.UNIFORM]


def test_without_made_up_inputs_there_is_nothing_to_try() -> None:
    assert candidates(()) == ()


@pytest.mark.parametrize(
    ("draw", "low", "high"),
    [
        (Draw.UNIFORM, 0, 1),
        (Draw.NORMALISED, -2, 2.5),
        (Draw.PIXELS, 0, 255),
        (Draw.NORMAL, -6, 6),
        (Draw.WIDE, -60, 60),
    ],
)
def test_each_kind_of_numbers_is_what_it_says(draw: Draw, low: float, high: float) -> None:
    found = next(one for one in candidates([feed("float32", 2, 3, 64, 64)]) if one.draw is draw)
    values = drawn(found.feeds)["x"]
    assert values.dtype == np.float32
    assert low <= values.min() < values.max() <= high
    assert values.max() - values.min() > (high - low) / 2


def test_the_usual_inputs_are_taken_where_others_only_scale_the_outputs() -> None:
    assert choose({Draw.UNIFORM: {"y": 1.0}, Draw.PIXELS: {"y": 255.0}}).draw is Draw.UNIFORM


def test_the_first_that_is_not_dull_is_taken() -> None:
    found = choose({Draw.UNIFORM: {"y": 1e-7}, Draw.NORMALISED: {"y": 0.2}, Draw.PIXELS: {"y": 0.9}})
    assert found.draw is Draw.NORMALISED
    assert found.shares[Draw.PIXELS] == 1.0


def test_every_output_has_to_be_awake() -> None:
    assert choose({Draw.UNIFORM: {"y": 1.0, "z": 1e-9}, Draw.NORMAL: {"y": 1.0, "z": 1.0}}).draw is Draw.NORMAL


def test_an_output_that_nothing_moves_decides_nothing() -> None:
    assert choose({Draw.UNIFORM: {"y": 1.0, "z": 0.0}, Draw.NORMAL: {"y": 2.0, "z": 0.0}}).draw is Draw.UNIFORM


def test_inputs_that_the_model_cannot_take_are_not_taken() -> None:
    assert choose({Draw.UNIFORM: {"y": 1e-9}, Draw.PIXELS: None, Draw.NORMAL: {"y": 1.0}}).draw is Draw.NORMAL


def test_where_nothing_works_the_usual_inputs_stay() -> None:
    assert choose({Draw.UNIFORM: None, Draw.NORMAL: None}).draw is Draw.UNIFORM


@given(st.dictionaries(st.sampled_from(Draw), st.none() | WIDTHS, min_size=1))
def test_what_is_taken_is_never_dull_where_something_else_is_not(widths: dict[Draw, dict[str, float] | None]) -> None:
    found = choose(widths)
    usable = {draw: share for draw, share in found.shares.items() if share is not None}
    assert set(found.shares) == set(widths)
    if usable:
        share = usable[found.draw]
        assert share * DULL >= 1 or share == max(usable.values())
        before = list(usable)[: list(usable).index(found.draw)]
        assert all(usable[draw] * DULL < 1 for draw in before)


def test_a_peak_among_zeros_is_no_wide_output(tmp_path: Path) -> None:
    peak = np.zeros(1000, "float32")
    peak[7] = 1
    path = write_outputs(tmp_path / "a.npz", {"peak": peak, "wide": np.linspace(0, 1, 1000), "ids": np.arange(5)})
    found = spread(path)
    assert found is not None
    assert list(found) == ["peak", "wide"]
    assert list(found.values()) == pytest.approx([0.0, 0.9], abs=0.01)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_answer_that_is_not_finite_has_no_width(tmp_path: Path, value: float) -> None:
    assert spread(write_outputs(tmp_path / "a.npz", {"y": np.array([1.0, value])})) is None


def test_of_a_large_output_even_stretches_are_looked_at(tmp_path: Path) -> None:
    large = np.zeros(1_000_000)
    large[500_000:] = np.linspace(0, 1, 500_000)
    found = spread(write_outputs(tmp_path / "a.npz", {"y": large}))
    assert found is not None
    assert found["y"] == pytest.approx(0.95, abs=0.06)
