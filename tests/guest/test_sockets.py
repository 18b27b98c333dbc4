"""The kinds of sockets that a child may open."""

import platform
import socket

import pytest

ATTEMPTS = """
import socket
tried = {name: getattr(socket, name) for name in dir(socket) if name.startswith("AF_")}
kinds = [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW]

def opens(family):
    for kind in kinds:
        try:
            socket.socket(family, kind).close()
            return True
        except PermissionError:
            return True  # the family is there, and only this kind of it needs more rights
        except OSError:
            pass
    return False

raise ValueError(" ".join(sorted(name for name in tried if opens(tried[name]))))
"""


@pytest.mark.skipif(not hasattr(socket, "AF_VSOCK"), reason="this Python knows no AF_VSOCK")
def test_only_the_kinds_of_sockets_that_programs_need_can_be_opened(guest):
    said, _ = guest.run(guest.body(ATTEMPTS))
    opened = set(said["exception"]["message"].split())
    assert {"AF_INET", "AF_UNIX"} <= opened <= {"AF_INET", "AF_INET6", "AF_NETLINK", "AF_ROUTE", "AF_UNIX"}


def test_pairs_of_sockets_go_by_the_same_rule(guest):
    said, _ = guest.run(guest.body("import socket; socket.socketpair(); socket.socketpair(40)"))
    assert said["exception"]["message"] == "[Errno 97] Address family not supported by protocol"


def test_the_processes_that_a_child_starts_are_under_the_same_rule(guest):
    code = "import socket; socket.socket(socket.AF_VSOCK)"
    lines = f"import subprocess; raise ValueError(subprocess.run([sys.executable, '-c', {code!r}], stderr=-1).stderr)"
    said, _ = guest.run(guest.body(lines))
    assert "Address family not supported" in said["exception"]["message"]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="only this processor has other numbers for the same calls")
def test_the_other_numbers_of_the_same_calls_lead_nowhere(guest):
    said, _ = guest.run(
        guest.body("""
        libc = ctypes.CDLL(None, use_errno=True)
        raise ValueError((libc.syscall(0x40000000 + 41, 40, 1, 0), ctypes.get_errno()))
    """)
    )
    assert said["exception"]["message"] == "(-1, 38)"


def test_an_unknown_processor_is_said_and_stops_nothing(module, monkeypatch, capfd):
    sockets = module("sockets")
    monkeypatch.setattr(platform, "machine", lambda: "z80")
    sockets.close()
    assert capfd.readouterr().err == "supervisor: no filter for sockets on z80\n"
