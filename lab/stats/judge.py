"""From an estimate to a verdict: when a difference is one, when two sides are the same, and when nobody can know yet."""

import math

from lab.model.bench import Change, Estimate
from lab.stats.estimate import standard_error

ALPHA = 0.05
# When one may look, and how much of ALPHA each look may spend; looking whenever one likes finds anything in the end.
# Six blocks have 64 sign patterns, so the first look can only ever see p = 2/64: it gets just that much.
LOOKS = {6: 0.032, 12: 0.009, 24: 0.009}
LEAST_CHANGE = 0.05
UNSTABLE_AT = 0.10


def alpha_at(blocks: int) -> float:
    """How much of ALPHA a look after this many blocks may spend; 0 before the first look."""
    reached = [look for look in LOOKS if look <= blocks]
    return LOOKS[max(reached)] if reached else 0.0


def last_look(blocks: int) -> int:
    """The last look that this many blocks reach; 0 where they reach none."""
    return max((look for look in LOOKS if look <= blocks), default=0)


def threshold(control: float) -> float:
    """The smallest change that counts, as a share: 5 %, or twice what the reference against itself scatters."""
    return max(LEAST_CHANGE, 2 * control)


def same_within(delta: float) -> float:
    """How near, as a share, two sides must be to be called the same."""
    return min(delta, UNSTABLE_AT)


def alarm(found: Estimate, delta: float, alpha: float, *, p: float | None = None) -> Change | None:
    """FASTER or SLOWER where the exact p, the 99 % interval and the size of the change all say so, else None.

    The size counts when it reaches delta within one standard error: of a true change of delta half of all estimates
    fall below it, and it must be found rather than missed. The more blocks, the sharper the edge. `p` stands in for
    the estimate's own where it was adjusted for its family.
    """
    if (found.p if p is None else p) > alpha or found.low <= 1.0 <= found.high:
        return None
    if abs(math.log(found.ratio)) + standard_error(found.spread, found.blocks) <= math.log1p(delta):
        return None
    return Change.SLOWER if found.ratio > 1 else Change.FASTER


def judge(found: Estimate, delta: float, *, confirmed: Change | None, final: bool) -> tuple[Change, int]:
    """The verdict, and about how many more blocks it needs (0 where it is decided).

    `confirmed` is an alarm that a second session confirmed: nothing else may be called FASTER or SLOWER. SAME needs
    the whole narrow interval inside plus or minus delta, and never more than 10 %: a machine too noisy to see a change
    must not turn that into "the same". UNSTABLE is said only at the `final` look, when the interval
    is still wider than 10 % (or delta): more of the same would not help soon.
    """
    if confirmed is not None:
        return confirmed, 0
    low, high = found.narrow
    margin = same_within(delta)
    inside = 1 / (1 + margin) < low <= high < 1 + margin
    if inside and alpha_at(found.blocks):
        return Change.SAME, 0
    missing = _missing(found, delta)
    if final and found.blocks >= min(LOOKS) and found.half_width > max(UNSTABLE_AT, delta):
        return Change.UNSTABLE, missing
    return Change.UNDECIDED, missing


def _missing(found: Estimate, delta: float) -> int:
    """Blocks until the half-width is about half of delta, never below what the next look needs."""
    after = next((look for look in LOOKS if look > found.blocks), 2 * found.blocks)
    if not math.isfinite(found.half_width) or found.blocks < min(LOOKS):
        return after - found.blocks
    wanted = math.ceil(found.blocks * (found.half_width / delta) ** 2)
    return max(after, min(wanted, 1000)) - found.blocks
