"""Pins as cures: where another version of a package beside Paddle is tried, and whether it is the version that helps."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

from packaging.utils import canonicalize_name

from lab.environment.wheels import parse_lock
from lab.model import Environment, Outcome, Place, Trial
from lab.model.cure import Cure, CureMoment, CureStatus, TriedCure
from lab.outcome.verdict import describe
from lab.run.events import Event
from lab.run.plan import Planned
from lab.search.cure_request import CureRequest
from lab.search.judge import same
from lab.search.probes import SearchSession


def locked(session: SearchSession, environment: Environment) -> Mapping[str, str]:
    """The version of every package in an environment that this search made; empty for an image that was handed over."""
    recipe = session.held.recipes.get(environment.key)
    found = parse_lock(recipe.lock) if recipe is not None else ()
    return {canonicalize_name(one.name): one.version for one in found}


def _affected(trial: Trial, moment: CureMoment) -> list[Place]:
    """The sides that a cure set at a moment is set on; the loader last."""
    return [place for place, on in ((trial.saver, moment.saves), (trial.loader, moment.loads)) if on]


def needless(cure: Cure, before: Sequence[TriedCure]) -> str:
    """Why a pin is not tried: something that needs no environment of its own is proved; else empty."""
    proved = [" + ".join(one.names) for one in before if one.status is CureStatus.ACCEPTED]
    if not cure.packages or not proved:
        return ""
    return f"{proved[0]} is proved, and this needs an environment of its own"


def hindered(request: CureRequest, session: SearchSession, cure: Cure, planned: Planned, moment: CureMoment) -> str:
    """Why an environment with a pin is none that could be tried; empty where it is."""
    if planned.trial is None:
        return planned.unsupported
    bare = request.trial(request.at).trial
    if bare is None:
        return ""
    held = [locked(session, place.environment) for place in _affected(bare, moment)]
    there = all(one.get(line.partition("==")[0]) == line.partition("==")[2] for one in held for line in cure.packages)
    return f"{', '.join(cure.packages)} is what it has" if there else ""


def controlled(
    request: CureRequest, session: SearchSession, failure: Outcome, tried: TriedCure, cure: Cure
) -> Generator[Event, None, TriedCure]:
    """A pin that works is a cure only where an environment made in the same way with the version it had fails."""
    bare = request.trial(request.at).trial
    had = locked(session, _affected(bare, tried.moment)[-1].environment) if bare is not None else {}
    names = [line.partition("==")[0] for line in cure.packages]
    if not all(had.get(name) for name in names):
        return replace(tried, status=CureStatus.UNPROVED, why=f"{', '.join(names)} was not there before: no control")
    control = replace(cure, packages=tuple(f"{name}=={had[name]}" for name in names))
    planned = request.trial(request.at, (control,), tried.moment)
    outcome = (yield from session.trial(planned)).outcome
    status, why = judged(failure, outcome, ", ".join(control.packages))
    return replace(tried, status=status, why=why)


def judged(failure: Outcome, outcome: Outcome, control: str) -> tuple[CureStatus, str]:
    """What a pin that works is, by what its control did: `control` is the same environment with the version it had."""
    if not outcome.kind.tested:
        return CureStatus.UNPROVED, f"its control, {control}, could not be tested: {describe(outcome)}"
    if outcome.ok:
        return CureStatus.PLACEBO, f"{control}, the version it had, works as well where everything is resolved anew"
    if same(failure, outcome):
        return CureStatus.ACCEPTED, f"with {control}, installed in the same way, the same failure is back"
    return CureStatus.UNPROVED, f"its control, {control}, fails in another way: {describe(outcome)}"
