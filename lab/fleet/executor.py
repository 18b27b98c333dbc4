"""The steps of a run on the hosts of a fleet: each handed over once by its key, accepted once when all its files are here."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as TooLate
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab import scratch
from lab.errors import InfraError, Interrupted, LabError
from lab.fleet import depot, failed_steps, wire
from lab.fleet.count import Count
from lab.fleet.depot import Depot
from lab.fleet.engine import FleetEngine
from lab.fleet.file_carrier import UngivenError, UnreachedError
from lab.fleet.link import FleetLink, FleetMember
from lab.fleet.news import LOST_TIMES
from lab.fleet.parcels import Packer
from lab.fleet.placing import Attempt, Placing
from lab.fleet.taken import other_step, told_here
from lab.fleet.wire import HostAnswer, HostRefusal
from lab.model import Place, Step
from lab.run import guest_files
from lab.run.executor import StepWork
from lab.storage import cleared, copies, store

LOOK_S = 0.1
GATHER_S = 10.0
"""After so long an answer that was given but does not come is asked for again."""
TRIES = 5
SPARE = 1 << 30


class FleetExecutor:
    """Does steps on hosts; everything a run knows of files, keys and results stays where it is."""

    here = False

    def __init__(self, link: FleetLink, engine: FleetEngine, packer: Packer, cache: Path) -> None:
        self._link, self._engine, self._packer = link, engine, packer
        self._depot = Depot(root=cache / "fleet" / "depot", shares=True)
        self._hosts: dict[str, dict[str, Mapping[str, str]]] = {}
        self._placing = Placing(link, engine)
        self._lock = threading.Lock()
        self.count = Count()

    def do(self, work: StepWork) -> Step:
        """One step somewhere: refused hosts are passed by, lost ones are made good, and what is accepted is whole."""
        attempt = self._first(work)
        parcel = self._packer.packed(work, self.host_class(work.order.place))
        timed = int(work.order.mode == "measure")
        self.count.add(running=1, timing=timed)
        try:
            return self._done(work, parcel, attempt)
        finally:
            self.count.add(running=-1, timing=-timed)

    def _done(self, work: StepWork, parcel: wire.Parcel, attempt: Attempt) -> Step:
        passed: list[str] = []
        why = ""
        for _ in range(TRIES):
            answer = self._grounded(work, parcel, attempt)
            if isinstance(answer, Step):
                return answer
            if answer.refusal is HostRefusal.UNBUILT:
                return failed_steps.unbuilt(answer)
            try:
                if answer.step is not None:
                    return self._accepted(work, parcel, answer)
                why = f"{answer.host} {answer.refusal.value}: {answer.why}"
            except UnreachedError as error:
                self._placing.unreached(answer)
                why = f"the files of {answer.host} cannot be brought: {error}"
            except UngivenError as error:
                why = f"{answer.host} was lost before its files were here: {error}"
            passed.append(answer.address)
            self._placing.passed_by(answer)
            self.count.add(retried=1, refused=1)
            attempt = self._next(work, attempt, passed, why)
        raise InfraError(f"no host of the fleet could do {_label(work)}: {why}", "lab fleet doctor")

    def _grounded(self, work: StepWork, parcel: wire.Parcel, attempt: Attempt) -> HostAnswer | Step:
        """What a host says, asked again with the base of the image where it lacks that."""
        answer = self._answer(work, parcel, attempt)
        if isinstance(answer, HostAnswer) and answer.refusal is HostRefusal.BASELESS:
            return self._answer(work, self._packer.grounded(parcel), replace(attempt, key=f"{attempt.key}~base"))
        return answer

    def _answer(self, work: StepWork, parcel: wire.Parcel, attempt: Attempt) -> HostAnswer | Step:
        """What a host says to a parcel, or the failure of the lab that it is where three hosts were lost over it."""
        future = self._link.submit(
            wire.packed(replace(parcel, unreached=self._placing.doors_unreached())),
            attempt.key,
            self._engine.needs(work.order.place),
            attempt.workers,
            others=attempt.others,
        )
        try:
            data = self._waited(work, future, attempt.key)
        finally:
            self._link.news.done(attempt.key)
            _released(future)
        if isinstance(data, tuple):
            return failed_steps.given_up(data)
        answer = wire.unpacked(data, HostAnswer, "a host of the fleet")
        self._link.news.know_door(answer.door, answer.host)
        with self._lock:
            self._hosts.setdefault(work.run_id, {})[answer.host] = dict(answer.facts)
        return answer

    def _waited(self, work: StepWork, future: Any, key: str) -> bytes | tuple[str, ...]:
        """The bytes of an answer, or the hosts that were lost over it; Interrupted where the run was stopped meanwhile."""
        over = threading.Event()
        future.add_done_callback(lambda _: over.set())
        known = 0
        while True:
            if over.wait(LOOK_S) and (data := self._come(work, future)) is not None:
                return data
            if work.stopped():
                raise _stopped(work)
            lost = self._link.news.losses(key)
            self.count.add(retried=len(lost) - known)
            known = len(lost)
            if known >= LOST_TIMES:
                return lost
            if self._link.lost:
                raise self._link.gone()

    def _come(self, work: StepWork, future: Any) -> bytes | None:
        """The bytes of an answer that was given; None where its host was lost before they were here, and it is done again."""
        try:
            return bytes(future.result(timeout=GATHER_S))
        except (TimeoutError, TooLate):
            return None
        except CancelledError as error:
            if work.stopped():
                raise _stopped(work) from error
            raise self._link.gone() from error
        except LabError:
            raise
        except Exception as error:
            raise InfraError(f"the fleet could not do {_label(work)}: {error}", "lab fleet doctor") from error

    def _accepted(self, work: StepWork, parcel: wire.Parcel, answer: HostAnswer) -> Step:
        """The step of an answer with all its files, hostile until every one is checked; InfraError names the host."""
        step = answer.step
        if step is None:
            raise InfraError(f"{answer.host} gave no step", "lab fleet doctor")
        most = work.order.place.settings.limits.output + SPARE
        if why := other_step(step, parcel, answer) or wire.hostile(answer.files, most):
            raise InfraError(f"{answer.host} {why}; nothing of its answer is taken", "remove that host from the fleet")
        cleared.remove(work.folder)
        work.folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            with scratch.folder_beside(work.folder) as room:
                whole = room / "whole"
                (whole / "in").mkdir(parents=True)
                (whole / "out").mkdir()
                self._depot.lay_out(answer.files, whole, [self._link.giver(answer.door)])
                whole.rename(work.folder)
        except ValueError as error:
            raise InfraError(
                f"{answer.host} lists {error}; nothing of it is taken", "remove that host from the fleet"
            ) from error
        except UngivenError:
            raise
        except OSError as error:
            raise depot.full(error, work.folder.parent) from error
        self._guest(work)
        self._depot.prune()
        self._packer.hold(answer)
        self.count.add(done=1)
        return work.keep(told_here(step, work))

    def _guest(self, work: StepWork) -> None:
        """The guest beside the request, as it lies there after a step on this machine."""
        inside, staged = work.folder / "in" / "guest", guest_files.staged(work.home)
        inside.mkdir()
        for name in guest_files.FILES:
            copies.link(staged / name, inside / name)

    def _first(self, work: StepWork) -> Attempt:
        """The key under which a step is one piece of work for every driver; a timed or fresh one is its run's alone."""
        own = work.fresh or work.order.mode == "measure"
        self._packer.identity[work.order.key] = identity = (
            store.key_of({"key": work.order.key, "run": work.run_id}) if own else work.order.key
        )
        place = work.order.place
        if work.order.mode == "measure":
            return Attempt(key=f"step/{identity}", workers=(self._placing.timing(work.run_id, place).address,))
        if work.ahead and (built := self._placing.built(place)):
            return Attempt(key=f"step/{identity}", workers=built)
        first = self._placing.first(place, self._link.keeper(identity))
        return Attempt(key=f"step/{identity}", workers=first, others=bool(first))

    def _next(self, work: StepWork, before: Attempt, passed: Sequence[str], why: str) -> Attempt:
        """The next try; the times of one table have none."""
        if work.order.mode == "measure":
            raise InfraError(f"the times of one table are taken on one host, and {why}", "run it again with --resume")
        return self._placing.next(work.order.place, before, passed, _label(work), why)

    def built(self, place: Place) -> bool:
        """Whether a host that may do a step of this place has its image already."""
        return bool(self._placing.built(place))

    def times_on(self, run_id: str, place: Place) -> str:
        """The host that takes all times of a run on its class, by name; chosen once."""
        return self._placing.timing(run_id, place).name

    def fitting(self, place: Place) -> tuple[FleetMember, ...]:
        """The hosts that may do a step of this place; UsageError, with what there is, where none may."""
        return self._engine.fitting(place)

    def slots(self, memory: int, works: int) -> int:
        """Twice the fleet's slots and two: hosts must never wait for the driver."""
        del memory
        return max(1, min(works, 2 * sum(one.slots for one in self._engine.members()) + 2))

    def labelled(self, word: str) -> tuple[str, ...]:
        """The hosts of this command that have a label, by name."""
        return tuple(one.name for one in self._engine.labelled(word))

    def free(self, place: Place) -> int:
        """The slots of the hosts that fit which nobody has taken, as far as they and this command know."""
        fitting = self.fitting(place)
        busy = max(sum(len(one.now.get("steps", ())) for one in fitting), self.count.running)
        return max(1, sum(one.slots for one in fitting) - busy)

    def host_class(self, place: Place) -> str:
        """The class that most slots of fitting hosts are of; chosen once a place, so that a run is never split."""
        return self._engine.host_class(place)

    def line(self) -> str:
        """How the fleet and this command's work on it stand, in one line."""
        members, count = self._engine.members(), self.count
        words = [f"fleet  {len(members)} host(s)", f"{sum(one.slots for one in members)} slot(s)"]
        words += [f"{count.running} under way", f"{count.done} done"]
        if count.running > count.timing:
            words += [f"waits for the timing on {one.name}" for one in members if one.now.get("timing")]
        return ", ".join([*words, *([f"{count.retried} handed over again"] if count.retried else [])])

    def hosts(self, run_id: str) -> Mapping[str, Mapping[str, str]]:
        """The hosts that answered for a run, with their facts."""
        with self._lock:
            return dict(self._hosts.get(run_id, {}))


def _stopped(work: StepWork) -> Interrupted:
    return Interrupted(f"run {work.run_id} was stopped: nothing of it is started any more", "")


def _label(work: StepWork) -> str:
    return f"{work.order.mode} {work.order.place.label}"


def _released(future: Any) -> None:
    """Want a step no more: where no other driver does either, its host ends it."""
    future.cancel() if not future.done() else future.release()
