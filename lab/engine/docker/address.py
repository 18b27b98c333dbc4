"""Where an engine listens: as the user named it, or in the usual places; never on another machine."""

import hashlib
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lab import documents
from lab.errors import EngineElsewhereError, EngineUnusableError

OWN_SOCKET = frozenset({"unix", "http+unix", ""})
BY_NETWORK = frozenset({"tcp", "http", "https"})


@dataclass(frozen=True, kw_only=True)
class EngineAddress:
    """One address of an engine: `named_by` is the variable or the context that names it, and `undo` takes that back.

    Both are empty for a usual place.
    """

    kind: str
    url: str
    named_by: str = ""
    undo: str = ""

    @property
    def environment(self) -> Mapping[str, str]:
        """What the engine's command-line program is started with: it must speak to the engine that the lab speaks to."""
        # By itself it would follow the user's context, and build on one engine what is then looked for on the other.
        return {**os.environ, "DOCKER_HOST": self.url} if self.kind == "docker" else dict(os.environ)

    @property
    def shown(self) -> str:
        """The address for people, without user and password, which it may hold."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname or parts.path}"

    @property
    def loopback(self) -> bool:
        """Whether it is a port of this machine, behind which a tunnel may lead anywhere."""
        parts = urlsplit(self.url)
        if parts.scheme not in BY_NETWORK:
            return False
        try:
            return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
        except ValueError:
            return False

    def refuse_elsewhere(self) -> None:
        """EngineElsewhereError where the address alone says that it is not this machine's."""
        if urlsplit(self.url).scheme not in OWN_SOCKET and not self.loopback:
            raise self._elsewhere("is not a socket of this machine")

    def refuse_stranger(self, info: Mapping[str, object]) -> None:
        """EngineElsewhereError where a port of this machine is answered by an engine that calls its machine otherwise."""
        theirs, ours = str(info.get("Name", "")), os.uname().nodename
        if self.loopback and theirs != ours:
            raise self._elsewhere(f"leads to a machine named {theirs!r}, and this one is {ours!r}")

    def other_way(self, remedy: str) -> str:
        """What to do where the engine that was named cannot be used."""
        return f"correct what {self.named_by} says, start that engine, or {self.undo} for the usual one ({remedy})"

    def _elsewhere(self, why: str) -> EngineElsewhereError:
        return EngineElsewhereError(
            f"{self.named_by} names the engine at {self.shown}, which {why}: containers could not mount this machine's folders",
            f"run the lab on that machine, or {self.undo} for this machine's own engine; --engine local needs none",
        )


def addresses(kind: str) -> tuple[EngineAddress, ...]:
    """Where to look for an engine of this kind ("docker" or "podman"), in order.

    One that was named is the only one: another engine would run things where nobody expects them.
    EngineUnusableError where a Docker context is chosen that nobody has defined.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    if kind == "podman":
        named = _by_variable(kind, "CONTAINER_HOST")
        places = (f"{runtime}/podman/podman.sock", "/run/podman/podman.sock")
    else:
        named = _by_variable(kind, "DOCKER_HOST") or _by_context()
        places = ("/var/run/docker.sock", f"{runtime}/docker.sock")
    if named is not None:
        return (named,)
    return tuple(EngineAddress(kind=kind, url=f"unix://{place}") for place in places if Path(place).exists())


def _by_variable(kind: str, name: str) -> EngineAddress | None:
    url = os.environ.get(name, "")
    if not url:
        return None
    # Docker's own client takes a bare HOST:PORT for TCP.
    whole = url if "://" in url or url.startswith("/") else f"tcp://{url}"
    try:
        urlsplit(whole).hostname  # noqa: B018 - it says whether it can be read
    except ValueError as error:
        raise EngineUnusableError(f"{name} holds no address: {error}", f"correct {name}, or unset {name}") from error
    return EngineAddress(
        kind=kind, url=whole if "://" in whole else f"unix://{whole}", named_by=name, undo=f"unset {name}"
    )


def _by_context() -> EngineAddress | None:
    """What `docker context use` or DOCKER_CONTEXT chose, as Docker's own client reads it; None for the default one."""
    home = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    name = os.environ.get("DOCKER_CONTEXT") or str(_json(home / "config.json").get("currentContext") or "")
    if name in {"", "default"}:
        return None
    folder = home / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    endpoints = _json(folder / "meta.json").get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    url = docker.get("Host") if isinstance(docker, dict) else None
    if not isinstance(url, str) or not url:
        raise EngineUnusableError(
            f"the Docker context {name!r} is chosen but not defined", "docker context ls; docker context use default"
        )
    return EngineAddress(
        kind="docker", url=url, named_by=f"the Docker context {name!r}", undo="docker context use default"
    )


def _json(path: Path) -> Mapping[str, object]:
    try:
        value = documents.json(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
