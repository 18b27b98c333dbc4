"""Only what is certainly dead is removed: the rule, case by case, and over all cases at once."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.engine.docker import words
from lab.engine.docker.container import Host, creation
from lab.engine.docker.owner import DAY_S, MARGIN_S, Owner, moment, orphaned, this_process
from lab.engine.protocol import Image, Job
from lab.model import Limits

HERE = Owner(host="this machine", boot="this boot", namespace="pid:[1]", pid=700, started=7000)
ROOT = Path("/")
WALL = 630
NOW = 1_800_000_000.0


def labels(owner: Owner) -> dict[str, str]:
    return {words.LABEL: words.OWNER, words.LABEL_RUN: "r1", words.LABEL_WALL: str(WALL), **owner.labels}


def judged(owner: Owner, *, age: float = 60.0, living: tuple[tuple[int, int], ...] = ()) -> bool:
    return orphaned(labels(owner), NOW - age, HERE, NOW, lives=lambda pid, started: (pid, started) in living)


def test_a_container_of_a_process_that_is_gone_from_this_namespace_is_an_orphan_at_once() -> None:
    assert judged(replace(HERE, pid=600, started=6000), age=0.0)


def test_a_container_of_a_process_that_lives_never_is_however_old() -> None:
    assert not judged(HERE, age=10 * MARGIN_S, living=((700, 7000),))


def test_a_later_process_with_the_same_id_does_not_keep_it() -> None:
    assert judged(replace(HERE, started=6000), living=((700, 7000),))


@pytest.mark.parametrize(
    "owner",
    [
        replace(HERE, namespace="pid:[2]"),
        replace(HERE, host="another machine", boot="another boot"),
        replace(HERE, host="", boot="another boot"),
        replace(HERE, namespace=""),
        replace(HERE, boot=""),
        replace(HERE, pid=0),
    ],
    ids=["another namespace", "another host", "a host without identity", "no namespace", "no boot", "no pid"],
)
def test_whoever_cannot_be_asked_after_keeps_a_container_until_its_lease_is_old(owner: Owner) -> None:
    assert not judged(owner, age=WALL + MARGIN_S - 1)
    assert judged(owner, age=WALL + MARGIN_S + 1)


def test_no_process_outlives_a_restart_of_its_own_machine() -> None:
    assert judged(replace(HERE, boot="an earlier boot"), living=((700, 7000),))


def test_a_changed_name_of_the_machine_does_not_hide_a_process_of_this_very_namespace() -> None:
    assert judged(replace(HERE, host="its earlier name"))
    assert not judged(replace(HERE, host="its earlier name"), living=((700, 7000),))


def test_a_container_of_a_lab_before_these_labels_is_left_until_it_is_certainly_over() -> None:
    old = {words.LABEL: words.OWNER, words.LABEL_RUN: "r1", words.LABEL_PID: "1", words.LABEL_BOOT: HERE.boot}
    for boot in (HERE.boot, "another boot"):
        told = {**old, words.LABEL_BOOT: boot}
        assert not orphaned(told, NOW - DAY_S, HERE, NOW, lives=lambda *_: False)
        assert orphaned(told, NOW - DAY_S - MARGIN_S - 1, HERE, NOW, lives=lambda *_: False)


def test_without_a_time_of_its_making_it_stays() -> None:
    assert not orphaned(labels(replace(HERE, namespace="pid:[2]")), None, HERE, NOW, lives=lambda *_: False)


OWNERS = st.builds(
    Owner,
    host=st.sampled_from(["this machine", "another machine", ""]),
    boot=st.sampled_from(["this boot", "another boot", ""]),
    namespace=st.sampled_from(["pid:[1]", "pid:[2]", ""]),
    pid=st.sampled_from([0, 700, 800]),
    started=st.sampled_from([0, 7000, 8000]),
)


@given(owner=OWNERS, here=OWNERS, age=st.floats(min_value=0, max_value=WALL + MARGIN_S - 1))
def test_within_its_lease_only_this_machine_can_say_that_an_owner_is_dead(
    owner: Owner, here: Owner, age: float
) -> None:
    dead = orphaned(labels(owner), NOW - age, here, NOW, lives=lambda *_: False)
    same_namespace = (owner.boot, owner.namespace) == (here.boot, here.namespace) and owner.boot and owner.namespace
    restarted = owner.host and owner.host == here.host and owner.boot and here.boot and owner.boot != here.boot
    assert dead == bool((same_namespace and owner.pid) or restarted)


@given(owner=OWNERS, here=OWNERS, age=st.floats(min_value=0, max_value=WALL + MARGIN_S - 1))
def test_no_lab_ever_takes_a_container_from_a_living_one_within_its_lease(
    owner: Owner, here: Owner, age: float
) -> None:
    restarted = owner.host and owner.host == here.host and owner.boot and here.boot and owner.boot != here.boot
    if not restarted:
        assert not orphaned(labels(owner), NOW - age, here, NOW, lives=lambda *_: True)


def test_every_container_says_whose_it_is_and_how_long_it_may_last() -> None:
    image = Image(tag="x:1", id="sha256:1", environment="3.0.0-cpu-py311")
    job = Job(image=image, inbox=ROOT, outbox=ROOT, saved=None, env={}, limits=Limits(wall_s=600.5), run_id="r1")
    made = creation(job, Host(rootless=False, podman=False, gpus=False))["labels"]
    me = this_process()
    assert made.items() >= me.labels.items()
    assert (made[words.LABEL_RUN], made[words.LABEL_WALL]) == ("r1", "631")
    assert me.pid == os.getpid()
    assert me.started
    assert me.namespace.startswith("pid:[")
    assert me.boot
    assert not orphaned(made, NOW - 1e9, me, NOW)


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        ("2026-01-01T00:00:00.123456789Z", 1767225600.123456),
        ("2026-01-01T01:00:00+01:00", 1767225600.0),
        ("", None),
        (None, None),
        (1767225600, None),
    ],
)
def test_an_engines_time_stamp_is_read_and_nonsense_is_none(stamp: object, seconds: float | None) -> None:
    assert moment(stamp) == seconds
