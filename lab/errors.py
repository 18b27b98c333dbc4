"""What the lab itself could not do: one class per exit code, each message with its remedy.

What *Paddle* did is data (`lab.model.Outcome`); only the lab's own failures are exceptions.
"""

from dataclasses import dataclass
from typing import ClassVar, Self


@dataclass(frozen=True, kw_only=True)
class LeftRun:
    """A run that an error left unfinished: its id, and the command that began it."""

    id: str
    command: str


class LabError(Exception):
    """Base of every failure the user sees as one sentence, with what to do about it.

    `what` says what is wrong and where; `remedy` says what to do; `exit_code` is what the process returns; `left` is the
    run that goes on from where this ended it, where there is one. `answers` says that it is itself what came out: the
    question was asked to its end.
    """

    exit_code: ClassVar[int] = 7
    answers: ClassVar[bool] = False

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = what
        self.remedy = remedy
        self.left: LeftRun | None = None
        super().__init__(f"{what}\n  try: {remedy}" if remedy else what)


class UsageError(LabError):
    """The words or the data given to the lab are wrong: unknown names, broken headers, damaged files."""

    exit_code = 2


class StopsBisectError(UsageError):
    """The same inside `git bisect run`, which takes 2 for a failing commit and stops only from 128 on."""

    exit_code = 128


class InconclusiveError(LabError):
    """The question was asked properly and has no single answer: flaky, a set of suspects, not monotonic."""

    exit_code = 3
    answers = True


class EndsWrongError(LabError):
    """A search was given ends that are not good and bad, or a problem that does not reproduce."""

    exit_code = 4
    answers = True


class BuildError(LabError):
    """An image or an environment could not be made: resolving, downloading, installing or importing failed."""

    exit_code = 5


class UnsatisfiableError(BuildError):
    """No set of packages is what an environment asks for: it cannot exist, whatever is tried again."""


class EngineMissingError(LabError):
    """No container engine answers, it is too old, or this user may not talk to it."""

    exit_code = 6


class EngineUnusableError(EngineMissingError):
    """The engine that was named, or that is there and hangs, cannot be used: nothing else is run in its place."""


class EngineElsewhereError(EngineUnusableError):
    """The engine that was named is another machine's, whose containers could not mount this machine's folders."""


class InfraError(LabError):
    """Engine, disk, network or protocol failed while the lab was at work."""

    exit_code = 7


class BundleError(LabError):
    """A bundle is damaged, hostile, or does not do what it claims."""

    exit_code = 8

    @classmethod
    def refused(cls, what: str) -> Self:
        """The error for a bundle that is not even looked into further."""
        return cls(f"this bundle is refused: {what}", "get it again from where it came; nothing of it was run")


class Interrupted(LabError):  # noqa: N818 - it is a request of the user, not an error
    """The user pressed Ctrl-C; what was finished is kept."""

    exit_code = 130
