"""images/official.toml: the images that Paddle itself publishes, by release and device."""

import re
import tomllib
from pathlib import Path

from lab import documents
from lab.errors import UsageError
from lab.model import Selector
from lab.text import quoted

FILE = "official.toml"
REMEDY = 'its first lines explain it; write repository = "NAME" and [tags."RELEASE"] with DEVICE = "TAG" lines'
DEVICE = "cpu"
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
REPOSITORY = re.compile(r"[a-z0-9]+(?:[._/:-]+[a-z0-9]+)*")


def image(images: Path, word: str) -> str:
    """The image of RELEASE[-DEVICE], such as 3.0.0 or 2.6.2-gpu-cu117; UsageError names what there is instead."""
    repository, tags = _read(images / FILE)
    said = Selector.of(word)
    if said.release not in tags:
        raise UsageError(f"images/{FILE} has no official image of {quoted(said.release)}", f"it has {', '.join(tags)}")
    devices = tags[said.release]
    device = said.rest or DEVICE
    if device not in devices:
        what = f"images/{FILE} has no official image of {said.release} for {quoted(device)}"
        raise UsageError(what, f"it has {', '.join(devices)}")
    return f"{repository}:{devices[device]}"


def _read(path: Path) -> tuple[str, dict[str, dict[str, str]]]:
    """The repository, and tags by release and device."""
    try:
        found = documents.toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"{path} is missing", "lab init lays out a workspace that has it") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", REMEDY) from error
    repository, tags = found.get("repository"), found.get("tags")
    if not isinstance(repository, str) or REPOSITORY.fullmatch(repository) is None or not isinstance(tags, dict):
        raise UsageError(f"{path}: `repository` or `tags` is wrong", REMEDY)
    for release, devices in tags.items():
        if not isinstance(devices, dict) or not all(
            isinstance(one, str) and TAG.fullmatch(one) for one in devices.values()
        ):
            raise UsageError(f'{path}: [tags."{release}"] is wrong', REMEDY)
    return repository, tags
