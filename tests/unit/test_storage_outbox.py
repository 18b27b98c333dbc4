"""The door to what a container wrote, and what is removed right after one ended: no link followed, no pipe waited for."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.storage import cleared, outbox
from lab.storage.outbox import CUT, GuestFile

MARK = b"a mark of this host"


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A folder of the host's with a secret in it, beside the folder a container wrote to."""
    folder = tmp_path / "host"
    folder.mkdir()
    (folder / "secret").write_bytes(MARK)
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    (folder / "model").mkdir(parents=True)
    return folder


def link(path: Path, host: Path) -> None:
    path.symlink_to(host / "secret")


def folder_link(path: Path, host: Path) -> None:
    path.symlink_to(host)


def loop(path: Path, host: Path) -> None:
    path.symlink_to(".")


def dangling(path: Path, host: Path) -> None:
    path.symlink_to(host / "nothing")


def pipe(path: Path, host: Path) -> None:
    os.mkfifo(path)


def listener(path: Path, host: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


def second_name(path: Path, host: Path) -> None:
    os.link(host / "secret", path)


PLANTED: tuple[Callable[[Path, Path], None], ...] = (link, folder_link, loop, dangling, pipe, listener, second_name)


@pytest.mark.parametrize("plant", PLANTED, ids=lambda one: one.__name__)
@pytest.mark.parametrize("name", ["stderr.log", "model/net.json"])
def test_what_is_no_plain_file_is_not_read(
    out: Path, host: Path, plant: Callable[[Path, Path], None], name: str
) -> None:
    plant(out / name, host)
    file = GuestFile(out=out, name=name)
    assert not file.plain
    with pytest.raises(OSError, match=r"it is a|Is a directory|No such"):
        file.read(100)


@pytest.mark.parametrize("part", ["model", "model/deeper"])
def test_no_part_of_the_way_to_a_file_is_followed_as_a_link(out: Path, host: Path, part: str) -> None:
    (out / "model").rmdir()
    (out / part).parent.mkdir(exist_ok=True)
    (out / part).symlink_to(host)
    with pytest.raises(NotADirectoryError):
        GuestFile(out=out, name=f"{part}/secret").read(100)
    assert outbox.files(out) == ()


@given(
    name=st.sampled_from(["../host/secret", "/etc/hostname", "model/../../host/secret", "", ".", "model//x", "a/./b"])
)
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(OSError, match="leaves its folder"):
        GuestFile(out=Path.cwd(), name=name).read(100)


def test_a_plain_file_is_read_up_to_the_bound_and_its_ends_beyond(out: Path) -> None:
    file = GuestFile(out=out, name="stderr.log")
    (out / "stderr.log").write_bytes(b"begin" + b"." * 1000 + b"end")
    assert len(file.read(2000)) == 1008
    with pytest.raises(OSError, match="1,008 bytes, and at most 1,000"):
        file.read(1000)
    assert file.ends(20) == b"begin....." + CUT + b".......end"


def test_a_sealed_file_may_have_two_names_because_nobody_can_write_to_it(out: Path) -> None:
    (out / "a").write_bytes(b"x")
    (out / "b").hardlink_to(out / "a")
    assert not GuestFile(out=out, name="a").plain
    (out / "a").chmod(0o444)
    assert GuestFile(out=out, name="a").plain


@pytest.mark.parametrize("plant", PLANTED, ids=lambda one: one.__name__)
def test_what_is_no_plain_file_is_removed_and_named_and_the_host_keeps_its_own(
    out: Path, host: Path, plant: Callable[[Path, Path], None]
) -> None:
    plant(out / "model" / "steal", host)
    (out / "model" / "net.json").write_text("{}")
    assert "model/steal (a " in cleared.clear(out)
    assert [path.name for path in out.rglob("*")] == ["model", "net.json"]
    assert (host / "secret").read_bytes() == MARK
    assert cleared.clear(out) == ""


def test_a_file_of_several_names_goes_with_all_of_them(out: Path) -> None:
    (out / "outputs.npz").write_bytes(b"x")
    for number in range(3):
        (out / "model" / str(number)).hardlink_to(out / "outputs.npz")
    assert "several names" in cleared.clear(out)
    assert [path.name for path in out.rglob("*")] == ["model"]


def test_many_things_are_counted_and_only_some_named(out: Path) -> None:
    for number in range(200):
        (out / f"link{number:03d}").symlink_to("/")
    assert cleared.clear(out).endswith(f"and {200 - cleared.NAMED} more")
    assert [path.name for path in out.iterdir()] == ["model"]


@pytest.mark.parametrize(("name", "depth"), [("d", 3000), ("d" * 250, 70)])
def test_a_folder_however_deep_is_removed(out: Path, name: str, depth: int) -> None:
    here = os.open(out, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    with pytest.raises(OSError, match=r"deep|long"):
        outbox.files(out)
    assert "deep" in cleared.clear(out)
    assert outbox.files(out) == ()
    cleared.remove(out)
    assert not out.exists()


def test_a_name_that_no_terminal_should_see_is_cleaned_and_bytes_that_are_no_text_do_no_harm(out: Path) -> None:
    (out / "\x1b]0;owned\x07x").symlink_to("/")
    (out / os.fsdecode(b"\xc4\xe3\xba\xc3")).symlink_to("/")
    said = cleared.clear(out)
    assert "\x1b" not in said
    said.encode()


def test_a_folder_that_was_shut_is_opened_and_cleared(out: Path) -> None:
    (out / "model" / "link").symlink_to("/")
    (out / "model").chmod(0)
    assert "model/link (a link)" in cleared.clear(out)
