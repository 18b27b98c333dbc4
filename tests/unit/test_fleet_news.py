"""What a command hears of its fleet it tells once, in sentences that follow from what is lost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.fleet.news import HERE, LOST_TIMES, STARTED, UNREACHED, FleetNews, lost_sentence


def heard() -> tuple[FleetNews, list[str]]:
    said: list[str] = []
    made = FleetNews()
    made.say = said.append
    made.know({"tls://1:1": "a", "tls://2:1": "b"})
    return made, said


def begins(news: FleetNews, key: str, host: str) -> None:
    news.told((0.0, {"what": STARTED, "key": key, "host": host}))


def goes(news: FleetNews, address: str, *keys: str, **more: Any) -> None:
    news.changed((0.0, {"action": "remove-worker", "worker": address, "processing-tasks": set(keys), **more}))


def test_a_host_that_is_lost_is_told_with_what_becomes_of_its_steps() -> None:
    news, said = heard()
    news.want("one")
    begins(news, "one", "a")
    begins(news, "somebody else's", "a")
    goes(news, "tls://1:1", "one", "somebody else's", "never begun")
    assert said == ["a is lost; 1 step(s) that had begun there are handed over again"]
    assert news.losses("one") == ("a",)
    assert news.losses("never begun") == ()
    begins(news, "one", "b")
    assert said[1:] == []
    begins(news, "two", "a")
    begins(news, "three", "a")
    assert said[1:] == ["a is back"]


def test_a_host_with_nothing_of_this_command_is_told_too() -> None:
    news, said = heard()
    goes(news, "tls://2:1")
    assert said == ["b is lost; no step of this command had begun there"]


def test_who_leaves_as_it_was_told_and_who_is_nobody_are_not_told() -> None:
    news, said = heard()
    goes(news, "tls://1:1", expected=True)
    goes(news, "tls://9:9")
    news.told((0.0, "nonsense"))
    news.changed((0.0, None))
    assert said == []


def test_a_step_that_lost_too_many_hosts_is_given_up() -> None:
    news, said = heard()
    news.want("one")
    for number in range(LOST_TIMES):
        news.know({f"tls://3:{number}": f"host{number}"})
        begins(news, "one", f"host{number}")
        goes(news, f"tls://3:{number}", "one")
    assert said[-1] == f"host2 is lost; 1 step(s) that lost {LOST_TIMES} hosts are given up"
    assert len(news.losses("one")) == LOST_TIMES


def test_a_step_that_is_over_is_nobodys_loss() -> None:
    news, said = heard()
    news.want("one")
    begins(news, "one", "a")
    news.done("one")
    goes(news, "tls://1:1", "one")
    assert said == ["a is lost; no step of this command had begun there"]
    assert news.losses("one") == ()


@given(again=st.integers(0, 9), given_up=st.integers(0, 9))
def test_every_step_is_counted(again: int, given_up: int) -> None:
    said = lost_sentence("a", again, given_up)
    assert (f"{again} step(s) that had begun there are handed over again" in said) == bool(again)
    assert ("are given up" in said) == bool(given_up)


@pytest.mark.parametrize("who", ["b", HERE])
def test_a_way_that_is_shut_is_told_once_with_both_ends_and_what_to_open(who: str) -> None:
    news, said = heard()
    news.know_door("tls://1:77", "a")
    for _ in range(3):
        if who == HERE:
            news.unreached(HERE, "tls://1:77", "timed out")
        else:
            news.told((0.0, {"what": UNREACHED, "host": who, "door": "tls://1:77", "why": "timed out"}))
    (sentence,) = said
    assert sentence.startswith(f"{who} cannot reach a at 1:77: timed out; open that port between them")
    assert "LAB_FLEET_PORTS=" in sentence
    news.told((0.0, {"what": UNREACHED, "host": who, "door": "tls://another command's:1", "why": "timed out"}))
    news.silent("tls://2:1")
    news.silent("tls://2:1")
    news.silent("tls://nobody:1")
    assert said[1:] == [one for one in said if one.startswith("b does not answer this machine at 2:1; open")]
    assert len(said) == 2
