"""Trials that are done before a search asks for them, on hosts of a fleet that would have nothing to do meanwhile."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from lab.model import TrialResult
from lab.run.plan import Planned

Asked = tuple[Planned, int]
"""A trial and which repeat of it."""
Key = tuple[str, int]
Stopped = Callable[[], bool]
MOST = 64
"""Trials that are tried ahead at once, however many hosts there are."""


@dataclass(frozen=True, kw_only=True)
class Guess:
    """One trial that nobody has asked for yet; dropped, its step is ended wherever it is done."""

    planned: Planned
    result: Future[TrialResult]
    dropped: threading.Event


@dataclass(kw_only=True)
class Foresight:
    """The guesses of one search; only the search's own thread calls this."""

    pool: ThreadPoolExecutor
    guesses: dict[Key, Guess] = field(default_factory=dict)

    def begin(self, asked: Sequence[Asked], run: Callable[[Planned, int, Stopped], TrialResult]) -> list[str]:
        """Begin those that are not under way; gives their labels."""
        begun = []
        for planned, repeat in asked:
            if planned.trial is not None and (planned.label, repeat) not in self.guesses:
                dropped = threading.Event()
                result = self.pool.submit(run, planned, repeat, dropped.is_set)
                self.guesses[planned.label, repeat] = Guess(planned=planned, result=result, dropped=dropped)
                begun.append(planned.label)
        return begun

    def under_way(self) -> int:
        """How many are being done now."""
        return sum(not one.result.done() for one in self.guesses.values())

    def done(self, planned: Planned, repeat: int) -> TrialResult | None:
        """One that has come to its end; None while it has not, and where it failed."""
        guess = self.guesses.get((planned.label, repeat))
        ended = guess is not None and guess.result.done() and not guess.result.cancelled()
        return guess.result.result() if guess and ended and guess.result.exception() is None else None

    def taken(self, planned: Planned, repeat: int) -> Future[TrialResult] | None:
        """One that is asked for now, under way or done: a guess no more."""
        guess = self.guesses.pop((planned.label, repeat), None)
        return guess.result if guess is not None else None

    def drop(self, but: Sequence[Asked] = ()) -> Mapping[Key, TrialResult]:
        """Give up all but these; gives what was done already, by trial and repeat."""
        kept = {(planned.label, repeat) for planned, repeat in but}
        gone = {key: one for key, one in self.guesses.items() if key not in kept}
        found = {key: result for key, one in gone.items() if (result := self.done(one.planned, key[1])) is not None}
        for key, one in gone.items():
            one.dropped.set()
            one.result.cancel()
            del self.guesses[key]
        return found
