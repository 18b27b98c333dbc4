"""Puts an engine of the tests in the place of real ones in every process of a fleet, however that process came to be.

Python imports this before anything else where the folder is on PYTHONPATH; LAB_TEST_ENGINE says which engine is meant, and
LAB_TEST_PROCESSOR as which processor a host shows itself: all hosts of a test are one machine.
"""

import contextlib
import os
import runpy
from pathlib import Path
from typing import Any
from unittest.mock import patch

ENGINES = {"nap": ("nap_engine.py", "NapEngine"), "toy": ("toy_engine.py", "ToyEngine")}


def install(word: str) -> None:
    from lab.engine import choose  # noqa: PLC0415 - only where a test asks for it

    file, name = ENGINES[word]
    fakes = Path(__file__).parents[2] / "fakes"

    def chosen(*_: object, cache: Path, **__: object) -> tuple[Any, str]:
        engine = runpy.run_path(str(fakes / file))[name](cache)
        engine.name = (
            "docker"  # a word that --engine takes: the process that keeps a host says it to the one that works
        )
        return engine, ""

    choose.choose = chosen
    for what, as_what in (
        ("lab.environment.wheels.WheelStore.fetch", lambda *_, **__: None),
        ("lab.environment.wheels.WheelStore.gathered", lambda *_, **__: contextlib.nullcontext(fakes)),
        ("lab.environment.wheels.WheelStore.ready", lambda *_, **__: {}),
        ("lab.environment.locks._solve", lambda *_, must=False, **__: {} if must else None),
    ):
        patch(what, as_what).start()


def hurry() -> None:
    """Let every member of this fleet lose patience as soon as dask allows, so that a cut needs no half minute."""
    from lab.fleet import times  # noqa: PLC0415 - only where a test asks for it

    times.LOST_S, times.FORGOTTEN_S, times.LONGEST_WAIT, times.NAME_S = 11, 22, 2, 3
    times.ENTER_S, times.REACH_S, times.DRIVER_REACH_S, times.TELL_S, times.SOON_S = 2, 3, 5, 2, 3


def pose(as_what: str) -> None:
    """Let this member say something else of itself: NAME=VALUE."""
    from lab.fleet import net  # noqa: PLC0415 - only where a test asks for it

    name, _, value = as_what.partition("=")
    about = net.about
    net.about = lambda: {**about(), name: value}


if os.environ.get("LAB_TEST_ABOUT"):
    pose(os.environ["LAB_TEST_ABOUT"])
if os.environ.get("LAB_TEST_PATIENCE") == "short":
    hurry()


def play(word: str) -> None:
    """Let this process take its machine for one with another processor, in lines as the kernel tells them."""
    lines = dict(line.split("=", 1) for line in word.split(";"))
    patch("lab.machine.host.processor", lambda: lines).start()


if os.environ.get("LAB_TEST_PROCESSOR"):
    play(os.environ["LAB_TEST_PROCESSOR"])
if os.environ.get("LAB_TEST_ENGINE"):
    install(os.environ["LAB_TEST_ENGINE"])
