"""What an Atom feed needs of a change: a name that never changes, and a time in its own form."""

import uuid
from datetime import UTC, datetime

EPOCH = "1970-01-01T00:00:00Z"
SPACE = uuid.UUID("8f0f9e2e-6a52-5f0d-9a6f-2b1f6d6b0a53")
"""The names of all entries are made in this space, so that no other program makes the same ones."""


def name(key: str, date: str) -> str:
    """The id of an entry: the same change has the same one in every report."""
    return uuid.uuid5(SPACE, f"{key} {date}").urn


def moment(date: str) -> str:
    """A date as RFC 3339 wants it; the epoch where there is none, because a feed must have one."""
    try:
        found = datetime.fromisoformat(date)
    except ValueError:
        return EPOCH
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
