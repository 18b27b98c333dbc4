"""The two steps of a sweep: all nets saved in one container, and all nets of one saver opened in one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import store
from lab.engine.protocol import Image, Recipe
from lab.model import Outcome, Place, Scenario, Step
from lab.runner import Order, Runner
from lab.sweeping import read
from lab.trials import slug


@dataclass(frozen=True, kw_only=True)
class Workbench:
    """What the steps of one sweep share."""

    runner: Runner
    folder: Path
    images: Mapping[str, Image | Step]
    recipes: Mapping[str, Recipe]
    scenario: Scenario
    net_s: float


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A finished step: where it lies, its key, and what each net did.

    `alone` had a process for every net; `closed` was left after its probes, which all failed alike in loading.
    """

    place: Place
    step: Step
    key: str
    folder: Path
    nets: Mapping[str, Outcome]
    alone: bool = False
    closed: bool = False
    reused: str = ""

    @property
    def good(self) -> tuple[str, ...]:
        """The nets that worked."""
        return tuple(net for net, outcome in self.nets.items() if outcome.ok)

    def arrays(self, kind: str, net: str) -> Path | None:
        """Arrays of one net."""
        return read.arrays(self.folder, kind, net)


def save(bench: Workbench, place: Place, nets: Sequence[str], *, alone: bool = False) -> Finished:
    """Save the nets in this place, with what Python and numpy answer for the same inputs."""
    plan = _plan(bench, "save", nets, alone=alone)
    return _step(bench, place, plan, bench.folder / _home("saves", alone=alone) / slug(place.label), None)


def load(
    bench: Workbench, saved: Finished, place: Place, route: str, nets: Sequence[str], probes: Sequence[str] = ()
) -> Finished:
    """Open the nets of one save by one route; after probes that all fail alike the rest is left."""
    plan = _plan(bench, "load", nets, alone=saved.alone) | {"route": route, "probes": list(probes)}
    label = f"{saved.place.label} -> {place.label} by {route}"
    return _step(bench, place, plan, bench.folder / _home("cells", alone=saved.alone) / slug(label), saved)


def _home(name: str, *, alone: bool) -> str:
    return f"again/{name}" if alone else name


def _plan(bench: Workbench, do: str, nets: Sequence[str], *, alone: bool) -> dict[str, object]:
    return {"do": do, "nets": list(nets), "net_s": bench.net_s, **({"batch": 1} if alone else {})}


def _step(bench: Workbench, place: Place, plan: dict[str, object], folder: Path, saved: Finished | None) -> Finished:
    """One container, or the same of an earlier run."""
    nets = [str(net) for net in plan["nets"]]  # type: ignore[attr-defined]
    digest = bench.recipes[place.environment.key].digest
    parts = bench.runner.common(bench.scenario, place, digest) | {"mode": "sweep", "plan": repr(plan)}
    key = store.key_of(parts | ({"saved": saved.key} if saved else {}))
    image = bench.images[place.environment.key]
    reused = ""
    if isinstance(image, Step):
        step = image
        return Finished(place=place, step=step, key=key, folder=folder, nets=dict.fromkeys(nets, step.outcome))
    known = bench.runner.known(key, folder)
    if known is not None:
        step, reused = known
    else:
        order = Order(
            mode="sweep", key=key, scenario=bench.scenario, place=place, image=image,
            saved=saved.folder / "out" if saved else None, more={"sweep": plan},
        )  # fmt: skip
        step = bench.runner.step(order, folder)
    found = read.outcomes(folder, step, nets)
    closed = bool(found) and set(found) == set(plan.get("probes") or ()) and not any(one.ok for one in found.values())  # type: ignore[call-overload]
    if not closed:
        found = {net: found.get(net) or read.lost(net) for net in nets}
    alone = plan.get("batch") == 1
    return Finished(
        place=place, step=step, key=key, folder=folder, nets=found, alone=alone, closed=closed, reused=reused
    )
