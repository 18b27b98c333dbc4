"""Formulas of layers that go through a sequence: LSTM, GRU and the simple one, in both directions and in several layers."""

from collections.abc import Callable, Sequence

import numpy as np

from lab.formulas.activation import sigmoid
from lab.formulas.arrays import Array, NoFormulaError, bearable

Cell = Callable[[Array, tuple[Array, ...], Sequence[Array]], tuple[Array, ...]]
"""From the input's share of the gates, the state and [the state's weights, their bias] to the next state, its output first."""


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
            seen, final = _gone_through(x[::-1] if way else x, state, weights, _CELLS[mode])
            sides.append(seen[::-1] if way else seen)
            finals.append(final)
        x = np.concatenate(sides, axis=-1)
    if len(finals) != runs:
        raise NoFormulaError("has another number of layers than of states")
    states = [np.stack([one[part] for one in finals]) for part in range(len(pre_state))]
    return x, None, states, None


def _gone_through(
    x: Array, state: tuple[Array, ...], weights: Sequence[Array], cell: Cell
) -> tuple[Array, tuple[Array, ...]]:  # fmt: skip
    of_input, of_state, bias, bias_of_state = weights
    gates = np.matmul(x, of_input.T) + bias
    seen = []
    for one in gates:
        state = cell(one, state, (of_state, bias_of_state))
        seen.append(state[0])
    return np.stack(seen), state


def _lstm(gates: Array, state: tuple[Array, ...], own: Sequence[Array]) -> tuple[Array, ...]:
    output, memory = state
    enter, forget, fresh, leave = np.split(gates + np.matmul(output, own[0].T) + own[1], 4, axis=-1)
    memory = sigmoid(forget) * memory + sigmoid(enter) * np.tanh(fresh)
    return sigmoid(leave) * np.tanh(memory), memory


def _gru(gates: Array, state: tuple[Array, ...], own: Sequence[Array]) -> tuple[Array, ...]:
    (output,) = state
    reset, update, fresh = np.split(gates, 3, axis=-1)
    own_reset, own_update, own_fresh = np.split(np.matmul(output, own[0].T) + own[1], 3, axis=-1)
    share = sigmoid(update + own_update)
    candidate = np.tanh(fresh + sigmoid(reset + own_reset) * own_fresh)
    return ((output - candidate) * share + candidate,)


def _tanh(gates: Array, state: tuple[Array, ...], own: Sequence[Array]) -> tuple[Array, ...]:
    return (np.tanh(gates + np.matmul(state[0], own[0].T) + own[1]),)


def _relu(gates: Array, state: tuple[Array, ...], own: Sequence[Array]) -> tuple[Array, ...]:
    return (np.maximum(gates + np.matmul(state[0], own[0].T) + own[1], 0),)


_CELLS: dict[str, Cell] = {"LSTM": _lstm, "GRU": _gru, "RNN_TANH": _tanh, "RNN_RELU": _relu}
