"""What a host sends is hostile until it is checked: whatever would leave its folder, or is not what it says, is refused."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import InfraError
from lab.fleet import wire
from lab.fleet.wire import Blob, HostAnswer, Parcel

HASH = hashlib.sha256(b"x").hexdigest()
GOOD = Blob(path="out/model/net.json", sha256=HASH, size=1)


def listed(path: str, size: int = 1, sha256: str = HASH, data: bytes | None = None) -> Blob:
    return Blob(path=path, sha256=sha256, size=size, data=data)


@pytest.mark.parametrize(
    ("blobs", "said"),
    [
        ([listed("/etc/passwd")], "leaves its folder"),
        ([listed("out/../../x")], "leaves its folder"),
        ([listed("out//x")], "leaves its folder"),
        ([listed("out/./x")], "leaves its folder"),
        ([listed("")], "leaves its folder"),
        ([listed("out/x\0y")], "leaves its folder"),
        ([listed("out/" + "x/" * 100 + "x")], "too deep"),
        ([listed("out/" + "x" * 2000)], "too long"),
        ([listed("step.json")], "in no folder of a step"),
        ([listed("out")], "in no folder of a step"),
        ([listed("elsewhere/x")], "in no folder of a step"),
        ([listed("out/x", sha256="../" + HASH[3:])], "no hash"),
        ([listed("out/x", sha256=HASH.upper())], "no hash"),
        ([listed("out/x", size=-1)], "a size that it has not"),
        ([listed("out/x", data=b"two")], "a size that it has not"),
        ([listed("out/x"), listed("out/x")], "twice"),
        ([listed("out/x"), listed("out/x/y")], "as a file and as a folder"),
        ([listed("out/x", size=11)], "at most 10 are taken"),
    ],
)
def test_a_list_that_is_none_is_refused_in_words(blobs: list[Blob], said: str) -> None:
    assert said in wire.hostile(blobs, 10)


def test_a_list_of_plain_files_is_taken() -> None:
    assert wire.hostile([GOOD, listed("in/request.json", data=b"x")], 10) == ""


def test_more_files_than_any_step_leaves_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_FILES", 2)
    assert "at most 2" in wire.hostile([listed(f"out/{number}") for number in range(3)], 10)


@given(path=st.text(max_size=40))
def test_whatever_path_is_taken_stays_in_its_folder(path: str) -> None:
    if not wire.hostile([listed(path)], 10):
        parts = path.split("/")
        assert parts[0] in wire.ROOMS
        assert not {"", ".", ".."} & set(parts)


@given(data=st.binary(max_size=200))
@pytest.mark.parametrize("kind", [Parcel, HostAnswer])
def test_bytes_that_are_no_message_are_refused_with_their_sender(kind: type, data: bytes) -> None:
    with pytest.raises(InfraError, match="gpu1 sent what is no"):
        wire.unpacked(data, kind, "gpu1")


def test_a_message_nested_too_deep_or_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InfraError, match="gpu1 sent"):
        wire.unpacked(b"\x91" * 100_000, HostAnswer, "gpu1")
    monkeypatch.setattr(wire, "LARGEST", 10)
    with pytest.raises(InfraError, match="at most 10 are read"):
        wire.unpacked(bytes(11), HostAnswer, "gpu1")


def test_an_answer_comes_back_as_it_was_sent() -> None:
    sent = HostAnswer(
        host="gpu1",
        address="tls://h:1",
        door="tls://h:2",
        facts={"arch": "x86_64"},
        files=(GOOD, wire.inline("out/x", b"y")),
    )
    assert wire.unpacked(wire.packed(sent), HostAnswer, "gpu1") == sent
