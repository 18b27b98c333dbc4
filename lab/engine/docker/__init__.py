"""Docker and Podman: the only rooms of the lab that speak container."""

from lab.engine.docker.engine import DockerEngine, connect

__all__ = ["DockerEngine", "connect"]
