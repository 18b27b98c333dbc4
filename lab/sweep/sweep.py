"""One sweep from images to its table: savers, then cells side by side, then a second look at everything silent."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from lab.model import Kind, Place, Run, RunStatus
from lab.model.sweep import Sweep, SweepCell
from lab.run.events import Began, Event, Told
from lab.run.executor import STEP_MEMORY
from lab.run.session import Laboratory, RunRequest, RunSession, hold
from lab.run.workflow import require_comparator
from lab.storage import store
from lab.sweep import table
from lab.sweep.request import SweepRequest
from lab.sweep.steps import SweepContext, SweepStep, load, save
from lab.sweep.table import OpenedNets

SCHEMA = 1
FILE = "sweep.json"
Result = TypeVar("Result")
Work = tuple[str, str, Callable[[], Result]]
"""(phase, label, what to do)."""


@dataclass(kw_only=True)
class SweepSession:
    """What is done so far: saves, and what was opened."""

    request: SweepRequest
    held: RunSession
    context: SweepContext
    saves: list[SweepStep] = field(default_factory=list)
    opened: list[OpenedNets] = field(default_factory=list)

    def together(self, works: Sequence[Work[Result]]) -> Generator[Event, None, list[Result]]:
        """Do work side by side, as many at once as cores and memory allow."""

        def told(work: Work[Result]) -> Result:
            phase, label, do = work
            self.held.say(Began(label=label, phase=phase))
            return do()

        with self.held.workers(self.held.places(STEP_MEMORY, len(works))) as pool:
            return (yield from self.held.pump([pool.submit(told, one) for one in works]))


def perform(request: SweepRequest, laboratory: Laboratory) -> Generator[Event, None, Sweep]:
    """The whole sweep; closing the generator stops its containers, and the same again goes on where this one stopped."""
    require_comparator()
    run = RunRequest(
        name="sweep", command=request.command, scenario_sha256=request.sha256, rounds=0, fresh=request.fresh,
        resume=request.resume,
    )  # fmt: skip
    with hold(run, laboratory) as held:
        module = held.folder / "operators.py"  # the nets, as a file that every container gets
        store.write(module, request.text.encode())
        needed = [one.plain.environment for one in (*request.savers, *request.loaders)]
        work = yield from held.context({one.key: one for one in needed})
        context = SweepContext(run=work, scenario=request.scenario(str(module)), net_s=request.net_s)
        session = SweepSession(request=request, held=held, context=context)
        yield from _saves(session)
        yield from _cells(session)
        if not request.once:
            yield from _again(session)
        return _ended(session)


def _saves(session: SweepSession) -> Generator[Event]:
    """One container per saver, and one more with the `also` variables; the latter counts only where it writes otherwise."""
    nets = [one.name for one in session.request.nets]
    sides = [place for side in session.request.savers for place in (side.plain, side.flagged) if place is not None]
    done = yield from session.together([_saving(session.context, one, nets) for one in sides])
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


def _saving(context: SweepContext, place: Place, nets: Sequence[str], *, alone: bool = False) -> Work[SweepStep]:
    return "again" if alone else "save", place.label, lambda: save(context, place, nets, alone=alone)


def _cells(session: SweepSession) -> Generator[Event]:
    """Every save in every loader by all routes; where a route refuses the format, once more with the `also` variables."""
    request = session.request
    pairs = [(saved, side) for saved in session.saves if saved.good for side in request.loaders]
    first = yield from session.together([_opening(session, s, side.plain, request.routes) for s, side in pairs])
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
        probes = [one for one in session.request.probes if one in saved.good]
        done = load(session.context, saved, place, dict.fromkeys(routes, saved.good), probes)
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
        works += [_saving(session.context, saved.place, sorted(nets), alone=True)] if nets else []
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
        return [table.opened(saved, one, ()) for one in load(session.context, saved, place, tasks)]

    return "again", f"{saved.place.label} -> {place.label}", work


def _ended(session: SweepSession) -> Sweep:
    """The sweep as it is kept, written beside the run."""
    cells = tuple(table.cell(one) for one in session.opened)
    run = store.finished(session.held.run, status=RunStatus.FINISHED, notes=_notes(cells))
    sweep = Sweep(
        schema=SCHEMA, id=run.id, command=session.request.command, started=run.started, finished=run.finished,
        nets=session.request.nets, saves=tuple(table.saving(one) for one in session.saves), cells=cells,
        eager=table.eager(session.saves), machine=run.machine, isolated=run.isolated,
        seconds=_seconds(run), loads=sum(len(one.done.nets) for one in session.opened),
    )  # fmt: skip
    store.write(session.held.folder / FILE, store.pretty(sweep))
    session.held.keep(run)
    return sweep


def _seconds(run: Run) -> float:
    """From the first start to the end, also where a sweep was interrupted and went on."""
    return (datetime.fromisoformat(run.finished) - datetime.fromisoformat(run.started)).total_seconds()


def _notes(cells: Sequence[SweepCell]) -> tuple[str, ...]:
    silent = sum(len(found.nets) for one in cells for found in one.found if found.outcome.kind is Kind.NUMERIC_MISMATCH)
    return (f"{len(cells)} cells, {silent} other numbers without an error; the table is in {FILE}",)
