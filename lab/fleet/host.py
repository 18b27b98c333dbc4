"""One host: it takes parcels, does each with its own engine, under its own locks and from its own stores, and keeps its answers."""

import contextlib
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab import scratch
from lab.engine.protocol import Engine, Image, Teller
from lab.environment.prepare import Preparer
from lab.errors import BuildError, Interrupted, LabError
from lab.fleet import depot, feeding, wire
from lab.fleet.depot import Depot, Giver
from lab.fleet.feeding import BaselessError, UnfedError
from lab.fleet.kept_answers import ALONE, Fellows, KeptAnswers
from lab.fleet.wire import HostAnswer, HostRefusal, Parcel
from lab.machine import hardware, host, processor_names, refused, timing_lock
from lab.model import BuildSort, Scenario, Step
from lab.run.executor import STEP_MEMORY, LocalExecutor
from lab.run.guest_files import guest_digest
from lab.run.order import StepOrder
from lab.run.step import Runner
from lab.storage import store
from lab.storage.outbox import files
from lab.storage.store import Store
from lab.storage.workspace import Workspace

LOOK_S = 0.2
AGAIN_S = 10.0
"""After so long a host that could not work looks whether it can again."""
MORE = 1 << 20
"""Bytes by which a disk that was full must have become emptier before its host works again."""
SPARE = 1 << 30
"""Bytes beyond a step's own output that it may bring from its saver."""

Wanted = Callable[[], bool]
"""Whether anybody still waits for a step."""
Givers = Sequence[Giver]
"""Who may have the files of a parcel, in the order in which they are asked."""


@dataclass(kw_only=True)
class FleetHost:
    """What one host is and has; `unable` says why it takes no work, `door` is where it gives files while it is of a fleet."""

    name: str
    engine: Engine
    workspace: Workspace
    labels: tuple[str, ...] = ()
    slots: int = 0
    unable: str = ""
    door: str = ""
    done: int = 0
    alive: bool = True
    _since: float = 0.0
    _filled: int = -1
    _now: dict[str, str] = field(default_factory=dict)
    _turns: dict[str, threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _grounding: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Its home below the cache, and as many slots as it carries where nobody said."""
        self.home = self.workspace.cache / "fleet" / self.name
        self.depot = Depot(root=self.home / "depot", shares=self.engine.isolated)
        self.kept = KeptAnswers(root=self.home / "answers", depot=self.depot)
        self.guest = guest_digest()
        self.slots = self.slots or LocalExecutor().slots(STEP_MEMORY, host.cores())

    def classes(self) -> tuple[str, ...]:
        """The classes it does steps of: its processor alone, and with its GPUs where it has some."""
        return tuple(dict.fromkeys(hardware.host_class(gpu=gpu) for gpu in (False, True)))

    def facts(self) -> Mapping[str, str]:
        """What it is, for whoever chooses hosts and for the run: found, not typed, but for the labels."""
        found = {name: value for name, value in host.facts().items() if name != "load"}
        own = {
            "class": hardware.host_class(gpu=False),
            "engine": self.engine.name,
            "isolated": str(self.engine.isolated).lower(),
            "processor": " ".join(processor_names.of_this_machine()),
            "labels": " ".join(self.labels),
            "slots": str(self.slots),
        }
        return {**found, **hardware.graphics(), **own}

    def now(self) -> Mapping[str, object]:
        """What it does at this moment, for `lab fleet status`; whoever asks never waits for an engine."""
        if self.unable:
            threading.Thread(target=self.ability, name="able again?", daemon=True).start()
        return {
            "steps": sorted(self._now.values()),
            "done": self.done,
            "unable": self.unable,
            "timing": timing_lock.timing(),
            "load": host.facts()["load"],
        }

    def ability(self) -> str:
        """Why it takes no work now; looked at again from time to time, so that a mended host needs nobody to say so."""
        if self.unable and time.monotonic() - self._since > AGAIN_S:
            self._since = time.monotonic()
            with contextlib.suppress(LabError):
                self.engine.images()
                if refused.has_room(self.home) and self._free() > self._filled:
                    self.unable = ""
        return self.unable

    def answer(
        self, parcel: Parcel, address: str, givers: Givers, wanted: Wanted, fellows: Fellows = ALONE
    ) -> HostAnswer:
        """The answer to a parcel: the one given before, here or by a fellow, or a new one; who asks meanwhile for the same waits for it."""
        about = HostAnswer(host=self.name, address=address, door=self.door, facts=self.facts())
        if why := self.unlike(parcel):
            return replace(about, refusal=HostRefusal.UNLIKE, why=why)
        with self._turn(parcel.identity):
            known = self.kept.get(parcel.identity)
            if known is not None:
                return replace(known, address=address, door=self.door)
            theirs = fellows.answer(parcel.identity)
            if theirs is not None and theirs.door not in parcel.unreached:
                return theirs
            if why := self.ability():
                return replace(about, refusal=HostRefusal.UNABLE, why=why)
            made = self._made(about, parcel, givers, wanted)
            if made.step is not None and made.step.outcome.kind.kept:
                self.kept.put(parcel.identity, made)
                fellows.tell(parcel.identity)
        self.done += 1
        return made

    def end(self) -> None:
        """Stop every step that runs, and begin no other."""
        self.alive = False
        for run_id in tuple(self._now):
            self.engine.stop(run_id, alone=True)

    def unlike(self, parcel: Parcel) -> str:
        """Why this host is not the one for a parcel; empty where it is."""
        if parcel.protocol != wire.PROTOCOL:
            return f"it speaks protocol {wire.PROTOCOL}, and the parcel {parcel.protocol}"
        if parcel.guest != self.guest:
            return f"its lab has another guest ({self.guest[:12]}) than the driver's ({parcel.guest[:12]})"
        if parcel.engine != self.engine.name:
            return f"its engine is {self.engine.name}, and the run's {parcel.engine}"
        mine = hardware.host_class(gpu=parcel.place.environment.device.gpu)
        if parcel.host_class != mine:
            return f"it is of class {mine}, and the step is for {parcel.host_class}"
        build = parcel.recipe.environment.release.build
        if build is not None and build.sort is BuildSort.IMAGE:
            return "an image that was handed over is only on the driver's engine"
        return ""

    @contextlib.contextmanager
    def _turn(self, identity: str) -> Iterator[None]:
        with self._lock:
            turn = self._turns.setdefault(identity, threading.Lock())
        with turn:
            yield

    def _made(self, about: HostAnswer, parcel: Parcel, givers: Givers, wanted: Wanted) -> HostAnswer:
        """One step, or why there is none; what this host itself cannot do makes it take no more."""
        try:
            with self._watched(parcel, wanted) as run_id:
                return self._stepped(about, parcel, givers, run_id)
        except UnfedError as error:
            return replace(about, refusal=error.refusal, why=str(error))
        except BuildError as error:
            return replace(about, refusal=HostRefusal.UNBUILT, why=error.what)
        except Interrupted:
            return replace(about, refusal=HostRefusal.STOPPED, why="nobody wanted it any more")
        except OSError as error:
            return self._drained(about, depot.full(error, self.home))
        except LabError as error:
            return self._drained(about, error)

    def _free(self) -> int:
        """Bytes that are free where this host works."""
        return shutil.disk_usage(self.home).free if self.home.is_dir() else 0

    def _drained(self, about: HostAnswer, error: LabError) -> HostAnswer:
        """Take no more work; after a full disk not before there is clearly more room than there was then."""
        why, self._filled = error.what, self._free() + MORE if refused.ROOM in error.remedy else -1
        self.unable, self._since = why, time.monotonic()
        return replace(about, refusal=HostRefusal.UNABLE, why=why)

    @contextlib.contextmanager
    def _watched(self, parcel: Parcel, wanted: Wanted) -> Iterator[str]:
        """A run of its own for one step, stopped as soon as nobody wants it any more."""
        run_id = f"fleet-{parcel.identity[:12]}-{secrets.token_hex(3)}"
        over = threading.Event()

        def watch() -> None:
            while not over.wait(LOOK_S):
                if not wanted():
                    with contextlib.suppress(LabError):
                        self.engine.stop(run_id, alone=True)
                    return

        self._now[run_id] = parcel.label
        watcher = threading.Thread(target=watch, name=run_id, daemon=True)
        watcher.start()
        try:
            yield run_id
        finally:
            over.set()
            watcher.join()
            self._now.pop(run_id, None)

    def _stepped(self, about: HostAnswer, parcel: Parcel, givers: Givers, run_id: str) -> HostAnswer:
        self.home.mkdir(parents=True, exist_ok=True)
        image = self._image(parcel, givers, run_id)
        with scratch.folder("step", self.home) as room:
            room.chmod(0o755)
            runner = Runner(
                engine=self.engine, store=Store(root=room / "results"), run_id=run_id, guest_sha256=self.guest
            )
            home = runner.store.folder(run_id)
            order = self._order(parcel, givers, home)
            folder = home / wire.STEP
            step = runner.step(order, image, folder)
            blobs = tuple(
                self.depot.keep(file, file.name)
                for file in files(folder)
                if file.name.startswith(("in/", "out/")) and not file.name.startswith("in/guest/")
            )
        self.depot.prune()
        facts = replace(step.facts, host=self.name)
        return replace(about, step=replace(step, facts=facts, files={}), files=blobs)

    def _order(self, parcel: Parcel, givers: Givers, home: Path) -> StepOrder:
        """The order as it stood on the driver, with this host's own paths."""
        most = parcel.place.settings.limits.output + SPARE
        scenario = self._scenario(parcel, givers, home / "scenario")
        saved = None
        if parcel.saved is not None:
            saved = home / wire.SAVED
            feeding.laid(self.depot, parcel.saved, saved, givers, most)
        return StepOrder(
            mode=parcel.mode, key=parcel.key, scenario=scenario, place=parcel.place, route=parcel.route, saved=saved,
            timing=parcel.timing, more=parcel.more,
        )  # fmt: skip

    def _scenario(self, parcel: Parcel, givers: Givers, folder: Path) -> Scenario:
        feeding.laid(self.depot, parcel.beside, folder, givers, SPARE)
        store.write(folder / "scenario.py", parcel.text, lasting=False)
        return replace(parcel.scenario, path=str(folder / "scenario.py"))

    def _image(self, parcel: Parcel, givers: Givers, run_id: str) -> Image:
        """The environment, built here from the driver's recipe where it is missing."""
        recipe = parcel.recipe
        found = self.engine.image(recipe)
        if found is not None:
            return found
        self._grounded(parcel, givers)
        feeding.wheels(self.depot, parcel.wheels, self.workspace.cache / "wheels", givers)
        preparer = Preparer(workspace=self.workspace, engine=self.engine, indexes={})
        log = self.home / "builds" / f"{recipe.environment.key}.log"
        quiet = Teller(say=_unheard, passing=_unheard)
        return preparer.image(recipe, log, quiet, lambda: self.engine.stopped(run_id))

    def _grounded(self, parcel: Parcel, givers: Givers) -> None:
        """See to the base of an image: its own, else the driver's, once; where the driver has none either it is made here."""
        with self._grounding:
            if self.engine.base(parcel.recipe) is not None:
                return
            if parcel.base is None:
                raise BaselessError(f"{self.name} has no base for {parcel.recipe.environment.key}")
            feeding.fed(self.depot, parcel.base, givers)
            for blob in parcel.base:
                self.engine.bring(self.depot.path(blob.sha256))


def said(step: Step) -> str:
    """A finished step in a few words."""
    return f"{step.mode} {step.outcome.kind.value} in {step.seconds:.1f} s"


def _unheard(text: str) -> None:
    """A host that builds is heard by its log alone."""
    del text
