"""Members listen where a firewall lets them, and what is no range of ports is refused in a sentence."""

import socket

import pytest

from lab.errors import UsageError
from lab.fleet import ports

HOME = "127.0.0.1"


def test_the_system_chooses_where_nobody_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ports.VARIABLE, raising=False)
    assert ports.for_dask() is None
    with ports.listening(HOME) as one, ports.listening(HOME) as other:
        assert one.getsockname()[1] != other.getsockname()[1]


def test_a_range_is_kept_to_and_its_end_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((HOME, 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv(ports.VARIABLE, f"{port}-{port}")
        assert ports.for_dask() == f"{port}:{port}"
        with pytest.raises(UsageError, match=f"none of the ports {port}-{port} is free at {HOME}"):
            ports.listening(HOME)
    with ports.listening(HOME) as one:
        assert one.getsockname()[1] == port


@pytest.mark.parametrize(
    "said", ["x", "1-2", "80-90", "4000", "5000-4000", "40000-70000", "40000-", "-", " ", "\uff14\uff10000-40010"]
)
def test_what_is_no_range_is_refused(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv(ports.VARIABLE, said)
    with pytest.raises(UsageError, match="is no range of ports from 1024 to 65535") as refused:
        ports.listening(HOME)
    assert ports.LIKE in refused.value.remedy
