"""What a host's answer is taken for: the step that was asked for, in this run's own words."""

from dataclasses import replace

from lab.fleet import wire
from lab.fleet.wire import HostAnswer
from lab.model import Step
from lab.run.executor import StepWork
from lab.text import clean

_MESSAGE, _DETAIL = 4_000, 32_000


def told_here(step: Step, work: StepWork) -> Step:
    """A host's step as this machine would have told it: its folders by their names in this run, and its words clean."""
    names = {wire.STEP: work.folder}
    if work.order.saved is not None:
        names[wire.SAVED] = work.order.saved
    outcome = step.outcome
    message, detail = clean(outcome.message, _MESSAGE), clean(outcome.detail, _DETAIL)
    for name, folder in names.items():
        if folder.is_relative_to(work.home):
            own = f"{wire.RUN}/{folder.relative_to(work.home)}"
            message, detail = (text.replace(f"{wire.RUN}/{name}/", f"{own}/") for text in (message, detail))
    return replace(step, outcome=replace(outcome, message=message, detail=detail))


def other_step(step: Step, parcel: wire.Parcel, answer: HostAnswer) -> str:
    """Why a step is not the one that was asked for; empty where it is."""
    said = (step.key, step.mode, step.engine, step.facts.host, step.facts.host_class)
    asked = (parcel.key, parcel.mode, parcel.engine, answer.host, parcel.host_class)
    return "answers with another step than it was asked for" if said != asked else ""
