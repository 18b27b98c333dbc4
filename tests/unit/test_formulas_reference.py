"""The formulas by numpy alone, held against what must be true of them: worked by hand, inverse, adjoint, turned round."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.formulas import reference as ref

SEEDS = st.integers(0, 2**32 - 1)


def drawn(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).uniform(-1, 1, shape)


def recurrent(seed: int, gates: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    shapes = {
        "weight_ih": (3 * gates, 4),
        "weight_hh": (3 * gates, 3),
        "bias_ih": (3 * gates,),
        "bias_hh": (3 * gates,),
    }
    return {name: random.uniform(-1, 1, shape) for name, shape in shapes.items()}


def test_a_convolution_by_hand() -> None:
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    w = {"weight": np.array([[[[1.0, 0.0], [0.0, 10.0]]]]), "bias": np.array([0.5])}
    assert ref.conv(x, w).tolist() == [[[[40.5, 51.5], [73.5, 84.5]]]]


@given(SEEDS, st.sampled_from([1, 2]), st.sampled_from([0, 1]), st.sampled_from([1, 2]), st.sampled_from([1, 2]))
def test_a_transposed_convolution_is_the_adjoint_of_the_convolution(
    seed: int, stride: int, padding: int, dilation: int, groups: int
) -> None:
    x, weight = drawn(seed, 2, 4, 7, 9), drawn(seed + 1, 6, 4 // groups, 3, 3)
    forth = ref.conv(x, {"weight": weight}, stride, padding, dilation, groups)
    y = drawn(seed + 2, *forth.shape)
    back = ref.conv_transpose(y, {"weight": weight}, stride, padding, dilation, groups)
    whole = np.zeros_like(x)
    whole[:, :, : back.shape[2], : back.shape[3]] = back  # what a stride leaves over at the end was never seen
    assert np.allclose((forth * y).sum(), (x * whole).sum())


@pytest.mark.parametrize(("ceil", "expected"), [(False, [[3.0], [5.0]]), (True, [[3.0, 4.0], [5.0, 5.0]])])
def test_a_pool_takes_the_last_short_window_only_where_it_rounds_up(*, ceil: bool, expected: Any) -> None:
    x = np.array([[[1.0, 2.0, 3.0, 4.0], [5.0, 1.0, 2.0, 5.0]]])
    assert ref.pool(x, 3, stride=2, ceil=ceil)[0].tolist() == expected


def test_an_average_leaves_padding_out() -> None:
    assert ref.pool(np.full((1, 1, 4), 3.0), 3, np.mean, stride=1, padding=1)[0, 0].tolist() == [3.0] * 4


@given(SEEDS, st.integers(1, 6), st.integers(1, 6))
def test_an_adaptive_mean_of_equals_is_that_number(seed: int, size: int, to: int) -> None:
    assert np.allclose(ref.adaptive(np.full((1, 2, size), float(seed % 7)), [to]), seed % 7)


@given(SEEDS)
def test_what_is_made_normal_has_mean_0_and_deviation_1(seed: int) -> None:
    out = ref.normal(drawn(seed, 3, 40) * 5 + 2, 1)
    assert np.allclose(out.mean(axis=1), 0, atol=1e-6)
    assert np.allclose(out.std(axis=1), 1, atol=1e-3)


@given(
    size=st.integers(2, 8), to=st.integers(2, 12), how=st.sampled_from(["nearest", "linear", "cubic"]),
    corners=st.booleans(), halves=st.booleans(),
)  # fmt: skip
def test_every_resized_point_is_made_of_shares_of_one(
    size: int, to: int, how: str, *, corners: bool, halves: bool
) -> None:
    assert np.allclose(ref.taps(size, to, how, corners=corners, halves=halves).sum(axis=0), 1)


@given(seed=SEEDS, how=st.sampled_from(["nearest", "linear", "cubic"]), corners=st.booleans())
def test_resizing_to_the_same_size_changes_nothing(seed: int, how: str, *, corners: bool) -> None:
    x = drawn(seed, 1, 2, 4, 5)
    assert np.allclose(ref.resize(x, [4, 5], how, corners=corners), x)


def test_corners_stay_where_they_are() -> None:
    out = ref.resize(np.array([[[1.0, 2.0, 4.0]]]), [5], corners=True)
    assert np.allclose(out, [[[1, 1.5, 2, 3, 4]]])


@given(SEEDS)
def test_attention_to_one_place_alone_answers_that_place(seed: int) -> None:
    q, k, v = (drawn(seed + one, 2, 5, 4) for one in range(3))
    only = np.full((5, 5), -np.inf)
    only[:, 2] = 0
    assert np.allclose(ref.attention(q, k, v, only), v[:, 2:3].repeat(5, axis=1))


@given(SEEDS)
def test_windows_are_put_together_as_they_were(seed: int) -> None:
    x = drawn(seed, 2, 8, 4, 3)
    assert (ref.unwindows(ref.windows(x, 4), 4, x.shape) == x).all()
    assert (ref.windows(x, 4)[0] == x[0, :4, :4].reshape(16, 3)).all()


@pytest.mark.parametrize(("kind", "gates"), [("lstm", 4), ("gru", 3), ("simple", 1)])
@given(seed=SEEDS)
def test_going_back_is_going_forth_over_time_turned_round(kind: str, gates: int, seed: int) -> None:
    x, w = drawn(seed, 2, 5, 4), recurrent(seed, gates)
    back, last = ref.one_way(kind, x, w, back=True)
    forth, same = ref.one_way(kind, x[:, ::-1], w)
    assert np.allclose(back, forth[:, ::-1])
    assert all(np.allclose(one, two) for one, two in zip(last, same, strict=True))
    assert np.allclose(back[:, 0], last[0])


@pytest.mark.parametrize(("kind", "gates", "expected"), [("gru", 3, 0.0), ("lstm", 4, 0.0), ("simple", 1, 0.0)])
def test_a_cell_without_weights_answers_nothing(kind: str, gates: int, expected: float) -> None:
    w = {name: one * 0 for name, one in recurrent(0, gates).items()}
    out, _ = ref.one_way(kind, drawn(1, 2, 5, 4), w)
    assert np.allclose(out, expected)


def test_the_gates_of_an_lstm_stand_in_paddles_order() -> None:
    w = {name: one * 0 for name, one in recurrent(0, 4).items()}
    w["bias_ih"] = np.repeat([100.0, -100.0, 100.0, 100.0], 3)  # in: open, forget: all, new: 1, out: open
    h, (_, c) = ref.cell("lstm", np.zeros((1, 4)), (np.zeros((1, 3)), np.full((1, 3), 9.0)), w)
    assert np.allclose(c, 1)
    assert np.allclose(h, np.tanh(1))


def test_a_gru_whose_update_gate_is_open_keeps_its_state() -> None:
    w = {name: one * 0 for name, one in recurrent(0, 3).items()}
    w["bias_ih"] = np.repeat([0.0, 100.0, 5.0], 3)
    h, _ = ref.cell("gru", np.zeros((1, 4)), (np.full((1, 3), 0.25),), w)
    assert np.allclose(h, 0.25)


def test_numbers_are_quantised_to_8_bits_and_back() -> None:
    x = np.array([-2.0, -1.0, 0.1, 1.0])
    assert ref.quantised(x, 1.0).tolist() == [-128, -127, 13, 127]
    assert np.allclose(ref.there_and_back(x, 1.0), [-1, -1, 13 / 127, 1])
    assert np.allclose(ref.there_and_back(x, 1.0, 7), [-1, -1, 1 / 7, 1])


@given(SEEDS)
def test_bfloat16_is_near_and_stays_when_it_is_rounded_again(seed: int) -> None:
    x = drawn(seed, 20).astype("float32")
    once = ref.brain(x)
    assert (ref.brain(once) == once).all()
    assert np.allclose(once, x, rtol=2**-8)


def test_halves_go_to_the_even_bfloat16() -> None:
    assert ref.brain(np.array([1 + 2**-8, 1 + 3 * 2**-8], "float32")).tolist() == [1.0, 1 + 2**-6]


def test_the_middle_of_a_grid_is_the_middle_of_the_picture() -> None:
    x = np.arange(6.0).reshape(1, 1, 2, 3)
    grid = np.array([[[[0.0, 0.0], [-1.0, -1.0], [1.0, 1.0], [3.0, 0.0]]]])
    assert np.allclose(ref.sampled(x, grid), [[[[2.5, 0.0, 5.0, 0.0]]]])


def test_a_matrix_over_its_largest_singular_value() -> None:
    x = np.diag([3.0, 1.0])
    assert np.allclose(ref.spectral(x, np.array([1.0, 0.1]), np.zeros(2), 20), x / 3, atol=1e-6)
