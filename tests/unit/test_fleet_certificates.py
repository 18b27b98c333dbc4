"""Who may speak in a fleet: both ends of a true TLS connection, and nobody whom its own authority did not name."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.fleet import certificates, ticket
from lab.fleet.certificates import Credentials
from lab.fleet.ticket import Ticket

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def context(held: Credentials, authority: str, *, server: bool) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_REQUIRED
    made.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    one = Ticket(
        protocol=1, name="x", scheduler="tls://h:1", authority=authority, certificate=held.certificate, key=held.key
    )
    with ticket.held(one) as paths:
        made.load_verify_locations(paths.authority)
        made.load_cert_chain(paths.certificate, paths.key)
    return made


def handshake(client: ssl.SSLContext, server: ssl.SSLContext) -> str:
    """The name that the server has of the client, when both believe each other; SSLError where one does not."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(to_client, to_server)
    other = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(10):
        for end in (one, other):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    found = other.getpeercert() or {}
    assert one.getpeercert()
    return str(dict(pair for part in found["subject"] for pair in part)["commonName"])  # type: ignore[misc]


def test_two_members_of_one_fleet_believe_each_other() -> None:
    now = certificates.moment()
    authority = certificates.authority("fleet one", now)
    left, right = (certificates.issued(authority, name, now) for name in ("driver", "gpu1"))
    client = context(left, authority.certificate, server=False)
    assert handshake(client, context(right, authority.certificate, server=True)) == "driver"


@pytest.mark.parametrize("stranger_serves", [False, True])
def test_a_member_of_another_fleet_is_believed_by_neither_side(*, stranger_serves: bool) -> None:
    now = certificates.moment()
    ours, theirs = certificates.authority("fleet", now), certificates.authority("fleet", now)
    member = context(certificates.issued(ours, "a", now), ours.certificate, server=not stranger_serves)
    stranger = context(certificates.issued(theirs, "a", now), ours.certificate, server=stranger_serves)
    with pytest.raises(ssl.SSLError, match="verify failed"):
        handshake(*((member, stranger) if stranger_serves else (stranger, member)))


def test_a_member_cannot_name_further_members() -> None:
    now = certificates.moment()
    ours = certificates.authority("fleet", now)
    member = certificates.issued(ours, "a", now)
    forged = certificates.issued(member, "b", now)
    chained = replace(forged, certificate=forged.certificate + member.certificate)
    with pytest.raises(ssl.SSLError, match="verify failed"):
        handshake(
            context(chained, ours.certificate, server=False),
            context(member, ours.certificate, server=True),
        )


def test_a_certificate_ends_after_seven_days_and_with_its_authority() -> None:
    ours = certificates.authority("fleet", NOW)
    assert certificates.ends(certificates.issued(ours, "a", NOW).certificate) == NOW + timedelta(days=7)
    late = certificates.ends(ours.certificate) - timedelta(days=2)
    assert certificates.ends(certificates.issued(ours, "a", late).certificate) == certificates.ends(ours.certificate)


@settings(max_examples=20, deadline=None)
@given(hours=st.integers(-24 * 30, 24 * 30))
def test_a_certificate_is_good_exactly_while_it_lasts(hours: int) -> None:
    ours = certificates.authority("fleet", NOW)
    held = certificates.issued(ours, "a", NOW)
    said = certificates.complaint(ours.certificate, held, NOW + timedelta(hours=hours))
    assert (said == "") == (-1 <= hours < 7 * 24)
    if hours < -1:
        assert "begins only at" in said
    if hours >= 7 * 24:
        assert said.startswith("ended at 2026-12-07 12:00 UTC")


def test_what_is_wrong_with_credentials_is_said() -> None:
    ours, theirs = certificates.authority("fleet", NOW), certificates.authority("fleet", NOW)
    one, other = certificates.issued(ours, "a", NOW), certificates.issued(ours, "b", NOW)
    mixed = Credentials(certificate=one.certificate, key=other.key)
    assert certificates.complaint(ours.certificate, one, NOW) == ""
    assert certificates.complaint(ours.certificate, mixed, NOW) == "holds a key that is not its certificate's"
    assert certificates.complaint(theirs.certificate, one, NOW) == "holds a certificate of another fleet"
    for broken in (replace(one, certificate=""), replace(one, key="no key"), replace(one, key=one.key[:80])):
        assert certificates.complaint(ours.certificate, broken, NOW) == "holds no certificate and key that can be read"


def test_no_key_stands_in_what_is_said_of_it() -> None:
    held = certificates.authority("fleet", NOW)
    assert "PRIVATE" not in repr(held)
    assert "PRIVATE" in held.key
