"""What this machine has not got, and so which tests will not run: `python -m tests.missing` says it before they begin.

What only shows while tests run (an index that does not answer) is said at their end, by the same words.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from lab.engine import emulation
from lab.engine.docker import connect
from lab.errors import LabError
from tests.fleet import slurm, sshd

ROOT = Path(__file__).parents[1]

SAID = {
    "NO CONTAINER ENGINE": "container tests did not run: no engine answers. make engine starts one.",
    "NO INDEX": "the installed wheel was not tested: what it needs could not be fetched.",
    "NO CHROMIUM": "browser tests did not run: there is no Chromium here. make browser installs one.",
    "NO LOCAL PADDLE": "cuts of models were not held against the whole: no local Pythons. lab run any_scenario --savers 2.6.2 --loaders 3.0.0,3.3.1 --engine local",
    "NO MOUNT": "tests of full disks did not run: this user cannot mount a small file system.",
    "NO REAL MODELS": "models that others gave away were not tested: the package index could not be reached.",
    "NO HOSTS": "tests of a fleet did not run: they need root and iproute2 for network namespaces.",
    "NO SSHD": "tests of a fleet over ssh did not run: apt-get install openssh-server.",
    "NO SLURM": "tests of a fleet in Slurm did not run: apt-get install slurm-wlm munge.",
    "NO KUBECTL": "what a fleet asks of Kubernetes was tested against a stand-in alone: no kubectl (https://kubernetes.io/docs/tasks/tools).",
    "NO EMULATOR": "tests of another processor did not run: no static qemu. apt-get install qemu-user-static.",
}


def _engine() -> bool:
    try:
        connect("docker", ROOT / "images")
    except LabError:
        return False
    return True


def _emulator() -> bool:
    try:
        return emulation.find() is not None
    except LabError:
        return False


def _programs(*names: str) -> bool:
    return all(shutil.which(name) for name in names)


def _local_paddle() -> bool:
    return any((Path.home() / ".cache" / "paddle-repro-lab" / "envs").glob("*/ready"))


THERE: Mapping[str, Callable[[], bool]] = {
    "NO CONTAINER ENGINE": _engine,
    "NO CHROMIUM": lambda: _programs("chromium", "chromedriver"),
    "NO LOCAL PADDLE": _local_paddle,
    "NO MOUNT": lambda: os.geteuid() == 0,
    "NO HOSTS": lambda: os.geteuid() == 0 and _programs("ip", "nsenter", "unshare"),
    "NO SSHD": lambda: sshd.SERVER.exists() and _programs("ssh"),
    "NO SLURM": lambda: _programs(*slurm.PROGRAMS),
    "NO EMULATOR": _emulator,
}


def missing(there: Mapping[str, Callable[[], bool]] = THERE) -> list[str]:
    """One line for each kind of test that cannot run here."""
    return [f"{word}: {SAID[word].replace('did not', 'will not')}" for word, has in there.items() if not has()]


def main() -> None:
    """Say it."""
    for line in missing() or ["all tests can run here"]:
        print(line)


if __name__ == "__main__":
    main()
