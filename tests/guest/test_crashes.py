"""What the guest keeps of a native crash, also where Paddle's import takes the signals over, and of what led to an exception."""

import pytest

from tests.guest.conftest import TRACE


@pytest.mark.parametrize(
    ("lines", "signal"),
    [("ctypes.string_at(0)", "SIGSEGV"), ("os.abort()", "SIGABRT"), ("os.kill(os.getpid(), signal.SIGFPE)", "SIGFPE")],
)
def test_a_crash_leaves_the_stacks_of_both_handlers_where_paddle_has_one_of_its_own(guest, paddle, lines, signal):
    said, out = guest.run(guest.body(lines), env=paddle, limits={"wall_s": 30.0})
    assert (said["status"], said["signal"]) == ("signal", signal)
    assert said["cpp_traceback"] == TRACE
    assert "in load" in said["faulthandler"]
    assert TRACE in (out / "stdout.log").read_text(encoding="utf-8")


def test_without_a_handler_of_paddles_there_is_no_native_stack_and_one_of_pythons(guest):
    said, _ = guest.run(guest.body("ctypes.string_at(0)"), limits={"wall_s": 30.0})
    assert said["cpp_traceback"] == ""
    assert said["faulthandler"].count("Fatal Python error") == 1


def test_a_native_stack_that_a_scenario_prints_is_kept_only_of_a_crash(guest):
    lines = f"print({TRACE!r}, flush=True)\nraise ValueError('no')"
    assert guest.run(guest.body(lines))[0]["cpp_traceback"] == ""


def test_the_last_native_stack_counts_and_of_a_long_one_its_inner_end(module):
    crashes = module("crashes")
    head = crashes.MARK.decode()
    assert crashes.cpp_traceback(b"", f"{head}\nold\n{head}\nnew".encode()) == f"{head}\nnew"
    long = crashes.cpp_traceback(f"{head}\n0   outer()\n{'x' * 100_000}\n9   inner()".encode())
    assert long.startswith(head)
    assert long.endswith("9   inner()")
    assert "outer" not in long
    assert len(long) < 70_000
    assert crashes.cpp_traceback(b"nothing", b"") == ""


def test_a_log_that_the_child_has_replaced_is_read_by_the_file_that_was_opened(guest, paddle):
    """A FIFO in its place would be waited for for ever."""
    lines = f"path = {str(guest.home)!r} + '/out_1/stdout.log'\nos.unlink(path)\nos.mkfifo(path)\nctypes.string_at(0)"
    said, _ = guest.run(guest.body(lines), env=paddle, limits={"wall_s": 30.0})
    assert (said["status"], said["cpp_traceback"]) == ("signal", TRACE)


CHAIN = """
try:
    try:
        {}['x']
    except KeyError as error:
        raise OSError('gone') from error
except OSError:
    raise ValueError('no such model')
"""


def test_an_exception_is_kept_with_what_led_to_it_the_root_last(guest):
    said, _ = guest.run(guest.body(CHAIN))
    found = said["exception"]
    assert (found["type"], found["message"]) == ("ValueError", "no such model")
    assert [(one["type"], one["message"]) for one in found["causes"]] == [("OSError", "gone"), ("KeyError", "'x'")]
    assert all(one["frames"][-1]["function"] == "load" for one in found["causes"])
    assert found["traceback"].startswith("Traceback")


@pytest.mark.parametrize(
    ("lines", "types"),
    [
        ("raise ValueError('no')", []),
        ("try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise ValueError('no') from None", []),
        ("try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise ValueError('no') from KeyError(1)", ["KeyError"]),
    ],
)
def test_what_is_not_shown_as_a_cause_is_none(guest, lines, types):
    said, _ = guest.run(guest.body(lines))
    assert [one["type"] for one in said["exception"]["causes"]] == types


def test_a_chain_that_bites_its_tail_or_has_no_end_is_cut(module):
    failures = module("failures")
    one, other = ValueError("a"), KeyError("b")
    one.__context__, other.__context__ = other, one
    assert failures.causes(one) == [other]
    first = last = ValueError("0")
    for number in range(50):
        last.__context__ = KeyError(number)
        last = last.__context__
    assert len(failures.causes(first)) == failures.MOST_CAUSES


def test_the_message_of_a_cause_is_capped_and_one_that_cannot_be_made_says_why(module):
    failures = module("failures")

    class SilentError(Exception):
        def __str__(self):
            raise RuntimeError("no words")

    error = ValueError("no")
    error.__cause__ = KeyError("x" * 100_000)
    error.__cause__.__cause__ = SilentError()
    first, second = failures.described(error)["causes"]
    assert len(first["message"]) < 10_000
    assert second["message"] == "unknown (RuntimeError: no words)"
