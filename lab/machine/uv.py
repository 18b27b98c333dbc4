"""Where uv is: what installs wheels in seconds, and finds interpreters."""

import os
import shutil
import sys
from pathlib import Path

from lab.errors import EngineMissingError


def find() -> str | None:
    """The uv that came with the lab, else the host's, else None."""
    return shutil.which("uv", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))


def program() -> str:
    """A uv to work with; EngineMissingError where there is none."""
    found = find()
    if found is None:
        raise EngineMissingError("uv was not found beside the lab or on PATH", "make setup, or pip install uv")
    return found
