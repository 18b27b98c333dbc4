"""From the arrays of two steps to what is said of each net: its grade, and who is wrong where the numbers differ."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lab.compare import OutputsFile, compare
from lab.errors import LabError
from lab.model import Diff, Grade, Kind, Outcome, Phase
from lab.model.sweep import SweepFinding
from lab.outcome.classify import with_diffs
from lab.outcome.verdict import worst_grade
from lab.run import net_records

OK = Outcome(kind=Kind.OK, phase=Phase.INFER)


@dataclass(frozen=True, kw_only=True)
class NetNumbers:
    """What one net did, its grade ("" where there was nothing to compare) and its largest absolute error."""

    outcome: Outcome
    grade: str = ""
    gap: float | None = None

    @property
    def word(self) -> str:
        """What it is counted as: its grade, else its kind."""
        return self.grade or self.outcome.kind.value

    @property
    def plain(self) -> bool:
        """Whether there is nothing to say of it: an operator may well answer nothing but zeros, the same ones everywhere."""
        return self.outcome.ok or (self.outcome.kind is Kind.UNDECIDED and self.grade == Grade.EXACT.value)


def weigh(net: str, outcome: Outcome, reference: OutputsFile | None, candidate: OutputsFile | None) -> NetNumbers:
    """Compare one net's outputs with the saver's; what cannot be read is the lab's failure, and says so."""
    if not outcome.ok:
        return NetNumbers(outcome=outcome)
    if reference is None or candidate is None:
        return NetNumbers(outcome=net_records.lost(net))
    try:
        diffs = compare(reference, candidate)
    except LabError as error:
        return NetNumbers(outcome=replace(net_records.lost(net), message=error.what))
    grade = worst_grade(diffs)
    return NetNumbers(outcome=with_diffs(outcome, diffs), grade=grade.value if grade else "", gap=_gap(diffs))


def _gap(diffs: Sequence[Diff]) -> float | None:
    found = [one.metrics.max_abs for one in diffs if one.metrics is not None and one.metrics.max_abs is not None]
    return max(found, default=None)


def agree(reference: OutputsFile | None, candidate: OutputsFile | None) -> bool | None:
    """Whether two answers are the same but for rounding; None where one of them is not there."""
    if reference is None or candidate is None:
        return None
    try:
        return worst_grade(compare(reference, candidate)) is not Grade.MISMATCH
    except LabError:
        return None


@dataclass(frozen=True, kw_only=True)
class Witnesses:
    """Who can say which of two different answers is right: numpy, the opening release's own Python, other releases'.

    Each is where its answer lies; `own` is the saver's, which what was opened differs from.
    """

    numpy: OutputsFile | None
    own: OutputsFile | None
    loader: OutputsFile | None
    others: tuple[OutputsFile | None, ...]

    def blame(self, opened: OutputsFile | None) -> tuple[str, str]:
        """(who is wrong, who says so): "opened", "saved", "release", "unclear", or nothing where nobody can say.

        "release" means that no file is to blame: the opening release computes this operator otherwise, in Python too.
        """
        own, seen = agree(self.numpy, self.own), agree(self.numpy, opened)
        judged = own is not None and seen is not None
        if agree(self.loader, opened) and agree(self.own, self.loader) is False:
            return "release", {(True, False): "saver", (False, True): "loader"}.get((own or False, seen or False), "")
        if judged:
            return {(True, False): "opened", (False, True): "saved"}.get(
                (own or False, seen or False), "unclear"
            ), "numpy"
        answers = [same for one in self.others if (same := agree(self.own, one)) is not None]
        witness = str(len(answers) + 1) if answers else ""
        return ("opened" if answers and all(answers) else "unclear" if answers else ""), witness


def counted(weighed: Mapping[str, NetNumbers]) -> dict[str, int]:
    """How many nets are what, in a fixed order."""
    found = Counter(one.word for one in weighed.values())
    order = [*(grade.value for grade in Grade), *(kind.value for kind in Kind)]
    return {word: found[word] for word in sorted(found, key=order.index)}


def grouped(found: Sequence[SweepFinding]) -> tuple[SweepFinding, ...]:
    """What failed alike as one, first seen first; what differs in numbers stays by itself."""
    groups: dict[object, list[SweepFinding]] = {}
    for one in found:
        outcome = one.outcome
        same = (outcome.kind, outcome.phase, outcome.type, outcome.signature or outcome.message)
        groups.setdefault(one.nets if outcome.kind.differs else same, []).append(one)
    return tuple(
        replace(several[0], nets=tuple(net for one in several for net in one.nets)) for several in groups.values()
    )
