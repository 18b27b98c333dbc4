"""Several runs of one command: one after the other on this machine, many in flight at once where a fleet does their steps."""

import contextvars
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from lab.run.session import Laboratory

Answer = TypeVar("Answer")
AT_ONCE = 8
"""Runs in flight: enough that hosts never wait for one scenario's last step."""


def flown(works: Sequence[Callable[[], Answer]], laboratory: Laboratory) -> Iterator[Answer]:
    """What each gives, in their order, as soon as it and all before it are done; the first that fails is raised.

    Ctrl-C reaches all of them: no step of any run is begun after it.
    """
    if laboratory.executor.here or len(works) == 1:
        yield from (work() for work in works)
        return
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(works))) as pool:
        waiting = [pool.submit(contextvars.copy_context().run, work) for work in works]
        try:
            for one in waiting:
                yield one.result()
        finally:
            for one in waiting:
                one.cancel()
