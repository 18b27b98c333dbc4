"""A clock that is set: nothing that has a limit, a duration or an owner goes by it."""

import ast
import time
from pathlib import Path

import pytest

from lab.engine.docker import owner
from lab.machine import file_lock, process
from tests.unit.test_imports import MODULES

WALL = {
    ("environment.day_zero", "_ask"): "on which day an index was asked",
    ("environment.day_zero", "_fresh"): "whether an index was asked today; a date to come counts as none",
    ("fleet.certificates", "moment"): "when a certificate begins and ends",
    (
        "fleet.kept_answers",
        "_first_moment",
    ): "how old an answer is; by a clock that is wrong it is asked for once more, or kept longer",
    ("engine.docker.engine", "reap"): "how old a container of another namespace is, with a day to spare",
    ("storage.store", "new_id"): "the date in a run's name",
    ("storage.store", "now"): "the date that people read",
}
"""(module, function) of every place that asks for the date, and what for."""


def test_only_what_is_about_dates_asks_for_the_date() -> None:
    found = {
        (module, function.name)
        for module, (tree, _) in MODULES.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"time.time", "datetime.now", "time.time_ns"}
    }
    assert found == set(WALL)


def test_the_guest_never_asks_for_the_date() -> None:
    guest = Path(__file__).parents[2] / "lab" / "guest"
    assert [path.name for path in guest.glob("*.py") if "time.time(" in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("step", [-10 * 365 * 86400.0, 10 * 365 * 86400.0])
def test_a_set_clock_makes_no_container_of_a_living_lab_an_orphan(step: float) -> None:
    here = owner.this_process()
    labels = {**here.labels, "lab.run": "r", "lab.wall_s": "60"}
    now = time.time()
    assert not owner.orphaned(labels, now, here, now + step)


def test_waits_and_programs_end_though_the_clock_is_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 0.0)
    with (tmp_path / "lock").open("w") as file:
        file_lock.take(file, stopped=lambda: False)
    assert process.run(["true"], timeout=30).ok
