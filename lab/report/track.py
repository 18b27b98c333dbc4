"""What the gate of a build says: its news first, then what is worse as somebody accepted it, each with its route."""

from collections.abc import Iterator

from lab.bench.gate import GateAnswer
from lab.model.accepted import AcceptedChange
from lab.model.bench import HistoryLine
from lab.model.cases import AnswerCase, AnswerCases, CaseEnd
from lab.report.bench import WORDS_FOR_BYTES


def lines(found: GateAnswer) -> Iterator[str]:
    """One line a row that is worse, and how many that are."""
    yield from (_worse(one) for one in found.news)
    yield from (f"{_worse(one)}; {_because(one, by)}" for one, by in found.accepted)
    yield counted(found)


def counted(found: GateAnswer) -> str:
    """The answer in one sentence."""
    rows = f"{len(found.rows)} tracked row{'s' if len(found.rows) != 1 else ''}"
    also = f"; worse as accepted: {len(found.accepted)}" if found.accepted else ""
    return f"newly worse: {len(found.news)} of {rows}{also}"


def _worse(one: HistoryLine) -> str:
    word = WORDS_FOR_BYTES[one.change] if one.unit == "B" else one.change.value
    return f"{word} {_row(one)}: x{one.ratio:.3g} of {one.anchor}'s"


def _row(one: HistoryLine) -> str:
    """What was measured: "jit_load_pir by its own route: load of 3.0.0-cpu-py311"."""
    route = "its own route" if one.route == "own" else one.route
    return f"{one.scenario} by {route}: {one.metric} of {one.side}"


def _because(one: HistoryLine, by: AcceptedChange) -> str:
    like = "" if by.side == one.side else f" of {by.side}, x{by.ratio:.3g}"
    return f"accepted {by.date}{like}: {by.reason}"


def cases(found: GateAnswer) -> AnswerCases:
    """One case a row; what is worse as accepted passes."""
    bad = {one.key for one in found.news}
    rows = tuple(
        AnswerCase(name=f"{_row(one)} against {one.anchor}", end=CaseEnd.FAILED, message=_worse(one))
        if one.key in bad
        else AnswerCase(name=f"{_row(one)} against {one.anchor}", end=CaseEnd.PASSED)
        for one in found.rows
    )
    return AnswerCases(subject="", said=counted(found), cases=rows)
