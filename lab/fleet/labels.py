"""The words by which a host can be asked for: those that were given to it, and those that were found."""

from collections.abc import Mapping

FOUND = ("arch", "engine", "class", "gpu")
"""Facts that are a label each, as a whole."""
LISTED = ("labels", "processor")
"""Facts whose every word is a label."""
GPU = "gpu"
"""What every host with a GPU may be called."""


def of(name: str, facts: Mapping[str, str]) -> frozenset[str]:
    """The labels of a host by its name and its facts."""
    words = {word for fact in LISTED for word in facts.get(fact, "").split()}
    found = {facts.get(fact, "") for fact in FOUND} - {""}
    return frozenset(words | found | {name} | ({GPU} if facts.get(GPU) else set()))
