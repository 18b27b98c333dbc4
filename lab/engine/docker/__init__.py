"""Docker and Podman: the only rooms of the lab that speak container."""

from lab.engine.docker.connection import connect
from lab.engine.docker.engine import DockerEngine

__all__ = ["DockerEngine", "connect"]
