"""Which engine a command uses: the one asked for, or the best that answers."""

from enum import StrEnum
from pathlib import Path

from lab.engine.protocol import Engine
from lab.errors import EngineMissingError, EngineUnusableError


class EngineChoice(StrEnum):
    """The words for --engine; auto means docker, then podman, then local."""

    AUTO = "auto"
    DOCKER = "docker"
    PODMAN = "podman"
    LOCAL = "local"


def choose(choice: EngineChoice, *, images: Path, cache: Path) -> tuple[Engine, str]:
    """The engine and, where `auto` had to fall back to no isolation, one sentence that says so and why.

    EngineMissingError where the one that was asked for does not answer; EngineUnusableError, with `auto` too, where the
    user named one, in whatever way, that cannot be used, or where one is there and hangs: a step that was meant for a
    container never runs on the host in its place.
    """
    from lab.engine.local import LocalEngine  # noqa: PLC0415 - each engine is loaded only where it is used

    if choice is EngineChoice.LOCAL:
        return LocalEngine(cache), ""
    from lab.engine.docker import connect  # noqa: PLC0415

    if choice is not EngineChoice.AUTO:
        return connect(choice.value, images), ""
    reasons = []
    for kind in ("docker", "podman"):
        try:
            return connect(kind, images), ""
        except EngineUnusableError:
            raise
        except EngineMissingError as error:
            reasons.append(error.what)
    return LocalEngine(cache), f"no container engine ({'; '.join(reasons)}): using local environments, not isolated"
