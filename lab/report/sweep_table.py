"""Tables of a sweep's page whose cells are ready, and nets as they stand in one."""

from collections.abc import Sequence

SHOWN = 12
"""How many nets are named where their number matters more."""


def table(heads: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    """A table whose cells are ready; nothing where it has no row."""
    if not body:
        return []
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return [*lines, *("| " + " | ".join(row) + " |" for row in body), ""]


def names(several: Sequence[str], most: int = 10**6) -> str:
    """Nets by name, the first of them where there are many."""
    shown = ", ".join(f"`{name}`" for name in several[:most])
    return shown if len(several) <= most else f"{shown}, … ({len(several)})"
