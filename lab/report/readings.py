"""What was measured of a symptom, in words: in a chart, in a headline, in an answer. A new symptom has its words here."""

from lab.model.search import LEAK, Reading
from lab.report.rows import seconds

LEAST_BLOCKS = 6


class RatioWords:
    """Words for a time beside a good release's."""

    def amount(self, seen: Reading) -> str:
        """In a chart: "x14.2"."""
        return f"x{seen.ratio:.3g}"

    def seen(self, seen: Reading) -> str:
        """In a headline."""
        return ratio(seen)


class GrowthWords:
    """Words for memory that grows."""

    def amount(self, seen: Reading) -> str:
        """In a chart: "+1013 KiB a call"."""
        return f"{seen.growth / 1024:+.0f} KiB a call"

    def seen(self, seen: Reading) -> str:
        """In a headline."""
        return f"leaks, {grows(seen)}"


WORDS: dict[str, RatioWords | GrowthWords] = {LEAK: GrowthWords()}
"""By metric; every other one is a time."""


def words(reading: Reading) -> RatioWords | GrowthWords:
    """The words for a reading."""
    return WORDS.get(reading.metric, RatioWords())


def amount(reading: Reading | None) -> str:
    """What was measured, in a word; nothing where nothing was."""
    if reading is None or not (reading.blocks or reading.processes):
        return ""
    return words(reading).amount(reading)


def ratio(seen: Reading) -> str:
    """A measured ratio in words: "infer x14.2 [x13, x15] of 2.6.2, 411 us -> 5.8 ms, 12 blocks"."""
    # Below the first look an interval is open, and a ratio no verdict.
    interval = (
        f" [x{seen.low:.3g}, x{seen.high:.3g}]" if seen.blocks >= LEAST_BLOCKS else " (too few blocks for a verdict)"
    )
    return f"{seen.metric} x{seen.ratio:.3g}{interval} of {seen.against}, {times(seen)}, {seen.blocks} blocks"


def times(seen: Reading) -> str:
    """The medians behind a ratio: "411 us -> 6.6 ms"; empty where there are none."""
    return f"{seconds(seen.reference)} -> {seconds(seen.value)}" if seen.reference else ""


def grows(seen: Reading) -> str:
    """A measured leak in words."""
    return f"{seen.growth / 1024:+.0f} KiB a call, {seen.grew} of {seen.processes} processes grew to their end"
