"""What a cure costs: load and call times and memory beside the good release, by the same rounds as every timing."""

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Protocol

from lab.model import TrialResult
from lab.model.cure import Cure, CureMoment, Price, TriedCure, other_api
from lab.run.events import Event
from lab.run.plan import Planned
from lab.run.workflow import timed
from lab.search.probes import SearchSession
from lab.stats.rough import ratio


class Priced(Protocol):
    """What must be known of a search for cures to price what it found."""

    @property
    def at(self) -> str:
        """The release that fails."""

    @property
    def good(self) -> str:
        """The release that works."""

    @property
    def rounds(self) -> int:
        """Timed processes for each; 0 means no price."""

    @property
    def cures(self) -> tuple[Cure, ...]:
        """The catalogue."""

    def trial(self, release: str, cures: Sequence[Cure] = (), moment: CureMoment | None = None) -> Planned:
        """The trial with cures in it."""


def price(
    priced: Priced, session: SearchSession, tried: Sequence[TriedCure]
) -> Generator[Event, None, list[TriedCure]]:
    """The same list with a price on everything accepted; all of them are timed in turns with the good release."""
    by_name = {one.name: one for one in priced.cures}
    paid = [one for one in tried if one.status.works]
    if not paid or not priced.rounds:
        return list(tried)
    planned = [priced.trial(priced.good)]
    planned += [priced.trial(priced.at, [by_name[name] for name in one.names], one.moment) for one in paid]
    results = []
    for one in planned:
        results += [(yield from session.trial(one))]
    context = session.context([one.trial for one in planned if one.trial is not None])
    request = replace(session.held.request, planned=tuple(planned), rounds=priced.rounds)
    good, *cured = yield from timed(request, context, results)
    session.results.update({(result.label, 0): result for result in (good, *cured)})
    prices = {
        one.names: replace(_price(good, result, priced.rounds), other_api=other_api(result.route, good.route))
        for one, result in zip(paid, cured, strict=True)
    }
    return [replace(one, price=prices.get(one.names)) for one in tried]


def _price(good: TrialResult, cured: TrialResult, rounds: int) -> Price:
    return Price(
        load=ratio(cured, good, "load"),
        call=ratio(cured, good, "infer"),
        memory=cured.load.peak_memory if cured.load is not None else 0,
        memory_good=good.load.peak_memory if good.load is not None else 0,
        rounds=rounds,
    )
