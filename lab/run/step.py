"""One step -> its results: prepare the guest's folders, start it, read its record; Paddle's failures become Outcomes."""

import contextlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lab import documents
from lab.engine import emulation
from lab.engine.protocol import Engine, Image, Job, JobResult
from lab.errors import InfraError, UsageError
from lab.machine import host, refused
from lab.model import Kind, Outcome, Phase, Place, Scenario, Step, StepFacts, Trial
from lab.outcome import growth
from lab.outcome.classify import EngineWord, classify
from lab.outcome.facts import facts_of
from lab.redaction import door
from lab.run import guest_files, inbox
from lab.run.executor import Executor, LocalExecutor, StepWork
from lab.run.order import PROTOCOL, StepOrder, Timing
from lab.storage import cleared, seal, store
from lab.storage.outbox import GuestFile
from lab.storage.store import Store

# Counts the rules that outputs are compared by: a grade is kept beside its load, and must not outlive the rule it is from.
COMPARISON = 2
RECORD_CAP = 4 * 1024**2
LARGEST = 64 * 1024**2


@dataclass(frozen=True, kw_only=True)
class DoneStep:
    """A step and the earlier run it was taken from; nothing where this run did it itself."""

    step: Step
    reused: str = ""


@dataclass(frozen=True, kw_only=True)
class Runner:
    """What every step of one run shares; each `repeat` above 0 is work of its own, never taken from another one.

    `unwanted` says that nobody waits for these steps any more, while others of the run go on; `ahead` that nobody has asked for them yet.
    """

    engine: Engine
    store: Store
    run_id: str
    fresh: bool = False
    guest_sha256: str = ""
    repeat: int = 0
    say: Callable[[str], None] = lambda _: None
    executor: Executor = field(default_factory=LocalExecutor)
    unwanted: Callable[[], bool] = lambda: False
    ahead: bool = False

    def save_key(self, scenario: Scenario, place: Place, image_digest: str, below: str = "") -> str:
        """What decides a save: scenario, guest, image, settings, engine, and the save that lies in its folder already."""
        over = {"over": below} if below else {}
        return store.key_of({"mode": "save", **over, **self.common(scenario, place, image_digest)})

    def load_key(self, trial: Trial, image_digest: str, save_key: str) -> str:
        """What decides a load: the save it reads, and its own side."""
        return store.key_of(
            {"mode": "load", "saved": save_key, "route": trial.route, "comparison": COMPARISON}
            | self.common(trial.scenario, trial.loader, image_digest)
        )

    def measure_key(self, load_key: str, place: Place, timing: Timing, number: int) -> str:
        """What decides one timed process: the load it times, how, where, and which repeat it is."""
        on = {"on": name} if (name := self.executor.times_on(self.run_id, place)) else {}
        return store.key_of({"mode": "measure", "load": load_key, "timing": repr(timing), "round": number} | on)

    def common(self, scenario: Scenario, place: Place, image_digest: str) -> dict[str, object]:
        """The parts of a key that every mode shares."""
        return {
            "protocol": PROTOCOL,
            "scenario": scenario.sha256,
            "guest": self.guest_sha256,
            "image": image_digest,
            "environment": place.environment.key,
            "settings": repr(place.settings),
            "engine": self.engine.name,
            "host": self.executor.host_class(place),
            **({"emulator": emulation.version()} if place.settings.emulated else {}),
        } | ({"repeat": self.repeat} if self.repeat else {})

    def foreseen(self, key: str) -> bool:
        """Whether there is a finished step with this key that would be looked at before anything is run."""
        where = self.store.traced(key)
        return isinstance(where, Path) and (not self.fresh or self.store.folder(self.run_id) in where.parents)

    def known(self, key: str, folder: Path, *, own: bool = False) -> DoneStep | None:
        """A finished step with this key, brought into this run's folder.

        `own` takes only what this run did itself before it was interrupted.
        """
        where = self.store.traced(key)
        if isinstance(where, store.Damaged):
            self.say(f"a step that was done before is not known any more and is done again: {where.why}")
            return None
        if where is None or ((self.fresh or own) and self.store.folder(self.run_id) not in where.parents):
            return None
        try:
            step = self._whole(where, key)
            if step is None:
                return None
            self.store.adopt(where, folder)
        except (UsageError, OSError) as error:
            why = error.what if isinstance(error, UsageError) else f"{where}: {error.strerror or error}"
            self.say(f"a step that was done before is not known any more and is done again: {why}")
            return None
        self.store.remember(key, folder)  # the newest copy knows most: times and results are beside it
        origin = where.relative_to(self.store.runs).parts[0]
        return DoneStep(step=step, reused="" if origin == self.run_id else origin)

    def _whole(self, where: Path, key: str) -> Step | None:
        """The step in a folder, if it is the one with this key; UsageError where it, or a file of it, is not as it was."""
        step = read_step(where)
        if step.key != key or not step.outcome.kind.kept or not step.files:
            return None
        changed = seal.damage(where / "out", step.files)
        if changed:
            raise UsageError(f"{where}: {changed}", "run again with --fresh")
        return step

    def keep(self, step: Step, folder: Path) -> Step:
        """Write a finished step down with the seals of its files, and remember it where another run may take it over."""
        try:
            step = replace(step, files=seal.seal(folder / "out"))
        except OSError as error:
            self.say(f"what {folder.name} left cannot be kept for other runs: {error.strerror or error}")
        store.write(folder / "step.json", store.pretty(step))
        if step.outcome.kind.kept and step.files:
            self.store.remember(step.key, folder)
        return step

    @contextlib.contextmanager
    def reopened(self, folder: Path) -> Iterator[None]:
        """Let the files of a finished step be changed: until they are sealed again it is none, whoever is killed meanwhile."""
        step = read_step(folder)
        (folder / "step.json").unlink()
        yield
        self.keep(step, folder)

    def step(self, order: StepOrder, image: Image, folder: Path) -> Step:
        """One step in `folder` (in/, out/, step.json), wherever steps of this run are done."""
        work = StepWork(
            order=order, image=image, folder=folder, home=self.store.folder(self.run_id), run_id=self.run_id, fresh=self.fresh, guest_sha256=self.guest_sha256,
            here=lambda: self.tried(order, image, folder), keep=lambda done: self.keep(done, folder), stopped=self.stopped,
            ahead=self.ahead,
        )  # fmt: skip
        return self.executor.do(work)

    def stopped(self) -> bool:
        """Whether nothing more of this is started."""
        return self.engine.stopped(self.run_id) or self.unwanted()

    def tried(self, order: StepOrder, image: Image, folder: Path) -> Step:
        """One step on this machine, twice where it was lost the first time, for whoever holds the lock of timings already."""
        if order.place.settings.emulated and emulation.find() is None:
            return failed(Kind.UNSUPPORTED, Phase.PREPARE, "no emulator", f"{emulation.MISSING}: {emulation.REMEDY}")
        done = self.once(order, image, folder)
        if lost(done.outcome, folder):
            done = self.once(order, image, folder)
        return self.keep(done, folder)

    def once(self, order: StepOrder, image: Image, folder: Path) -> Step:
        """Run one step in a new folder and read how it ended; nothing is repeated and nothing remembered."""
        cleared.remove(folder)
        job = order.job(image, folder, self.run_id)
        request = self.filled(order, job)
        with inbox.handed_over(job.inbox, request, secrets.token_hex(16)) as nonce:
            ended = self.engine.run(job)
        return self.read(order, image, folder, nonce, ended)

    def filled(self, order: StepOrder, job: Job) -> dict[str, Any]:
        """Lay out what a guest reads; gives the request, which is not written yet."""
        return inbox.fill(order, job, self.engine, guest_files.staged(self.store.folder(self.run_id)))

    def read(self, order: StepOrder, image: Image, folder: Path, nonce: str, ended: JobResult) -> Step:
        """How a step ended whose processes are gone, from what it left in `folder`/out and from the engine's word."""
        outbox = folder / "out"
        if not refused.has_room(outbox):
            full = f"the disk of {self.store.root} is full, so nothing that a container wrote there can be believed"
            raise InfraError(full, refused.ROOM)
        removed = cleared.clear(outbox)
        record = read_record(GuestFile(out=outbox, name="outcome.json"))
        word = EngineWord(
            exit_code=ended.exit_code, oom_killed=ended.oom_killed, timed_out=ended.timed_out, error=ended.error,
            memory_limit=order.place.settings.limits.memory,
        )  # fmt: skip
        home = self.store.folder(self.run_id)
        outcome = _without(home, classify(record, nonce=nonce, engine=word))
        said = tuple(one for one in (removed, _fewer_cores(order.place)) if one)
        if said:
            outcome = replace(outcome, warnings=(*outcome.warnings, *said))
        return Step(
            key=order.key,
            mode=order.mode,
            outcome=outcome,
            facts=replace(
                emulation.told(facts_of(record), order.place.settings),
                image=image.id,
                ground=image.ground,
                host_class=self.executor.host_class(order.place),
            ),
            engine=self.engine.name,
            seconds=round(ended.seconds, 3),
            loops=_loops(record),
            resident=growth.told(record),
        )


def _fewer_cores(place: Place) -> str:
    """What a header, a bundle or an axis asked for and no engine can give, in one sentence; empty where it has enough."""
    asked, here = place.settings.limits.cpus, host.cores()
    return f"{asked:g} cores were asked for, and this machine has {here}: it ran on those" if asked > here else ""


def _without(folder: Path, outcome: Outcome) -> Outcome:
    """The outcome with this host's own path taken out of its text: it says nothing to a reader elsewhere."""
    here = str(folder.resolve())
    return replace(
        outcome, message=outcome.message.replace(here, "<run>"), detail=outcome.detail.replace(here, "<run>")
    )


def lost(outcome: Outcome, folder: Path) -> bool:
    """Whether a step ended with nobody to tell how: its engine failed, or its container was killed from outside.

    That may not happen again; what a guest broke itself does, and its record is there to say so.
    """
    told = os.path.lexists(folder / "out" / "outcome.json")
    return outcome.kind is Kind.INFRA_ERROR and (outcome.reason == "engine" or not told)


def read_record(file: GuestFile) -> Mapping[str, object] | None:
    """The guest's record, as hostile data and without secrets from here on.

    None where it is missing, too big, no plain file, or not a JSON object.
    """
    try:
        value = json.loads(door.json(file.read(RECORD_CAP)))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _loops(record: Mapping[str, object] | None) -> int:
    measure = (record or {}).get("measure")
    value = measure.get("loops") if isinstance(measure, dict) else None
    return value if isinstance(value, int) and 0 < value < 10**9 else 0


def read_step(folder: Path) -> Step:
    """A stored step; UsageError where its file is damaged."""
    path = folder / "step.json"
    try:
        return documents.json(GuestFile(out=folder, name="step.json").read(LARGEST), Step)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}", "run again with --fresh") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is damaged: {error}", "run again with --fresh") from error


def engines(run: Path) -> frozenset[str]:
    """The engines that did the steps of a run, told by each step itself; what a guest wrote is not looked into."""
    found: set[str] = set()
    for place, folders, files in os.walk(run):
        folders[:] = [one for one in folders if one not in {"in", "out"}]
        if "step.json" in files:
            with contextlib.suppress(UsageError):  # one that cannot be read is used by nobody
                found.add(read_step(Path(place)).engine)
    return frozenset(found - {""})


def failed(kind: Kind, phase: Phase, reason: str, message: str) -> Step:
    """A step that could not start, as a Step like any other."""
    outcome = Outcome(kind=kind, phase=phase, reason=reason, message=message)
    return Step(key="", mode="", outcome=outcome, facts=StepFacts(), engine="", seconds=0.0)


def without_save(saved: Step) -> Step:
    """The step that a load becomes where its save failed."""
    outcome = saved.outcome
    said = f"the save failed: {outcome.kind.value} {outcome.type} {outcome.message}".strip()
    step = failed(Kind.DEPENDS_ON, Phase.SAVE, "save failed", said)
    return replace(step, outcome=replace(step.outcome, type=outcome.type, signature=outcome.signature))
