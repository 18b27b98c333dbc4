"""The symptoms that a search measures, and all in which they differ: metrics, looks, weighing, words.

A new one is a class and an entry of KINDS here; the words for what it measured stand in `lab.report.readings`.
"""

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from lab import stats
from lab.errors import UsageError
from lab.model.bench import Block, Change
from lab.model.cure import CureStatus
from lab.model.search import LEAK, METRICS, ProbeVerdict, Reading, Symptom
from lab.search.weigh import LEAK_LOOKS, ComparisonRule, MeasuredVerdict, growth_words, leaking, ratio_words

SLOWER, FAILS = "slower", "fails"
USUAL = 0.10
MOST = 100.0
NOISY = "a quieter machine (lab doctor --noise says what disturbs), or a larger share"
ANOTHER = "name another one: --good RELEASE"
STATUS = {ProbeVerdict.GOOD: CureStatus.ACCEPTED, ProbeVerdict.BAD: CureStatus.NOTHING}


@dataclass(frozen=True, kw_only=True)
class CuredSide:
    """One cure in the blocks it was measured in: the side it is held against, and the one without any cure.

    `first` is the reference of all sides; `same_api` says that the cure opens the model as it is opened without it, so
    that the times of the two compare.
    """

    rule: ComparisonRule
    blocks: Sequence[Block]
    first: str
    good: str
    uncured: str
    side: str
    same_api: bool


class SymptomKind(ABC):
    """One kind of symptom; `beside` says that a side is measured beside a good one and not by itself.

    `looks` are the counts of blocks after which a release is weighed, `cure_looks` those of a cure, and `confirming` the
    blocks of a second session that a cure needs; `unproved` and `proved` are what is said of the good release.
    """

    beside: ClassVar[bool]
    looks: ClassVar[tuple[int, ...]]
    cure_looks: ClassVar[tuple[int, ...]]
    confirming: ClassVar[int] = 0
    least_calls: ClassVar[int] = 1
    usual: ClassVar[Symptom]
    proved: ClassVar[str]
    unproved: ClassVar[str]
    remedy: ClassVar[str]

    @abstractmethod
    def label(self, symptom: Symptom) -> str:
        """The symptom in words."""

    @abstractmethod
    def metrics(self, symptom: Symptom) -> tuple[str, ...]:
        """What a block measures."""

    @abstractmethod
    def timed(self, symptom: Symptom) -> str:
        """The metric whose times are told of a cure."""

    @abstractmethod
    def finding(self, rule: ComparisonRule, blocks: Sequence[Block], reference: str, side: str) -> MeasuredVerdict:
        """What the blocks so far say of one side."""

    @abstractmethod
    def hopeless(self, cured: CuredSide, found: MeasuredVerdict) -> bool:
        """Whether no further block could make a cure of it."""

    @abstractmethod
    def relieved(self, cured: CuredSide, found: MeasuredVerdict) -> tuple[CureStatus, str]:
        """What a cure is, and why."""

    @abstractmethod
    def price(self, times: Reading, found: Reading) -> Reading:
        """What is told of a cure beside the good release: its times, and what else was found."""

    @abstractmethod
    def words(self, reading: Reading) -> str:
        """A reading in one line."""


class Slower(SymptomKind):
    """A metric that takes more than a share longer than in a good release."""

    beside = True
    looks = tuple(stats.LOOKS)
    cure_looks = (2, *stats.LOOKS)
    confirming = min(stats.LOOKS)
    usual = Symptom(metric=METRICS[0], share=USUAL)
    proved = "against itself"
    unproved = "cannot be told from itself here"
    remedy = NOISY
    far = 1.5
    better = 0.8

    def label(self, symptom: Symptom) -> str:
        """Such as "infer slower by more than 10 %"."""
        return f"{symptom.metric} slower by more than {symptom.share:.0%}"

    def metrics(self, symptom: Symptom) -> tuple[str, ...]:
        """Loads, or calls, with them a start where that is asked for, which nothing may disturb."""
        return (symptom.metric,) if symptom.metric in ("load", "infer") else ("infer", symptom.metric)

    def timed(self, symptom: Symptom) -> str:
        """The metric itself."""
        return symptom.metric

    def finding(self, rule: ComparisonRule, blocks: Sequence[Block], reference: str, side: str) -> MeasuredVerdict:
        """One side against the reference."""
        return rule.compared(blocks, reference, side)

    def hopeless(self, cured: CuredSide, found: MeasuredVerdict) -> bool:
        """Slow in one session, which is enough to refuse it, or by far, and half as bad as without it."""
        uncured = cured.rule.compared(cured.blocks, cured.first, cured.uncured).reading.ratio
        return found.alarm is Change.SLOWER or found.reading.ratio > max(self.far, math.sqrt(uncured))

    def relieved(self, cured: CuredSide, found: MeasuredVerdict) -> tuple[CureStatus, str]:
        """Accepted where it is gone and, in one API, two sessions saw it faster than no cure."""
        row, alarm = cured.rule.row(cured.blocks, cured.uncured, cured.side, cured.rule.symptom.metric)
        status = STATUS.get(found.seen.sort, CureStatus.UNDECIDED)
        faster = row is not None and row.change is Change.FASTER
        if status is CureStatus.ACCEPTED and not faster and cured.same_api:
            return CureStatus.UNDECIDED, f"{found.seen.why}; and two sessions did not see it faster than no cure"
        if status is CureStatus.UNDECIDED and self.hopeless(cured, found):
            better = alarm is Change.FASTER or (row is not None and row.wall.ratio < self.better)
            status = CureStatus.NOT_ENOUGH if better else CureStatus.NOTHING
        return status, found.seen.why

    def price(self, times: Reading, found: Reading) -> Reading:  # noqa: ARG002 - its times are all that was found
        """Its times."""
        return times

    def words(self, reading: Reading) -> str:
        """Such as "infer x14.2 [x13, x15] of 2.6.2, 12 blocks"."""
        return ratio_words(reading)


class Leaks(SymptomKind):
    """Memory that grows with every call; each side says by itself whether it does."""

    beside = False
    looks = LEAK_LOOKS
    cure_looks = LEAK_LOOKS
    # In its first hundred calls a process that leaks nothing may gain several MiB as well.
    least_calls = 100
    usual = Symptom(metric=LEAK)
    proved = "is steady"
    unproved = "is not steady itself"
    remedy = ANOTHER
    half = 0.5

    def label(self, symptom: Symptom) -> str:  # noqa: ARG002 - there is only one
        """Always the same."""
        return "memory leak"

    def metrics(self, symptom: Symptom) -> tuple[str, ...]:  # noqa: ARG002
        """Calls, after each of which memory is looked at."""
        return ("infer",)

    def timed(self, symptom: Symptom) -> str:  # noqa: ARG002
        """The calls."""
        return "infer"

    def finding(self, rule: ComparisonRule, blocks: Sequence[Block], reference: str, side: str) -> MeasuredVerdict:  # noqa: ARG002
        """Whether nearly all processes of the side kept growing."""
        return leaking(blocks, side)

    def hopeless(self, cured: CuredSide, found: MeasuredVerdict) -> bool:  # noqa: ARG002
        """Never before the last look."""
        return False

    def relieved(self, cured: CuredSide, found: MeasuredVerdict) -> tuple[CureStatus, str]:
        """Accepted where it is steady, not enough where less than half of the leak is left."""
        status = STATUS.get(found.seen.sort, CureStatus.UNDECIDED)
        halved = found.reading.growth < self.half * leaking(cured.blocks, cured.uncured).reading.growth
        return CureStatus.NOT_ENOUGH if status is CureStatus.NOTHING and halved else status, found.seen.why

    def price(self, times: Reading, found: Reading) -> Reading:
        """Its times with its growth."""
        return replace(times, growth=found.growth, grew=found.grew, processes=found.processes)

    def words(self, reading: Reading) -> str:
        """Such as "+1025 KiB a call; 3 of 3 processes grew to their end"."""
        return growth_words(reading)


KINDS: Mapping[str, SymptomKind] = {SLOWER: Slower(), LEAK: Leaks()}
"""By the word that names it on the command line."""
SYMPTOMS = (FAILS, *KINDS)


def kind_of(metric: str) -> SymptomKind:
    """The kind of a metric, as a symptom and a reading name it."""
    return KINDS.get(metric, KINDS[SLOWER])


def label(symptom: Symptom) -> str:
    """A symptom in words."""
    return kind_of(symptom.metric).label(symptom)


def said(reading: Reading) -> str:
    """A reading in one line."""
    return kind_of(reading.metric).words(reading)


def symptom_of(perf: str, symptom: str) -> Symptom | None:
    """The symptom of --perf METRIC:SHARE and --symptom; None where it is a failure. UsageError for words that are none."""
    if symptom and symptom not in SYMPTOMS:
        raise UsageError(f"there is no symptom {symptom!r}", f"one of {', '.join(SYMPTOMS)}")
    if perf and symptom not in ("", SLOWER):
        raise UsageError(f"--perf {perf} and --symptom {symptom} ask different things", "name one of them")
    if perf:
        return _measure(perf)
    return KINDS[symptom].usual if symptom in KINDS else None


def _measure(perf: str) -> Symptom:
    metric, colon, word = perf.partition(":")
    if metric not in METRICS:
        raise UsageError(
            f"--perf {perf!r} names no metric", f"METRIC:SHARE with one of {', '.join(METRICS)}: infer:10%"
        )
    if not colon:
        return Symptom(metric=metric, share=USUAL)
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%", word)
    if match is None:
        raise UsageError(f"--perf {perf!r} names no share", f"a percentage, such as {metric}:10%")
    share = float(match[1]) / 100
    if not stats.LEAST_CHANGE <= share <= MOST:
        raise UsageError(
            f"--perf {perf!r}: a share must lie between {stats.LEAST_CHANGE:.0%} and {MOST:.0%}",
            f"less than {stats.LEAST_CHANGE:.0%} counts as no change: {metric}:{stats.LEAST_CHANGE:.0%} is the least",
        )
    return Symptom(metric=metric, share=share)
