"""The engine of a fleet as a run sees it: its hosts' engine by name; an image is ready where hosts can make it from what they are given."""

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from lab.engine.choose import EngineChoice
from lab.engine.protocol import Image, Job, JobResult, Recipe, Rooms, Teller
from lab.engine.stopped import StoppedRuns
from lab.environment.wheels import WheelStore
from lab.errors import EngineMissingError, UsageError
from lab.fleet.link import FleetLink, FleetMember
from lab.machine import hardware
from lab.model import BuildSort, GivenBuild, Place

FRESH_S = 2.0
"""Seconds for which what is known of the hosts is not asked for again."""
NOT_HERE = "a fleet does steps, and this is done on one machine"


class FleetEngine:
    """Promises images, which hosts build; refuses what only an engine on this machine can do."""

    def __init__(self, link: FleetLink, choice: EngineChoice, wheels: WheelStore, words: Sequence[str] = ()) -> None:
        """Of the hosts that have all `words` as labels, those with the engine that was asked for, or the best there is."""
        self._link, self._words, self._wheels = link, frozenset(words), wheels
        self._stops = StoppedRuns()
        self._recipes: dict[str, Recipe] = {}
        self._classes: dict[tuple[str, bool, str], str] = {}
        self._lock = threading.Lock()
        self._seen: tuple[float, tuple[FleetMember, ...]] = (0.0, ())
        self.name, self.isolated = "", False
        self.name = self._chosen(choice)
        self.isolated = all(one.facts.get("isolated") == "true" for one in self.members())

    def members(self) -> tuple[FleetMember, ...]:
        """The hosts that this command may use now."""
        with self._lock:
            since, known = self._seen
            if not known or time.monotonic() - since > FRESH_S:
                known = tuple(one for one in self._link.members() if one.labels >= self._words)
                self._seen = (time.monotonic(), known)
        return tuple(one for one in known if self.name in {"", one.facts.get("engine")})

    def _chosen(self, choice: EngineChoice) -> str:
        engines = Counter(one.facts.get("engine", "") for one in self.members())
        if not engines:
            wanted = f" with the label(s) {' '.join(sorted(self._words))}" if self._words else ""
            raise EngineMissingError(f"the fleet at {self._link.ticket.scheduler} has no host{wanted}", self._labels())
        if choice is EngineChoice.AUTO:
            order = [one.value for one in EngineChoice]
            return min(engines, key=lambda name: order.index(name) if name in order else len(order))
        if choice.value not in engines:
            said = f"no host of the fleet has the engine {choice.value}"
            raise EngineMissingError(said, f"--engine {' or '.join(sorted(engines))}")
        return choice.value

    def _labels(self) -> str:
        found = sorted({label for one in self._link.members() for label in one.labels})
        return (
            f"its labels: {', '.join(found)}" if found else "lab fleet host --ticket FILE, on a machine that shall work"
        )

    def fitting(self, place: Place) -> tuple[FleetMember, ...]:
        """The hosts of a place's class that take work now; UsageError where the fleet has none of its architecture or with its GPU."""
        wanted = self.host_class(place)
        gpu = place.environment.device.gpu
        found = [one for one in self.labelled(place.settings.on) if _class_of(one, gpu=gpu) == wanted]
        return tuple(one for one in found if not one.unable) or tuple(found)

    def labelled(self, word: str) -> tuple[FleetMember, ...]:
        """The hosts of this command that have one label more; all of them for no word."""
        return tuple(one for one in self.members() if not word or word in one.labels)

    def refuse_unknown(self, word: str) -> None:
        """UsageError where no host of this command has a label, with those there are."""
        if word and not self.labelled(word):
            raise UsageError(f"no host of this command has the label {word}", self._labels())

    def needs(self, place: Place) -> tuple[str, ...]:
        """The labels that whoever does a step of this place must have, its class among them."""
        said = {*self._words, place.settings.on} - {""}
        return (self.host_class(place), *sorted(said))

    def host_class(self, place: Place) -> str:
        """The class with most slots among hosts that could do a place; once chosen it stays, so that a run is of one class."""
        environment = place.environment
        asked = (environment.arch, environment.device.gpu, place.settings.on)
        if asked not in self._classes:
            self._classes[asked] = self._largest(*asked)
        return self._classes[asked]

    def _largest(self, arch: str, gpu: bool, on: str) -> str:  # noqa: FBT001 - a key's part
        found = [one for one in self.labelled(on) if one.facts.get("arch") == arch]
        if not found:
            self._refuse(arch, on)
        # Without any GPU in the fleet a GPU build runs in CPU mode, as it does on one machine.
        able = [one for one in found if one.facts.get("gpu")] if gpu else []
        slots: Counter[str] = Counter()
        for one in able or found:
            slots[_class_of(one, gpu=gpu)] += one.slots
        return min(slots, key=lambda one: (-slots[one], one))

    def _refuse(self, arch: str, on: str) -> NoReturn:
        self.refuse_unknown(on)
        have = ", ".join(sorted({one.facts.get("arch", "") for one in self.labelled(on)})) or "none"
        raise UsageError(
            f"no host with the label {on} is {arch}; there are {have}"
            if on
            else f"no host of the fleet is {arch}; there are {have}",
            "join one that is, or leave --fleet out for emulation",
        )

    def recipe(self, key: str) -> Recipe:
        """How an environment of this run is made."""
        return self._recipes[key]

    def facts(self) -> Mapping[str, str]:
        """The fleet in the place of an engine."""
        members = self.members()
        return {"engine": self.name, "fleet": ", ".join(one.name for one in members), "hosts": str(len(members))}

    def image(self, recipe: Recipe) -> Image | None:
        """The promise of an image whose wheels are here, or that every host has already, so that nobody needs them."""
        if recipe.tag in self._recipes or self._wheels.ready(recipe.lock) is not None:
            return self._promised(recipe)
        members, have = self.members(), self._link.ask_all("lab_images")
        built = [recipe.environment.key in have.get(one.address, ()) for one in members]
        return self._promised(recipe) if built and all(built) else None

    def build(self, recipe: Recipe, wheels: Path, log: Path, teller: Teller) -> Image:
        """The same promise once the wheels are in this machine's store: each host builds what it lacks, by hash."""
        del wheels, log, teller
        return self._promised(recipe)

    def _promised(self, recipe: Recipe) -> Image:
        build = recipe.environment.release.build
        if build is not None and build.sort is BuildSort.IMAGE:
            raise UsageError(f"the image {build.name} is on no host of the fleet", "leave --fleet out for it")
        self._recipes[recipe.environment.key] = self._recipes[recipe.tag] = recipe
        return Image(tag=recipe.tag, id="", environment=recipe.environment.key)

    def stop(self, run_id: str, *, alone: bool = False) -> None:
        """Hand nothing more of a run over; whoever waits for a step of it stops wanting it, and hosts end what nobody wants."""
        del alone
        self._stops.add(run_id)

    def stopped(self, run_id: str) -> bool:
        """Whether nothing more of this run is handed over."""
        return self._stops.has(run_id)

    def reap(self) -> int:
        """Nothing: each host removes what its own killed process left."""
        return 0

    def images(self) -> tuple[Image, ...]:
        """None here: they are the hosts' own."""
        return ()

    def given(self, name: str, pythons: tuple[str, ...]) -> GivenBuild:
        """An image that is handed over is on one engine alone."""
        del pythons
        return _refused(f"the image {name} is looked into on one machine")

    def remove(self, image: Image) -> None:
        """Each host keeps its own images."""
        _refused(f"{image.tag} is removed where it is")

    def export(self, images: Sequence[Image], target: Path) -> None:
        """Each host keeps its own images."""
        _refused(f"{len(images)} image(s) for {target} are written where they are")

    def base(self, recipe: Recipe) -> Image | None:
        """Each host looks for its own."""
        return _refused(f"what {recipe.environment.key} is built on is where it is built")

    def ground(self, recipe: Recipe, log: Path, teller: Teller) -> Image:
        """Each host makes its own, or is sent this machine's."""
        del log, teller
        return _refused(f"what {recipe.environment.key} is built on is where it is built")

    def bring(self, source: Path) -> tuple[str, ...]:
        """Each host keeps its own images."""
        return _refused(f"{source} is taken in where it shall be")

    def rooms(self, job: Job) -> Rooms:
        """Only the host that does a step knows its folders."""
        return _refused(f"{job.run_id} is no step")

    def run(self, job: Job) -> JobResult:
        """A measured block needs its sides beside each other on one machine, and forks share one process."""
        return _refused(f"what is measured side by side ({job.run_id}) is measured on one machine")


def _class_of(member: FleetMember, *, gpu: bool) -> str:
    graphics = {name: member.facts[name] for name in ("gpu", "driver") if gpu and name in member.facts}
    return hardware.class_of(member.facts, graphics)


def _refused(what: str) -> NoReturn:
    raise UsageError(f"{what}: {NOT_HERE}", "leave --fleet out")
