"""Operators that draw random numbers whenever a program runs: what such a model answers is another thing each time."""

from collections.abc import Iterable

DRAWS = frozenset({
    "bernoulli", "binomial", "dirichlet", "exponential_", "gaussian", "gaussian_inplace", "gaussian_inplace_", "gaussian_random",
    "gaussian_random_batch_size_like", "multinomial", "poisson", "randint", "random_routing", "randperm", "sampling_id", "standard_gamma",
    "top_p_sampling", "truncated_gaussian_random", "uniform", "uniform_inplace", "uniform_inplace_", "uniform_random",
    "uniform_random_batch_size_like",
})  # fmt: skip
"""Of both formats. Dropout is none of them: an exported model passes it by."""


def drawn(operators: Iterable[str]) -> tuple[str, ...]:
    """Those of some operators that draw, by their plain names in order."""
    return tuple(sorted({one.rpartition(".")[2] for one in operators} & DRAWS))
