"""How a child may end, and what the supervisor says of it."""

import ast
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.guest.forged import FORGED, PLANTS, TELLS

GUEST = Path(__file__).parents[2] / "lab" / "guest"
QUICK = {"wall_s": 30, "silent_s": 20}


def ending(guest, lines, phase="load", **limits):
    return guest.run(guest.body(lines, phase), limits={**QUICK, **limits})


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_null_pointer_is_a_segfault_with_its_python_frames(guest):
    said, _ = ending(guest, "ctypes.string_at(0)")
    assert (said["status"], said["signal"], said["exit_code"], said["phase"]) == ("signal", "SIGSEGV", None, "load")
    assert "Segmentation fault" in said["faulthandler"]
    assert "in load" in said["faulthandler"]


def test_an_abort_in_infer_is_named_with_its_phase(guest):
    said, _ = ending(guest, "os.abort()", phase="infer")
    assert (said["status"], said["signal"], said["phase"]) == ("signal", "SIGABRT", "infer")
    assert set(said["phases"]) == {"import", "load", "infer"}


def test_a_kill_from_elsewhere_is_no_kill_for_memory(guest):
    said, _ = ending(guest, "os.kill(os.getpid(), signal.SIGKILL)")
    assert (said["status"], said["signal"]) == ("signal", "SIGKILL")
    assert said["oom_kills"] == 0


def test_a_crash_after_the_result_is_not_ok(guest):
    said, out = ending(guest, "import atexit\natexit.register(lambda: os.kill(os.getpid(), signal.SIGSEGV))")
    assert (said["status"], said["signal"], said["phase"]) == ("signal", "SIGSEGV", "done")
    assert (out / "outputs.npz").exists()


def test_an_endless_loop_ends_at_the_wall_limit(guest):
    said, _ = ending(guest, "while True: pass", wall_s=1)
    assert (said["status"], said["timeout"], said["phase"]) == ("timeout", "wall", "load")
    assert said["reason"] == "took longer than 1 s"


def test_a_container_that_stood_still_has_used_none_of_its_time(guest):
    """As a paused container or a suspended machine does: nothing in it is at work."""
    file, out = guest.request(
        guest.body("open(prefix + '.pid', 'w').write(str(os.getpid()))\ntime.sleep(0.5)"),
        "load",
        model=guest.home,
        limits={**QUICK, "wall_s": 8},
    )
    with guest.start(file) as started:
        pids = (started.pid, pid_of_sleeper(guest, started))
        for word in (signal.SIGSTOP, signal.SIGCONT):
            for pid in pids:
                os.kill(pid, word)
            if word is signal.SIGSTOP:
                time.sleep(9)
        started.communicate(timeout=60)
    said = json.loads((out / "outcome.json").read_text(encoding="utf-8"))
    assert said["status"] == "ok", said
    assert said["seconds"] > 8
    assert said["stalled"] > 2


def test_a_silent_hang_is_told_from_a_long_computation(guest):
    said, _ = ending(guest, "time.sleep(100)", silent_s=0.6)
    assert (said["status"], said["timeout"]) == ("timeout", "silent")
    said, _ = ending(guest, "end = time.time() + 0.8\nwhile time.time() < end: pass", silent_s=0.6)
    assert said["status"] == "ok"


def test_output_keeps_a_sleeping_child_from_being_silent(guest):
    said, _ = ending(guest, "for _ in range(3):\n    time.sleep(0.3)\n    print('.')", silent_s=0.6)
    assert said["status"] == "ok"


def test_a_flood_of_log_is_cut_in_the_middle_and_blocks_nobody(guest):
    flood = "print('first')\nfor _ in range(64): sys.stdout.write('x' * (1 << 20))\nprint()\nprint('last')"
    said, out = ending(guest, flood, log_bytes=100_000)
    log = (out / "stdout.log").read_bytes()
    assert said["status"] == "ok"
    assert len(log) <= 100_000
    assert log.startswith(b"first\n")
    assert log.endswith(b"last\n")
    about = said["logs"]["stdout"]
    assert about["bytes"] == (64 << 20) + len("first\n\nlast\n")
    assert b"[... %d bytes dropped here ...]" % about["dropped"] in log


def test_an_exception_keeps_type_message_and_the_scenario_s_frames(guest):
    said, _ = ending(guest, "raise KeyError('gone')")
    error = said["exception"]
    assert (said["status"], said["phase"]) == ("exception", "load")
    assert (error["type"], error["module"], error["message"]) == ("KeyError", "builtins", "'gone'")
    assert [frame["function"] for frame in error["frames"]] == ["load"]
    assert "KeyError: 'gone'" in error["traceback"]


def test_a_huge_message_is_capped(guest):
    said, _ = ending(guest, "raise ValueError('begin' + 'é' * 1_000_000 + 'end')")
    message = said["exception"]["message"]
    assert message.startswith("begin")
    assert message.endswith("end")
    assert len(message.encode()) <= 65536


def test_an_exception_without_a_printable_message_is_still_an_exception(guest):
    said, _ = ending(guest, "class Odd(Exception):\n    def __str__(self): raise RuntimeError('no')\nraise Odd")
    assert (said["status"], said["exception"]["type"]) == ("exception", "Odd")


def test_sys_exit_is_an_exception_and_os_exit_is_an_exit(guest):
    said, _ = ending(guest, "sys.exit(0)")
    assert (said["status"], said["exception"]["type"]) == ("exception", "SystemExit")
    said, _ = ending(guest, "os._exit(0)")
    assert (said["status"], said["exit_code"], said["exception"]) == ("exited", 0, None)
    assert said["reason"] == "exited with code 0 without a result"


def test_a_printed_result_is_only_a_line_of_log(guest):
    fake = '{"event": "result", "status": "ok", "nonce": "x"}'
    garbage = f"""
    print({fake!r})
    sys.stdout.buffer.write(bytes(range(256)))
    for fd in range(3, 20):
        try: os.write(fd, b'\\xff not json\\n[1]\\n{{"nonce": "wrong", "event": "result", "status": "ok"}}\\n')
        except OSError: pass
    raise ValueError("real")
    """
    said, out = ending(guest, garbage)
    assert (said["status"], said["exception"]["message"]) == ("exception", "real")
    assert fake.encode() in (out / "stdout.log").read_bytes()


def test_too_much_output_ends_the_child(guest):
    said, _ = ending(
        guest,
        """
        here = os.path.join(os.environ["TMPDIR"], "part")
        for i in range(10000):
            with open(here + str(i), "wb") as file: file.write(b"x" * 100_000)
            time.sleep(0.01)
        """,
        output_bytes=1_000_000,
    )
    assert (said["status"], said["phase"]) == ("output_limit", "load")


def test_one_file_cannot_grow_beyond_the_output_limit(guest):
    said, out = ending(guest, "return {'y': np.zeros(1_000_000)}", phase="infer", output_bytes=1_000_000)
    assert said["status"] == "output_limit"
    assert sum(path.stat().st_size for path in out.iterdir()) < 1_100_000


def test_memory_beyond_a_limit_of_its_own_is_a_kill_for_memory(guest):
    said, _ = ending(guest, "hog = bytearray(400 << 20)\ntime.sleep(20)", memory_bytes=200 << 20)
    assert (said["status"], said["signal"], said["oom_kills"]) == ("signal", "SIGKILL", 1)


def test_peak_memory_is_in_bytes(guest):
    said, _ = ending(guest, "hog = bytearray(300 << 20)")
    assert 300 << 20 < said["peak_memory"] < 600 << 20


def test_nothing_that_the_child_started_survives_it(guest):
    stray = """
    import subprocess
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    open(prefix + ".pid", "w").write(str(child.pid))
    """
    said, _ = guest.run(guest.body(stray), model=guest.home, limits=QUICK)
    assert said["status"] == "ok"
    assert not alive(int((guest.home / "net.pid").read_text()))


def pid_of_sleeper(guest, started):
    marker = guest.home / "net.pid"
    while not (marker.exists() and marker.read_text()):
        assert started.poll() is None
        time.sleep(0.01)
    return int(marker.read_text())


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_told_stop_kills_the_child_and_leaves_no_outcome(guest, number, code):
    file, out = guest.request(
        guest.body("open(prefix + '.pid', 'w').write(str(os.getpid()))\ntime.sleep(60)"), "load", model=guest.home
    )
    with guest.start(file) as started:
        pid = pid_of_sleeper(guest, started)
        started.send_signal(number)
        _, stderr = started.communicate(timeout=30)
    assert started.returncode == code
    assert b"told to stop" in stderr
    assert not alive(pid)
    assert not (out / "outcome.json").exists()


def test_the_child_dies_with_a_killed_supervisor(guest):
    file, _ = guest.request(
        guest.body("open(prefix + '.pid', 'w').write(str(os.getpid()))\ntime.sleep(60)"), "load", model=guest.home
    )
    with guest.start(file) as started:
        pid = pid_of_sleeper(guest, started)
        started.kill()
        started.communicate(timeout=30)
    while alive(pid):
        time.sleep(0.01)
    assert not alive(pid)


def test_the_supervisor_ends_when_its_parent_is_gone(guest):
    file, _ = guest.request(
        guest.body("open(prefix + '.pid', 'w').write(str(os.getppid()))\ntime.sleep(60)"), "load", model=guest.home
    )
    parent = f"import subprocess, time; subprocess.Popen([{sys.executable!r}, {str(GUEST / 'supervisor.py')!r}, {str(file)!r}]); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", parent], env=guest.environment(), stderr=subprocess.DEVNULL
    ) as started:
        supervisor = pid_of_sleeper(guest, started)
        started.kill()
    while alive(supervisor):
        time.sleep(0.01)
    assert list(guest.scratch().iterdir()) == []


def test_the_supervisor_ends_when_who_started_it_was_gone_before_it_looked(guest):
    file, _ = guest.request(guest.body("time.sleep(60)"), "load", model=guest.home)
    request = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**request, "starter": os.getpid() + 1}), encoding="utf-8")
    with guest.start(file) as started:
        _, stderr = started.communicate(timeout=30)
    assert started.returncode == 75, stderr
    assert list(guest.scratch().iterdir()) == []


@pytest.mark.parametrize("text", ["{", '{"protocol": 2}', '{"protocol": 1, "nonce": "a"}'])
def test_a_wrong_request_is_one_sentence_and_code_64(guest, text):
    file = guest.home / "request.json"
    file.write_text(text, encoding="utf-8")
    with guest.start(file) as started:
        _, stderr = started.communicate(timeout=30)
    assert started.returncode == 64
    assert len(stderr.decode().splitlines()) == 1


def test_an_output_folder_that_cannot_be_made_is_one_sentence_and_code_74(guest):
    file, _ = guest.request(guest.body(""), "load", out=guest.home / "request_1.json" / "below")
    with guest.start(file) as started:
        _, stderr = started.communicate(timeout=30)
    assert started.returncode == 74
    assert len(stderr.decode().splitlines()) == 1


def test_facts_name_versions_and_flags_this_build_does_not_know(guest):
    env = {"FLAGS_enable_pir_api": "1", "FLAGS_json_format_model": "1", "TOY_PADDLE_VERSION": "2.6.2"}
    said, _ = guest.run(guest.body(""), env=env)
    assert said["facts"]["flags_missing"] == ["FLAGS_json_format_model"]
    assert (said["facts"]["zlib"] == "built in") == ("zlib" in sys.builtin_module_names)
    assert said["facts"]["versions"]["paddle"] == "2.6.2"
    assert said["facts"]["versions"]["python"] == sys.version.split()[0]
    assert said["facts"]["cpu"]
    assert said["facts"]["device"] == "cpu"


def test_required_flags_that_are_missing_make_it_unsupported(guest):
    said, _ = guest.run(guest.body(""), env={"FLAGS_no_such": "1"}, require_flags=True)
    assert (said["status"], said["phase"]) == ("unsupported", "import")
    assert "FLAGS_no_such" in said["reason"]


@pytest.fixture(scope="module")
def plain(shelf):
    """One run in which nothing goes wrong."""
    lines = "os.mkdir(prefix)\nprint(os.environ['HOME'], os.environ['TMPDIR'], os.environ['XDG_CACHE_HOME'], sep='\\n')"
    before = set(GUEST.rglob("*.pyc"))
    said, out = shelf.run(shelf.body(lines), model=shelf.home / "out_1")
    return said, out, set(GUEST.rglob("*.pyc")) - before


def test_files_are_open_to_the_user_who_must_clean_them_up(plain):
    _, out, _ = plain
    assert (out / "net").stat().st_mode & 0o777 == 0o777
    assert {oct(path.stat().st_mode & 0o777) for path in out.iterdir() if path.is_file()} == {"0o666"}


def test_the_outcome_has_every_promised_key(plain, shelf):
    said, out, _ = plain
    promised = (
        "protocol nonce mode phase status exit_code signal timeout reason exception faulthandler oom_kills peak_memory"
    )
    assert set(promised.split()) | {"phases", "cpu", "facts", "logs", "seconds"} <= set(said)
    assert (said["status"], said["phase"], said["exit_code"]) == ("ok", "done", 0)
    assert said["nonce"] == json.loads((shelf.home / "request_1.json").read_text(encoding="utf-8"))["nonce"]
    assert not (out / "outcome.json.tmp").exists()


def test_homes_and_caches_are_private(plain, shelf):
    _, out, _ = plain
    lines = (out / "stdout.log").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert all(line.startswith(str(shelf.scratch())) for line in lines)


def test_no_bytecode_is_left_beside_guest_and_scenario(plain, shelf):
    _, _, left = plain
    assert not left
    assert not list(shelf.home.rglob("*.pyc"))


@pytest.mark.parametrize("path", sorted(GUEST.glob("*.py")), ids=lambda path: path.name)
def test_the_guest_can_be_read_by_the_oldest_python_and_imports_nothing_of_the_lab(path):
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [name for name in names if name.split(".")[0] == "lab"]


def test_the_supervisor_needs_only_the_standard_library():
    siblings = {path.stem for path in GUEST.glob("*.py")}
    for name in ("supervisor.py", "watch.py", "outcome.py"):
        tree = ast.parse((GUEST / name).read_text(encoding="utf-8"))
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert names <= set(sys.stdlib_module_names) | siblings


def piped(guest, source, nonce=b"out of the pipe"):
    """One request whose record's nonce comes through a pipe: (exit code, output folder, what the pipe still holds)."""
    pipe = guest.home / "nonce"
    os.mkfifo(pipe)
    file, out = guest.request(source, "load", nonce_from=pipe)
    held = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    try:
        os.write(held, nonce)
        with guest.start(file) as process:
            process.communicate(timeout=60)
        try:
            left = os.read(held, 64)
        except BlockingIOError:
            left = b""
    finally:
        os.close(held)
    return process.returncode, out, left


def test_the_record_carries_what_came_through_the_pipe_and_the_pipe_is_empty_before_the_child_lives(guest):
    look = f"""
    pipe = os.open({str(guest.home / "nonce")!r}, os.O_RDONLY | os.O_NONBLOCK)
    try:
        raise ValueError("found " + os.read(pipe, 64).decode())
    except BlockingIOError:
        raise ValueError("found nothing")
    """
    code, out, left = piped(guest, guest.body(look))
    said = json.loads((out / "outcome.json").read_text(encoding="utf-8"))
    assert (code, left, said["nonce"]) == (0, b"", "out of the pipe")
    assert said["exception"]["message"] == "found nothing"


def test_a_pipe_that_holds_nothing_is_a_wrong_request(guest):
    code, out, _ = piped(guest, guest.body("pass"), nonce=b"")
    assert code == 64
    assert not (out / "outcome.json").exists()


def test_the_child_keeps_its_own_files_in_proc_and_goes_first_when_memory_ends(guest):
    said, _ = ending(guest, 'raise ValueError(open("/proc/self/oom_score_adj").read().strip())')
    assert said["exception"]["message"] == "1000"


@pytest.mark.parametrize("plant", PLANTS)
def test_whatever_lies_in_the_place_of_the_record_the_record_is_written(guest, plant):
    path = guest.home / "out_1" / "outcome.json"
    found, _out = guest.run(guest.body(f"path = {str(path)!r}; {plant}"))
    assert found["status"] == "ok"


@pytest.mark.parametrize("said", FORGED)
def test_nonsense_that_the_child_tells_is_not_heard(guest, said):
    found, _out = guest.run(guest.body(TELLS.format(said=said)))
    assert found["status"] == "ok"
