"""Many comparisons in one report: p-values adjusted so that the claim holds for the family, not for each alone."""

from collections.abc import Sequence


def benjamini_hochberg(ps: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values that bound the share of false alarms among all alarms of a report."""
    if not ps:
        return ()
    from scipy import stats  # noqa: PLC0415 - slow to load

    return tuple(float(one) for one in stats.false_discovery_control(list(ps), method="bh"))


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values that bound the chance of even one false alarm: for what fails a build."""
    order = sorted(range(len(ps)), key=ps.__getitem__)
    adjusted, highest = [0.0] * len(ps), 0.0
    for rank, number in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[number]))
        adjusted[number] = highest
    return tuple(adjusted)
