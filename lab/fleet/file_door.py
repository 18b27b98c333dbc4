"""Where a member of a fleet gives files to the others: by their hash, in pieces, over TLS connections of its own.

dask's own messages would hold each byte several times and move all of them in one thread; here every connection is a thread
that sends from a file. Who comes without a certificate of the fleet gets no answer at all.
"""

import contextlib
import os
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from lab.fleet import ports
from lab.fleet.ticket import HeldTicket
from lab.fleet.where import host_and_port
from lab.fleet.wire import PIECE, is_hash
from lab.storage.outbox import OpenGuestFile

ASK = struct.Struct("!64sQQ")
"""What is asked for: a hash, where to begin, how many bytes."""
GIVEN, NONE = b"+", b"-"
"""What comes before the bytes of a piece, and instead of them."""
CHUNK = 256 << 10
"""Bytes that a connection holds at once."""
MOST_LINES = 512
MOST_SENT = 32
"""Pieces that are sent at once; each holds CHUNK bytes."""
IDLE_S = 40
"""A connection that asks for nothing, or shows no certificate, is closed after so long."""
SILENT_S = 10
"""A connection whose other end is not heard of for so long is closed, and its piece goes on over another one."""
PROBES = 3

Opened = Callable[[str], AbstractContextManager[OpenGuestFile]]
"""Opens the file of a hash; OSError where there is none."""


def context(held: HeldTicket, *, server: bool) -> ssl.SSLContext:
    """One end of a connection between members: both show a certificate of the fleet, which says who is of it, not where."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.check_hostname = False
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(held.authority)
    made.load_cert_chain(held.certificate, held.key)
    return made


def patient(line: socket.socket, seconds: float) -> None:
    """Let a line fail whose other end is not heard of for so long, though its own kernel would answer.

    The kernel looks at the clock: Python's own time-out would cost a call a record, and SO_RCVTIMEO is none for a line of TLS,
    which reads again after it.
    """
    line.settimeout(None)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    part = max(1, int(seconds / PROBES))
    for option, value in (
        (socket.TCP_KEEPIDLE, part),
        (socket.TCP_KEEPINTVL, part),
        (socket.TCP_KEEPCNT, PROBES),
        (socket.TCP_USER_TIMEOUT, int(seconds * 1000)),
    ):
        line.setsockopt(socket.IPPROTO_TCP, option, value)


class FileDoor:
    """Listens at an address of this member until it is closed."""

    def __init__(self, address: str, tls: ssl.SSLContext, opened: Opened) -> None:
        """Listen at a port of an address, which may be one of IPv6."""
        self._listening = ports.listening(address, MOST_LINES)
        self._tls, self._opened = tls, opened
        self._lines: set[socket.socket] = set()
        self._lock, self._sending = threading.Lock(), threading.BoundedSemaphore(MOST_SENT)
        port = int(self._listening.getsockname()[1])
        self.address = f"tls://[{address}]:{port}" if ":" in address else f"tls://{address}:{port}"
        threading.Thread(target=self._accept, name="file door", daemon=True).start()

    def close(self) -> None:
        """Give nothing more; what is on its way is cut off."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._lock:
            for line in self._lines:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(line, socket.SHUT_RDWR)  # its own would first forget that it is encrypted

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                full = len(self._lines) >= MOST_LINES
                if not full:
                    self._lines.add(line)
            if full:
                line.close()
            else:
                threading.Thread(target=self._serve, args=(line,), name="file line", daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        """One connection to its end; whatever its other end does ends nothing but itself."""
        line.settimeout(IDLE_S)
        safe: socket.socket = line
        with contextlib.suppress(OSError, ValueError):
            safe = tls = self._tls.wrap_socket(line, server_side=True)  # takes the connection over
            patient(tls, SILENT_S)
            with self._lock:
                self._lines = self._lines - {line} | {safe}
            asked = bytearray(ASK.size)
            while tls.pending() or select.select([tls], [], [], IDLE_S)[0]:
                fill(tls, memoryview(asked))
                self._give(tls, *ASK.unpack(asked))
        with self._lock:
            self._lines -= {line, safe}
        safe.close()

    def _give(self, line: ssl.SSLSocket, name: bytes, offset: int, size: int) -> None:
        sha256 = name.decode("ascii", "replace")
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._sending)
            file: OpenGuestFile | None = None
            with contextlib.suppress(FileNotFoundError):
                file = stack.enter_context(self._opened(sha256)) if is_hash(sha256) else None
            if file is None or not 0 < size <= min(PIECE, file.size - offset):
                line.sendall(NONE)
                return
            line.sendall(GIVEN)
            _send(line, file, offset, size)


def _send(line: ssl.SSLSocket, file: OpenGuestFile, offset: int, size: int) -> None:
    room = memoryview(bytearray(min(CHUNK, size)))
    while size:
        count = os.preadv(file.descriptor, [room[: min(size, len(room))]], offset)
        if not count:
            raise OSError("it became shorter while it was sent")
        line.sendall(room[:count])
        offset, size = offset + count, size - count


def fill(line: ssl.SSLSocket, room: memoryview) -> None:
    """Receive exactly so many bytes; ConnectionResetError where the other end closes before."""
    here = 0
    while here < len(room):
        count = line.recv_into(room[here:])
        if not count:
            raise ConnectionResetError("the connection was closed")
        here += count


@contextlib.contextmanager
def door(address: str, held: HeldTicket, opened: Opened) -> Iterator[FileDoor]:
    """A door at an address until the block ends."""
    made = FileDoor(address, context(held, server=True), opened)
    try:
        yield made
    finally:
        made.close()


def knocked(address: str, tls: ssl.SSLContext, seconds: int, enter_s: float) -> ssl.SSLSocket:
    """A connection to somebody's door, made within `enter_s`; it fails where it is silent for so many seconds."""
    line = socket.create_connection(host_and_port(address), timeout=enter_s)
    try:
        safe = tls.wrap_socket(line)
    except BaseException:
        line.close()
        raise
    patient(safe, seconds)
    return safe
