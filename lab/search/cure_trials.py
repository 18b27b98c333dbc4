"""One cure, or several at once, as they are tried: when each is set, how often, and what its trials say of it."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace

from lab.compare import UnreadableOutputsError
from lab.errors import InconclusiveError
from lab.model import Kind, Outcome, Phase, TrialResult
from lab.model.cure import Cure, CureKind, CureMoment, CureStatus, TriedCure
from lab.outcome.verdict import describe
from lab.outcome.words import brief
from lab.run.events import Event, Told
from lab.run.plan import Planned
from lab.run.trial import compared
from lab.search import cure_pins
from lab.search.algorithms import Minimal, ddmin
from lab.search.cure_request import CureRequest
from lab.search.judge import same
from lab.search.probes import SearchSession
from lab.storage.outbox import GuestFile

MODEL_FILES = ("net.json", "net.pdmodel")
SHOWN = 160
WRITES = 3
"""Up to this layer of the catalogue a cure can change what is written; kernels, memory and libraries change how it is computed."""


@dataclass(kw_only=True)
class CureTrials:
    """One search for cures under way: what is asked, where it runs, and the failure that each cure must end."""

    request: CureRequest
    session: SearchSession
    failure: Outcome

    def alone(self) -> Generator[Event, None, list[TriedCure]]:
        """Each cure by itself, outer layers first."""
        found: list[TriedCure] = []
        for number, cure in enumerate(self.request.cures):
            yield from self._ahead(self.request.cures[number:])
            why = cure_pins.needless(cure, found)
            left = TriedCure(names=(cure.name,), status=CureStatus.NEEDLESS, why=why)
            one = left if why else (yield from self._anywhere(cure))
            yield Told(text=f"{cure.name}: {one.status}" + (f" ({one.why})" if one.why else ""))
            refuse_control(cure, one, self.session)
            found.append(one)
        yield from self.session.forget()
        return found

    def _ahead(self, cures: Sequence[Cure]) -> Generator[Event]:
        """The likeliest trial of each of the next cures, as many as hosts are free; of a pin only once it is asked for."""
        room = self.session.width(self.request.trial(self.request.at))
        if room == 1:
            return
        wanted: list[tuple[Planned, int]] = []
        for cure in (one for one in cures if not one.packages):
            moment = self._moments(cure)[0]
            planned = self.request.trial(self.request.at, (cure,), moment)
            if len(wanted) < room and hindrance(self.request, self.session, (cure,), planned, moment)[0] is None:
                wanted.append((planned, 0))
        yield from self.session.ahead(wanted)

    def _anywhere(self, cure: Cure) -> Generator[Event, None, TriedCure]:
        """A cure at each moment at which it may matter, until it works; else as it did at the likeliest one."""
        tried: list[TriedCure] = []
        for moment in self._moments(cure):
            tried += [(yield from self.attempt((cure,), moment))]
            if tried[-1].status.works:
                return tried[-1]
        main = next((one for one in tried if one.status.tried), tried[0])
        others = [one for one in tried if one is not main and one.status.tried]
        return replace(main, elsewhere=tuple(f"{one.moment}: {one.status}" for one in others))

    def _moments(self, cure: Cure) -> Sequence[CureMoment]:
        """When a cure is set: only what decides what is written is tried in both processes."""
        moments = self.request.moments
        sets = cure.env or cure.packages
        writes = sets and not cure.control and (cure.layer <= WRITES or self.failure.phase is Phase.SAVE)
        return moments if writes else moments[:1]

    def together(self, tried: Sequence[TriedCure]) -> Generator[Event, None, list[TriedCure]]:
        """Where none helps alone: all that the build knows at once, and if that helps, the smallest part that does."""
        usable = {name for one in tried for name in one.names if one.status in NO_CURES}
        found: dict[str, Cure] = {}
        for cure in self.request.cures:
            taken = {name for one in found.values() for name in one.env}
            if cure.name in usable and cure.env and not cure.control and not taken & set(cure.env):
                found[cure.name] = cure
        if len(found) < 2:  # noqa: PLR2004 - one cure was tried alone already
            return []
        search = ddmin(tuple(found))
        answers: dict[tuple[str, ...], TriedCure] = {}
        names = next(search)
        while True:
            answers[names] = yield from self.attempt([found[name] for name in names], self.request.moments[0])
            yield Told(text=f"{' + '.join(names)}: {answers[names].status}")
            try:
                names = search.send(answers[names].status is CureStatus.ACCEPTED)
            except StopIteration as ended:
                return _combined(ended.value, answers)

    def attempt(self, cures: Sequence[Cure], moment: CureMoment) -> Generator[Event, None, TriedCure]:
        """Once, and as often as the failure was confirmed if it helps; then against what could make it a placebo."""
        planned = self.request.trial(self.request.at, cures, moment)
        route = planned.trial.route if planned.trial is not None else ""
        tried = TriedCure(
            names=tuple(one.name for one in cures), status=CureStatus.UNTESTED, moment=moment, route=route
        )
        hindered, why = hindrance(self.request, self.session, cures, planned, moment)
        if hindered is not None:
            return replace(tried, status=hindered, why=why)
        results: list[TrialResult] = []
        for repeat in range(self.request.times):
            results += [(yield from self.session.trial(planned, repeat))]
            tried = self._judged(tried, results, cures)
            if tried.status is not CureStatus.ACCEPTED:
                return tried
        changed = self._other_reference(planned) if moment.saves else ""
        if changed:
            return replace(tried, status=CureStatus.UNPROVED, why=changed)
        return (yield from self._controlled(tried, cures))

    def _judged(self, tried: TriedCure, results: Sequence[TrialResult], cures: Sequence[Cure]) -> TriedCure:
        status, why = judge(self.failure, results[-1], cures)
        passed = sum(one.outcome.ok for one in results)
        if passed and status not in (CureStatus.ACCEPTED, CureStatus.UNSUPPORTED, CureStatus.UNTESTED):
            status, why = CureStatus.FLAKY, f"helped {passed} of {len(results)} times, then {status}"
        outcome = results[-1].outcome
        back = outcome.kind.tested and not outcome.ok and same(self.failure, outcome)
        return replace(tried, status=status, why=why, passed=passed, times=len(results), back=back)

    def _other_reference(self, planned: Planned) -> str:
        """Why numbers that agree prove nothing: the saver itself answers otherwise with the cure set; else empty.

        Where the save fails without a cure there are no other answers to compare.
        """
        bare = self.request.trial(self.request.at).trial
        cured = planned.trial
        if bare is None or cured is None or bare.saver.label == cured.saver.label:
            return ""
        folders = [self.session.context([one]).saver_folder(one) / "out" for one in (bare, cured)]
        if not all(GuestFile(out=folder, name="outputs.npz").plain for folder in folders):
            return ""
        fine = Outcome(kind=Kind.OK, phase=Phase.COMPARE)
        try:
            outcome, _ = compared(fine, folders[0], folders[1], bare.scenario.tolerances)
        except UnreadableOutputsError as error:
            return error.what
        return "" if outcome.ok else f"the saver itself answers otherwise with it: {describe(outcome)}"

    def _controlled(self, tried: TriedCure, cures: Sequence[Cure]) -> Generator[Event, None, TriedCure]:
        """What works by another way is a cure only where the same way with the fault left in shows the failure; so does a pin."""
        pin = next((one for one in cures if one.packages), None)
        if pin is not None:
            return (yield from cure_pins.controlled(self.request, self.session, self.failure, tried, pin))
        cure = next((one for one in cures if one.kind is CureKind.ROUTE), None)
        if cure is None:
            return tried
        if not cure.without:
            return replace(tried, status=CureStatus.REPLACEMENT)
        if cure.without == self.request.words.route:
            return tried
        faulty = replace(cure, route=cure.without, env={})
        outcome = (yield from self.session.trial(self.request.trial(self.request.at, (faulty,)))).outcome
        status, why = controlled(self.failure, outcome, cure.without)
        return replace(tried, status=status, why=why)


NO_CURES = (CureStatus.NOTHING, CureStatus.OTHER, CureStatus.WRONG)


def controlled(failure: Outcome, outcome: Outcome, route: str) -> tuple[CureStatus, str]:
    """What a way that works is, by what the same way did with the fault left in."""
    if not outcome.kind.tested:
        return CureStatus.UNPROVED, f"its control, {route}, could not be tested: {describe(outcome)}"
    if outcome.ok:
        return CureStatus.PLACEBO, f"{route} works as well, so that it adds nothing"
    if same(failure, outcome):
        return CureStatus.ACCEPTED, ""
    return CureStatus.REPLACEMENT, f"its control, {route}, fails in another way: {describe(outcome)}"


def refuse_control(cure: Cure, tried: TriedCure, session: SearchSession) -> None:
    """InconclusiveError where what cannot help did: then nothing that seems to help can be believed."""
    if cure.control and tried.status is CureStatus.ACCEPTED:
        raise InconclusiveError(
            f"the control {cure.name!r} seemed to help, so nothing here can be believed",
            f"look at the trials: lab runs show {session.held.run.id}",
        )


def _combined(minimal: Minimal, answers: Mapping[tuple[str, ...], TriedCure]) -> list[TriedCure]:
    """The smallest set, believed only if the failure itself comes back whichever part is left out."""
    if not minimal.parts:
        everything = next(iter(answers.values()))
        return [replace(everything, why=f"all together: {everything.why}".rstrip(": "))]
    found = answers[minimal.parts]
    less = {left: tuple(part for part in minimal.parts if part != left) for left in minimal.parts}
    others = [f"without {left}: {answers[rest].status}" for left, rest in less.items() if _differs(answers.get(rest))]
    if others:
        return [replace(found, status=CureStatus.UNPROVED, why=f"it works together, but {'; '.join(others)}")]
    return [replace(found, why="only together: without any part of it the same failure is back")]


def _differs(tried: TriedCure | None) -> bool:
    return tried is not None and not tried.back


def hindrance(
    request: CureRequest,
    session: SearchSession,
    cures: Sequence[Cure],
    planned: Planned,
    moment: CureMoment = CureMoment.LOADING,
) -> tuple[CureStatus | None, str]:
    """Why a cure is not tried at all, as its status and a reason; None where it is."""
    saver, loader = request.pair(request.at)
    sides = ((moment.saves, saver), (moment.loads, loader))
    releases = [request.catalogue.named(name) for affected, name in sides if affected]
    for cure in cures:
        if cure.packages and (why := cure_pins.hindered(request, session, cure, planned, moment)):
            return CureStatus.UNSUPPORTED, why
        if cure.releases and not all(request.catalogue.within(one, cure.releases) for one in releases):
            return CureStatus.UNSUPPORTED, f"only for {cure.releases}"
        if cure.kind is CureKind.ADVICE:
            return CureStatus.ADVICE, cure.does
        if cure.route and cure.route == request.words.route:
            return CureStatus.UNSUPPORTED, "that is the way that fails"
        if cure.route and planned.trial is not None:
            out = session.context([planned.trial]).saver_folder(planned.trial) / "out"
            if not any(GuestFile(out=out, name=f"model/{name}").plain for name in MODEL_FILES):
                return CureStatus.UNSUPPORTED, "the scenario saves no model that a standard route could open"
    return None, ""


def judge(failure: Outcome, result: TrialResult, cures: Sequence[Cure]) -> tuple[CureStatus, str]:
    """What one trial says of the cures in it, as status and reason; a flag the build lacks outranks everything."""
    outcome = result.outcome
    asked = {name for cure in cures for name in cure.env}
    unknown = {name for facts in (result.save, result.load) if facts is not None for name in facts.flags_missing}
    missing = sorted(asked & unknown)
    if missing:
        return CureStatus.UNSUPPORTED, f"{', '.join(missing)} is not registered in this build"
    if outcome.ok:
        return CureStatus.ACCEPTED, ""
    if not outcome.kind.tested:
        return _untested(outcome, cures)
    if outcome.kind.differs:
        return CureStatus.WRONG, "as without it" if same(failure, outcome) else outcome.message[:SHOWN]
    if same(failure, outcome):
        return CureStatus.NOTHING, ""
    return CureStatus.OTHER, f"{describe(outcome)}: {brief(outcome.message)}"


def _untested(outcome: Outcome, cures: Sequence[Cure]) -> tuple[CureStatus, str]:
    """What is said where nothing was tested; a pin needs an environment of its own, and where none can be had the others keep their answer."""
    impossible = outcome.kind is Kind.UNSUPPORTED or outcome.phase is Phase.BUILD
    if impossible and any(one.packages for one in cures):
        return CureStatus.UNSUPPORTED, f"this pin could not be tried: {brief(outcome.message)}"
    return CureStatus.UNTESTED, f"{describe(outcome)}: {brief(outcome.message)}"
