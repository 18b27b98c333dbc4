"""The words of `--fleet`: what can be said is read, and what cannot gets one sentence that says how."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.fleet import where
from lab.fleet.where import FleetKind, FleetPlace, fleet_place

GOOD = {
    "tls://10.0.0.1:8786": FleetPlace(kind=FleetKind.STANDING, address="tls://10.0.0.1:8786"),
    "tls://gpu-box.example:1/": FleetPlace(kind=FleetKind.STANDING, address="tls://gpu-box.example:1"),
    "tls://[fd00::7]:65535": FleetPlace(kind=FleetKind.STANDING, address="tls://[fd00::7]:65535"),
    "ssh:gpu1": FleetPlace(kind=FleetKind.SSH, hosts=("gpu1",)),
    "ssh:me@gpu1,hygon_1,10.0.0.3,fd00::7": FleetPlace(
        kind=FleetKind.SSH, hosts=("me@gpu1", "hygon_1", "10.0.0.3", "fd00::7")
    ),
    "slurm": FleetPlace(kind=FleetKind.SLURM),
    "slurm:gpu": FleetPlace(kind=FleetKind.SLURM, partition="gpu"),
    "slurm:gpu,cpu-long": FleetPlace(kind=FleetKind.SLURM, partition="gpu,cpu-long"),
    "k8s": FleetPlace(kind=FleetKind.KUBERNETES),
}
BAD = {
    "": "names no fleet",
    "gpu1": "names no fleet",
    "k8s:lab": "names no fleet",
    "SSH:gpu1": "names no fleet",
    "tcp://10.0.0.1:8786": "only TLS",
    "tls": "no address of a scheduler",
    "tls:10.0.0.1:8786": "no address of a scheduler",
    "tls://me@host:1": "no address of a scheduler",
    "tls://a:1,b:2": "no address of a scheduler",
    "tls://:8786": "no host",
    "tls://-x:8786": "no host",
    "tls://a b:8786": "no host",
    "tls://[fd00::zz]:8786": "no host",
    "tls://10.0.0.1": "has no port",
    "tls://10.0.0.1:": "between 1 and 65535",
    "tls://10.0.0.1:0": "between 1 and 65535",
    "tls://10.0.0.1:65536": "between 1 and 65535",
    "tls://10.0.0.1:٣": "between 1 and 65535",
    "tls://10.0.0.1:" + "9" * 5000: "between 1 and 65535",
    "ssh": "names no host",
    "ssh:": "names no host",
    "ssh:a,": "is no name of a host",
    "ssh:-oProxyCommand=true": "is no name of a host",
    "ssh:a b": "is no name of a host",
    "ssh:a;true": "is no name of a host",
    "ssh:$(true)": "is no name of a host",
    "ssh:me@you@host": "is no name of a host",
    "ssh:a,b,a": "names a twice",
    "slurm:": "is no partition",
    "slurm:-x": "is no partition",
    "slurm:a b": "is no partition",
}


@pytest.mark.parametrize("text", GOOD)
def test_what_can_be_said_is_read(text: str) -> None:
    assert fleet_place(text) == GOOD[text]


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_said_is_refused_with_its_place_and_a_way_out(text: str) -> None:
    with pytest.raises(UsageError, match=BAD[text]) as refused:
        fleet_place(text)
    assert refused.value.what.startswith("--fleet '")
    assert refused.value.remedy


@given(place=st.sampled_from(list(GOOD.values())))
def test_a_place_is_what_its_own_words_say(place: FleetPlace) -> None:
    assert fleet_place(place.words) == place


@given(text=st.one_of(st.text(max_size=30), st.from_regex(r"(ssh|slurm|tls|k8s):[ -~]{0,20}", fullmatch=True)))
def test_whatever_is_said_is_a_fleet_or_one_sentence(text: str) -> None:
    try:
        place = fleet_place(text)
    except UsageError as error:
        said, remedy = error.what, error.remedy
        assert said.startswith("--fleet")
        assert remedy
    else:
        assert fleet_place(place.words) == place
        assert all(not word.startswith("-") for word in (*place.hosts, place.partition))


@given(text=st.text(st.characters(categories=["Cs", "Cc", "Lu", "Po"]), max_size=8))
def test_no_host_or_partition_can_be_an_option_or_a_second_word(text: str) -> None:
    for kind in ("ssh:", "slurm:"):
        try:
            place = fleet_place(kind + text)
        except UsageError:
            continue
        for word in (*place.hosts, place.partition):
            assert not set(word) & set(" \t\n;&|$`'\"\\<>(){}*?!#~")


def test_the_command_line_comes_before_the_variable() -> None:
    said = {where.VARIABLE: "slurm"}
    assert where.asked(None, {}) is None
    assert where.asked(None, {where.VARIABLE: ""}) is None
    assert where.asked(None, said) == FleetPlace(kind=FleetKind.SLURM)
    assert where.asked("k8s", said) == FleetPlace(kind=FleetKind.KUBERNETES)


def test_a_wrong_variable_is_named_as_the_place() -> None:
    with pytest.raises(UsageError, match="LAB_FLEET 'gpu1' names no fleet"):
        where.asked(None, {where.VARIABLE: "gpu1"})


def test_everything_that_is_offered_is_taken() -> None:
    offered = where.WORDS.replace(" or ", ", ").split(", ")
    assert {fleet_place(word).kind for word in offered} == set(FleetKind)
