"""One sweep from images to its table: savers, then cells side by side, then a second look at everything silent."""

import contextlib
import queue
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from lab.compare import selftest
from lab.errors import InfraError
from lab.machine import host
from lab.model import Kind, Place, Run, Sweep, SweepCell
from lab.run import workflow
from lab.run.events import Began, Event, Told
from lab.run.guest_files import guest_digest
from lab.run.step import Runner
from lab.run.workflow import Laboratory, RunRequest
from lab.storage import store
from lab.sweep import table
from lab.sweep.request import SweepRequest
from lab.sweep.steps import SweepContext, SweepStep, load, save
from lab.sweep.table import OpenedNets

SCHEMA = 1
FILE = "sweep.json"
EACH = 2 << 30
Result = TypeVar("Result")
Work = tuple[str, str, Callable[[], Result]]
"""(phase, label, what to do)."""


@dataclass(kw_only=True)
class SweepSession:
    """What is done so far: saves, and what was opened."""

    asked: SweepRequest
    bench: SweepContext
    run: Run
    start: float = field(default_factory=time.monotonic)
    saves: list[SweepStep] = field(default_factory=list)
    opened: list[OpenedNets] = field(default_factory=list)

    def together(self, works: Sequence[tuple[str, str, Callable[[], Result]]]) -> Generator[Event, None, list[Result]]:
        """Do work side by side, as many at once as cores and memory allow; each is (phase, label, what to do)."""
        said: queue.SimpleQueue[Event] = queue.SimpleQueue()
        with ThreadPoolExecutor(max_workers=_places(len(works))) as pool:
            futures = [pool.submit(_told, said, one) for one in works]
            try:
                yield from _pass_on(said, futures)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self.bench.runner.engine.stop(self.run.id)
                raise
            return [one.result() for one in futures]


def _told(said: "queue.SimpleQueue[Event]", work: Work[Result]) -> Result:
    phase, label, do = work
    said.put(Began(label=label, phase=phase))
    return do()


def _pass_on(said: "queue.SimpleQueue[Event]", futures: Sequence[Future[Result]]) -> Generator[Event]:
    while not (all(one.done() for one in futures) and said.empty()):
        with contextlib.suppress(queue.Empty):
            yield said.get(timeout=0.05)


def _places(works: int) -> int:
    by_memory = (host.available() - workflow.SPARE_MEMORY) // EACH
    return max(1, min(host.cores(), by_memory, works))


def perform(asked: SweepRequest, laboratory: Laboratory) -> Generator[Event, None, Sweep]:
    """The whole sweep; closing the generator stops its containers, and the same again goes on where this one stopped."""
    missed = selftest()
    if missed:
        raise InfraError(f"the comparator let planted differences pass: {', '.join(missed)}", "lab doctor")
    request = RunRequest(
        name="sweep", command=asked.command, planned=(), scenario_sha256=asked.sha256, rounds=0, resume=asked.resume
    )
    run = workflow.begin(request, laboratory)
    folder = laboratory.store.folder(run.id)
    with workflow.owned(folder):
        try:
            laboratory.engine.reap()
            session = yield from _opened(asked, laboratory, run, folder)
            yield from _saves(session)
            yield from _cells(session)
            if not asked.once:
                yield from _again(session)
        except BaseException:
            laboratory.engine.stop(run.id)
            laboratory.store.save(replace(run, status="interrupted"))
            raise
        return _ended(session, laboratory)


def _opened(
    asked: SweepRequest, laboratory: Laboratory, run: Run, folder: Path
) -> Generator[Event, None, SweepSession]:
    """Images, and the module of nets as a file that every container gets."""
    places = [one.plain.environment for one in (*asked.savers, *asked.loaders)]
    bench = SweepContext(
        runner=Runner(
            engine=laboratory.engine, store=laboratory.store, run_id=run.id, fresh=asked.fresh,
            guest_sha256=guest_digest(),
        ),
        folder=folder, images={}, recipes={}, scenario=asked.scenario(str(folder / "operators.py")), net_s=asked.net_s,
    )  # fmt: skip
    store.write(folder / "operators.py", asked.text.encode())
    images, recipes = dict(bench.images), dict(bench.recipes)
    yield from workflow.prepare({one.key: one for one in places}, laboratory, run, images, recipes)
    return SweepSession(asked=asked, bench=replace(bench, images=images, recipes=recipes), run=run)


def _saves(session: SweepSession) -> Generator[Event]:
    """One container per saver, and one more with the `also` variables; the latter counts only where it writes otherwise."""
    nets = [one.name for one in session.asked.nets]
    places = [place for side in session.asked.savers for place in (side.plain, side.flagged) if place is not None]
    done = yield from session.together([_saving(session.bench, one, nets) for one in places])
    written: dict[str, tuple[str, ...]] = {}
    for one in done:
        key = one.place.environment.key
        kinds = table.formats(one)
        if one.place.settings.env and kinds and kinds == written.get(key):
            yield Told(text=f"{one.place.label} writes what {key} writes by itself: it is left out")
            continue
        written.setdefault(key, kinds)
        session.saves.append(one)
        yield Told(
            text=f"saved  {one.place.label}: {len(one.good)} of {len(nets)} nets, {', '.join(kinds) or 'nothing'}"
        )


def _saving(bench: SweepContext, place: Place, nets: Sequence[str], *, alone: bool = False) -> Work[SweepStep]:
    return "again" if alone else "save", place.label, lambda: save(bench, place, nets, alone=alone)


def _cells(session: SweepSession) -> Generator[Event]:
    """Every save in every loader by all routes; where a route refuses the format, once more with the `also` variables."""
    asked = session.asked
    pairs = [(saved, side) for saved in session.saves if saved.good for side in asked.loaders]
    first = yield from session.together([_opening(session, s, side.plain, asked.routes) for s, side in pairs])
    again = [
        (saved, side.flagged, closed)
        for (saved, side), found in zip(pairs, first, strict=True)
        if side.flagged is not None and (closed := [one.done.route for one in found if one.closed])
    ]
    second = yield from session.together([_opening(session, *one) for one in again])
    session.opened += [one for found in (*first, *second) for one in found]


def _opening(session: SweepSession, saved: SweepStep, place: Place, routes: Sequence[str]) -> Work[list[OpenedNets]]:
    """All nets of one save in one place."""

    def work() -> list[OpenedNets]:
        probes = [one for one in session.asked.probes if one in saved.good]
        done = load(session.bench, saved, place, dict.fromkeys(routes, saved.good), probes)
        return [table.opened(saved, one, session.saves) for one in done]

    return "open", f"{saved.place.label} -> {place.label}", work


def _again(session: SweepSession) -> Generator[Event]:
    """Everything silent a second time: saved anew and opened anew, each net in a process of its own."""
    pairs: dict[str, list[OpenedNets]] = {}
    for one in session.opened:
        if one.silent:
            pairs.setdefault(f"{one.saved.place.label} -> {one.done.place.label}", []).append(one)
    works = []
    for saved in session.saves:
        nets = {net for several in pairs.values() for one in several if one.saved is saved for net in one.silent}
        works += [_saving(session.bench, saved.place, sorted(nets), alone=True)] if nets else []
    anew = {one.place.label: one for one in (yield from session.together(works))}
    looks = [_looking(session, anew[several[0].saved.place.label], several) for several in pairs.values()]
    for several, again in zip(pairs.values(), (yield from session.together(looks)), strict=True):
        for one, two in zip(several, again, strict=True):
            one.second.update(table.second(one, two))


def _looking(session: SweepSession, saved: SweepStep, several: Sequence[OpenedNets]) -> Work[list[OpenedNets]]:
    """The silent nets of one pair again, by the routes where they were silent."""
    place = several[0].done.place

    def work() -> list[OpenedNets]:
        tasks = {one.done.route: [net for net in one.silent if net in saved.good] for one in several}
        return [table.opened(saved, one, ()) for one in load(session.bench, saved, place, tasks)]

    return "again", f"{saved.place.label} -> {place.label}", work


def _ended(session: SweepSession, laboratory: Laboratory) -> Sweep:
    """The sweep as it is kept, written beside the run."""
    cells = tuple(table.cell(one) for one in session.opened)
    run = store.finished(session.run, status="finished", notes=_notes(cells))
    sweep = Sweep(
        schema=SCHEMA, id=run.id, command=session.asked.command, started=run.started, finished=run.finished,
        nets=session.asked.nets, saves=tuple(table.saving(one) for one in session.saves), cells=cells,
        eager=table.eager(session.saves), machine=run.machine, isolated=run.isolated,
        seconds=round(time.monotonic() - session.start, 1), loads=sum(len(one.done.nets) for one in session.opened),
    )  # fmt: skip
    store.write(session.bench.folder / FILE, store.pretty(sweep))
    laboratory.store.save(run)
    return sweep


def _notes(cells: Sequence[SweepCell]) -> tuple[str, ...]:
    silent = sum(len(found.nets) for one in cells for found in one.found if found.outcome.kind is Kind.NUMERIC_MISMATCH)
    return (f"{len(cells)} cells, {silent} other numbers without an error; the table is in {FILE}",)
