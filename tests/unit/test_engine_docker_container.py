"""What a container is given: the allow-list of its job, and nothing of host, image or engine."""

from pathlib import Path
from typing import Any

import docker.utils
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.engine.docker.container import Host, creation
from lab.engine.protocol import Image, Job
from lab.model import Limits
from lab.variables import PROXIES

NAMES = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=12)


def made(env: dict[str, str], variables: tuple[str, ...], *, podman: bool) -> dict[str, Any]:
    job = Job(
        image=Image(tag="x:1", id="sha256:1", environment="3.0.0-cpu-py311", variables=variables),
        inbox=Path("/in"), outbox=Path("/out"), saved=None, env=env, limits=Limits(), run_id="r1",
    )  # fmt: skip
    return creation(job, Host(rootless=False, podman=podman, gpus=False))


def seen(image: tuple[str, ...], asked: dict[str, str | None], host: dict[str, str], *, podman: bool) -> dict[str, str]:
    """The environment that an engine makes of an image's own variables and of the words it is asked for.

    As both engines document it: a word without "=" is removed by Docker, and taken from its own process by Podman.
    """
    found = dict.fromkeys(image, "of the image")
    for word in docker.utils.format_environment(asked):
        name, equals, value = word.partition("=")
        found.pop(name, None)
        if equals or (podman and name in host):
            found[name] = value if equals else host[name]
    return found


@pytest.mark.parametrize("podman", [False, True])
@given(env=st.dictionaries(NAMES, st.just("asked")), image=st.lists(NAMES | st.sampled_from(PROXIES), unique=True))
def test_nothing_of_an_image_reaches_a_guest_that_was_not_asked_for(
    env: dict[str, str], image: list[str], *, podman: bool
) -> None:
    host = dict.fromkeys(image, "of the host")
    found = seen(tuple(image), made(env, tuple(image), podman=podman)["environment"], host, podman=podman)
    harmless = {"HOME", "TMPDIR", "LIBRARY_PATH"}
    strangers = {name: value for name, value in found.items() if value and name not in env}
    assert not {name for name in strangers if name not in harmless and not name.startswith(("CUDA_", "NV_", "NCCL_"))}
    assert env.items() <= found.items()
    assert "of the host" not in found.values()


@pytest.mark.parametrize("podman", [False, True])
def test_the_sdk_adds_no_proxy_of_its_configuration(*, podman: bool) -> None:
    assert made({}, (), podman=podman)["use_config_proxy"] is False


def test_podman_is_told_an_empty_proxy_so_that_it_adds_none_of_its_own() -> None:
    assert made({}, (), podman=True)["environment"] == dict.fromkeys(PROXIES, "")


def test_where_an_image_says_its_libraries_lie_stays() -> None:
    asked = made({}, ("LD_LIBRARY_PATH", "CUDA_VERSION", "LD_PRELOAD", "PIP_INDEX_URL"), podman=False)["environment"]
    assert asked == {"LD_PRELOAD": None, "PIP_INDEX_URL": None}


def test_every_wall_of_a_container_is_as_the_documents_promise() -> None:
    limits = Limits(memory=2 << 30, pids=77, cpus=1.5)
    job = Job(
        image=Image(tag="x:1", id="sha256:1", environment="3.0.0-cpu-py311"), inbox=Path("/in"), outbox=Path("/out"),
        saved=Path("/model"), env={}, limits=limits, run_id="r1",
    )  # fmt: skip
    asked = creation(job, Host(rootless=False, podman=False, gpus=True))
    walls = {
        "network_mode": "none", "read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges"], "init": True,
        "pids_limit": 77, "mem_limit": 2 << 30, "memswap_limit": 2 << 30, "nano_cpus": 1_500_000_000, "ipc_mode": "private",
        "tmpfs": {"/tmp": "size=1g,nosuid,nodev,mode=1777"}, "shm_size": 256 << 20, "entrypoint": [], "working_dir": "/tmp",
    }  # fmt: skip
    assert {name: asked[name] for name in walls} == walls
    assert {(one["Target"], one["ReadOnly"]) for one in asked["mounts"]} == {
        ("/lab/in", True), ("/lab/out", False), ("/lab/saved", True),
    }  # fmt: skip
    assert {(one["Name"], one["Hard"]) for one in asked["ulimits"]} == {("core", 0), ("nofile", 4096)}
    assert "privileged" not in asked
    assert "cap_add" not in asked
    assert "device_requests" not in asked, "a job that needs no GPU is given none"
    assert asked["user"].partition(":")[0] not in ("", "0", "root")


@pytest.mark.parametrize(("asked", "given_"), [(64.0, 2.0), (2.0, 2.0), (0.5, 0.5)])
def test_a_container_gets_no_more_cores_than_the_engine_has(asked: float, given_: float) -> None:
    job = Job(
        image=Image(tag="x:1", id="sha256:1", environment="3.0.0-cpu-py311"), inbox=Path("/in"), outbox=Path("/out"),
        saved=None, env={}, limits=Limits(cpus=asked), run_id="r1",
    )  # fmt: skip
    host = Host(rootless=False, podman=False, gpus=False, cpus=2.0)
    assert creation(job, host)["nano_cpus"] == given_ * 1e9
