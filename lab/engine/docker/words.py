"""The labels and folders that mark what is the lab's own on an engine."""

REPOSITORY = "paddle-repro-lab"
LABEL = "lab.owner"
LABEL_RUN = "lab.run"
LABEL_PID = "lab.pid"
LABEL_BOOT = "lab.boot"
LABEL_HOST = "lab.host"
LABEL_NAMESPACE = "lab.namespace"
LABEL_STARTED = "lab.started"
LABEL_WALL = "lab.wall_s"
LABEL_ENVIRONMENT = "lab.environment"
LABEL_BASE = "lab.base"
LABEL_GROUND = "lab.ground"
OWNER = "paddle-repro-lab"

INBOX = "/lab/in"
OUTBOX = "/lab/out"
SAVED = "/lab/saved"
EMULATOR = "/lab/emulator"
PYTHON = "/opt/paddle/bin/python"


def full_name(kind: str, tag: str) -> str:
    """A tag as the engine keeps it: Podman's API and its client complete a short name differently, so it gets a full one."""
    return f"localhost/{tag}" if kind == "podman" and not tag.startswith(("localhost/", "sha256:")) else tag


def own(tag: str) -> bool:
    """Whether an image is called as the lab calls its own."""
    return tag.removeprefix("localhost/").startswith(f"{REPOSITORY}/")
