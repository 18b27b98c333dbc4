"""The two steps of a sweep: all nets saved in one container, and all nets of one saver opened in one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lab.model import Outcome, Place, Scenario, Step
from lab.run import net_records
from lab.run.order import StepOrder
from lab.run.trial import RunContext, slug
from lab.storage import store
from lab.storage.outbox import GuestFile

BUSY = 0.3
"""The share of a net's time that it may spend on the processor: what never ends is known sooner."""


@dataclass(frozen=True, kw_only=True)
class SweepContext:
    """What the steps of one sweep share: what every run's steps share, the scenario of all nets, seconds for one net."""

    run: RunContext
    scenario: Scenario
    net_s: float


@dataclass(frozen=True, kw_only=True)
class SweepStep:
    """A finished step, or one route of it: where it lies, its key, and what each net did.

    `alone` had a process for every net; `closed` was left after its probes, which all failed alike in loading.
    """

    place: Place
    step: Step
    key: str
    folder: Path
    nets: Mapping[str, Outcome]
    route: str = ""
    alone: bool = False
    closed: bool = False

    @property
    def good(self) -> tuple[str, ...]:
        """The nets that worked."""
        return tuple(net for net, outcome in self.nets.items() if outcome.ok)

    def outputs(self, net: str) -> GuestFile | None:
        """What a net answered."""
        return net_records.arrays(self.folder, f"outputs-{self.route}" if self.route else "outputs", net)

    def numpy(self, net: str) -> GuestFile | None:
        """What numpy answers for the same."""
        return net_records.arrays(self.folder, "numpy", net)


def save(context: SweepContext, place: Place, nets: Sequence[str], *, alone: bool = False) -> SweepStep:
    """Save the nets in this place, with what Python and numpy answer for the same inputs."""
    home = context.run.folder / _home("saves", alone=alone) / slug(place.label)
    (done,) = _step(context, place, {"": nets}, home, _plan(context, "save", alone=alone))
    return done


def load(
    context: SweepContext,
    saved: SweepStep,
    place: Place,
    tasks: Mapping[str, Sequence[str]],
    probes: Sequence[str] = (),
) -> tuple[SweepStep, ...]:
    """Open nets of one save by routes, each in its turn; a route whose probes all fail alike is left."""
    plan = _plan(context, "load", alone=saved.alone) | {"probes": list(probes)}
    home = context.run.folder / _home("cells", alone=saved.alone) / slug(f"{saved.place.label} -> {place.label}")
    return _step(context, place, tasks, home, plan, saved)


def _home(name: str, *, alone: bool) -> str:
    return f"again/{name}" if alone else name


def _plan(context: SweepContext, do: str, *, alone: bool) -> dict[str, object]:
    return {"do": do, "net_s": context.net_s, "busy_s": BUSY * context.net_s, **({"batch": 1} if alone else {})}


def _step(
    context: SweepContext, place: Place, tasks: Mapping[str, Sequence[str]], folder: Path, plan: Mapping[str, object],
    saved: SweepStep | None = None,
) -> tuple[SweepStep, ...]:  # fmt: skip
    """One container, or the same of an earlier run."""
    whole = {**plan, "tasks": [{"route": route, "nets": list(nets)} for route, nets in tasks.items()]}
    run = context.run
    parts = run.runner.common(context.scenario, place, run.digest(place)) | {"mode": "sweep", "plan": repr(whole)}
    key = store.key_of(parts | ({"saved": saved.key} if saved else {}))
    order = StepOrder(
        mode="sweep", key=key, scenario=context.scenario, place=place,
        saved=saved.folder / "out" if saved else None, more={"sweep": whole},
    )  # fmt: skip
    step = run.known_or_run(order, folder).step
    whole_step = SweepStep(place=place, step=step, key=key, folder=folder, nets={}, alone="batch" in plan)
    return tuple(_route(whole_step, route, nets, plan) for route, nets in _told(whole_step, tasks))


def _told(
    done: SweepStep, tasks: Mapping[str, Sequence[str]]
) -> list[tuple[str, tuple[Sequence[str], Mapping[str, Outcome]]]]:
    """Each route with its nets and what was said of them; nothing was said where no container started."""
    memory = done.place.settings.limits.memory
    said = net_records.outcomes(done.folder, tasks, memory) if done.folder.is_dir() else {}
    return [(route, (nets, said.get(route, {}))) for route, nets in tasks.items()]


def _route(
    done: SweepStep, route: str, told: tuple[Sequence[str], Mapping[str, Outcome]], plan: Mapping[str, object]
) -> SweepStep:
    """One route of a step; nets that nothing was said of have the step's failure, or are lost."""
    nets, said = told
    probes = plan.get("probes") or ()
    # A container that was lost after its probes says nothing of the rest, and neither does a probe that was lost.
    failed = all(one.kind.tested and not one.ok for one in said.values())
    closed = bool(said) and done.step.outcome.ok and set(said) == set(probes) and failed  # type: ignore[call-overload]
    if not closed:
        missing = None if done.step.outcome.ok else done.step.outcome
        said = {net: said.get(net) or missing or net_records.lost(net) for net in nets}
    return replace(done, route=route, nets=said, closed=closed)
