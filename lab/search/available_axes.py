"""What of two places can be tried here: axes given up, a release that stands in, emulators that must be proved."""

from collections.abc import Generator
from dataclasses import dataclass, field, replace

from lab.engine import emulation
from lab.errors import BuildError
from lab.model.isolation import Stepped
from lab.model.search import ProbeVerdict
from lab.outcome.verdict import describe
from lab.run.events import Event, Told
from lab.search.algorithms import ProbeAnswer
from lab.search.axes import HOST, IsolateRequest, Values, label_of, standing_in
from lab.search.judge import Judge, refuse_lost
from lab.search.probes import SearchSession

# Which axis is given up first where an end cannot be had: what machines differ in most.
GIVEN_UP = ("cpu", "python", "numpy", "protobuf", "device")


@dataclass(kw_only=True)
class IsolateWork:
    """One request under way: the places as they can be had here, what was tried, and what had to be given up."""

    request: IsolateRequest
    session: SearchSession
    judge: Judge
    steps: dict[tuple[str, ...], Stepped] = field(default_factory=dict)
    untested: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    stand_in: str = ""


def on_real(work: IsolateWork) -> None:
    """Take a processor from a host of the fleet that has it; where that is of the class of all other steps, there is no difference to try."""
    request, executor = work.request, work.session.held.laboratory.executor
    asked = [place["cpu"] for place in (request.good, request.bad) if request.emulated(place)]
    real = {word: label for word in asked if (label := label_of(word, executor.labelled))}
    if not real:
        return
    work.request = replace(request, real=real)
    for word, label in real.items():
        work.notes.append(f"cpu={word} is a real one: {', '.join(executor.labelled(label))}")
    both = [work.request.planned(request.values(changed)).trial for changed in ((), ("cpu",))]
    classes = {executor.host_class(one.loader) for one in both if one is not None}
    if "cpu" in request.differing and len(classes) == 1:
        said = f"both are of class {classes.pop()} in this fleet: name each by a label, cpu=LABEL"
        _give_up(work, "cpu", request.good["cpu"], said)


def without_emulator(work: IsolateWork) -> None:
    """Leave the processor out where one of the two is emulated and there is no emulator here."""
    good, bad = work.request.good, work.request.bad
    if any(work.request.emulated(place) for place in (good, bad)) and emulation.find() is None:
        _give_up(work, "cpu", HOST, f"{emulation.MISSING}; {emulation.REMEDY}")


def _give_up(work: IsolateWork, axis: str, value: str, why: str) -> None:
    """Take an axis out of the request: both places have the same value now, and the answer says why."""
    old = work.request
    work.untested[axis] = why
    work.request = replace(old, good={**old.good, axis: value}, bad={**old.bad, axis: value})


def available(work: IsolateWork) -> Generator[Event]:
    """Give up what keeps an end from being tried at all: an image that cannot be made, a wheel that does not exist."""
    for end in ("good", "bad"):
        seen = refuse_lost(f"the {end} place", (yield from _end(work, end)))
        for axis in GIVEN_UP:
            if seen.sort is not ProbeVerdict.SKIP:
                break
            yield from _tried_without(work, end, axis, seen)
            seen = refuse_lost(f"the {end} place", (yield from _end(work, end)))
        if seen.sort is ProbeVerdict.SKIP:
            raise BuildError(f"the {end} place could not be tested: {seen.why}", "lab doctor, or name another place")


def _tried_without(work: IsolateWork, end: str, axis: str, seen: ProbeAnswer) -> Generator[Event]:
    """Give up an axis if the end can be tried with the other end's value of it."""
    if axis not in work.request.differing:
        return
    here, there = (work.request.good, work.request.bad)[:: 1 if end == "good" else -1]
    results = yield from work.session.repeats(work.request.planned({**here, axis: there[axis]}), 1)
    if work.judge.seen(results[0].outcome).sort is not ProbeVerdict.SKIP:
        _give_up(work, axis, there[axis], f"{axis}={here[axis]} cannot be had here: {seen.why}")
        yield Told(text=f"{axis} is left out: {work.untested[axis]}")


def _end(work: IsolateWork, end: str) -> Generator[Event, None, ProbeAnswer]:
    """One try of an end, only to see whether it can be tried; what it is is asked again, and costs nothing then."""
    place = work.request.good if end == "good" else work.request.bad
    results = yield from work.session.repeats(work.request.planned(place), 1)
    return (yield from believed(work, place, work.judge.seen(results[0].outcome)))


def stood_in(work: IsolateWork) -> Generator[Event]:
    """Let a release take the good one's place where only then single axes can be changed; it must work itself."""
    old = work.request
    name = standing_in(old)
    if not name:
        return
    moved = replace(old, good={**old.good, "release": name})
    results = yield from work.session.repeats(moved.planned(moved.good), 1)
    works = refuse_lost(name, work.judge.seen(results[0].outcome)).sort is ProbeVerdict.GOOD
    because = f"{old.good['release']} has no wheel for the other place, so no axis could be changed alone"
    outcome = (
        "works there too, and stands in for it" if works else f"cannot stand in for it: {describe(results[0].outcome)}"
    )
    work.notes.append(f"{because}; {name} {outcome}")
    yield Told(text=work.notes[-1])
    if works:
        work.request, work.stand_in = moved, name


def believed(work: IsolateWork, values: Values, seen: ProbeAnswer) -> Generator[Event, None, ProbeAnswer]:
    """A failure on an emulated processor is one only where the good place works on it: else the emulator may be to blame."""
    request = work.request
    if not request.emulated(values) or seen.sort in (ProbeVerdict.GOOD, ProbeVerdict.SKIP):
        return seen
    cpu = request.bad["cpu"] if request.emulated(request.bad) else request.good["cpu"]
    results = yield from work.session.repeats(request.planned({**request.good, "cpu": cpu}), 1)
    control = refuse_lost(f"the good place on the emulated {cpu}", work.judge.seen(results[0].outcome))
    if control.sort is ProbeVerdict.GOOD:
        return seen
    also = describe(results[0].outcome)
    why = f"on the emulated {cpu} the good place fails as well ({also}), so it may be the emulator"
    return ProbeAnswer(sort=ProbeVerdict.SKIP, why=f"{seen.why}; {why}")
