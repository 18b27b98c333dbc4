"""The labels, folders and addresses that mark what is the lab's own on an engine."""

import os
from pathlib import Path

REPOSITORY = "paddle-repro-lab"
LABEL = "lab.owner"
LABEL_RUN = "lab.run"
LABEL_PID = "lab.pid"
LABEL_BOOT = "lab.boot"
LABEL_ENVIRONMENT = "lab.environment"
LABEL_BASE = "lab.base"
LABEL_GROUND = "lab.ground"
OWNER = "paddle-repro-lab"

INBOX = "/lab/in"
OUTBOX = "/lab/out"
SAVED = "/lab/saved"
EMULATOR = "/lab/emulator"
PYTHON = "/opt/paddle/bin/python"


def boot_id() -> str:
    """This boot of this machine: a process id means nothing on another one."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"


def sockets(kind: str) -> tuple[str, ...]:
    """Where an engine of this kind ("docker" or "podman") listens: where the user says, or the usual places."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    if kind == "podman":
        chosen = os.environ.get("CONTAINER_HOST", "")
        places = (f"{runtime}/podman/podman.sock", "/run/podman/podman.sock")
    else:
        chosen = os.environ.get("DOCKER_HOST", "")
        places = ("/var/run/docker.sock", f"{runtime}/docker.sock")
    # Another engine than the one that was named would run things where nobody expects them.
    return (chosen,) if chosen else tuple(f"unix://{place}" for place in places if Path(place).exists())


def full_name(kind: str, tag: str) -> str:
    """A tag as the engine keeps it: Podman's API and its client complete a short name differently, so it gets a full one."""
    return f"localhost/{tag}" if kind == "podman" and not tag.startswith("localhost/") else tag
