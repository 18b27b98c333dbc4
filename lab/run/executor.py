"""Where the steps of a run are done: the seam between a run, which knows keys and files, and the machine that starts the guest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab.engine.protocol import Image
from lab.machine import hardware, host, timing_lock
from lab.model import Place, Step
from lab.run.order import StepOrder

SPARE_MEMORY = 1 << 30
# A step rarely needs more at once, whatever its limit allows.
STEP_MEMORY = 2 << 30


@dataclass(frozen=True, kw_only=True)
class StepWork:
    """One step that no earlier run has done: what is asked, by which run, and what whoever does it may need of that run.

    `here` does it in this process, on this machine's engine; `keep` writes down one that was done elsewhere, once its files
    lie in `folder`, which is below the run's `home`. `fresh` says that what another run did is not to be taken for it, `ahead`
    that nobody has asked for it yet: nothing is built for it.
    """

    order: StepOrder
    image: Image
    folder: Path
    home: Path
    run_id: str
    fresh: bool
    guest_sha256: str
    here: Callable[[], Step]
    keep: Callable[[Step], Step]
    stopped: Callable[[], bool]
    ahead: bool = False


class Executor(Protocol):
    """One way to do the steps of a run.

    Images and stopping are the engine's (`build`, `stop`): an executor that does steps elsewhere comes with an engine that
    does both there.
    """

    here: bool
    """Whether steps are done on this machine, so that its lock of timings and the forks of one start mean something."""

    def do(self, work: StepWork) -> Step:
        """The finished step, its files in the work's folder; Interrupted where the run was stopped."""

    def slots(self, memory: int, works: int) -> int:
        """How many steps may be asked for at once, where each may take `memory` bytes and there are `works` of them."""

    def host_class(self, place: Place) -> str:
        """The class of machines that steps of this place are done on: steps of another class are no answer for them."""

    def labelled(self, word: str) -> tuple[str, ...]:
        """The machines that have a word as a label, by name, and so do the steps that ask for it; none where steps are done here."""

    def free(self, place: Place) -> int:
        """How many steps of this place could begin now; one where steps are done here: what is not needed yet can wait."""

    def built(self, place: Place) -> bool:
        """Whether a machine that may do steps of this place has its image already."""

    def times_on(self, run_id: str, place: Place) -> str:
        """The one machine that takes all times of a run on machines of a place's class, by its name in a fleet; empty for this one."""

    def hosts(self, run_id: str) -> Mapping[str, Mapping[str, str]]:
        """The machines that did something for a run, by name, with their facts; none where it was this one alone."""


class LocalExecutor:
    """This machine: timed steps alone on it, as far as the lab can see to it; the others wait for those."""

    here = True

    def do(self, work: StepWork) -> Step:
        """The step in this process, under the lock of timings."""
        lock = timing_lock.alone if work.order.mode == "measure" else timing_lock.shared
        with lock(work.stopped):
            return work.here()

    def slots(self, memory: int, works: int) -> int:
        """As many as cores and free memory allow."""
        by_memory = (host.available() - SPARE_MEMORY) // min(memory, STEP_MEMORY)
        return max(1, min(host.cores(), by_memory, works))

    def host_class(self, place: Place) -> str:
        """This machine's own class."""
        return hardware.host_class(gpu=place.environment.device.gpu)

    def labelled(self, word: str) -> tuple[str, ...]:
        """None: whoever asks for another processor here has it emulated."""
        del word
        return ()

    def free(self, place: Place) -> int:
        """The one that is needed now."""
        del place
        return 1

    def built(self, place: Place) -> bool:
        """Whoever asks has looked for it here."""
        del place
        return True

    def times_on(self, run_id: str, place: Place) -> str:
        """This one."""
        del run_id, place
        return ""

    def hosts(self, run_id: str) -> Mapping[str, Mapping[str, str]]:
        """This one alone, which the run itself describes."""
        del run_id
        return {}
