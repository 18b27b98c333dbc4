"""Where a user's machine keeps secrets: its environment, and the files of pip, uv, netrc, git, engines and clouds.

Only files are read: no credential helper is run, and nothing is asked of a network. Where pip looks: `pip config debug`
(tests hold this list to it, and what is found to `pip config list`, whose half a second no command should cost); uv: docs.astral.sh/uv/concepts/configuration-files; Docker and Podman: config.json and
containers-auth.json(5).
"""

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lab.redaction import files, places
from lab.redaction.files import Found, Reader
from lab.redaction.mask import Secrets

LARGEST = 1024**2


def secrets(environ: Mapping[str, str], home: Path, etc: Path = Path("/etc"), folders: Iterable[str] = ()) -> Secrets:
    """Everything that is a secret here; what cannot be read is no secret that this process could have told.

    `folders` are those it works in, beside those that variables name.
    """
    found = Found()
    for name, value in environ.items():
        if not _names_a_place(value):
            found.setting(name, value)
    for path, read in _places(environ, home, etc):
        text = _text(path)
        if text:
            read(text, found)
    return Secrets(
        values=frozenset(found.values),
        hosts=frozenset(found.hosts),
        folders=places.own(environ, home, folders),
        name=_particular(os.uname().nodename),
    )


def _names_a_place(value: str) -> bool:
    """Whether a value is the path of something here: the path is in commands, and what lies there is read as a file."""
    return value.startswith("/") and len(value) < 4096 and os.path.exists(value)  # noqa: PTH110, PLR2004 - may be no path


def _particular(name: str) -> str:
    """This machine's name, where it is so particular that no word of a log could be the same."""
    return name if len(name) >= 6 and re.search(r"[\d.-]", name) else ""  # noqa: PLR2004


def _text(path: Path) -> str:
    try:
        if path.is_file() and path.stat().st_size <= LARGEST:
            return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # not ours to read: then nothing of it can be in what the lab writes
        return ""
    return ""


def _places(environ: Mapping[str, str], home: Path, etc: Path) -> Iterator[tuple[Path, Reader]]:
    """Every file that may hold a secret, with how it is read."""
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    shared = [Path(one) for one in (environ.get("XDG_CONFIG_DIRS") or str(etc / "xdg")).split(os.pathsep) if one]
    for path in _pip(environ, home, config, shared, etc):
        yield path, files.ini
    yield from _uv(environ, config, data, (etc, *shared))
    for path in (_named(environ, "NETRC"), home / ".netrc", home / "_netrc", etc / "netrc"):
        yield path, files.netrc
    yield home / ".pypirc", files.ini
    for path in (home / ".git-credentials", config / "git" / "credentials"):
        yield path, files.addresses
    for path in (
        home / ".gitconfig",
        config / "git" / "config",
        etc / "gitconfig",
        home / ".npmrc",
        home / ".curlrc",
        home / ".wgetrc",
    ):
        yield path, files.proxies
    yield from _engines(environ, home, config, etc)
    yield from _others(environ, home, config, etc)


def _pip(environ: Mapping[str, str], home: Path, config: Path, shared: list[Path], etc: Path) -> Iterator[Path]:
    """Pip's own files for all users, for this one, and of every environment that a pip here belongs to."""
    yield _named(environ, "PIP_CONFIG_FILE")
    yield from (one / "pip" / "pip.conf" for one in shared)
    yield from (etc / "pip.conf", home / ".pip" / "pip.conf", config / "pip" / "pip.conf")
    pip = shutil.which("pip", path=environ.get("PATH", ""))
    prefixes = {sys.prefix, sys.base_prefix, environ.get("VIRTUAL_ENV", ""), environ.get("CONDA_PREFIX", ""), "/usr"}
    prefixes |= {str(Path(pip).resolve().parents[1])} if pip else set()
    yield from (Path(one) / "pip.conf" for one in sorted(prefixes) if one)


def _uv(environ: Mapping[str, str], config: Path, data: Path, system: Iterable[Path]) -> Iterator[tuple[Path, Reader]]:
    """The file that is named, those of the user and of the system, and those of the project one stands in."""
    for path in (_named(environ, "UV_CONFIG_FILE"), *(one / "uv" / "uv.toml" for one in (config, *system))):
        yield path, files.toml
    for folder in (data / "uv" / "credentials", Path(environ.get("UV_CREDENTIALS_DIR") or os.devnull)):
        yield folder / "credentials.toml", files.toml
    for one in _here():
        yield one / "uv.toml", files.toml
        yield one / "pyproject.toml", files.project


def _here() -> tuple[Path, ...]:
    """The folder one stands in and all above it, in each of which uv may find its project."""
    try:
        here = Path.cwd()
    except OSError:  # it was removed
        return ()
    return (here, *here.parents)


def _engines(environ: Mapping[str, str], home: Path, config: Path, etc: Path) -> Iterator[tuple[Path, Reader]]:
    """Docker's and Podman's logins and proxies, also those of the engine's own service."""
    yield Path(environ.get("DOCKER_CONFIG") or home / ".docker") / "config.json", files.containers
    runtime = Path(environ.get("XDG_RUNTIME_DIR") or "/run/none")
    named = _named(environ, "REGISTRY_AUTH_FILE")
    for path in (named, runtime / "containers" / "auth.json", config / "containers" / "auth.json"):
        yield path, files.containers
    for unit in ("docker", "containerd", "podman"):
        for path in sorted((etc / "systemd" / "system" / f"{unit}.service.d").glob("*.conf")):
            yield path, files.assignments
    for path in (config / "containers" / "containers.conf", etc / "containers" / "containers.conf"):
        yield path, files.assignments


def _others(environ: Mapping[str, str], home: Path, config: Path, etc: Path) -> Iterator[tuple[Path, Reader]]:
    """The system's own proxies, and tokens of clouds and hubs."""
    for path in (etc / "environment", Path(".env")):
        yield path, files.assignments
    for path in (etc / "apt" / "apt.conf", *sorted((etc / "apt" / "apt.conf.d").glob("*"))):
        yield path, files.proxies
    yield _named(environ, "AWS_SHARED_CREDENTIALS_FILE"), files.ini
    yield home / ".aws" / "credentials", files.ini
    for path in (home / ".cache" / "huggingface" / "token", home / ".huggingface" / "token"):
        yield path, files.whole
    yield config / "gh" / "hosts.yml", files.ini


def _named(environ: Mapping[str, str], name: str) -> Path:
    """The file that a variable names; one that does not exist where it names none."""
    return Path(environ.get(name) or os.devnull)
