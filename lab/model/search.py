"""What a search over releases found, as it is shown and stored."""

from dataclasses import dataclass, field

from lab.model.run import TrialResult


@dataclass(frozen=True, kw_only=True)
class Probed:
    """One release of a row: what it was found to be and why, or that nobody had to look (`sort` is empty).

    `sort` is good, bad, other, skip or flaky; `purpose` is end, search, neighbour, random or sweep.
    """

    release: str
    sort: str = ""
    signature: str = ""
    why: str = ""
    purpose: str = ""
    reused: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A row of releases with verdicts: the last one before the turn and the suspects, the newest of which was seen.

    `axis` is loader or saver, and `fixed` the environment on the other side. `wrong` names ends that are not what was
    claimed; then there are no suspects. With `fix` the row is searched for the first release that works again.
    """

    axis: str
    fixed: str
    row: tuple[Probed, ...]
    fix: bool = False
    last: str = ""
    suspects: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    probes: int = 0
    budget: int = 0

    @property
    def first(self) -> str:
        """The first release seen on the far side of the turn; empty where an end was wrong."""
        return self.suspects[-1] if self.suspects else ""

    @property
    def certain(self) -> bool:
        """Whether there is one answer."""
        return len(self.suspects) == 1 and not self.violations and not self.flaky

    def of(self, release: str) -> Probed:
        """The release's place in the row."""
        return next(one for one in self.row if one.release == release)


@dataclass(frozen=True, kw_only=True)
class Bisected:
    """The answer of one bisection: a strip per axis, the side the fault is on where both were asked, and the command."""

    schema: int
    run: str
    command: str
    scenario: str
    issue: str
    good: str
    bad: str
    signature: str
    message: str
    strips: tuple[Strip, ...]
    corners: tuple[tuple[str, str], ...] = ()
    side: str = ""
    seconds: float = 0.0
    trials: tuple[TrialResult, ...] = field(default=(), repr=False)
