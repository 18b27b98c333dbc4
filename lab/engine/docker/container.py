"""How a container of the run phase is made: every promise on safety is one line here, and has a test that tries to break it."""

import math
import os
from dataclasses import dataclass
from typing import Any

from docker.types import DeviceRequest, Mount, Ulimit

from lab.engine.docker import words
from lab.engine.docker.owner import this_process
from lab.engine.protocol import Job

NOBODY = "65534:65534"
# How long after its own limit the lab itself ends a container whose supervisor did not.
GRACE_S = 30.0
SCRATCH = "size=1g,nosuid,nodev,mode=1777"


@dataclass(frozen=True, kw_only=True)
class Host:
    """What of the engine decides how a container is made."""

    rootless: bool
    podman: bool
    gpus: bool


def creation(job: Job, host: Host) -> dict[str, Any]:
    """The SDK's arguments for one job: no network, read-only root, no capability, no new privilege, bounded in all."""
    limits = job.limits
    return {
        "image": job.image.tag,
        "entrypoint": [],
        "command": [words.PYTHON, f"{words.INBOX}/guest/supervisor.py", f"{words.INBOX}/request.json"],
        "user": _user(host),
        "working_dir": "/tmp",  # noqa: S108 - the container's own scratch, a bounded tmpfs
        "environment": dict(job.env),
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
        "nano_cpus": int(limits.cpus * 1e9),
        "cpuset_cpus": job.cpuset or None,
        "ipc_mode": "private",
        "shm_size": 256 * 1024**2,
        "ulimits": _ulimits(host),
        "log_config": {"Type": "none"} if host.podman else {"Type": "json-file", "Config": {"max-size": "1m"}},
        **({"userns_mode": "keep-id"} if host.podman and host.rootless else {}),
        **({"device_requests": [DeviceRequest(count=-1, capabilities=[["gpu"]])]} if job.gpu and host.gpus else {}),
    }


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
