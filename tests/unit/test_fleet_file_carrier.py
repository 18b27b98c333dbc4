"""Files come over connections of their own: only among members, only by hash, in bounded pieces, and on after a cut."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lab.fleet import certificates, file_carrier, file_door, ticket, times, wire
from lab.fleet.certificates import Credentials
from lab.fleet.depot import Depot
from lab.fleet.file_carrier import FileCarrier, ShutDoor, UngivenError, UnreachedError
from lab.fleet.file_door import ASK, GIVEN, NONE, FileDoor
from lab.fleet.ticket import HeldTicket, Ticket
from lab.fleet.where import host_and_port
from lab.fleet.wire import PIECE, Blob

HOME = "127.0.0.1"
CONTENT = os.urandom(3 * PIECE + 4567)


def member(authority: Credentials) -> Ticket:
    held = certificates.issued(authority, "one", certificates.moment())
    return Ticket(
        protocol=ticket.PROTOCOL, name="one", scheduler="tls://127.0.0.1:1", authority=authority.certificate,
        certificate=held.certificate, key=held.key,
    )  # fmt: skip


@pytest.fixture(scope="module")
def held() -> Iterator[HeldTicket]:
    with ticket.held(member(certificates.authority("fleet", certificates.moment()))) as made:
        yield made


@pytest.fixture(scope="module")
def stranger() -> Iterator[HeldTicket]:
    with ticket.held(member(certificates.authority("another", certificates.moment()))) as made:
        yield made


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Depot, Blob]:
    """A depot with one large file."""
    depot = Depot(root=tmp_path_factory.mktemp("full"))
    whole = wire.inline("out/big", CONTENT)
    depot.ensure(whole, [])
    return depot, Blob(path=whole.path, sha256=whole.sha256, size=whole.size)


@pytest.fixture
def door(held: HeldTicket, full: tuple[Depot, Blob]) -> Iterator[FileDoor]:
    with file_door.door(HOME, held, full[0].opened) as made:
        yield made


def carrier(held: HeldTicket, patience_s: float = 5, enter_s: float = 5) -> FileCarrier:
    return FileCarrier(tls=file_door.context(held, server=False), patience_s=patience_s, silent_s=1, enter_s=enter_s)


def take(depot: Depot, blob: Blob, by: FileCarrier, address: str) -> None:
    try:
        depot.take(blob, lambda *asked: by.pull(address, *asked))
    finally:
        by.close()


def test_a_file_of_several_pieces_comes_whole(
    door: FileDoor, held: HeldTicket, full: tuple[Depot, Blob], tmp_path: Path
) -> None:
    depot = Depot(root=tmp_path)
    take(depot, full[1], carrier(held), door.address)
    assert depot.path(full[1].sha256).read_bytes() == CONTENT


def test_a_connection_serves_for_the_next_file(
    door: FileDoor, held: HeldTicket, full: tuple[Depot, Blob], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = carrier(held)
    depot = Depot(root=tmp_path)
    depot.take(full[1], lambda *asked: made.pull(door.address, *asked))
    depot.path(full[1].sha256).unlink()
    monkeypatch.setattr(file_carrier, "knocked", lambda *_: pytest.fail("it knocks again"))
    take(depot, full[1], made, door.address)


@dataclass
class Cable:
    """A way to a door that is cut after so many bytes, as often as is said; it counts who went through."""

    to: tuple[str, int]
    cuts: list[int]
    through: int = 0
    listening: socket.socket = field(default_factory=lambda: socket.create_server((HOME, 0)))

    @property
    def address(self) -> str:
        return f"tls://{HOME}:{self.listening.getsockname()[1]}"

    def serve(self) -> None:
        ways = []
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listening.accept()
                self.through += 1
                most = self.cuts.pop() if self.cuts else len(CONTENT) * 2
                ways.append(threading.Thread(target=self._joined, args=(near, most), daemon=True))
                ways[-1].start()
        for way in ways:
            way.join()

    def _joined(self, near: socket.socket, most: int) -> None:
        with near, socket.create_connection(self.to) as far:
            back = threading.Thread(target=moved, args=(near, far, len(CONTENT) * 2), daemon=True)
            back.start()
            moved(far, near, most)
            back.join()


@contextlib.contextmanager
def cable(to: str, cuts: list[int]) -> Iterator[Cable]:
    made = Cable(host_and_port(to), cuts)
    serving = threading.Thread(target=made.serve, daemon=True)
    serving.start()
    try:
        yield made
    finally:
        made.listening.shutdown(socket.SHUT_RDWR)
        made.listening.close()
        serving.join()


def moved(one: socket.socket, other: socket.socket, most: int) -> None:
    with contextlib.suppress(OSError):
        while most > 0 and (data := one.recv(min(65536, most))):
            other.sendall(data)
            most -= len(data)
    for end in (one, other):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def test_a_cut_connection_is_made_again_and_its_piece_goes_on_where_it_was(
    door: FileDoor, held: HeldTicket, full: tuple[Depot, Blob], tmp_path: Path
) -> None:
    depot = Depot(root=tmp_path)
    with cable(door.address, cuts=[100_000, 3_000_000, 5_000_000]) as made:
        take(depot, full[1], carrier(held, patience_s=60), made.address)
    assert depot.path(full[1].sha256).read_bytes() == CONTENT
    assert made.through == file_carrier.LANES + 3


def test_where_nothing_comes_any_more_the_file_is_given_up_and_what_came_is_kept(
    door: FileDoor, held: HeldTicket, full: tuple[Depot, Blob], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_carrier, "LANES", 1)
    depot = Depot(root=tmp_path)
    cuts = [0] * 500 + [PIECE + PIECE // 2]
    with cable(door.address, cuts) as made, pytest.raises(UngivenError, match="gave no more of 'out/big'"):
        take(depot, full[1], carrier(held, patience_s=0.3), made.address)
    (begun,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert begun.read_bytes() == CONTENT[: begun.stat().st_size]
    assert begun.stat().st_size == PIECE
    take(depot, full[1], carrier(held), door.address)
    assert depot.path(full[1].sha256).read_bytes() == CONTENT


def test_nobody_at_a_door_is_told_at_once(held: HeldTicket, full: tuple[Depot, Blob], tmp_path: Path) -> None:
    with socket.create_server((HOME, 0)) as one:
        nowhere = f"tls://{HOME}:{one.getsockname()[1]}"
    with pytest.raises(UngivenError, match="refused"):
        take(Depot(root=tmp_path), full[1], carrier(held, patience_s=600), nowhere)


@pytest.fixture
def silent() -> Iterator[str]:
    """A door that lets in and then says nothing, not even who it is."""
    with socket.create_server((HOME, 0)) as one:
        yield f"tls://{HOME}:{one.getsockname()[1]}"


def test_a_door_that_nobody_opens_is_told_with_the_reason_and_given_up_at_its_first_silence_from_then_on(
    held: HeldTicket, full: tuple[Depot, Blob], tmp_path: Path, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(times, "TELL_S", 0.1)
    told: list[tuple[str, str]] = []
    made = FileCarrier(
        tls=file_door.context(held, server=False), patience_s=600, silent_s=1, enter_s=0.1, reach_s=0.2,
        unreached=lambda *words: told.append(words),
    )  # fmt: skip
    depot = Depot(root=tmp_path)
    assert not made.shut(silent)
    with pytest.raises(UnreachedError, match=f"{silent} is not reached: "):
        take(depot, full[1], made, silent)
    assert made.shut(silent)
    assert set(told) == {(silent, told[0][1])}
    assert "timed out" in told[0][1]
    assert "timed out" in made.way(silent)
    monkeypatch.setattr(file_carrier, "REST_S", 3600)  # it knocks once: whoever rests does it again
    with pytest.raises(UnreachedError):
        take(depot, full[1], made, silent)


def test_a_door_that_opens_again_is_as_good_as_before(
    door: FileDoor, held: HeldTicket, full: tuple[Depot, Blob], tmp_path: Path
) -> None:
    made = carrier(held)
    made._shut[door.address] = ShutDoor(since=0, last=1e6)
    assert made.shut(door.address)
    assert made.way(door.address) == ""
    take(Depot(root=tmp_path), full[1], made, door.address)
    assert not made.shut(door.address)


def test_whoever_lets_in_and_gives_nothing_is_given_up(
    held: HeldTicket, full: tuple[Depot, Blob], tmp_path: Path
) -> None:
    """The kernel over there answers for it, so only this side's own patience ends it."""

    def held_up(_: str) -> Any:
        over.wait()
        raise FileNotFoundError

    over = threading.Event()
    with file_door.door(HOME, held, held_up) as stopped:
        try:
            with pytest.raises(UngivenError, match="nothing came of 'out/big' from tls://"):
                take(Depot(root=tmp_path), full[1], carrier(held, patience_s=0.5, enter_s=0.5), stopped.address)
        finally:
            over.set()


def test_whoever_shows_no_certificate_does_not_keep_a_door_busy(
    held: HeldTicket, full: tuple[Depot, Blob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_door, "IDLE_S", 0.2)
    with (
        file_door.door(HOME, held, full[0].opened) as made,
        socket.create_connection(host_and_port(made.address)) as line,
    ):
        line.settimeout(30)
        assert line.recv(1) == b""
    with file_door.door(HOME, held, full[0].opened) as made:  # nor does one that asks for nothing
        member_s = file_door.knocked(made.address, file_door.context(held, server=False), 30, 30)
        member_s.settimeout(30)
        assert member_s.recv(1) == b""
        member_s.close()


@pytest.mark.parametrize(
    "door", ["", "nonsense", "tls://127.0.0.1:99999", "tls://../etc:1", "tls://" + "x" * 300 + ":1"]
)
def test_a_door_that_a_host_made_up_is_none(
    held: HeldTicket, full: tuple[Depot, Blob], tmp_path: Path, door: str
) -> None:
    with pytest.raises(UngivenError, match="is no address of a host"):
        take(Depot(root=tmp_path), full[1], carrier(held), door)


def test_who_is_of_another_fleet_gets_nothing_and_gives_nothing(
    door: FileDoor, held: HeldTicket, stranger: HeldTicket, full: tuple[Depot, Blob], tmp_path: Path
) -> None:
    with pytest.raises(UngivenError):
        take(Depot(root=tmp_path), full[1], carrier(stranger, patience_s=600), door.address)
    with file_door.door(HOME, stranger, full[0].opened) as theirs, pytest.raises(UngivenError):
        take(Depot(root=tmp_path), full[1], carrier(held, patience_s=600), theirs.address)


@pytest.mark.parametrize(
    ("name", "offset", "size"),
    [
        (b"0" * 64, 0, 1),
        (b"../../../../etc/passwd".ljust(64, b"/"), 0, 1),
        (b"\xff" * 64, 0, 1),
        (b"", 0, 0),
        (b"", 0, PIECE + 1),
        (b"", len(CONTENT), 1),
        (b"", len(CONTENT) - 1, 2),
        (b"", (1 << 64) - 1, 1),
    ],
    ids=["unknown", "path", "bytes", "nothing", "much", "behind", "over", "far"],
)
def test_only_a_piece_inside_a_file_is_given(
    door: FileDoor, held: HeldTicket, full: tuple[Depot, Blob], name: bytes, offset: int, size: int
) -> None:
    line = file_door.knocked(door.address, file_door.context(held, server=False), 5, 5)
    line.sendall(ASK.pack(name or full[1].sha256.encode(), offset, size))
    assert line.recv(1) == NONE
    line.sendall(ASK.pack(full[1].sha256.encode(), len(CONTENT) - 3, 3))
    room = bytearray(4)
    file_door.fill(line, memoryview(room))
    assert room == GIVEN + CONTENT[-3:]
    line.close()


def test_a_door_that_gives_less_or_other_bytes_leaves_nothing(
    held: HeldTicket, full: tuple[Depot, Blob], tmp_path: Path
) -> None:
    liar = Depot(root=tmp_path / "liar")
    home = liar.path(full[1].sha256)
    home.parent.mkdir(parents=True)
    home.write_bytes(b"x" + CONTENT[1:])
    taker = Depot(root=tmp_path / "taker")
    with file_door.door(HOME, held, liar.opened) as door:
        with pytest.raises(ValueError, match="another content than its hash"):
            take(taker, full[1], carrier(held), door.address)
        home.write_bytes(CONTENT[: 2 * PIECE])
        with pytest.raises(UngivenError, match="has no such piece"):
            take(taker, full[1], carrier(held), door.address)
    assert [path.name for path in taker.root.rglob("*") if path.is_file()] in ([], [full[1].sha256 + ".begun"])


def test_memory_does_not_grow_with_a_file(
    door: FileDoor, held: HeldTicket, full: tuple[Depot, Blob], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms: list[int] = []

    class Counted(bytearray):
        def __init__(self, size: int) -> None:
            super().__init__(size)
            rooms.append(size)

    for one in (file_carrier, file_door):
        monkeypatch.setattr(one, "bytearray", Counted, raising=False)
    take(Depot(root=tmp_path), full[1], carrier(held), door.address)
    assert max(rooms) == file_door.CHUNK
    assert (
        sum(size > ASK.size for size in rooms) <= 2 * 4
    )  # a room for each piece, on either side, one piece after another
