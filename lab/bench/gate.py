"""The gate of a build: which rows of a history are news, which are worse as accepted, and which it looks at."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from lab import stats
from lab.errors import UsageError
from lab.model import Selector
from lab.model.accepted import AcceptedChange
from lab.model.bench import Change, HistoryLine
from lab.storage import history

GATE_ALPHA = 0.05


@dataclass(frozen=True, kw_only=True)
class GateAnswer:
    """What a gate found among its rows: news, and what is worse as somebody accepted it, each with that."""

    rows: tuple[HistoryLine, ...]
    news: tuple[HistoryLine, ...]
    accepted: tuple[tuple[HistoryLine, AcceptedChange], ...]


def judged(found: Sequence[HistoryLine], accepted: Sequence[AcceptedChange] = (), elsewhere: int = 0) -> GateAnswer:
    """What must fail a build is news: a confirmed change for the worse that nobody accepted.

    Changes are confirmed against the whole family of rows (Holm). UsageError where there is nothing to check: a gate that
    measured nothing must not be green. `elsewhere` is how many other machines the history knows, whose times say nothing here.
    """
    if not found:
        others = f" of this machine; it knows {elsewhere} other(s)" if elsewhere else ""
        raise UsageError(
            f"the history holds nothing to check{others}",
            "lab bench SCENARIO --releases 2.6.2,3.0.0; then lab track add last",
        )
    adjusted = stats.holm([one.p for one in found])
    worse = [one for one, p in zip(found, adjusted, strict=True) if one.change is Change.SLOWER and p <= GATE_ALPHA]
    known = [(one, by) for one in worse if (by := covering(one, accepted)) is not None]
    news = tuple(one for one in worse if covering(one, accepted) is None)
    return GateAnswer(rows=tuple(found), news=news, accepted=tuple(known))


def covering(line: HistoryLine, accepted: Sequence[AcceptedChange]) -> AcceptedChange | None:
    """The newest acceptance of the same question that the row does not go beyond, of whatever release it was given."""
    found = [one for one in accepted if _question(one) == _asked(line) and line.low <= one.high]
    return found[-1] if found else None


def _question(one: AcceptedChange) -> tuple[str, ...]:
    return one.machine, one.scenario, one.route, one.metric, one.anchor, one.settings


def _asked(line: HistoryLine) -> tuple[str, ...]:
    return line.machine, line.scenario, line.route, line.metric, line.anchor, settings(line)


def settings(line: HistoryLine) -> str:
    """The variables of a side, as its name has them."""
    return line.side.partition(" ")[2]


def acceptance(line: HistoryLine, reason: str, date: str) -> AcceptedChange:
    """A row as somebody accepts it; `date` is the day on which that is done."""
    return AcceptedChange(
        schema=history.ACCEPTED_SCHEMA, date=date, reason=reason, machine=line.machine, scenario=line.scenario, route=line.route,
        metric=line.metric, anchor=line.anchor, side=line.side, settings=settings(line), ratio=line.ratio, high=line.high,
    )  # fmt: skip


def chosen(found: Sequence[HistoryLine], *, newest: bool, since: str) -> tuple[HistoryLine, ...]:
    """The rows a gate looks at: of the newest release of each question alone, or of those since a day or a release."""
    kept = [one for one in found if _since(one, since)] if since else list(found)
    if not newest:
        return tuple(kept)
    top: dict[tuple[str, ...], Version] = {}
    for one in kept:
        top[_asked(one)] = max(release(one), top.get(_asked(one), release(one)))
    return tuple(one for one in kept if release(one) == top[_asked(one)])


def release(line: HistoryLine) -> Version:
    """The release of a row's side; a build that was given, whose name orders nothing, comes after every release."""
    try:
        return Version(Selector.of(line.side.partition(" ")[0]).release.partition("_")[0])
    except InvalidVersion:
        return Version("9999")


def _since(line: HistoryLine, word: str) -> bool:
    day = _day(word)
    return line.date[:10] >= day if day else release(line) >= Version(word)


def _day(word: str) -> str:
    """The day that a word names, empty where it is a release; UsageError where it is neither."""
    try:
        return dt.date.fromisoformat(word).isoformat()
    except ValueError:
        pass
    try:
        Version(word)
    except InvalidVersion:
        raise UsageError(f"--since {word}: it is neither a day nor a release", "such as 2026-11-01 or 3.1.0") from None
    return ""
