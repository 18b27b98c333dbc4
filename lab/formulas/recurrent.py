"""Formulas of layers that go through a sequence: LSTM, GRU and the simple one, in both directions and in several layers."""

from collections.abc import Callable, Sequence

import numpy as np

from lab.formulas import reference
from lab.formulas.activation import relu
from lab.formulas.arrays import Array, NoFormulaError, bearable


def rnn(
    x: Array, pre_state: Sequence[Array], weight_list: Sequence[Array], sequence_length: Array | None = None,
    *_: object, is_bidirec: bool = False, num_layers: int = 1,
    mode: str = "LSTM", is_test: bool = False, dropout_prob: float = 0.0,
) -> tuple[Array | list[Array] | None, ...]:  # fmt: skip
    """Steps first, batch second; the weights of every layer and direction, and behind them their biases in the same order."""
    if sequence_length is not None or mode not in _CELLS or not (is_test or not dropout_prob):
        raise NoFormulaError(f"has lengths of its own, is in training, or is a {mode!r}")
    ways = 2 if is_bidirec else 1
    runs, half = num_layers * ways, len(weight_list) // 2
    bearable(x.shape[0] * x.shape[1] * sum(one.size for one in weight_list))
    finals: list[tuple[Array, ...]] = []
    for layer in range(num_layers):
        sides = []
        for way in range(ways):
            at = layer * ways + way
            weights = [*weight_list[2 * at : 2 * at + 2], *weight_list[half + 2 * at : half + 2 * at + 2]]
            state = tuple(one[at] for one in pre_state)
            seen, final = _gone_through(x[::-1] if way else x, state, weights, mode)
            sides.append(seen[::-1] if way else seen)
            finals.append(final)
        x = np.concatenate(sides, axis=-1)
    if len(finals) != runs:
        raise NoFormulaError("has another number of layers than of states")
    states = [np.stack([one[part] for one in finals]) for part in range(len(pre_state))]
    return x, None, states, None


def _gone_through(
    x: Array, state: tuple[Array, ...], weights: Sequence[Array], mode: str
) -> tuple[Array, tuple[Array, ...]]:  # fmt: skip
    kind, act = _CELLS[mode]
    named = dict(zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), weights, strict=True))
    seen = []
    for one in x:
        output, state = reference.cell(kind, one, state, named, act)
        seen.append(output)
    return np.stack(seen), state


_CELLS: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "LSTM": ("lstm", np.tanh), "GRU": ("gru", np.tanh), "RNN_TANH": ("simple", np.tanh), "RNN_RELU": ("simple", relu),
}  # fmt: skip
