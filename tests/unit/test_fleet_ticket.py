"""A ticket is handed over once, by a pipe or a private file, and whatever else is put in its place is refused."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.fleet import certificates, ticket
from lab.fleet.ticket import Ticket

NOW = certificates.moment()
AUTHORITY = certificates.authority("fleet", NOW)


def made(**changes: object) -> Ticket:
    held = certificates.issued(AUTHORITY, "gpu1", NOW)
    whole = Ticket(
        protocol=ticket.PROTOCOL, name="gpu1", scheduler="tls://10.0.0.1:8786", authority=AUTHORITY.certificate,
        certificate=held.certificate, key=held.key, slots=2, labels=("hygon",),
    )  # fmt: skip
    return replace(whole, **changes)  # type: ignore[arg-type]


ANY = made()


def test_a_ticket_comes_through_a_pipe_and_what_follows_stays_in_it() -> None:
    reading, writing = os.pipe()
    given_out = made()
    os.write(writing, ticket.written(given_out) + b"and then")
    assert ticket.from_stdin(reading) == given_out
    assert os.read(reading, 100) == b"and then"
    assert ticket.leased(reading)
    os.close(writing)
    os.close(reading)


def test_the_end_of_a_plain_file_is_no_end_of_a_lease(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(ticket.written(ANY))
    with (tmp_path / "t").open("rb", buffering=0) as file:
        assert ticket.from_stdin(file.fileno()) == ANY
        assert not ticket.leased(file.fileno())


@pytest.mark.parametrize("said", [b"", b"\n", b"hello\n", b"{}\n", b"[" * 60_000 + b"\n", b"x" * (ticket.LARGEST + 2)])
def test_what_is_no_ticket_is_refused_in_a_sentence(said: bytes) -> None:
    reading, writing = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(writing, False)
    os.write(writing, said)
    os.close(writing)
    with pytest.raises(UsageError) as refused:
        ticket.from_stdin(reading)
    os.close(reading)
    assert "stdin" in refused.value.what
    assert refused.value.remedy


@settings(max_examples=50, deadline=None)
@given(at=st.integers(0, len(ticket.written(ANY)) - 2), put=st.binary(max_size=3))
def test_a_ticket_with_one_place_changed_is_refused_or_is_one(at: int, put: bytes) -> None:
    data = ticket.written(ANY)
    try:
        found = ticket.read(data[:at] + put + data[at + 1 :], "it")
    except UsageError as error:
        said = str(error)
        assert "PRIVATE KEY" not in said
        assert ANY.key.splitlines()[1] not in said
    else:
        assert certificates.complaint(found.authority, found.credentials, NOW) == ""


def test_another_protocol_and_a_plain_address_are_refused() -> None:
    with pytest.raises(UsageError, match="protocol 2, and this lab speaks 1"):
        ticket.read(ticket.written(made(protocol=2)), "it")
    with pytest.raises(UsageError, match="no address of a scheduler"):
        ticket.read(ticket.written(made(scheduler="tcp://10.0.0.1:8786")), "it")


def test_a_ticket_that_ended_says_when() -> None:
    held = certificates.issued(AUTHORITY, "gpu1", NOW - timedelta(days=8))
    with pytest.raises(UsageError, match=r"the ticket of gpu1 ended at .* UTC"):
        ticket.read(ticket.written(made(certificate=held.certificate, key=held.key)), "it")


@pytest.mark.parametrize("once", [False, True])
def test_a_file_is_private_and_serves_again_unless_it_was_for_once(tmp_path: Path, *, once: bool) -> None:
    path, given_out = tmp_path / "new" / "gpu1.ticket", made(once=once)
    before = os.umask(0)
    try:
        ticket.to_file(given_out, path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["gpu1.ticket"]
    assert ticket.from_file(path) == given_out
    assert path.exists() != once
    if once:
        with pytest.raises(UsageError, match="cannot be opened: No such file"):
            ticket.from_file(path)
    else:
        assert ticket.from_file(path) == given_out


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o622, 0o666])
def test_a_file_that_others_may_open_is_refused_and_stays(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "t"
    ticket.to_file(made(), path)
    path.chmod(mode)
    with pytest.raises(UsageError, match="can be read by others"):
        ticket.from_file(path)
    assert path.exists()


def test_a_link_a_folder_and_a_pipe_are_no_tickets(tmp_path: Path) -> None:
    ticket.to_file(made(), tmp_path / "t")
    (tmp_path / "link").symlink_to(tmp_path / "t")
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("link", "pipe", "."):
        with pytest.raises(UsageError, match="cannot be opened|is no plain file"):
            ticket.from_file(tmp_path / name)
    assert (tmp_path / "t").exists()


def test_a_held_ticket_is_in_no_folder_and_gone_with_its_block() -> None:
    one = made()
    with ticket.held(one) as paths:
        assert Path(paths.key).read_text(encoding="utf-8") == one.key
        assert Path(paths.authority).read_text(encoding="utf-8") == one.authority
        assert Path(paths.certificate).read_text(encoding="utf-8") == one.certificate
        assert "memfd:" in str(Path(paths.key).readlink())
    assert not os.path.lexists(paths.key) or "memfd:" not in str(Path(paths.key).readlink())


def test_a_key_is_in_nothing_that_is_said_of_a_ticket() -> None:
    assert "PRIVATE" not in repr(made())
    assert b"PRIVATE" in msgspec.json.encode(made())
