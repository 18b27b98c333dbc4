"""A file in a depot is what its hash says, or it is not there."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from lab.fleet import wire
from lab.fleet.depot import Depot, Offers
from lab.fleet.wire import Blob
from lab.storage.outbox import GuestFile


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    return Depot(root=tmp_path / "depot")


def big(content: bytes = b"0123456789") -> Blob:
    whole = wire.inline("out/big", content)
    return Blob(path=whole.path, sha256=whole.sha256, size=whole.size)


def nobody(blob: Blob) -> Iterable[bytes]:
    raise OSError(f"nobody gives {blob.path}")


def left(depot: Depot) -> list[Path]:
    return [path for path in depot.root.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "pieces", [[b"0123456780"], [b"012345678"], [b"01234567890"], [b"0123456789", b"0"], []],
    ids=["other", "short", "long", "more", "nothing"],
)  # fmt: skip
def test_what_is_not_what_was_said_is_not_kept(depot: Depot, pieces: list[bytes]) -> None:
    with pytest.raises(ValueError, match="'out/big'"):
        depot.take(big(), pieces)
    assert left(depot) == []


def test_a_file_comes_in_pieces_and_is_asked_for_once(depot: Depot, tmp_path: Path) -> None:
    brought = depot.lay_out([big()], tmp_path / "one", lambda _: [b"01234", b"56789"])
    again = depot.lay_out([big()], tmp_path / "two", nobody)
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


def test_only_what_is_offered_is_given_and_only_in_pieces(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    offers = Offers()
    blob = offers.add(GuestFile(out=tmp_path, name="file"), "model/file")
    assert offers.piece(blob.sha256, 4, 3) == b"456"
    with pytest.raises(FileNotFoundError):
        offers.piece("0" * 64, 0, 1)
    for offset, size in ((-1, 1), (11, 1), (0, 0), (0, wire.PIECE + 1)):
        with pytest.raises(ValueError, match="a piece of a file"):
            offers.piece(blob.sha256, offset, size)


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
    with pytest.raises(FileNotFoundError):
        depot.piece(name, 0, 1)


def test_a_depot_keeps_to_its_room_and_what_was_used_last(depot: Depot, tmp_path: Path) -> None:
    blobs = [big(bytes([number]) * 10) for number in range(4)]
    for number, blob in enumerate(blobs):
        depot.take(blob, [bytes([number]) * 10])
    depot.ensure(blobs[0], nobody)
    assert depot.prune(room=25) == 2
    assert depot.has(blobs[0].sha256)
    assert len(left(depot)) == 2
