"""Whose container is it: labels that name the lab process it belongs to, and the rule that says when that is gone."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lab.engine.docker import words
from lab.machine import host, process

DAY_S = 24 * 3600.0
# How long after its own limit a container of another namespace or host is left alone. Long, because clocks are set, and
# because a machine sleeps: then this clock goes on, and that of the limit stands still. Waiting costs one dead record.
MARGIN_S = DAY_S


@dataclass(frozen=True, kw_only=True)
class Owner:
    """One process, told apart from every other on any machine; what is not known is empty or 0.

    `host` and `boot` name the machine and its start, `namespace` where `pid` counts, `started` is in ticks since boot.
    """

    host: str
    boot: str
    namespace: str
    pid: int
    started: int

    @property
    def labels(self) -> Mapping[str, str]:
        """What its containers carry."""
        return {
            words.LABEL_HOST: self.host,
            words.LABEL_BOOT: self.boot,
            words.LABEL_NAMESPACE: self.namespace,
            words.LABEL_PID: str(self.pid),
            words.LABEL_STARTED: str(self.started),
        }


def this_process() -> Owner:
    """The lab that asks."""
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = ""
    return Owner(
        host=host.identity(), boot=host.boot(), namespace=namespace, pid=os.getpid(), started=process.own_start()
    )


def orphaned(
    labels: Mapping[str, str],
    created: float | None,
    here: Owner,
    now: float,
    lives: Callable[[int, int], bool] = process.alive,
) -> bool:
    """Whether a container's lab is certainly gone; `created` and `now` are seconds since 1970.

    `lives` says of a process of this namespace, by id and start, whether it exists. Who cannot be asked after, because it
    is of another namespace or host, or of a lab that did not say, is given until the container's own limit is long over.
    """
    if words.LABEL_RUN not in labels:
        return False  # labels come with the image: somebody else started this from one of ours (run.sh of a bundle)
    pid, started = (_number(labels.get(name, "")) for name in (words.LABEL_PID, words.LABEL_STARTED))
    boot, namespace, machine = (
        labels.get(name, "") for name in (words.LABEL_BOOT, words.LABEL_NAMESPACE, words.LABEL_HOST)
    )
    if pid and boot and namespace and (boot, namespace) == (here.boot, here.namespace):
        return not lives(pid, started)
    if boot and here.boot and boot != here.boot and machine and machine == here.host:
        return True  # this machine has been started anew since, and no process outlives that
    limit = _number(labels.get(words.LABEL_WALL, "")) or DAY_S
    return created is not None and created + limit + MARGIN_S < now


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0


def moment(stamp: object) -> float | None:
    """An engine's time stamp ("2026-01-01T00:00:00.123456789Z") as seconds since 1970; None where it is none."""
    try:
        return datetime.fromisoformat(str(stamp)).timestamp()
    except ValueError:
        return None
