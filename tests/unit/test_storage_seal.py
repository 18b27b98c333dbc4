"""Seals of a step's files, and the copies that other runs get of them."""

import fcntl
import os
from pathlib import Path

import pytest

from lab.storage import copies, seal
from lab.storage.outbox import GuestFile


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "step" / "out"
    (folder / "model").mkdir(parents=True)
    (folder / "outputs.npz").write_bytes(b"numbers")
    (folder / "model" / "net.pdiparams").write_bytes(b"weights")
    return folder


def changed(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"NUMBERS")


def longer(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"numbers and more")


def gone(path: Path) -> None:
    path.unlink()


def linked(path: Path) -> None:
    path.rename(path.with_name("kept"))
    path.symlink_to("kept")


def added(path: Path) -> None:
    path.with_name("reference.json").write_text("{}")


@pytest.mark.parametrize("spoil", [changed, longer, gone, linked, added], ids=lambda one: one.__name__)
def test_whatever_is_not_as_it_was_sealed_is_damage(out: Path, spoil: object) -> None:
    sealed = seal.seal(out)
    assert seal.damage(out, sealed) == ""
    spoil(out / "outputs.npz")  # type: ignore[operator]
    assert seal.damage(out, sealed)


def test_a_touched_file_is_still_the_same_and_one_of_the_same_age_and_size_is_not_read_again(out: Path) -> None:
    sealed = seal.seal(out)
    os.utime(out / "outputs.npz", (1, 1))
    assert seal.damage(out, sealed) == ""


def test_a_sealed_file_cannot_be_written_to_by_mistake(out: Path) -> None:
    seal.seal(out)
    assert (out / "outputs.npz").stat().st_mode & 0o222 == 0


def test_a_file_whose_name_is_no_text_is_sealed_like_any_other(out: Path) -> None:
    (out / os.fsdecode(b"\xc4\xe3.npz")).write_bytes(b"x")
    assert seal.damage(out, seal.seal(out)) == ""
    assert "\\xc4\\xe3.npz" in seal.seal(out)


def test_a_copy_is_its_receivers_own(out: Path, tmp_path: Path) -> None:
    sealed = seal.seal(out)
    copies.tree(out.parent, tmp_path / "other")
    changed(out / "outputs.npz")
    copied = tmp_path / "other" / "out"
    assert (copied / "outputs.npz").read_bytes() == b"numbers"
    assert seal.damage(copied, sealed) == ""


@pytest.mark.parametrize("large", [False, True])
def test_a_copy_has_the_bytes_and_the_time_of_the_other_however_it_is_made(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, large: bool
) -> None:
    monkeypatch.setattr(copies, "LARGE", 3 if large else 1 << 30)
    sealed = seal.seal(out)
    copies.tree(out.parent, tmp_path / "other")
    assert seal.damage(tmp_path / "other" / "out", sealed) == ""


def test_a_file_that_anybody_may_write_to_never_gets_a_second_name(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "LARGE", 3)
    copies.tree(out.parent, tmp_path / "other")
    assert (out / "outputs.npz").stat().st_nlink == 1


def test_nothing_is_copied_of_a_folder_with_a_link_in_it(out: Path, tmp_path: Path) -> None:
    (out / "model" / "steal").symlink_to(tmp_path)
    with pytest.raises(OSError, match=r"model/steal is a link"):
        copies.tree(out.parent, tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["step"]


def test_a_file_system_without_links_and_shared_blocks_gets_a_copy(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(copies, "LARGE", 3)
    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr(fcntl, "ioctl", refused)
    seal.seal(out)
    copies.copy(GuestFile(out=out, name="outputs.npz"), tmp_path / "one")
    copies.tree(out.parent, tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other" / "out" / "outputs.npz").read_bytes() == b"numbers"
