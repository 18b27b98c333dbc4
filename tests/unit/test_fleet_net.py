"""Members that are not alike do not work together, and each is told how they differ."""

import ssl

import pytest

from lab.errors import InfraError, UsageError
from lab.fleet import net


@pytest.mark.parametrize("name", list(net.SAME))
def test_whatever_must_be_the_same_is_named_where_it_is_not(name: str) -> None:
    mine = net.about()
    said = net.unlike(mine, {**mine, name: "another"})
    assert said.startswith(net.SAME[name])
    assert "another" in said


def test_members_of_one_kind_have_nothing_against_each_other() -> None:
    assert net.unlike(net.about(), dict(net.about())) == ""


def test_another_fleets_certificate_is_told_from_nobody_at_home() -> None:
    refused = OSError("no")
    refused.__cause__ = ssl.SSLError(1, "certificate verify failed")
    assert isinstance(net.unreached("tls://h:1", refused), UsageError)
    assert "not of one fleet" in net.unreached("tls://h:1", refused).what
    nobody = net.unreached("tls://h:1", OSError("refused"))
    assert isinstance(nobody, InfraError)
    assert "no scheduler" in nobody.what


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({"dask": "2026.1.0"}, "pip install 'distributed==2026.1.0'"),
        ({"python": "3.12", "dask": "2026.1.0"}, "in Python 3.12"),
        ({"lab": "9.9", "guest": "other", "dask": "2026.1.0"}, "pip install 'paddle-repro-lab[fleet]==9.9'"),
        ({"guest": "other"}, net.REMEDY),
    ],
)
def test_who_is_refused_hears_what_to_install(differs: dict[str, str], said: str) -> None:
    assert said in net.mend(net.about(), {**net.about(), **differs})
