"""Loads pickles as Paddle and other programs do, each in a process of its own; run as a program by the tests.

Reads one line of JSON a file, [path, marker], and answers with one: whether the folder `marker` was made by loading it.
"""

import contextlib
import json
import os
import pickle
import resource
import sys
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

SECONDS = 10


def load(path: str) -> None:
    """Everything in a file: each member of an archive, each pickle behind another."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                with contextlib.suppress(Exception), archive.open(member) as stream:
                    _all(stream)
    with Path(path).open("rb") as stream:
        _all(stream)


def _all(stream: IO[bytes]) -> None:
    while True:
        pickle.load(stream, encoding="latin1")  # noqa: S301 - to see what it does


def main() -> None:
    assert np.ones(1).all()
    for line in sys.stdin:
        path, marker = json.loads(line)
        child = os.fork()
        if not child:
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            with contextlib.suppress(BaseException):
                load(path)
            os._exit(0)
        os.waitpid(child, 0)
        print(json.dumps(Path(marker).is_dir()), flush=True)


if __name__ == "__main__":
    main()
