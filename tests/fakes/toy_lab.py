"""The lab over the toy engine as a process of its own, for what only a process shows: its signals, its locks, its end."""

import contextlib
import os
import runpy
import sys
from pathlib import Path
from unittest.mock import patch

from lab.cli.app import app
from lab.cli.ending import run_to_exit_code

if __name__ == "__main__":
    cache = Path(os.environ["LAB_CACHE"])
    engine = runpy.run_path(str(Path(__file__).with_name("toy_engine.py")))["ToyEngine"](cache)
    with (
        patch("lab.cli.opening.choose", return_value=(engine, "")),
        patch("lab.environment.wheels.WheelStore.fetch"),
        patch("lab.environment.wheels.WheelStore.gathered", return_value=contextlib.nullcontext(cache)),
    ):
        sys.exit(run_to_exit_code(app))
