"""Searches on a fleet: they find what they find on one machine, and do beside what they wait for what they may ask for next."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from lab import scenario
from lab.fleet import wire
from lab.fleet.wire import Parcel
from lab.model.cure import Cure, Cured, CureKind
from lab.model.search import Bisected
from lab.run.events import Event, Told
from lab.run.plan import Words
from lab.search import bisect, cure
from lab.search.cure_request import CureRequest
from lab.search.row import BisectRequest
from tests.cli.scenario_text import text
from tests.unit import test_fleet_executor as harness
from tests.unit.test_fleet_executor import CATALOGUE, Place

place = harness.place
BROKEN = (
    'if os.environ["TOY_PADDLE_VERSION"] >= "3.1" and "TOY_CURE" not in os.environ: raise ValueError("no such model")'
)


@pytest.fixture
def read(tmp_path: Path, place: Place) -> Any:
    """A scenario that fails from 3.1 on, and images of everything on both hosts."""
    path = tmp_path / "toy.py"
    path.write_text(text(load=BROKEN), encoding="utf-8")
    for host in place.hosts.found.values():
        engine: Any = host.engine
        engine.built += [CATALOGUE.environment(one.version).key for one in CATALOGUE.releases_in("2.6.2..3.3.1")]
    return scenario.read(path)


def ended(events: Generator[Event, None, Any]) -> tuple[Any, list[str]]:
    """The answer, and what was told meanwhile."""
    told: list[str] = []
    while True:
        try:
            event = next(events)
        except StopIteration as over:
            return over.value, told
        if isinstance(event, Told):
            told.append(event.text)


def local(place: Place) -> Any:
    laboratory = place.local()
    engine: Any = laboratory.engine
    engine.built += [CATALOGUE.environment(one.version).key for one in CATALOGUE.releases_in("2.6.2..3.3.1")]
    return laboratory


def asked(read: Any) -> BisectRequest:
    return BisectRequest(
        scenario=read, catalogue=CATALOGUE, command="lab bisect", good="2.6.2", bad="3.3.1", saver="2.6.2",
        words=Words(full=True, route="own"),
    )  # fmt: skip


def test_a_bisection_on_a_fleet_finds_what_one_machine_finds_and_tries_ahead(place: Place, read: Any) -> None:
    spread, told = ended(bisect.perform(asked(read), place.laboratory()))
    here, told_here = ended(bisect.perform(asked(read), local(place)))
    assert isinstance(spread, Bisected)
    assert [one.suspects for one in spread.strips] == [one.suspects for one in here.strips]
    assert [one.suspects[-1] for one in spread.strips] == ["3.1.0"]
    assert [one.last for one in spread.strips] == [one.last for one in here.strips]
    ahead = [one for one in told if one.startswith("tried ahead, on hosts that are free: ")]
    assert ahead
    assert "2.6.2-cpu-py311 -> 3.3.1-cpu-py311" in ahead[0]
    assert not [one for one in told_here if one.startswith("tried ahead")]


def test_nothing_is_built_for_a_trial_that_nobody_has_asked_for(
    place: Place, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All wheels are here, so every host could build every image; only one host has them, and of one release none has."""
    monkeypatch.setattr("lab.environment.wheels.WheelStore.ready", lambda *_: {})
    has, has_not = (host.engine for host in place.hosts.found.values())
    missing = CATALOGUE.environment("3.1.0").key
    has.built.remove(missing)  # type: ignore[attr-defined]
    has_not.built.clear()  # type: ignore[attr-defined]
    handed: list[tuple[str, tuple[str, ...]]] = []
    submit = place.hosts.submit

    def heard(data: bytes, key: str, needs: Any, workers: tuple[str, ...] = (), *, others: bool = False) -> Any:
        handed.append((wire.unpacked(data, Parcel, "driver").label, () if others else workers))
        return submit(data, key, needs, workers, others=others)

    monkeypatch.setattr(place.hosts, "submit", heard)
    found, told = ended(bisect.perform(asked(read), place.laboratory()))
    assert [one.suspects[-1] for one in found.strips] == ["3.1.0"]
    ahead = [one for one in told if one.startswith("tried ahead, on hosts that are free: ")]
    assert ahead
    assert not [one for one in ahead if missing in one]
    name = next(iter(place.hosts.found))
    assert {workers for _, workers in handed} == {(), (name,)}


def test_what_was_tried_ahead_and_not_asked_for_is_of_the_run_if_it_is_done_and_nothing_of_it_goes_on(
    place: Place, read: Any
) -> None:
    laboratory = place.laboratory()
    found, _ = ended(bisect.perform(asked(read), laboratory))
    run = laboratory.store.load(found.run)
    labels = [one.label for one in run.trials]
    assert len(labels) == len(set(labels)) >= found.strips[0].probes
    executor: Any = laboratory.executor
    assert executor.count.running == 0


def test_cures_on_a_fleet_are_those_of_one_machine(place: Place, read: Any) -> None:
    names = ("IDLE", "CURE", "MORE")
    cures = tuple(
        Cure(name=one, kind=CureKind.ENV, layer=9, does="it", risk="", source="", env={f"TOY_{one}": "1"})
        for one in names
    )
    request = CureRequest(
        scenario=read, catalogue=CATALOGUE, command="lab cure", at="3.3.1", saver="2.6.2", good="2.6.2", cures=cures, times=2,
        rounds=0, words=Words(full=True, route="own"),
    )  # fmt: skip
    spread, told = ended(cure.perform(request, place.laboratory()))
    here, _ = ended(cure.perform(request, local(place)))
    assert isinstance(spread, Cured)
    assert [(one.names, one.status) for one in spread.tried] == [(one.names, one.status) for one in here.tried]
    assert [one.names for one in spread.accepted] == [("CURE",)]
    assert any(one.startswith("tried ahead") for one in told)
    assert spread.signature == here.signature
