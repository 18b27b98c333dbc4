"""Everything that is tried of one release of a check while its starts live: every way, the known flags, and the lines to use.

Releases are worked on side by side, each by one thread, the old one first; only what is held against the old release waits for it.
"""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from lab.check import adopt, answer, snippets, ways
from lab.check.question import CheckRequest, TriedWay
from lab.model import Scenario
from lab.model.check import Excited, Way
from lab.model.check_grid import Snippet
from lab.model.inspection import Reads
from lab.run.events import Event
from lab.run.order import StepOrder
from lab.run.plan import Planned
from lab.run.session import RunSession
from lab.run.trial import RunContext, SavedModel, foresee, load_order
from lab.run.workflow import tried


@dataclass(kw_only=True)
class CheckSession:
    """What one check works with: what is asked, the run it is done in, the model's one save, and what was tried."""

    question: CheckRequest
    held: RunSession
    scenario: Scenario
    context: RunContext
    saved: SavedModel
    tried: list[TriedWay] = field(default_factory=list)
    snippets: list[Snippet] = field(default_factory=list)
    excited: Excited | None = None

    @property
    def releases(self) -> tuple[str, ...]:
        """Every release that is asked about, the old one first."""
        return tuple(dict.fromkeys((self.question.chosen.old, *self.question.chosen.new)))

    def planned(self, release: str, way: Way) -> Planned:
        """The trial of one way in one release."""
        return self.question.planned(self.scenario, release, way)

    def order(self, release: str, way: Way) -> StepOrder:
        """What its load is asked to do."""
        return load_order(self.context, adopt.trial_of(self.planned(release, way)), self.saved)

    def side_by_side(self) -> int:
        """How many releases are worked on at once."""
        limits = adopt.trial_of(self.planned(self.releases[0], Way(route="jit"))).loader.settings.limits
        return self.held.places(limits.memory, len(self.releases))


@dataclass(frozen=True, kw_only=True)
class ReleaseTrials:
    """What came of one release."""

    tried: tuple[TriedWay, ...]
    snippets: tuple[Snippet, ...] = ()


Earlier = Callable[[], tuple[TriedWay, ...]]
"""Waits for what came of the old release; nothing for the old release itself."""


def plain_ways(question: CheckRequest, release: str) -> tuple[Way, ...]:
    """Every way that exists in a release with nothing set."""
    return ways.plain(question.release(release), question.catalogue, question.cures, question.given.format)


def begin(session: CheckSession) -> None:
    """Let the first releases import while whoever refers is waited for."""
    for release in session.releases[: session.side_by_side()]:
        foresee(session.context, [session.order(release, way) for way in plain_ways(session.question, release)])


def begin_likely_cured(session: CheckSession) -> None:
    """Let the start with the first flag begin where a release is known to read such files only with a setting.

    Only for one new release: with more of them no core is idle meanwhile.
    """
    question, (release, *others) = session.question, session.question.chosen.new
    known = [one.reads for one in question.given.seen.readers if one.release == release]
    cures = ways.flagged(question.release(release), question.catalogue, question.cures)
    if others or not cures or Reads.WITH not in known:
        return
    cured = [ways.with_cure(way, cures[0]) for way in plain_ways(question, release) if way.route != ways.OLD_IR]
    foresee(session.context, [session.order(release, way) for way in cured])


def perform(session: CheckSession, reference: str) -> Generator[Event]:
    """Try every release, and keep what came of them in the session: what has nothing set first."""
    done = dict[str, Future[ReleaseTrials]]()

    def earlier() -> tuple[TriedWay, ...]:
        return done[session.question.chosen.old].result().tried

    def mine(release: str) -> ReleaseTrials:
        return _of_release(session, reference, release, earlier if release != session.question.chosen.old else tuple)

    with session.held.workers(session.side_by_side()) as pool:
        for release in session.releases:  # the old one begins first, so whoever waits for it waits for work in hand
            done[release] = pool.submit(mine, release)
        found = yield from session.held.pump(list(done.values()))
    session.tried = sorted((one for release in found for one in release.tried), key=lambda one: bool(one.way.env))
    session.snippets = [one for release in found for one in release.snippets]


def _of_release(session: CheckSession, reference: str, release: str, earlier: Earlier) -> ReleaseTrials:
    """Every way, the flags where one fails, and the lines that are to be shown; then its starts end."""
    question = session.question
    mine = _wave(session, release, plain_ways(question, release))
    if not _altered(question, mine, earlier) and not question.given.unreadable_by(release):
        mine = _cured(session, release, mine)
        mine += _wave(session, release, _deeper(session, release, mine, reference))
    shown = _lines(session, reference, release, mine, earlier)
    if session.context.forks is not None:
        for one in mine:
            session.context.forks.leave(session.order(release, one.way))
    return ReleaseTrials(tried=tuple(mine), snippets=shown)


def _wave(session: CheckSession, release: str, asked: Sequence[Way]) -> list[TriedWay]:
    """Try ways of one release one after the other, those with the same settings out of one start."""
    foresee(session.context, [session.order(release, way) for way in asked])
    return [_tried(session, release, way) for way in asked]


def _tried(session: CheckSession, release: str, way: Way) -> TriedWay:
    planned = session.planned(release, way)
    result = tried(session.held, session.context, planned, adopt.trial_of(planned), session.saved)
    return TriedWay(release=release, way=way, planned=planned, result=result)


def _altered(question: CheckRequest, mine: Sequence[TriedWay], earlier: Earlier) -> bool:
    """Whether the model is not what its stamp says, as far as this release and the old one show it."""
    if question.given.stamp is None:
        return False
    return bool(answer.changed(question)) or any(answer.strays(question, one) for one in (*earlier(), *mine))


def _cured(session: CheckSession, release: str, mine: list[TriedWay]) -> list[TriedWay]:
    """The known flags that say which IR is used, for every way that fails; one that is cured is not asked again."""
    question = session.question
    for cure in ways.flagged(question.release(release), question.catalogue, question.cures):
        mine = mine + _wave(session, release, [ways.with_cure(way, cure) for way in _failing(mine)])
    return mine


def _deeper(session: CheckSession, release: str, mine: Sequence[TriedWay], reference: str) -> list[Way]:
    """Whatever else is known, for one way of a release where nothing works at all but some release runs the model."""
    question = session.question
    if not reference or any(one.result.outcome.ok for one in mine):
        return []
    deeper = ways.flagged(question.release(release), question.catalogue, question.cures, deeper=True)
    return [ways.with_cure(way, cure) for way in _failing(mine)[:1] for cure in deeper]


def _failing(mine: Sequence[TriedWay]) -> list[Way]:
    """The plain ways that Paddle fails by, and that no flag has cured so far."""
    cured = {one.way.route for one in mine if one.way.env and one.result.outcome.ok}
    return [
        one.way
        for one in mine
        if not one.way.env
        and one.way.route not in cured
        and one.way.route != ways.OLD_IR
        and one.result.outcome.kind.tested
        and not one.result.outcome.kind.works
    ]


def _lines(
    session: CheckSession, reference: str, release: str, mine: Sequence[TriedWay], earlier: Earlier
) -> tuple[Snippet, ...]:
    """The lines that are to be shown for this release, run as they stand."""
    question = session.question
    if not question.lines or release not in question.chosen.new:
        return ()
    known = (*earlier(), *mine)
    grid = answer.grid(question, known, reference, session.held.folder)
    return snippets.proved(session.held, session.context, session.saved, question, replace(grid, new=(release,)))
