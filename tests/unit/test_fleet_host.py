"""A host does what it is asked once, refuses what is not for it in a sentence, and takes no work while it cannot work."""

import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.engine.protocol import Recipe
from lab.environment import load
from lab.errors import InfraError
from lab.fleet import host as hosts
from lab.fleet import wire
from lab.fleet.host import FleetHost
from lab.fleet.kept_answers import Fellows
from lab.fleet.wire import Blob, HostRefusal, Parcel
from lab.machine import hardware
from lab.model import Kind, Place, Scenario
from lab.run.guest_files import guest_digest
from lab.storage.store import key_of
from lab.storage.workspace import Workspace
from tests.conftest import ROOT, toy_module

TEXT = (ROOT / "scenarios" / "jit_load_pir.py").read_bytes()


@pytest.fixture
def fleet_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FleetHost:
    (tmp_path / "runtime").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    engine: Any = toy_module().ToyEngine(tmp_path / "cache")
    engine.built.append("3.0.0-cpu-py311")
    return FleetHost(name="gpu1", engine=engine, workspace=Workspace(root=ROOT, cache=tmp_path / "cache"), slots=2)


@pytest.fixture
def parcel() -> Parcel:
    environment = load(ROOT / "images").environment("3.0.0")
    recipe = Recipe(environment=environment, dockerfile="", lock="", digest="d", tag="t")
    scenario = Scenario(name="toy", path="scenario.py", sha256="0", summary="")
    return Parcel(
        protocol=wire.PROTOCOL, guest=guest_digest(), identity=key_of({"a": 1}), key="k", engine="toy",
        host_class=hardware.host_class(gpu=False), mode="save", label="save 3.0.0", scenario=scenario, text=TEXT, beside=(),
        place=Place(environment=environment), route="own", recipe=recipe, wheels=(), saved=None, holders=(),
    )  # fmt: skip


def asked(host: FleetHost, parcel: Parcel) -> wire.HostAnswer:
    return host.answer(parcel, "tls://here:1", [], lambda: True)


def test_a_step_is_done_and_says_where(fleet_host: FleetHost, parcel: Parcel) -> None:
    answer = asked(fleet_host, parcel)
    assert answer.step is not None, answer.why
    assert (answer.step.host, answer.step.facts.host_class) == ("gpu1", parcel.host_class)
    assert {"in/request.json", "in/scenario.py"} <= {one.path for one in answer.files}
    assert wire.hostile(answer.files, 1 << 30) == ""


def test_the_same_work_is_done_once_whoever_asks(fleet_host: FleetHost, parcel: Parcel) -> None:
    first = asked(fleet_host, parcel)
    assert first.step is not None
    assert first.step.outcome.kind.kept
    assert asked(fleet_host, parcel) == first
    assert len(fleet_host.engine.jobs) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("reached", [True, False])
def test_a_fellows_answer_is_passed_on_where_the_driver_can_bring_its_files(
    fleet_host: FleetHost, parcel: Parcel, *, reached: bool
) -> None:
    theirs = wire.HostAnswer(host="gpu2", address="tls://there:1", door="tls://there:2", facts={})
    fellows = Fellows(answer=lambda _: theirs)
    unreached = () if reached else (theirs.door,)
    answer = fleet_host.answer(replace(parcel, unreached=unreached), "tls://here:1", [], lambda: True, fellows)
    assert answer.host == ("gpu2" if reached else "gpu1")
    assert len(fleet_host.engine.jobs) == (0 if reached else 1)  # type: ignore[attr-defined]


def test_two_that_ask_at_once_get_one_answer(fleet_host: FleetHost, parcel: Parcel) -> None:
    answers: list[wire.HostAnswer] = []
    threads = [threading.Thread(target=lambda: answers.append(asked(fleet_host, parcel))) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers[0] == answers[1]
    assert len(fleet_host.engine.jobs) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"protocol": 99}, "speaks protocol"),
        ({"guest": "another"}, "has another guest"),
        ({"engine": "podman"}, "its engine is toy"),
        ({"host_class": "another"}, "it is of class"),
    ],
)
def test_what_is_for_another_host_is_refused_in_a_sentence(
    fleet_host: FleetHost, parcel: Parcel, change: dict[str, Any], said: str
) -> None:
    answer = asked(fleet_host, replace(parcel, **change))
    assert answer.refusal is HostRefusal.UNLIKE
    assert said in answer.why
    assert fleet_host.engine.jobs == []  # type: ignore[attr-defined]


def test_a_dead_engine_makes_a_host_take_no_work_until_it_answers_again(
    fleet_host: FleetHost, parcel: Parcel, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet_host.engine.dies_after = 0  # type: ignore[attr-defined]
    assert asked(fleet_host, parcel).refusal is HostRefusal.UNABLE
    assert "stopped answering" in str(fleet_host.now()["unable"])
    fleet_host.engine.dies_after = 10  # type: ignore[attr-defined]
    assert asked(fleet_host, parcel).refusal is HostRefusal.UNABLE
    monkeypatch.setattr(hosts, "AGAIN_S", -1.0)
    assert asked(fleet_host, parcel).step is not None
    assert fleet_host.now()["unable"] == ""


def test_a_full_disk_makes_a_host_take_no_work(
    fleet_host: FleetHost, parcel: Parcel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.machine.refused.has_room", lambda _: False)
    answer = asked(fleet_host, parcel)
    assert answer.refusal is HostRefusal.UNABLE
    assert "full" in answer.why
    monkeypatch.undo()
    monkeypatch.setattr(hosts, "AGAIN_S", -1.0)
    assert "full" in fleet_host.ability()
    fleet_host._filled = 0  # somebody has made room
    assert fleet_host.ability() == ""


def test_files_that_do_not_come_are_no_fault_of_the_host(fleet_host: FleetHost, parcel: Parcel) -> None:
    answer = asked(fleet_host, replace(parcel, saved=(Blob(path="model/net", sha256="0" * 64, size=3),)))
    assert (answer.refusal, fleet_host.unable) == (HostRefusal.UNFED, "")
    assert "nobody gives" in answer.why


def test_a_list_that_leaves_its_folder_is_refused_by_a_host_too(fleet_host: FleetHost, parcel: Parcel) -> None:
    answer = asked(fleet_host, replace(parcel, saved=(wire.inline("../x", b"x"),)))
    assert answer.refusal is HostRefusal.UNFED
    assert "leaves its folder" in answer.why


def test_what_nobody_wants_any_more_is_stopped(fleet_host: FleetHost, parcel: Parcel) -> None:
    slow = replace(parcel, text=b"import time\ntime.sleep(60)\n", identity=key_of({"slow": 1}))
    answer = fleet_host.answer(slow, "", [], lambda: False)
    assert answer.refusal is HostRefusal.STOPPED
    assert fleet_host.now()["steps"] == []


def test_what_the_lab_failed_at_is_not_kept(
    fleet_host: FleetHost, parcel: Parcel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dead(*_: object, **__: object) -> None:
        raise InfraError("gone")

    monkeypatch.setattr(fleet_host.engine, "run", dead)
    assert asked(fleet_host, parcel).step is None
    assert fleet_host.kept.get(parcel.identity) is None


def test_a_kept_answer_whose_file_is_gone_is_none(fleet_host: FleetHost, parcel: Parcel) -> None:
    answer = asked(fleet_host, parcel)
    lost = replace(answer, files=(Blob(path="out/x", sha256="0" * 64, size=1),))
    fleet_host.kept.put(parcel.identity, lost)
    assert fleet_host.kept.get(parcel.identity) is None
    assert answer.step is not None
    assert answer.step.outcome.kind is not Kind.INFRA_ERROR


def test_an_answer_is_given_again_for_seven_days(fleet_host: FleetHost, parcel: Parcel) -> None:
    first = asked(fleet_host, parcel)
    kept = fleet_host.kept.root / parcel.identity
    for days, identities in ((6.9, (parcel.identity,)), (7.1, ())):
        made = time.time() - days * 86_400
        os.utime(kept, (made, made))
        assert fleet_host.kept.identities() == identities
        assert (fleet_host.kept.get(parcel.identity) is not None) is bool(identities)
    fleet_host.kept.put(key_of({"another": 1}), first)
    assert not kept.exists()
