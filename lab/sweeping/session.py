"""One sweep from images to its table: savers, then cells side by side, then a second look at everything silent."""

import contextlib
import queue
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from lab import host, store, workflow
from lab.compare import selftest
from lab.errors import InfraError
from lab.events import Began, Event, Told
from lab.model import Cell, Run, Sweep
from lab.runner import Runner, guest_digest
from lab.sweeping import table
from lab.sweeping.plan import Asked
from lab.sweeping.steps import Finished, Workbench, load, save
from lab.sweeping.table import Opened
from lab.workflow import Laboratory, Request

SCHEMA = 1
FILE = "sweep.json"
EACH = 2 << 30
Result = TypeVar("Result")


@dataclass(kw_only=True)
class Session:
    """What is done so far: saves, and what was opened."""

    asked: Asked
    bench: Workbench
    run: Run
    start: float = field(default_factory=time.monotonic)
    saves: list[Finished] = field(default_factory=list)
    opened: list[Opened] = field(default_factory=list)

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


def _told(said: "queue.SimpleQueue[Event]", work: tuple[str, str, Callable[[], Result]]) -> Result:
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


def perform(asked: Asked, laboratory: Laboratory) -> Generator[Event | Sweep]:
    """The whole sweep; closing the generator stops its containers, and the same again goes on where this one stopped."""
    missed = selftest()
    if missed:
        raise InfraError(f"the comparator let planted differences pass: {', '.join(missed)}", "lab doctor")
    request = Request(name="sweep", command=asked.command, planned=(), scenario_sha256=asked.sha256, rounds=0)
    run = workflow.begin(request, laboratory)
    folder = laboratory.store.folder(run.id)
    with workflow.owned(folder):
        try:
            laboratory.engine.reap()
            session = yield from _opened(asked, laboratory, run, folder)
            yield from _saves(session)
            yield from _cells(session)
            yield from _again(session)
        except BaseException:
            laboratory.engine.stop(run.id)
            laboratory.store.save(replace(run, status="interrupted"))
            raise
        yield _ended(session, laboratory)


def _opened(asked: Asked, laboratory: Laboratory, run: Run, folder: Path) -> Generator[Event, None, Session]:
    """Images, and the module of nets as a file that every container gets."""
    places = [one.plain.environment for one in (*asked.savers, *asked.loaders)]
    bench = Workbench(
        runner=Runner(
            engine=laboratory.engine, store=laboratory.store, run_id=run.id, fresh=asked.fresh,
            guest_sha256=guest_digest(),
        ),
        folder=folder, images={}, recipes={}, scenario=asked.scenario(str(folder / "operators.py")), net_s=asked.net_s,
    )  # fmt: skip
    store.write(folder / "operators.py", asked.text.encode())
    images, recipes = dict(bench.images), dict(bench.recipes)
    yield from workflow.prepare({one.key: one for one in places}, laboratory, run, images, recipes)
    return Session(asked=asked, bench=replace(bench, images=images, recipes=recipes), run=run)


def _saves(session: Session) -> Generator[Event]:
    """One container per saver, and one more with the `also` variables; the latter counts only where it writes otherwise."""
    nets = [one.name for one in session.asked.nets]
    places = [place for side in session.asked.savers for place in (side.plain, side.flagged) if place is not None]
    works = [("save", one.label, _saving(session.bench, one, nets)) for one in places]
    done = yield from session.together(works)
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


def _saving(bench: Workbench, place: object, nets: Sequence[str]) -> Callable[[], Finished]:
    return lambda: save(bench, place, nets)  # type: ignore[arg-type]


def _cells(session: Session) -> Generator[Event]:
    """Every save by every loader and route; where the format cannot be read, once more with the `also` variables."""
    asked = session.asked
    plain = [
        (saved, side, side.plain, route)
        for saved in session.saves
        if saved.good
        for side in asked.loaders
        for route in asked.routes
    ]
    works = [("open", f"{s.place.label} -> {p.label} by {r}", _opening(session, s, p, r)) for s, _, p, r in plain]
    first = yield from session.together(works)
    session.opened += first
    flagged = [
        (saved, side.flagged, route)
        for (saved, side, _, route), one in zip(plain, first, strict=True)
        if one.closed and side.flagged is not None
    ]
    works = [("open", f"{s.place.label} -> {p.label} by {r}", _opening(session, s, p, r)) for s, p, r in flagged]
    session.opened += yield from session.together(works)


def _opening(session: Session, saved: Finished, place: object, route: str) -> Callable[[], Opened]:
    def work() -> Opened:
        probes = [one for one in session.asked.probes if one in saved.good]
        done = load(session.bench, saved, place, route, saved.good, probes)  # type: ignore[arg-type]
        return table.opened(saved, done, route, session.saves)

    return work


def _again(session: Session) -> Generator[Event]:
    """Everything silent a second time: saved anew and opened anew, each net in a process of its own."""
    silent = {id(one): one.silent for one in session.opened if one.silent}
    if not silent:
        return
    saved: dict[str, Finished] = {}
    for one in session.saves:
        nets = sorted({net for two in session.opened if two.saved is one for net in two.silent})
        if nets:
            found = yield from session.together([("again", one.place.label, _saving_alone(session.bench, one, nets))])
            saved[one.place.label] = found[0]
    chosen = [one for one in session.opened if id(one) in silent]
    works = [("again", one.label, _opening_alone(session, saved[one.saved.place.label], one)) for one in chosen]
    looked = yield from session.together(works)
    for one, two in zip(chosen, looked, strict=True):
        one.second.update(table.second(one, two))


def _saving_alone(bench: Workbench, saved: Finished, nets: Sequence[str]) -> Callable[[], Finished]:
    return lambda: save(bench, saved.place, nets, alone=True)


def _opening_alone(session: Session, saved: Finished, one: Opened) -> Callable[[], Opened]:
    def work() -> Opened:
        nets = [net for net in one.silent if net in saved.good]
        return table.opened(saved, load(session.bench, saved, one.done.place, one.route, nets), one.route, ())

    return work


def _ended(session: Session, laboratory: Laboratory) -> Sweep:
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


def _notes(cells: Sequence[Cell]) -> tuple[str, ...]:
    silent = sum(
        len(found.nets) for one in cells for found in one.found if found.outcome.kind.value == "numeric_mismatch"
    )
    return (f"{len(cells)} cells, {silent} other numbers without an error; the table is in {FILE}",)
