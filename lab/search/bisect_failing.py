"""How one release of a row is tried for a failure, and which others are tried beside it where hosts are free."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from lab.knowledge import upstream
from lab.model import Selector, TrialResult
from lab.model.search import Probed
from lab.run.events import Event
from lab.search.algorithms import NextProbe, ProbeAnswer, Search, likely
from lab.search.foresight import MOST
from lab.search.judge import Judge
from lab.search.probes import SearchSession
from lab.search.row import BisectRequest, ReleaseRow


class Prober(Protocol):
    """How one release of a row is tried."""

    def probe(self, row: ReleaseRow, ask: NextProbe) -> Generator[Event, None, tuple[ProbeAnswer, Probed]]:
        """Try what the search asks for: the verdict, and what is told of it."""

    def ahead(self, row: ReleaseRow, begin: Callable[[], Search], known: Mapping[int, ProbeAnswer]) -> Generator[Event]:
        """Begin what it may ask for after that, where hosts are free; `begin` starts the same search anew."""


@dataclass(kw_only=True)
class Failing:
    """Tries releases by saving and loading; the bad end's failure is what is looked for."""

    question: BisectRequest
    session: SearchSession
    judge: Judge

    def probe(self, row: ReleaseRow, ask: NextProbe) -> Generator[Event, None, tuple[ProbeAnswer, Probed]]:
        """Save and load as often as asked, and judge the outcomes together."""
        results = yield from self.session.repeats(row.planned[ask.index], self.question.repeat)
        outcomes = [one.outcome for one in results]
        if ask.index == row.bad_end:
            failures = (one for one in outcomes if one.kind.tested and not one.ok)
            self.judge = replace(self.judge, reference=next(failures, None))
        seen = self.judge.together(outcomes)
        probed = told_of(row, ask, seen)
        return seen, replace(
            probed,
            reused=all(one.reused for one in results),
            commit=_commit(probed.release, results),
            seconds=round(sum(one.seconds for one in results), 1),
        )

    def ahead(self, row: ReleaseRow, begin: Callable[[], Search], known: Mapping[int, ProbeAnswer]) -> Generator[Event]:
        """As many releases as hosts are free, each as often as asked; what cannot be asked for any more is given up."""
        times = self.question.repeat
        width = self.session.width(row.planned[row.bad_end]) // times
        if width < 2:  # noqa: PLR2004 - the one that is asked for now is begun anyway
            return
        found = [(index, self._foreseen(row, index)) for index in range(len(row.names)) if index not in known]
        seen = {**known, **{index: one for index, one in found if one is not None}}
        possible = likely(begin, seen, max(MOST, width))
        kept = [(row.planned[index], turn) for index in (*possible, *seen) for turn in range(times)]
        yield from self.session.forget(kept)
        yield from self.session.ahead(
            [(row.planned[index], turn) for index in possible[:width] for turn in range(times)]
        )

    def _foreseen(self, row: ReleaseRow, index: int) -> ProbeAnswer | None:
        """The verdict on a release that was tried ahead; None before the failure is known that is looked for."""
        results = self.session.foreseen(row.planned[index], self.question.repeat)
        if not results or self.judge.reference is None:
            return None
        seen = self.judge.together([one.outcome for one in results])
        return None if seen.lost else seen


def _commit(release: str, results: Sequence[TrialResult]) -> str:
    """The commit that a build named when it was imported, where no tag of upstream stands for it."""
    if upstream.tagged(release):
        return ""
    named = Selector.of(release).release
    sides = [
        side for one in results for key, side in ((one.loader, one.load), (one.saver, one.save))
        if side is not None and Selector.of(key).release == named
    ]  # fmt: skip
    return next((commit for one in sides if (commit := one.versions.get("commit", ""))), "")


def told_of(row: ReleaseRow, ask: NextProbe, seen: ProbeAnswer) -> Probed:
    """A verdict as it is told."""
    return Probed(
        release=row.names[ask.index], sort=seen.sort, signature=seen.signature, why=seen.why, purpose=ask.purpose,
        reworded=seen.reworded, silent=seen.silent,
    )  # fmt: skip
