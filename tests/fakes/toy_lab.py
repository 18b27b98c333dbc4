"""The lab over the toy engine as a process of its own, for what only a process shows: its signals, its locks, its end."""

from lab.__main__ import hear_while_loading

if __name__ == "__main__":
    hear_while_loading()

import contextlib
import functools
import os
import runpy
import sys
from pathlib import Path
from unittest.mock import patch


def quick() -> contextlib.AbstractContextManager[object]:
    """Few short values, for those who only want to see a benchmark stopped."""
    if "TOY_QUICK" not in os.environ or "bench" not in sys.argv:
        return contextlib.nullcontext()
    from lab.bench import BlockSettings  # noqa: PLC0415 - slow to load

    return patch("lab.cli.bench.BlockSettings", functools.partial(BlockSettings, pairs=4, value_s=0.004))


def main() -> int:
    from lab.cli.app import app  # noqa: PLC0415 - as lab/__main__.py does
    from lab.cli.ending import run_to_exit_code  # noqa: PLC0415

    cache = Path(os.environ["LAB_CACHE"])
    engine = runpy.run_path(str(Path(__file__).with_name("toy_engine.py")))["ToyEngine"](cache)
    with (
        patch("lab.cli.opening.choose", return_value=(engine, "")),
        patch("lab.environment.wheels.WheelStore.fetch"),
        patch("lab.environment.wheels.WheelStore.gathered", return_value=contextlib.nullcontext(cache)),
        patch("lab.environment.locks._solve", lambda *_, must=False, **__: {} if must else None),
        quick(),
    ):
        return run_to_exit_code(app)


if __name__ == "__main__":
    sys.exit(main())
