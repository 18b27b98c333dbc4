"""A driver with hosts in its own process: what is accepted of them, what is not, and that a run is the same as without them."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from lab import scenario
from lab.engine.choose import EngineChoice
from lab.engine.protocol import Image, Recipe
from lab.environment import load
from lab.environment.prepare import Preparer
from lab.environment.wheels import WheelStore
from lab.errors import EngineMissingError, InfraError, Interrupted, UsageError
from lab.fleet import host as hosts
from lab.fleet import wire
from lab.fleet.bases import Bases
from lab.fleet.depot import Giver, Offers
from lab.fleet.engine import FleetEngine
from lab.fleet.executor import FleetExecutor
from lab.fleet.host import FleetHost
from lab.fleet.link import FleetMember
from lab.fleet.parcels import Packer
from lab.fleet.wire import Blob, HostAnswer, HostRefusal, Parcel
from lab.model import Kind, Run, TrialResult
from lab.model import Place as WhereItRuns
from lab.run import plan, workflow
from lab.run.plan import Words
from lab.run.session import Laboratory, RunRequest
from lab.storage.store import Store
from lab.storage.workspace import Workspace
from tests.conftest import toy_module
from tests.unit.fleet_givers import from_files

ToyEngine: Any = toy_module().ToyEngine

CATALOGUE = load(Path(__file__).parents[2] / "images")
SCENARIO = Path(__file__).parents[2] / "scenarios" / "jit_load_pir.py"


class Promise(Future[bytes]):
    """A future as dask's are asked."""

    def release(self) -> None:
        """Nobody wants it any more."""


class BasedEngine(ToyEngine):  # type: ignore[misc]
    """An engine whose images stand on something that may be missing."""

    def __init__(self, cache: Path, *, exported: list[str], based: bool = False) -> None:
        super().__init__(cache)
        self.based, self.exported = based, exported
        self.brought: list[str] = []

    def base(self, recipe: Recipe) -> Image | None:
        return Image(tag="base:py311", id="sha256:ba5e", environment=recipe.environment.key) if self.based else None

    def export(self, images: Sequence[Image], target: Path) -> None:
        self.exported.append(images[0].tag)
        target.write_bytes(b"the base")

    def bring(self, source: Path) -> tuple[str, ...]:
        self.brought.append(source.read_text())
        self.based = True
        return ("base:py311",)


Change = Callable[[HostAnswer], HostAnswer]


@dataclass(kw_only=True)
class Hosts:
    """A link whose hosts are in this process; `change` is what becomes of an answer on its way, `lose` are losses by mode."""

    found: Mapping[str, FleetHost]
    change: Change = lambda answer: answer
    lose: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lost: bool = False
    keys: list[str] = field(default_factory=list)
    offers: Offers = field(default_factory=Offers)
    door: str = "driver"
    ticket: Any = field(default_factory=lambda: SimpleNamespace(scheduler="tls://here:1"))
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4))
    stuck: dict[str, str] = field(default_factory=dict)
    doing: dict[str, Promise] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def members(self) -> tuple[FleetMember, ...]:
        return tuple(
            FleetMember(name=name, address=name, facts=one.facts(), now=one.now()) for name, one in self.found.items()
        )

    def keeper(self, identity: str) -> str:
        return next((name for name, one in self.found.items() if identity in one.kept.identities()), "")

    def submit(
        self, data: bytes, key: str, needs: tuple[str, ...], workers: tuple[str, ...] = (), *, others: bool = False
    ) -> Promise:
        """One key is one piece of work, as it is for a scheduler."""
        del needs, others
        parcel = wire.unpacked(data, Parcel, "driver")
        with self.lock:
            self.keys.append(key)
            if key in self.doing:
                return self.doing[key]
            promise = self.doing[key] = Promise()
        if parcel.mode in self.lose:
            self.stuck[key] = parcel.mode
            return promise
        fitting = workers or tuple(self.found)
        host = self.found[fitting[len(self.keys) % len(fitting)]]  # each in its turn
        self.pool.submit(self._answered, host, parcel, promise)
        return promise

    def _answered(self, host: FleetHost, parcel: Parcel, promise: Promise) -> None:
        answer = host.answer(parcel, host.name, [from_files(self.offers.opened)], lambda: True)
        with contextlib.suppress(Exception):  # it was cancelled meanwhile
            promise.set_result(wire.packed(self.change(answer)))

    def giver(self, door: str) -> Giver:
        return from_files(self.found[door].depot.opened)

    @property
    def news(self) -> "Hosts":
        """What is heard is what `lose` says."""
        return self

    def know_door(self, door: str, name: str) -> None:
        del door, name

    def losses(self, key: str) -> tuple[str, ...]:
        return self.lose.get(self.stuck.get(key, ""), ())

    def done(self, key: str) -> None:
        del key

    def ask_all(self, what: str) -> Mapping[str, object]:
        """The images of each, as its engine was told of them."""
        assert what == "lab_images"
        return {name: list(getattr(host.engine, "built", ())) for name, host in self.found.items()}

    def gone(self) -> InfraError:
        return InfraError("the fleet's scheduler does not answer any more")


@dataclass(kw_only=True)
class Place:
    """A workspace, two hosts, and a laboratory over them or over this machine."""

    root: Path
    hosts: Hosts
    said: list[str] = field(default_factory=list)
    exported: list[str] = field(default_factory=list)
    baseless: bool = False

    def own(self) -> Any:
        """The driver's own engine, asked only where a host lacks a base."""
        if self.baseless:
            raise EngineMissingError("no engine answers here", "start one")
        return BasedEngine(self.root / "own", exported=self.exported, based=True)

    def laboratory(self, name: str = "fleet") -> Laboratory:
        place = Workspace(root=Path(__file__).parents[2], cache=self.root / "cache")
        wheels = WheelStore(folder=self.root / "none")
        engine = FleetEngine(self.hosts, EngineChoice.AUTO, wheels)  # type: ignore[arg-type]
        bases = Bases(
            folder=self.root / name / "bases", offers=self.hosts.offers, engine=self.own, say=self.said.append
        )
        packer = Packer(link=self.hosts, engine=engine, wheels=wheels, bases=bases)  # type: ignore[arg-type]
        executor = FleetExecutor(self.hosts, engine, packer, self.root / name)  # type: ignore[arg-type]
        preparer = Preparer(workspace=place, engine=engine, indexes={})
        return Laboratory(engine=engine, preparer=preparer, store=self.store(name), executor=executor)

    def local(self) -> Laboratory:
        place = Workspace(root=Path(__file__).parents[2], cache=self.root / "cache")
        engine = toy(self.root / "cache")
        preparer = Preparer(workspace=place, engine=engine, indexes={})
        return Laboratory(engine=engine, preparer=preparer, store=self.store("local"))

    def store(self, name: str) -> Store:
        return Store(root=self.root / name / "results")

    def run(self, laboratory: Laboratory, *, fresh: bool = False, rounds: int = 0) -> Run:
        read = scenario.read(SCENARIO)
        asked = Words(full=True, savers=("2.6.2", "3.0.0"), loaders=("3.0.0",))
        request = RunRequest(
            name=read.name, command="lab run", planned=plan.from_words(read, CATALOGUE, asked), rounds=rounds,
            scenario_sha256=read.sha256, whole=False, fresh=fresh,
        )  # fmt: skip
        events = workflow.perform(request, laboratory)
        while True:
            try:
                next(events)
            except StopIteration as ended:
                found: Run = ended.value
                return found


def toy(cache: Path) -> Any:
    engine = toy_module().ToyEngine(cache)
    engine.built += ["2.6.2-cpu-py311", "3.0.0-cpu-py311"]
    return engine


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    (tmp_path / "runtime").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setattr("lab.environment.wheels.WheelStore.ready", lambda *_: {})
    workspace = Path(__file__).parents[2]
    found = {
        name: FleetHost(name=name, door=name, engine=toy(tmp_path / name), workspace=Workspace(root=workspace, cache=tmp_path / name), slots=2)
        for name in ("a", "b")
    }  # fmt: skip
    made = Place(root=tmp_path, hosts=Hosts(found=found))
    yield made
    made.hosts.pool.shutdown()


def jobs(place: Place) -> int:
    engines: list[Any] = [one.engine for one in place.hosts.found.values()]
    return sum(len(one.jobs) for one in engines)


def like(run: Run) -> list[Mapping[str, Any]]:
    """What a run found, but for times, memory, and where."""
    trials = json.loads(msgspec.json.encode(run.trials))
    for one in trials:
        one.pop("seconds")
        for side in ("save", "load"):
            for name in ("host", "phases", "peak_memory"):
                one[side].pop(name)
    found: list[Mapping[str, Any]] = trials
    return found


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.name != "run.lock"}


def test_a_run_on_a_fleet_is_the_local_one_but_for_hosts_and_times(place: Place) -> None:
    spread, here = place.run(place.laboratory()), place.run(place.local())
    assert like(spread) == like(here)
    assert tree(place.store("fleet").folder(spread.id)) == tree(place.store("local").folder(here.id))
    loaded = {one.load.host for one in spread.trials if one.load is not None}
    assert set(spread.hosts) == {"a", "b"}
    assert loaded <= {"a", "b"}
    assert here.hosts == {}


def test_what_was_done_on_a_fleet_is_known_here_and_done_no_more(place: Place) -> None:
    first = place.run(place.laboratory())
    count = jobs(place)
    again = place.run(place.laboratory())
    assert [one.reused for one in again.trials] == [first.id] * len(first.trials)
    assert jobs(place) == count


def test_two_drivers_on_the_same_work_execute_each_step_once(place: Place) -> None:
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda name: place.run(place.laboratory(name)), ("one", "two"))
    assert like(one) == like(two)
    assert jobs(place) == len(set(place.hosts.keys)) == 4


def test_what_hosts_have_done_for_a_scheduler_that_is_lost_is_done_no_more(place: Place) -> None:
    place.run(place.laboratory("one"))
    count = jobs(place)
    place.hosts.doing.clear()  # the next scheduler knows nothing of it
    place.hosts.keys.append("the next step would be another host's turn")
    place.run(place.laboratory("two"))
    assert jobs(place) == count


def test_a_fresh_run_is_done_again_though_hosts_remember(place: Place) -> None:
    place.run(place.laboratory())
    count = jobs(place)
    assert all(not one.reused for one in place.run(place.laboratory(), fresh=True).trials)
    assert jobs(place) == 2 * count


def without_bases(place: Place) -> list[BasedEngine]:
    """Hosts that have neither the images nor what these stand on."""
    engines = [BasedEngine(place.root / name, exported=[]) for name in place.hosts.found]
    for host, engine in zip(place.hosts.found.values(), engines, strict=True):
        host.engine = engine
    return engines


def test_a_host_without_a_base_is_sent_the_drivers_which_is_written_once(place: Place) -> None:
    engines = without_bases(place)
    run = place.run(place.laboratory())
    assert all(one.outcome.kind.tested for one in run.trials)
    assert [one.brought for one in engines] == [["the base"], ["the base"]]
    assert place.exported == ["base:py311"]
    (said,) = place.said
    assert said in {f"a host has no base for {one}-cpu-py311: it is sent from here, once" for one in ("2.6.2", "3.0.0")}


def test_where_the_driver_has_no_engine_a_host_makes_its_own_base(place: Place) -> None:
    place.baseless = True
    engines = without_bases(place)
    run = place.run(place.laboratory())
    assert all(one.outcome.kind.tested for one in run.trials)
    assert [one.brought for one in engines] == [[], []]
    assert "hosts make their own: no engine answers here" in place.said[0]


HOSTILE: Mapping[str, tuple[Change, str]] = {
    "a path that leaves": (lambda one: replace(one, files=(wire.inline("out/../../x", b"x"),)), "leaves its folder"),
    "an absolute path": (lambda one: replace(one, files=(wire.inline("/tmp/x", b"x"),)), "leaves its folder"),
    "another folder": (lambda one: replace(one, files=(wire.inline("step.json", b"x"),)), "in no folder of a step"),
    "more than is taken": (lambda one: replace(one, files=(Blob(path="out/x", sha256="0" * 64, size=1 << 60),)), "are taken"),
    "another content": (lambda one: replace(one, files=(Blob(path="out/x", sha256="0" * 64, size=1, data=b"x"),)), "another content"),
    "another step": (lambda one: replace(one, step=one.step and replace(one.step, key="k")), "another step"),
    "another host's name": (lambda one: replace(one, step=one.step and replace(one.step, facts=replace(one.step.facts, host="z"))), "another step"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "said"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_is_refused_with_its_host_and_nothing_of_it_is_kept(
    place: Place, change: Change, said: str
) -> None:
    place.hosts.change = change
    with pytest.raises(InfraError, match=said) as refused:
        place.run(place.laboratory())
    assert refused.value.what.startswith(("a ", "b "))
    kept = place.store("fleet")
    assert not (kept.root / "keys").exists()
    assert [path for path in kept.root.rglob("*") if path.name == "x"] == []
    assert not (place.root / "x").exists()


def test_bytes_that_are_no_answer_are_refused(place: Place) -> None:
    place.hosts._answered = lambda host, parcel, promise: promise.set_result(b"\xff")  # type: ignore[method-assign]
    with pytest.raises(InfraError, match="sent what is no hostanswer"):
        place.run(place.laboratory())


def test_a_host_that_cannot_work_is_passed_by(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "AGAIN_S", 3600.0)
    place.hosts.found["a"].engine.dies_after = 0  # type: ignore[attr-defined]
    run = place.run(place.laboratory())
    assert {one.load.host for one in run.trials if one.load is not None} == {"b"}
    assert place.hosts.found["a"].now()["unable"]


def test_a_host_that_takes_no_work_is_not_asked_again_for_every_step(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "AGAIN_S", 3600.0)
    drained, asked = place.hosts.found["a"], list[str]()
    drained.engine.dies_after = 0  # type: ignore[attr-defined]
    answer = drained.answer

    def counted(parcel: Parcel, *words: Any) -> HostAnswer:
        asked.append(parcel.label)
        return answer(parcel, *words)

    drained.answer = counted  # type: ignore[assignment,method-assign]
    laboratory = place.laboratory()
    place.run(laboratory)
    assert 1 <= len(asked) <= 2  # the two saves that were handed over at once
    asked.clear()
    place.run(laboratory, fresh=True)
    assert asked == []


def test_where_no_host_can_work_that_is_said_and_nothing_remembered(place: Place) -> None:
    for one in place.hosts.found.values():
        one.engine.dies_after = 0  # type: ignore[attr-defined]
    with pytest.raises(InfraError, match="no other host of class .* could do save"):
        place.run(place.laboratory())
    assert not (place.store("fleet").root / "keys").exists()


def outcomes(trials: tuple[TrialResult, ...]) -> set[Kind]:
    return {one.outcome.kind for one in trials}


def test_a_step_that_loses_its_host_three_times_is_a_failure_of_the_lab_and_names_them(place: Place) -> None:
    place.hosts.lose = {"load": ("a", "b", "a")}
    run = place.run(place.laboratory())
    assert outcomes(run.trials) == {Kind.INFRA_ERROR}
    assert all("3 hosts were lost while they did it: a, b, a" in one.outcome.message for one in run.trials)
    place.hosts.lose = {}
    place.hosts.doing.clear()
    assert Kind.INFRA_ERROR not in outcomes(place.run(place.laboratory()).trials)


def test_a_scheduler_that_is_gone_ends_the_run_in_a_sentence(place: Place) -> None:
    place.hosts.lose = {"save": ()}
    place.hosts.lost = True
    with pytest.raises(InfraError, match="does not answer any more") as ended:
        place.run(place.laboratory())
    assert ended.value.left is not None


def test_a_stopped_run_wants_nothing_any_more(place: Place) -> None:
    place.hosts.lose = {"save": ()}
    laboratory = place.laboratory()

    def stop() -> None:
        for one in laboratory.store.ids():
            laboratory.engine.stop(one)

    threading.Timer(0.5, stop).start()
    with pytest.raises(Interrupted):
        place.run(laboratory)
    assert all(one.cancelled() for one in place.hosts.doing.values())


def test_times_of_one_table_are_of_one_host(place: Place) -> None:
    laboratory = place.laboratory()
    place.run(laboratory, rounds=3)
    steps = [json.loads(path.read_text()) for path in place.store("fleet").root.rglob("round-*/step.json")]
    assert len(steps) == 3
    assert len({one["facts"]["host"] for one in steps}) == 1


def test_an_architecture_that_no_host_has_is_refused_before_anything_is_asked(place: Place) -> None:
    engine = place.laboratory().engine
    assert isinstance(engine, FleetEngine)
    environment = replace(CATALOGUE.environment("3.0.0"), arch="sparc")
    with pytest.raises(UsageError, match="no host of the fleet is sparc; there are x86_64"):
        engine.host_class(WhereItRuns(environment=environment))


def test_labels_that_no_host_has_are_refused_with_those_there_are(place: Place) -> None:
    with pytest.raises(Exception, match="no host with the label") as refused:
        FleetEngine(place.hosts, EngineChoice.AUTO, WheelStore(folder=place.root), ("quiet",))  # type: ignore[arg-type]
    assert "x86_64" in str(refused.value)


def test_a_refusal_is_named(place: Place) -> None:
    place.hosts.change = lambda one: replace(one, step=None, refusal=HostRefusal.UNBUILT, why="no wheel")
    run = place.run(place.laboratory())
    assert outcomes(run.trials) == {Kind.BUILD_FAILURE}
