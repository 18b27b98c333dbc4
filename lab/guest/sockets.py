"""Which kinds of sockets a child may open: those that programs use on one machine, and no other.

A filter of the kernel's, on top of whatever the engine sets: AF_VSOCK leads out of a virtual machine to its host whatever
the network is, and engines before 23 leave it open; others (AF_ALG, AF_TIPC, ...) are ways into the kernel that nobody needs.
"""

import ctypes
import platform
import socket
import struct
import sys

ALLOWED = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
"""The last one is how programs ask for network interfaces."""
# (AUDIT_ARCH_*, socket, socketpair, seccomp) of each architecture of the catalogue.
CALLS = {"x86_64": (0xC000003E, 41, 53, 317), "aarch64": (0xC00000B7, 198, 199, 277)}
X32 = 0x40000000
EAFNOSUPPORT, ENOSYS = 97, 38
PR_SET_NO_NEW_PRIVS, SET_MODE_FILTER = 38, 1
# Without it old kernels switch off a shortcut of the processor for the whole child, and every timing would show it.
SPEC_ALLOW = 4
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000


class SocketFilter(ctypes.Structure):
    """What the kernel reads: how many instructions, and where."""

    _fields_ = [("count", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def instructions(arch):
    """The filter of one architecture, as bytes: (code, jump if true, jump if not, value) a line."""
    number, one, two, _call = CALLS[arch]
    lines = [
        (LOAD, 0, 0, 4),  # the architecture of the call: another one's numbers mean other calls
        (EQUAL, 1, 0, number),
        (RETURN, 0, 0, ERRNO | ENOSYS),
        (LOAD, 0, 0, 0),  # the number of the call
        (AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, ERRNO | ENOSYS),
        (EQUAL, 2, 0, one),
        (EQUAL, 1, 0, two),
        (RETURN, 0, 0, ALLOW),
        (LOAD, 0, 0, 16),  # the first argument: the family
    ]
    lines += [(EQUAL, len(ALLOWED) - place, 0, family) for place, family in enumerate(ALLOWED)]
    lines += [(RETURN, 0, 0, ERRNO | EAFNOSUPPORT), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def close():
    """Close all other kinds for this process and whatever it starts; says so on stderr where the kernel does not do that."""
    arch = platform.machine()
    if arch not in CALLS:
        sys.stderr.write("supervisor: no filter for sockets on {}\n".format(arch))
        return
    code = instructions(arch)
    program = SocketFilter(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for flags in (SPEC_ALLOW, 0):
        if libc.syscall(CALLS[arch][3], SET_MODE_FILTER, flags, ctypes.byref(program)) == 0:
            return
    sys.stderr.write("supervisor: the kernel takes no filter for sockets: error {}\n".format(ctypes.get_errno()))
