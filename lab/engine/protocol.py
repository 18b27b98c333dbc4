"""What every engine can do: make an image for an environment, run the guest in it, and clean up after itself."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lab.model import Environment, GivenBuild, Limits


@dataclass(frozen=True, kw_only=True)
class Teller:
    """Where a long step tells what it does: `say` for what a person should read, `passing` for a program's own output."""

    say: Callable[[str], None]
    passing: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All that decides an image: its Dockerfile and hash-locked requirements; `tag` carries their digest."""

    environment: Environment
    dockerfile: str
    lock: str
    digest: str
    tag: str


@dataclass(frozen=True, kw_only=True)
class Image:
    """A ready image: `id` is the engine's digest (or the interpreter's path), `base` the tag it was built on.

    `ground` says what that base is: the official image by digest, or the Debian release it was made from.
    `variables` are the names that the image itself sets in every container of it. `python` is its interpreter where it was
    handed over: everywhere else that lies where the lab puts it.
    """

    tag: str
    id: str
    environment: str
    base: str = ""
    ground: str = ""
    size: int = 0
    variables: tuple[str, ...] = ()
    python: str = ""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One start of the guest: folders it sees, environment it gets, limits it lives under.

    `inbox` (read-only) holds guest, scenario and request; `saved` (read-only) a saver's output; `outbox` is the one
    place it may write. `cpuset` pins it to cores ("0"); empty leaves it free.
    `command` is started in the place of the guest. `gpu` asks for the host's GPUs where the engine can give them. `emulator` is a program that the guest starts Paddle
    with, read-only as well. `given_up` is set by whoever waits for more than its end, when there is nothing to wait for any more.
    """

    image: Image
    inbox: Path
    outbox: Path
    saved: Path | None
    env: Mapping[str, str]
    limits: Limits
    run_id: str
    cpuset: str = ""
    gpu: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    emulator: Path | None = None
    command: tuple[str, ...] = ()
    given_up: threading.Event = field(default_factory=threading.Event, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """Where the guest finds its folders, as the guest sees them."""

    inbox: str
    outbox: str
    saved: str
    emulator: str = ""


@dataclass(frozen=True, kw_only=True)
class JobResult:
    """The engine's word about an ended container; the supervisor's record inside it comes first."""

    exit_code: int | None
    oom_killed: bool = False
    timed_out: bool = False
    error: str = ""
    seconds: float = 0.0


class Engine(Protocol):
    """One way to run a step."""

    name: str
    isolated: bool

    def facts(self) -> Mapping[str, str]:
        """Name, version and what matters of the engine, for run.json."""

    def image(self, recipe: Recipe) -> Image | None:
        """The ready image of a recipe, or None."""

    def build(self, recipe: Recipe, wheels: Path, log: Path, teller: Teller) -> Image:
        """Make the image from stored wheels, without network; BuildError with the last lines where that fails."""

    def base(self, recipe: Recipe) -> Image | None:
        """What an image of this recipe is built on, where it is here; None where it would have to be pulled or made first."""

    def ground(self, recipe: Recipe, log: Path, teller: Teller) -> Image:
        """The same, pulled or made now where it must be; BuildError where that fails."""

    def given(self, name: str, pythons: tuple[str, ...]) -> GivenBuild:
        """The Paddle in an image that somebody hands over; UsageError for one that cannot be an environment."""

    def images(self) -> tuple[Image, ...]:
        """The lab's own images on this engine."""

    def remove(self, image: Image) -> None:
        """Delete one of the lab's own images."""

    def export(self, images: Sequence[Image], target: Path) -> None:
        """Write images into one file, for a machine without network."""

    def bring(self, source: Path) -> tuple[str, ...]:
        """Take in the images of such a file; returns their tags."""

    def rooms(self, job: Job) -> Rooms:
        """Where the job's folders will be, seen from inside."""

    def run(self, job: Job) -> JobResult:
        """Start the guest, wait for its end within the limits, and leave nothing behind; Interrupted for a stopped run."""

    def stop(self, run_id: str, *, alone: bool = False) -> None:
        """End everything of a run at once (Ctrl-C), builds too; from now on nothing of it is started any more.

        `alone` says that this lab has other runs that go on, and builds for them.
        """

    def stopped(self, run_id: str) -> bool:
        """Whether a run was stopped, so that who waits for a lock on its behalf may give up."""

    def reap(self) -> int:
        """Remove what a killed lab left behind, where that is certain; returns how many."""
