"""What a check saw: release by way by setting, how each cell's numbers stand, and what is said of each release."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lab.model.check import Excited, Feed, StampedFile, StampUsed, Way
from lab.model.cure import Ratio
from lab.model.outcome import Diff, Outcome
from lab.model.run import TrialResult


class CellStanding(StrEnum):
    """How one cell stands to what it is held against, the best first."""

    RIGHT = "right"
    NEAR = "near"
    """It drifts, by as much as the same way did in the old release, and gives what that gave."""
    BLANK = "shows nothing"
    UNTRIED = "not tried"
    UNREAD = "not read with nothing set"
    """It is known of this API that it takes such files only with a setting."""
    DOUBTED = "known to be wrong"
    """It gives the numbers of a reference that is known to answer such files wrong, and nobody vouches for them."""
    FAILS = "fails"
    ALONE = "right by a third opinion alone"
    """It gives other numbers than a reference that a third opinion refutes, and those of that opinion."""
    REFUTED = "wrong by a third opinion"
    """It gives the numbers of the reference, and a third opinion that another way bears out gives other ones."""
    OTHER = "other numbers"

    @property
    def good(self) -> bool:
        """Whether the numbers may be relied on as far as they could be before."""
        return self in (CellStanding.RIGHT, CellStanding.NEAR)

    @property
    def judged_by_third(self) -> bool:
        """Whether a third opinion made it what it is."""
        return self in (CellStanding.ALONE, CellStanding.REFUTED)

    @property
    def open(self) -> bool:
        """Whether nobody knows."""
        return self in (CellStanding.BLANK, CellStanding.UNTRIED, CellStanding.DOUBTED)


@dataclass(frozen=True, kw_only=True)
class ThirdOpinion:
    """Who else computed the model where ways of opening it disagree; `unknown` says why it could not."""

    by: str
    unknown: str = ""


class Safety(StrEnum):
    """The verdict on one release; each is an ending with an exit code of its own in `lab.outcome.exits`."""

    SAFE = "SAFE"
    OTHERWISE = "SAFE ANOTHER WAY"
    WRONG = "WRONG BEFORE AND AFTER"
    UNSAFE = "NOT SAFE"
    UNKNOWN = "NOT KNOWN"
    ALTERED = "NOT AS STAMPED"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One way in one release: its trial, and how its numbers stand to four others; empty where one is not to be had.

    `reference` is against the first way that answered, the old release's where one did; `before` against the same API
    in the old release; `expected` against outputs that are held to be right; `third` against a third opinion. `needs` is
    the setting without which this API is known not to take such files, `doubt` why it is known to answer them wrong.
    """

    release: str
    way: Way
    trial: TrialResult
    reference: tuple[Diff, ...] = ()
    before: tuple[Diff, ...] = ()
    expected: tuple[Diff, ...] = ()
    third: tuple[Diff, ...] = ()
    needs: str = ""
    doubt: str = ""
    load: Ratio | None = None
    call: Ratio | None = None

    @property
    def held(self) -> tuple[Diff, ...]:
        """Against what it counts: what is held to be right, else the reference."""
        return self.expected or self.reference


@dataclass(frozen=True, kw_only=True)
class CheckGrid:
    """Everything a check saw of a model: the old release, the new ones in order, and a cell for each trial.

    `reference` says whose outputs the first ones were, `vouched` who says that the numbers it is held against are
    right: empty where nobody does. `damage` is what is broken in the files, `altered` what is not as the model's stamp
    says, each in a sentence. `third` is who was asked where the ways disagree.
    """

    prefix: str
    old: str
    new: tuple[str, ...]
    cells: tuple[Cell, ...]
    reference: str = ""
    vouched: str = ""
    damage: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    third: ThirdOpinion | None = None
    invented: bool = False
    """Whether the inputs are made up."""
    draws: tuple[str, ...] = ()
    """Operators of the model that draw random numbers: where there are some, other numbers show nothing."""

    def of(self, release: str) -> tuple[Cell, ...]:
        """The cells of one release, in the order they were tried."""
        return tuple(one for one in self.cells if one.release == release)

    def about(self, release: str) -> tuple[Cell, ...]:
        """What is said of a release rests on these: its own cells, and those of the old one."""
        return tuple(one for one in self.cells if one.release in (self.old, release))

    def held(self, release: str) -> Cell | None:
        """The cell whose outputs are the reference, where what is said of a release may rest on it."""
        return next((one for one in self.about(release) if f"{one.release} by {one.way.label}" == self.reference), None)

    def cell(self, release: str, way: Way) -> Cell | None:
        """One way in one release, where it was tried."""
        return next((one for one in self.of(release) if one.way == way), None)


@dataclass(frozen=True, kw_only=True)
class Use:
    """A way to recommend, and the one it takes the place of; None where that works as it is."""

    way: Way
    instead: Way | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What follows for one release: the verdict, and every way of it under what is to be said of it.

    `good` may be used, unchanged code first; `lost` worked before and does not; `faulty` was wrong or failed before and
    still is; `strange` gives other numbers and was not there before; `open` nobody knows; `mended` was wrong or failed
    before and is right; `unread` takes such files only with a setting, as before; `alone` is right by a third opinion and
    by nothing else. `use` is what is recommended.
    """

    release: str
    verdict: Safety
    good: tuple[Way, ...] = ()
    lost: tuple[Way, ...] = ()
    faulty: tuple[Way, ...] = ()
    strange: tuple[Way, ...] = ()
    open: tuple[Way, ...] = ()
    mended: tuple[Way, ...] = ()
    unread: tuple[Way, ...] = ()
    alone: tuple[Way, ...] = ()
    use: tuple[Use, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """Lines to paste for a recommended way, and what came of running them as they stand in that release.

    `diffs` holds what they answered against what the way itself answered there.
    """

    release: str
    use: Use
    lines: str
    outcome: Outcome
    diffs: tuple[Diff, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The answer of `lab check`: how everything was chosen, what was tried, and what follows from it.

    `assumed` and `findings` are what was said while inputs and releases were chosen and the files were read. `pickles`
    are files that hold pickle, `unreadable` the releases that are known to read such files by no API, `without_info`
    what may fail because a .pdiparams.info is not there. `excited` says why the inputs are of this kind, where several
    were tried. `spent` is in seconds, by what was waited for.
    """

    schema: int
    run: str
    command: str
    format: str
    files: tuple[StampedFile, ...]
    chosen: str
    feeds: tuple[Feed, ...]
    rounds: int
    grid: CheckGrid
    answers: tuple[Answer, ...]
    snippets: tuple[Snippet, ...] = ()
    assumed: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    pickles: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    without_info: tuple[tuple[str, Way], ...] = ()
    stamp: StampUsed | None = None
    excited: Excited | None = None
    spent: Mapping[str, float] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """The model's name, fit to show."""
        return self.grid.prefix

    @property
    def old(self) -> str:
        """The release the model is from."""
        return self.grid.old

    @property
    def reference(self) -> str:
        """Whose outputs the numbers are held against; empty where no way runs the model."""
        return self.grid.vouched or self.grid.reference

    @property
    def attempts(self) -> tuple[Cell, ...]:
        """Every trial."""
        return self.grid.cells
