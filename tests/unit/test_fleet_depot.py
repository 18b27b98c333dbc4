"""A file in a depot is what its hash says, or it is not there."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from lab.fleet import wire
from lab.fleet.depot import Depot, Giver, Offers
from lab.fleet.file_carrier import UngivenError
from lab.fleet.wire import Blob
from lab.storage import copies
from lab.storage.outbox import GuestFile
from tests.unit.fleet_givers import from_files, of


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    return Depot(root=tmp_path / "depot")


def big(content: bytes = b"0123456789") -> Blob:
    whole = wire.inline("out/big", content)
    return Blob(path=whole.path, sha256=whole.sha256, size=whole.size)


def nobody(blob: Blob, sink: int, start: int) -> Generator[int, None, None]:
    del sink, start
    yield from ()
    raise UngivenError(f"nobody gives {blob.path}")


def left(depot: Depot) -> list[Path]:
    return [path for path in depot.root.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "pieces", [[b"0123456780"], [b"012345678"], [b"01234567890"], [b"0123456789", b"0"], []],
    ids=["other", "short", "long", "more", "nothing"],
)  # fmt: skip
def test_what_is_not_what_was_said_is_not_kept(depot: Depot, pieces: list[bytes]) -> None:
    with pytest.raises(ValueError, match="'out/big'"):
        depot.take(big(), of(*pieces))
    assert left(depot) == []


def test_a_file_comes_in_pieces_and_is_asked_for_once(depot: Depot, tmp_path: Path) -> None:
    brought = depot.lay_out([big()], tmp_path / "one", [nobody, of(b"01234", b"56789")])
    again = depot.lay_out([big()], tmp_path / "two", [nobody])
    assert (brought, again) == (10, 0)
    assert (tmp_path / "two" / "out" / "big").read_bytes() == b"0123456789"


def test_a_link_of_a_step_is_never_offered_nor_kept(depot: Depot, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path / "secret")
    file = GuestFile(out=tmp_path / "out", name="link")
    with pytest.raises(OSError, match="it is a link"):
        Offers().add(file, "out/link")
    with pytest.raises(OSError, match="it is a link"):
        depot.keep(file, "out/link")


def test_a_file_that_changed_is_offered_as_it_is_now(tmp_path: Path) -> None:
    offers, file = Offers(), GuestFile(out=tmp_path, name="file")
    hashes = set()
    for number, content in enumerate((b"one", b"two", b"more")):
        (tmp_path / "file").write_bytes(content)
        os.utime(tmp_path / "file", ns=(number, number))
        hashes.add(offers.add(file, "out/file").sha256)
    assert len(hashes) == 3


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "x" * 64, "A" * 64])
def test_a_name_that_is_no_hash_is_no_file(depot: Depot, name: str) -> None:
    assert not depot.has(name)
    with pytest.raises(FileNotFoundError), depot.opened(name):
        pass


def test_a_depot_keeps_to_its_room_and_what_was_used_last(depot: Depot, tmp_path: Path) -> None:
    blobs = [big(bytes([number]) * 10) for number in range(4)]
    for number, blob in enumerate(blobs):
        depot.take(blob, of(bytes([number]) * 10))
    depot.ensure(blobs[0], [nobody])
    assert depot.prune(room=25) == 2
    assert depot.has(blobs[0].sha256)
    assert len(left(depot)) == 2


def cut_after(content: bytes, end: int, asked: list[int]) -> Giver:
    """Gives a file up to somewhere, then no more; tells from where on it was asked for."""

    def give(blob: Blob, sink: int, start: int) -> Generator[int, None, None]:
        asked.append(start)
        yield from of(content[start:end])(blob, sink, start)
        if end < blob.size:
            raise UngivenError(f"{blob.path} was cut off")

    return give


def test_what_came_before_a_cut_is_not_brought_again(depot: Depot) -> None:
    content, asked = os.urandom(wire.PIECE + 10), list[int]()
    with pytest.raises(UngivenError, match="cut off"):
        depot.ensure(big(content), [cut_after(content, wire.PIECE, asked)])
    assert not depot.has(big(content).sha256)
    assert depot.ensure(big(content), [nobody, cut_after(content, len(content), asked)]) == len(content)
    assert asked == [0, wire.PIECE]
    assert depot.path(big(content).sha256).read_bytes() == content
    assert left(depot) == [depot.path(big(content).sha256)]


def test_a_wrong_beginning_is_forgotten_and_the_next_who_gives_is_not_blamed_for_it(depot: Depot) -> None:
    content, asked = os.urandom(wire.PIECE + 10), list[int]()
    with pytest.raises(UngivenError):
        depot.ensure(big(content), [cut_after(bytes(wire.PIECE), wire.PIECE, asked)])
    assert depot.ensure(big(content), [cut_after(content, len(content), asked)]) == len(content)
    assert asked == [0, wire.PIECE, 0]
    assert depot.path(big(content).sha256).read_bytes() == content


def test_a_disk_that_takes_nothing_is_not_blamed_on_who_gives(depot: Depot) -> None:
    def full(blob: Blob, sink: int, start: int) -> Generator[int, None, None]:
        del blob, sink, start
        yield from ()
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left") as refused:
        depot.ensure(big(), [full, of(b"0123456789")])
    assert not isinstance(refused.value, UngivenError)


def test_a_large_file_is_laid_out_without_a_copy_only_where_nobody_writes_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "LARGE", 5)
    monkeypatch.setattr(copies, "shared", lambda *_: False)
    for shares in (True, False):
        depot = Depot(root=tmp_path / f"depot {shares}", shares=shares)
        depot.lay_out([big()], tmp_path / f"laid out {shares}", [of(b"0123456789")])
        laid = tmp_path / f"laid out {shares}" / "out" / "big"
        assert laid.samefile(depot.path(big().sha256)) is shares
        assert laid.stat().st_mode & 0o777 == 0o444


def test_offered_and_kept_files_are_opened_by_their_hash_alone(depot: Depot, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    file, offers = GuestFile(out=tmp_path, name="file"), Offers()
    blob = offers.add(file, "model/file")
    depot.keep(file, "model/file")
    for number, opened in enumerate((offers.opened, depot.opened)):
        other = Depot(root=tmp_path / str(number))
        other.take(Blob(path="model/file", sha256=blob.sha256, size=10), from_files(opened))
        with pytest.raises(FileNotFoundError), opened("0" * 64):
            pass
