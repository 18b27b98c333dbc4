"""Wheels of a Paddle that holds nothing, as somebody hands them over: whole, or spoilt in one way."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

NEEDS = ("numpy>=1.21", "protobuf>=3.20.2", 'setuptools; python_version >= "3.12"')


def wheel(
    folder: Path,
    *,
    package: str = "paddlepaddle",
    version: str = "3.4.0.dev20261101",
    tags: str = "cp311-cp311-manylinux1_x86_64",
    said: str = "",
    requires: Sequence[str] = NEEDS,
    without: str = "",
    python: str = "",
    packed: int = zipfile.ZIP_STORED,
) -> Path:
    """A wheel by its name; `said` is the version its metadata has, `without` a file that it lacks."""
    distribution = package.replace("-", "_")
    path = folder / f"{distribution}-{version}-{tags}.whl"
    home = f"{distribution}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {package}", f"Version: {said or version}"]
    lines += [f"Requires-Python: {python}"] if python else []
    lines += [f"Requires-Dist: {one}" for one in requires]
    files = {"METADATA": "\n".join(lines) + "\n", "WHEEL": "Wheel-Version: 1.0\n", "RECORD": ""}
    with zipfile.ZipFile(path, "w", packed) as archive:
        for name, text in files.items():
            if name != without:
                archive.writestr(f"{home}/{name}", text)
        archive.writestr("paddle/__init__.py", f"version = {version!r}\n")
    return path
