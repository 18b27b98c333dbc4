"""From an environment to the text of its Dockerfile, and to the digest that names its image."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from lab.errors import UsageError
from lab.model import Environment

OWNER = "paddle-repro-lab"
SHOWN = 12
LOOSE = "# not hash-locked: "
# What each value may look like: a value from a data file can never become an instruction or a second command.
SHAPES = {
    "key": re.compile(r"[a-z0-9][a-z0-9._-]*"),
    "package": re.compile(r"[a-z0-9][a-z0-9-]*"),
    "version": re.compile(r"[a-z0-9][a-z0-9.+]*"),
    "python": re.compile(r"3\.\d+"),
    "arch": re.compile(r"[a-z0-9_]+"),
    "base": re.compile(r"[a-z0-9][a-zA-Z0-9._/:@-]*"),
    "url": re.compile(r"(https://[a-zA-Z0-9.-]+(:\d{1,5})?(/[a-zA-Z0-9._/-]*)?)?"),
}
APT = re.compile(r"[a-z0-9][a-z0-9.+-]*")
REQUIREMENT = re.compile(r"[a-z0-9][a-z0-9-]*==[a-z0-9][a-z0-9.]*")


def render(environment: Environment, template_text: str, lock_text: str) -> str:
    """The Dockerfile of an environment: the same input gives the same bytes.

    A name the template uses and nobody defines, or a value that is not of its shape, is a UsageError.
    """
    from jinja2 import Environment as Templates  # noqa: PLC0415 - most commands never render
    from jinja2 import StrictUndefined, TemplateError  # noqa: PLC0415

    # A Dockerfile is not HTML: what may stand in it is checked by SHAPES instead of being escaped.
    templates = Templates(
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    try:
        return templates.from_string(template_text).render(_values(environment, lock_text))
    except TemplateError as error:
        raise UsageError(
            f"images/Dockerfile.j2 does not render for {environment.key}: {error}",
            "use only the names that lab/environment/dockerfile.py gives it",
        ) from error


def loose(lock_text: str) -> tuple[str, ...]:
    """What a lock names but has no hash for, as "name==version"; empty where the lock is complete."""
    return tuple(line.removeprefix(LOOSE) for line in lock_text.splitlines() if line.startswith(LOOSE))


def digest(dockerfile_text: str, lock_text: str) -> str:
    """The sha256 that names an image: it changes with the Dockerfile or the lock, and with nothing else."""
    return hashlib.sha256(f"{dockerfile_text}\0{lock_text}".encode()).hexdigest()


def image_tag(environment: Environment, digest: str) -> str:
    """The image's name: "paddle-repro-lab/3.0.0-cpu-py311:0123456789ab"."""
    return f"{OWNER}/{environment.key.lower()}:{digest[:SHOWN]}"


def _values(environment: Environment, lock_text: str) -> Mapping[str, Any]:
    device, wheel = environment.device, environment.wheel
    values = {
        "key": environment.key,
        "package": wheel.package,
        "version": wheel.version,
        "python": environment.python,
        "arch": environment.arch,
        "base": device.base.format(python=environment.python),
        "url": wheel.url,
    }
    for name, value in values.items():
        _fits(environment, name, value, SHAPES[name])
    for package in device.apt:
        _fits(environment, "apt", package, APT)
    without = loose(lock_text)
    for line in without:
        _fits(environment, "not hash-locked", line, REQUIREMENT)
    return {**values, "gpu": device.gpu, "apt": device.apt, "loose": without}


def _fits(environment: Environment, name: str, value: str, shape: re.Pattern[str]) -> None:
    if shape.fullmatch(value) is None:
        raise UsageError(
            f"{environment.key}: {name} = {value!r} cannot stand in a Dockerfile",
            f"mend it in images/releases.toml or devices.toml; it must match {shape.pattern}",
        )
