"""One start for many requests: each is a fork, with a record, logs, limits and an end of its own."""

import json
import os
import secrets
import time
from pathlib import Path

import pytest

from tests.guest.forged import FORGED, PLANTS, TELLS

FINE = "return None"
SEGV = "os.kill(os.getpid(), signal.SIGSEGV)"


class Orders:
    """A supervisor that forks, and the lab's side of it: orders in, records out."""

    def __init__(self, guest, **more):
        self.guest, self.inbox = guest, guest.home / "inbox"
        self.inbox.mkdir()
        self.nonces = [secrets.token_hex(16) for _ in range(8)]
        pipe = self.inbox / "nonce"
        os.mkfifo(pipe)
        self._held = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        os.write(self._held, "\n".join(self.nonces).encode())
        plan = {"orders": str(self.inbox), "patience_s": more.pop("patience_s", 60)}
        request, self.out = guest.request(guest.body(FINE), "forks", forks=plan, nonce_from=pipe)
        self.process = guest.start(request, **more)
        self.given = 0

    def ask(self, lines, **limits):
        """(the record of one order, its folder); None where the supervisor ended instead."""
        nonce, name = self.nonces[self.given], secrets.token_hex(8)
        self.given += 1
        source = self.guest.body(lines)
        file, _unused = self.guest.request(source, "load", limits=limits)
        request = dict(json.loads(file.read_text(encoding="utf-8")), out=str(self.out / name))
        order = self.inbox / "order"
        order.write_text(json.dumps(request), encoding="utf-8")
        order.rename(self.inbox / f"order-{self.given}.json")
        while not (self.out / f"done-{nonce}").exists():
            if self.process.poll() is not None:
                return None
            time.sleep(0.01)
        return json.loads((self.out / name / "outcome.json").read_text(encoding="utf-8")), self.out / name

    def record(self, lines, **limits):
        found = self.ask(lines, **limits)
        assert found is not None, self.process.communicate()
        return found[0]

    def end(self):
        """Exit code of the supervisor, which leaves nothing behind."""
        (self.inbox / "end").touch()
        said = self.process.communicate(timeout=60)
        os.close(self._held)
        assert said == (b"", b"")
        assert list(self.guest.scratch().iterdir()) == []
        return self.process.returncode


@pytest.fixture
def orders(guest):
    made = Orders(guest)
    yield made
    assert made.end() == 0


def test_each_request_is_a_fork_of_one_process_that_imported_once(orders):
    tell = "print('said by', {0}); sys.stderr.write('also {0}'); open(os.environ['HOME'] + '/mine', 'x'); return None"
    (first, one), (second, two) = orders.ask(tell.format(1)), orders.ask(tell.format(2))
    assert (first["status"], second["status"]) == ("ok", "ok")
    assert [found["nonce"] for found in (first, second)] == orders.nonces[:2]
    assert [(at / "stdout.log").read_text() for at in (one, two)] == ["said by 1\n", "said by 2\n"]
    assert [(at / "stderr.log").read_text() for at in (one, two)] == ["also 1", "also 2"]
    assert all((at / "outputs.npz").is_file() for at in (one, two))
    assert first["phases"]["import"] == second["phases"]["import"] > 0
    assert first["facts"]["versions"]["paddle"] == second["facts"]["versions"]["paddle"] != ""
    assert set(first["phases"]) == {"import", "load", "infer"}


@pytest.mark.parametrize(
    ("lines", "limits", "told"),
    [
        (SEGV, {}, {"status": "signal", "signal": "SIGSEGV", "phase": "load"}),
        ("os.abort()", {}, {"status": "signal", "signal": "SIGABRT"}),
        ("time.sleep(600)", {"wall_s": 1}, {"status": "timeout", "timeout": "wall"}),
        ("time.sleep(600)", {"silent_s": 1}, {"status": "timeout", "timeout": "silent"}),
        ("while True: print('x')", {"wall_s": 1, "log_bytes": 1000}, {"status": "timeout", "timeout": "wall"}),
        ("os._exit(3)", {}, {"status": "exited", "exit_code": 3}),
        ("sys.exit(4)", {}, {"status": "exception"}),
        ("raise ValueError('no')", {}, {"status": "exception"}),
        (
            "held = bytearray(200 << 20); time.sleep(60)",
            {"memory_bytes": 150 << 20},
            {"status": "signal", "oom_kills": 1},
        ),
        ("import atexit; atexit.register(os.abort); return None", {}, {"status": "signal", "signal": "SIGABRT"}),
    ],
)
def test_how_one_fork_ends_is_its_own_affair(orders, lines, limits, told):
    found = orders.record(lines, **limits)
    assert {name: found[name] for name in told} == told
    assert orders.record(FINE)["status"] == "ok"


def test_a_crash_has_its_frames_and_the_next_fork_has_none(orders):
    assert "in load" in orders.record(SEGV)["faulthandler"]
    assert orders.record("raise ValueError('no')")["faulthandler"] == ""


@pytest.mark.parametrize("where", ["os.environ['HOME'] + '/x'", "FOLDER + '/x'"])
def test_a_fork_that_fills_the_disk_is_stopped_wherever_it_writes_and_the_next_one_has_all_its_room(orders, where):
    lines = f"with open({where.replace('FOLDER', repr(str(orders.out)))}, 'wb') as file:\n    while True: file.write(b'x' * 1000)"
    assert orders.record(lines, output_bytes=200_000)["status"] == "output_limit"
    assert orders.record(FINE, output_bytes=200_000)["status"] == "ok"


def test_a_fork_cannot_write_its_own_record_nor_say_that_it_is_done(orders):
    forge = """
    record = {"protocol": 1, "nonce": "0" * 32, "mode": "load", "status": "ok", "phase": "done"}
    for folder in os.listdir(OUT):
        if os.path.isdir(os.path.join(OUT, folder)):
            open(os.path.join(OUT, folder, "outcome.json"), "w").write(repr(record))
            os.mkfifo(os.path.join(OUT, folder, "outcome.json.tmp"))
    open(os.path.join(OUT, "done-" + "0" * 32), "w")
    os.abort()
    """
    found = orders.record(forge.replace("OUT", repr(str(orders.out))))
    assert (found["status"], found["signal"], found["nonce"]) == ("signal", "SIGABRT", orders.nonces[0])


@pytest.mark.parametrize("plant", PLANTS)
def test_a_fork_that_spoils_the_place_of_its_record_costs_no_other_fork(orders, plant):
    made = f"""
    for folder in os.listdir({str(orders.out)!r}):
        path = os.path.join({str(orders.out)!r}, folder, "outcome.json")
        if os.path.isdir(os.path.dirname(path)):
            {plant}
    """
    assert [orders.record(lines)["status"] for lines in (made, FINE)] == ["ok", "ok"]


@pytest.mark.parametrize("said", FORGED)
def test_a_fork_that_tells_nonsense_costs_no_other_fork(orders, said):
    assert [orders.record(lines)["status"] for lines in (TELLS.format(said=said), FINE)] == ["ok", "ok"]


def test_a_fork_that_puts_a_pipe_where_its_frames_are_told_hangs_nobody(orders):
    plant = "path = os.environ['HOME'] + '/faulthandler.txt'; os.unlink(path); os.mkfifo(path); os.abort()"
    assert orders.record(plant)["signal"] == "SIGABRT"


def test_what_a_fork_leaves_running_is_gone_before_the_next_one_begins(orders):
    assert (
        orders.record("import subprocess; print(subprocess.Popen(['sleep', '600']).pid); return None")["status"] == "ok"
    )
    (log,) = orders.out.glob("*/stdout.log")
    assert not Path(f"/proc/{int(log.read_text())}").exists()


def test_the_peak_of_a_fork_is_its_own(orders):
    big = orders.record("held = bytearray(300 << 20); return None")["peak_memory"]
    small = orders.record(FINE)["peak_memory"]
    assert big > 300 << 20 > small


def test_a_fork_that_kills_what_it_is_a_fork_of_ends_the_start_and_is_told_as_it_was(orders):
    hunt = """
    above = os.getppid()  # another one's as soon as that is killed
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = open("/proc/" + pid + "/cmdline", errors="replace").read()
            group = int(open("/proc/" + pid + "/stat", errors="replace").read().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):  # it ends just now
            continue
        if "phases.py" in words and group == above and int(pid) != os.getpid():
            os.kill(int(pid), signal.SIGKILL)
    """
    assert orders.record(hunt)["status"] == "ok"
    assert orders.ask(FINE) is None


def test_without_orders_it_ends_itself(guest):
    made = Orders(guest, patience_s=0.5)
    made.process.wait(timeout=60)
    assert made.end() == 0


def test_what_cannot_be_imported_answers_no_order(guest):
    made = Orders(guest, TOY_PADDLE_VERSION="", PYTHONPATH=str(guest.home))
    assert made.ask(FINE) is None
    assert made.end() == 0


def test_a_process_on_another_device_than_the_processor_is_not_forked(guest):
    made = Orders(guest, TOY_PADDLE_DEVICE="gpu:0")
    assert made.ask(FINE) is None
    assert made.end() == 0
