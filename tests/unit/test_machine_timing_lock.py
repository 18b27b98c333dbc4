"""One timing at a time, and nothing of the lab beside it."""

import os
import stat
import tempfile
import threading
import time
from pathlib import Path

import pytest

from lab.errors import InfraError, Interrupted
from lab.machine import interruption, shared_lock, timing_lock


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who is logged in."""
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands for /run/lock, and a user without a runtime folder."""
    folder = tmp_path / "lock"
    folder.mkdir()
    folder.chmod(0o1777)
    monkeypatch.setattr(shared_lock, "MACHINE", folder)
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    return folder


@pytest.fixture
def temporary(machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files on a machine that has no other place."""
    monkeypatch.setattr(shared_lock, "MACHINE", tmp_path / "missing")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def starts_while(held: bool, wanted: bool) -> bool:  # noqa: FBT001 - alone or not, each
    """Whether somebody else may begin while the lock is held; afterwards they always may."""
    began = threading.Event()

    def other() -> None:
        with timing_lock.alone() if wanted else timing_lock.shared():
            began.set()

    thread = threading.Thread(target=other)
    with timing_lock.alone() if held else timing_lock.shared():
        thread.start()
        at_once = began.wait(0.3)
    thread.join()
    assert began.is_set()
    return at_once


def test_work_goes_on_beside_work_and_waits_for_a_timing() -> None:
    assert starts_while(held=False, wanted=False)
    assert not starts_while(held=True, wanted=False)


def test_work_that_comes_later_does_not_keep_a_timing_out() -> None:
    order: list[str] = []
    first, waits = timing_lock.shared(), threading.Event()

    def timing() -> None:
        waits.set()
        with timing_lock.alone():
            order.append("timing")

    def work() -> None:
        with timing_lock.shared():
            order.append("work")

    threads = [threading.Thread(target=timing), threading.Thread(target=work)]
    with first:
        threads[0].start()
        waits.wait()
        threads[0].join(0.3)  # it stands in the door by now
        threads[1].start()
        threads[1].join(0.3)
        assert order == []
    for thread in threads:
        thread.join()
    assert order == ["timing", "work"]


def test_a_timing_waits_for_work_and_for_another_timing() -> None:
    assert not starts_while(held=False, wanted=True)
    assert not starts_while(held=True, wanted=True)


def test_a_timing_can_say_that_it_has_to_wait() -> None:
    assert not timing_lock.busy()
    with timing_lock.shared():
        assert timing_lock.busy()
    with timing_lock.alone():
        assert timing_lock.busy()
    assert not timing_lock.busy()


def test_the_runtime_folder_of_the_user_comes_first_and_the_cache_never(runtime: Path, tmp_path: Path) -> None:
    with timing_lock.alone():
        assert {one.name for one in runtime.iterdir()} == {timing_lock.LOCK, timing_lock.DOOR}
    assert [one.name for one in tmp_path.iterdir()] == ["runtime"]


@pytest.mark.parametrize("wrong", ["", "relative", "/no/such/folder", "/proc"])
def test_a_runtime_folder_that_is_none_gives_way_to_the_machines(
    machine: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setattr("os.access", lambda place, _: str(place) != "/proc")
    monkeypatch.setenv("XDG_RUNTIME_DIR", wrong)
    assert shared_lock.folder() == machine


def test_another_users_runtime_folder_is_not_taken_even_where_it_could_be_written(
    machine: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after sudo, which may keep the variable."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    assert shared_lock.folder() == runtime
    owner = runtime.stat().st_uid
    monkeypatch.setattr("os.getuid", lambda: owner + 1)
    assert shared_lock.folder() == machine


def test_users_who_share_the_machines_folder_share_the_lock_whatever_their_umask(machine: Path) -> None:
    before = os.umask(0o077)
    try:
        with timing_lock.shared():
            assert timing_lock.busy()
    finally:
        os.umask(before)
    for name in (timing_lock.LOCK, timing_lock.DOOR):
        assert stat.S_IMODE((machine / name).stat().st_mode) == 0o644
    assert len(list(machine.iterdir())) == 2


def test_the_last_place_is_a_folder_of_the_user_alone(temporary: Path) -> None:
    with timing_lock.alone():
        assert timing_lock.busy()
    place = temporary / f"paddle-repro-lab-{os.getuid()}"
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    place.chmod(0o777)
    with pytest.raises(InfraError, match="not this user's own folder alone") as caught, timing_lock.alone():
        pass
    assert "XDG_RUNTIME_DIR" in caught.value.remedy


def test_a_link_in_the_last_place_is_not_followed(temporary: Path, runtime: Path) -> None:
    (temporary / f"paddle-repro-lab-{os.getuid()}").symlink_to(runtime)
    with pytest.raises(InfraError, match="not this user's own folder alone"), timing_lock.shared():
        pass
    assert list(runtime.iterdir()) == []


def test_a_link_or_a_pipe_in_the_place_of_the_lock_is_refused_and_not_waited_for(machine: Path, tmp_path: Path) -> None:
    (tmp_path / "victim").touch()
    (machine / timing_lock.LOCK).symlink_to(tmp_path / "victim")
    with pytest.raises(InfraError, match="cannot be used"), timing_lock.shared():
        pass
    (machine / timing_lock.LOCK).unlink()
    os.mkfifo(machine / timing_lock.LOCK)
    with pytest.raises(InfraError, match="it is no plain file"), timing_lock.shared():
        pass


def seconds_until_given_up(stop: threading.Event) -> float:
    """How long a wait for a held lock goes on once it is stopped; it must end without the lock."""
    ended: list[float] = []

    def waits() -> None:
        with pytest.raises(Interrupted), timing_lock.shared(stop.is_set):
            raise AssertionError("it got a lock that is held")
        ended.append(time.monotonic())

    thread = threading.Thread(target=waits)
    with timing_lock.alone():
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
        start = time.monotonic()
        stop.set()
        thread.join(5)
    assert ended
    return ended[0] - start


def test_a_wait_ends_as_soon_as_its_work_is_stopped() -> None:
    assert seconds_until_given_up(threading.Event()) < 1


def test_a_lock_that_is_free_is_not_given_to_work_that_was_stopped() -> None:
    with pytest.raises(Interrupted), timing_lock.shared(lambda: True):
        pass
    assert not timing_lock.busy()


def test_every_wait_ends_once_the_lab_is_told_to_end() -> None:
    interruption.hear()
    try:
        with pytest.raises(Interrupted), timing_lock.alone():
            pass
    finally:
        interruption.forget()


def test_a_lock_holds_where_the_file_system_knows_no_second_names(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refused)
    assert not starts_while(held=True, wanted=False)
    assert stat.S_IMODE((runtime / timing_lock.LOCK).stat().st_mode) == 0o644
    assert sorted(path.name for path in runtime.iterdir()) == [timing_lock.DOOR, timing_lock.LOCK]
