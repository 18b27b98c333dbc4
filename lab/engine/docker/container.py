"""How a container of the run phase is made: every promise on safety is one line here, and has a test that tries to break it."""

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docker.types import DeviceRequest, Mount, Ulimit

from lab.engine.docker import words
from lab.engine.docker.owner import this_process
from lab.engine.protocol import Job
from lab.variables import PROXIES

NOBODY = "65534:65534"
# How long after its own limit the lab itself ends a container whose supervisor did not.
GRACE_S = 30.0
SCRATCH = "size=1g,nosuid,nodev,mode=1777"
# What an image may set itself: its home and scratch, and where the libraries of a device lie. No other name passes.
OF_THE_IMAGE = re.compile(r"HOME|TMPDIR|(?:LD_)?LIBRARY_PATH|(?:CUDA|CUDNN|NCCL|NVIDIA|NV)_\w+")

# One that was handed over may also need to be told where its Python and its packages are.
OF_A_GIVEN_IMAGE = re.compile(r"HOME|TMPDIR|(?:LD_)?LIBRARY_PATH|(?:CUDA|CUDNN|NCCL|NVIDIA|NV)_\w+|PYTHON(?:PATH|HOME)")


@dataclass(frozen=True, kw_only=True)
class Host:
    """What of the engine decides how a container is made; `cpus` are the cores it has, and it refuses to give more."""

    rootless: bool
    podman: bool
    gpus: bool
    cpus: float = math.inf


def creation(job: Job, host: Host) -> dict[str, Any]:
    """The SDK's arguments for one job: no network, read-only root, no capability, no new privilege, bounded in all."""
    limits = job.limits
    return {
        "image": job.image.tag,
        "entrypoint": [],
        "command": _command(job),
        "user": _user(host),
        "working_dir": "/tmp",  # noqa: S108 - the container's own scratch, a bounded tmpfs
        "environment": dict(_environment(job, host)),
        # The SDK would add the proxies of ~/.docker/config.json, with their passwords.
        "use_config_proxy": False,
        "labels": _labels(job),
        "mounts": _mounts(job),
        "tmpfs": {"/tmp": SCRATCH},  # noqa: S108
        "network_mode": "none",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "init": True,
        "pids_limit": limits.pids,
        "mem_limit": limits.memory,
        "memswap_limit": limits.memory,
        "nano_cpus": int(min(limits.cpus, host.cpus) * 1e9),
        "cpuset_cpus": job.cpuset or None,
        "ipc_mode": "private",
        "shm_size": 256 * 1024**2,
        "ulimits": _ulimits(host),
        "log_config": {"Type": "none"} if host.podman else {"Type": "json-file", "Config": {"max-size": "1m"}},
        **({"userns_mode": "keep-id"} if host.podman and host.rootless else {}),
        **({"device_requests": [DeviceRequest(count=-1, capabilities=[["gpu"]])]} if job.gpu and host.gpus else {}),
    }


def _command(job: Job) -> list[str]:
    """The guest, by the image's Python."""
    python = job.image.python or words.PYTHON
    return list(job.command) or [python, f"{words.INBOX}/guest/supervisor.py", f"{words.INBOX}/request.json"]


def _environment(job: Job, host: Host) -> Mapping[str, str | None]:
    """The allow-list of the job and nothing else: what image or engine would add is taken back by name.

    None removes a variable in Docker's interface; Podman would then take the value of its own process, so there it is
    set empty. Its service adds proxies (containers.conf, http_proxy) wherever nothing is set for them.
    """
    kept = OF_A_GIVEN_IMAGE if job.image.python or job.command else OF_THE_IMAGE
    added = [name for name in job.image.variables if kept.fullmatch(name) is None]
    taken_back = dict.fromkeys((*added, *PROXIES), "") if host.podman else dict.fromkeys(added)
    return {**taken_back, **job.env}


def _user(host: Host) -> str:
    """The caller, so that files belong to them; never root: then nobody, in a folder that anyone may write."""
    if os.getuid() == 0 or (host.rootless and not host.podman):
        return NOBODY
    return f"{os.getuid()}:{os.getgid()}"


def _labels(job: Job) -> dict[str, str]:
    return {
        **job.labels,
        words.LABEL: words.OWNER,
        words.LABEL_RUN: job.run_id,
        words.LABEL_WALL: str(math.ceil(job.limits.wall_s + GRACE_S)),
        **this_process().labels,
    }


def _mounts(job: Job) -> list[Mount]:
    shared = [
        Mount(target=words.INBOX, source=str(job.inbox.resolve()), type="bind", read_only=True),
        Mount(target=words.OUTBOX, source=str(job.outbox.resolve()), type="bind", read_only=False),
    ]
    if job.saved is not None:
        shared.append(Mount(target=words.SAVED, source=str(job.saved.resolve()), type="bind", read_only=True))
    if job.emulator is not None:
        shared.append(Mount(target=words.EMULATOR, source=str(job.emulator.resolve()), type="bind", read_only=True))
    return shared


def _ulimits(host: Host) -> list[Ulimit]:
    """No core files and a bounded number of open ones; Podman's own default for processes is more than it may set."""
    processes = [Ulimit(name="nproc", soft=4096, hard=4096)] if host.podman else []
    return [Ulimit(name="core", soft=0, hard=0), Ulimit(name="nofile", soft=4096, hard=4096), *processes]
