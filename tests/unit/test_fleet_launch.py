"""What starts a host: words that another program reads as they are meant, whatever names are in them."""

import itertools
import shlex
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.fleet import launch
from lab.fleet.launch import Pod, SlurmJob

JOB = SlurmJob(name="lab-fleet-1", ticket="/shared/t-1.ticket", log="/shared/t-1.log")
POD = Pod(name="lab-fleet-1", image="registry.example/lab:1", driver="10.0.0.5")


def test_a_broken_connection_is_dialled_again_after_one_to_thirty_seconds() -> None:
    assert list(itertools.islice(launch.waits(), 7)) == [1, 2, 4, 8, 16, 30, 30]


def test_ssh_asks_nothing_shares_nothing_and_notices_a_dead_line() -> None:
    words = launch.ssh_command("me@gpu1", "/opt/lab/bin/lab")
    assert words[0] == "ssh"
    assert words[-3:-1] == ("--", "me@gpu1")
    assert words[-1].endswith("/opt/lab/bin/lab fleet host --ticket -")
    options = {word.partition("=")[0]: word.partition("=")[2] for word in words if "=" in word[:30]}
    assert options["BatchMode"] == "yes"
    assert options["ControlPath"] == "none"
    assert int(options["ServerAliveInterval"]) * int(options["ServerAliveCountMax"]) == 30


@given(lab=st.text(max_size=12))
def test_a_program_over_there_is_one_word_or_refused(lab: str) -> None:
    try:
        words = launch.ssh_command("gpu1", lab)
    except UsageError:
        return
    assert shlex.split(words[-1])[3:] == [lab, "fleet", "host", "--ticket", "-"]


def test_a_job_for_slurm_says_only_what_was_asked_for() -> None:
    words = launch.sbatch_command(JOB)
    assert words[0] == "sbatch"
    assert "--no-requeue" in words
    assert words[-1] == "--wrap=exec lab fleet host --ticket /shared/t-1.ticket"
    assert not any(word.startswith(("--partition", "--gpus", "--mem", "--time")) for word in words)
    asked = SlurmJob(
        name="n",
        ticket="/t",
        log="/l",
        partition="gpu",
        gpus=1,
        cpus=8,
        memory="16G",
        minutes=90,
        constraint="epyc&avx",
    )
    assert {
        "--partition=gpu",
        "--gpus=1",
        "--cpus-per-task=8",
        "--mem=16G",
        "--time=90",
        "--constraint=epyc&avx",
    } <= set(launch.sbatch_command(asked))


@pytest.mark.parametrize(
    "change",
    [{"ticket": "t"}, {"ticket": "/a b"}, {"ticket": "/a;true"}, {"log": "/%j\n"}, {"partition": "-x"}, {"lab": "$(true)"},
     {"memory": "much"}, {"constraint": "a b"}, {"name": "A"}, {"name": ""}],
)  # fmt: skip
def test_a_value_that_is_more_than_one_word_is_no_job(change: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="cannot be a host's"):
        launch.sbatch_command(SlurmJob(**({"name": "n", "ticket": "/t", "log": "/l"} | change)))  # type: ignore[arg-type]


def documents(pod: Pod) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(launch.pod_documents(pod)))


def test_a_pod_is_shut_but_for_the_fleet() -> None:
    policy, pod = documents(POD)
    assert policy["kind"] == "NetworkPolicy"
    assert policy["spec"]["policyTypes"] == ["Egress"]
    assert policy["spec"]["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    peers, driver = policy["spec"]["egress"]
    assert peers["to"][0]["podSelector"]["matchExpressions"][0]["key"] in pod["metadata"]["labels"]
    assert driver == {"to": [{"ipBlock": {"cidr": "10.0.0.5/32"}}]}
    assert documents(replace(POD, driver="fd00::5"))[0]["spec"]["egress"][1]["to"][0]["ipBlock"] == {
        "cidr": "fd00::5/128"
    }


def test_a_pod_has_no_rights_and_takes_its_ticket_out_of_its_secret() -> None:
    _, pod = documents(POD)
    (host,) = pod["spec"]["containers"]
    assert host["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert pod["spec"]["automountServiceAccountToken"] is False
    (secret,) = [one["secret"] for one in pod["spec"]["volumes"] if "secret" in one]
    assert secret["secretName"] == POD.name
    assert host["command"][2] == "exec lab fleet host --ticket - < /run/lab-ticket/ticket"
    assert launch.secret_command(POD, "/t")[4:] == (POD.name, "--from-file=ticket=/t")


def test_what_a_pod_is_not_is_said_above_it() -> None:
    said = launch.pod_documents(POD).partition("apiVersion")[0]
    assert said.startswith("#")
    assert "less than a container for each step" in " ".join(said.split())


@given(field=st.sampled_from(list(Pod.SHAPES)), value=st.text(max_size=10))
def test_a_value_cannot_become_another_line_of_a_pod(field: str, value: str) -> None:
    whole = {"name": "n", "image": "i", "driver": "10.0.0.1", "cpus": "1", "memory": "1Gi"} | {field: value}
    try:
        read = documents(Pod(**whole))
    except UsageError:
        return
    assert len(read) == 2
    assert set(read[1]) == {"apiVersion", "kind", "metadata", "spec"}
