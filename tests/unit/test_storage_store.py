import os
from dataclasses import replace
from pathlib import Path

import pytest

from lab.errors import InfraError, UsageError
from lab.model import Kind, Outcome, Phase, Run, TrialResult, Verdict
from lab.storage import store
from lab.storage.store import Store

OUTCOME = Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.LOAD, type="ValueError", message="path", signature="load:x:1")
RESULT = TrialResult(
    label="a -> b", key="k", saver="a", loader="b", saver_env={}, loader_env={"FLAGS_x": "0"}, route="own",
    outcome=OUTCOME,
)  # fmt: skip
RUN = Run(
    schema=store.SCHEMA, id="20260101-000000-x-ab", command="lab repro x", scenario="x", scenario_sha256="0" * 64,
    engine="local", isolated=False, started="2026-01-01T00:00:00+00:00", trials=(RESULT,), verdict=Verdict.CHANGED,
)  # fmt: skip


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    return Store(root=tmp_path / "results")


def test_a_run_comes_back_as_it_was_saved(kept: Store) -> None:
    kept.save(RUN)
    assert kept.load(RUN.id) == RUN


def test_every_schema_ever_written_can_be_read() -> None:
    folder = Path(__file__).parents[1] / "golden" / "schemas"
    versions = sorted(folder.glob("run-*.json"))
    assert [path.stem for path in versions] == [f"run-{number}" for number in range(1, store.SCHEMA + 1)]
    for path in versions:
        assert store.decode(path.read_bytes(), path.name).trials


def test_a_newer_schema_is_refused_in_one_sentence(kept: Store) -> None:
    kept.save(replace(RUN, schema=store.SCHEMA + 1))
    with pytest.raises(UsageError, match="use a newer lab"):
        kept.load(RUN.id)


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"schema": "1"}',
        b'{"schema": 0}',
        b'{"schema": -1}',
        b'{"schema": true}',
        b'{"schema": 1, "id": 3}',
        b"\xff\xfe",
        b'{"a": "\xff"}',
        b"[" * 200_000,
    ],
)
def test_a_damaged_run_is_named_and_nothing_else_happens(kept: Store, damage: bytes) -> None:
    kept.save(RUN)
    path = kept.folder(RUN.id) / "run.json"
    path.write_bytes(damage)
    with pytest.raises(UsageError, match="run.json"):
        kept.load(RUN.id)
    assert path.read_bytes() == damage


def test_a_run_that_cannot_be_read_costs_only_itself(kept: Store) -> None:
    kept.save(RUN)
    kept.save(replace(RUN, id="20260102-000000-y-cd"))
    (kept.folder("20260102-000000-y-cd") / "run.json").write_bytes(b"{")
    damaged, whole = kept.each()
    assert isinstance(damaged, store.Damaged)
    assert damaged.id == "20260102-000000-y-cd"
    assert "damaged" in damaged.why
    assert whole == RUN
    assert list(kept.whole()) == [RUN]


@pytest.mark.parametrize("damage", [b"", b"{", b'{"label": "\xff"}', b"[" * 200_000])
def test_a_damaged_result_is_named(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "result.json").write_bytes(damage)
    with pytest.raises(UsageError, match=r"result\.json is damaged"):
        store.decode_result(tmp_path / "result.json")


def test_a_run_is_found_by_a_part_of_its_id_and_by_last(kept: Store) -> None:
    kept.save(RUN)
    kept.save(replace(RUN, id="20260102-000000-y-cd"))
    assert kept.find("x-ab").id == RUN.id
    assert kept.find("last").id == "20260102-000000-y-cd"
    with pytest.raises(UsageError, match="fits 2 runs"):
        kept.find("2026")
    with pytest.raises(UsageError, match="there is no run"):
        kept.find("nothing")


def test_a_write_that_fails_leaves_the_old_file_and_no_crumbs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.json"
    store.write(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InfraError, match="No space left"):
        store.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["run.json"]


def test_a_line_that_does_not_fit_on_the_disk_is_not_there_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lines.jsonl"
    store.append(path, b"first")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr("os.fsync", full)
        with pytest.raises(InfraError, match="No space left on device"):
            store.append(path, b"second")
    assert path.read_bytes() == b"first\n"
    store.append(path, b"third")
    assert path.read_bytes() == b"first\nthird\n"


def test_a_known_step_is_remembered_only_while_it_exists(kept: Store) -> None:
    folder = kept.folder("one") / "saves" / "s"
    store.write(folder / "step.json", b"{}")
    kept.remember("ab" * 32, folder)
    assert kept.known("ab" * 32) == folder
    (folder / "step.json").unlink()
    assert kept.known("ab" * 32) is None
    assert kept.known("cd" * 32) is None


def test_an_adopted_step_survives_the_removal_of_its_origin(kept: Store) -> None:
    origin, target = kept.folder("one") / "s", kept.folder("two") / "s"
    store.write(origin / "out" / "model.bin", b"weights")
    kept.adopt(origin, target)
    (origin / "out" / "model.bin").unlink()
    assert (target / "out" / "model.bin").read_bytes() == b"weights"


def test_the_same_parts_have_one_key_in_any_order() -> None:
    assert store.key_of({"a": 1, "b": [2]}) == store.key_of({"b": [2], "a": 1})
    assert store.key_of({"a": 1}) != store.key_of({"a": 2})


def test_a_name_that_is_not_utf8_is_stored_as_people_read_it() -> None:
    run = replace(RUN, command="lab repro \udcc4\udce3\udca7.py", reasons=("in \udcff",))
    data = store.pretty(run)
    assert b'"lab repro \\\\xc4\\\\xe3\\\\xa7.py"' in data
    assert store.decode(data, "run.json").reasons == (r"in \xff",)
    assert store.pretty({"\udcc4": ["\ud800"]}) == b'{\n  "\\\\xc4": [\n    "?"\n  ]\n}\n'


def test_of_two_runs_of_one_second_the_later_is_the_last_whatever_their_names(kept: Store) -> None:
    for number, name in enumerate(("20260101-000000-x-ff", "20260101-000000-a-00", "20251231-235959-z-ff")):
        kept.save(replace(RUN, id=name))
        os.utime(kept.folder(name) / "run.json", ns=(0, 10**9 + number))
    assert list(kept.ids()) == ["20260101-000000-a-00", "20260101-000000-x-ff", "20251231-235959-z-ff"]
    assert kept.find("last").id == "20260101-000000-a-00"
