"""What the files of a save are, as far as a known problem asks: their format, their operators, whether there are parameters."""

from collections.abc import Callable
from pathlib import Path

from lab import formats, scratch
from lab.errors import LabError
from lab.model import TrialResult
from lab.model.inspection import SavedModelFacts
from lab.run.trial import slug
from lab.storage import copies
from lab.storage.outbox import GuestFile

PROGRAMS = ("model/net.json", "model/net.pdmodel")


def of_run(folder: Path) -> Callable[[TrialResult], SavedModelFacts | None]:
    """What each trial of a run loaded, by the run's folder; a save is looked at once."""
    known: dict[Path, SavedModelFacts | None] = {}

    def files(result: TrialResult) -> SavedModelFacts | None:
        out = out_of(folder, result)
        if out not in known:
            known[out] = facts(out)
        return known[out]

    return files


def out_of(home: Path, result: TrialResult) -> Path:
    """Where the save that a trial loaded lies, below its run's folder; repeats have folders of their own."""
    return home / result.folder.rpartition("trials/")[0] / "saves" / slug(result.saver_label) / "out"


def facts(out: Path) -> SavedModelFacts | None:
    """What a save left in its folder; None where it is not one model that a standard way could open.

    Only a copy of the program is read: what a container wrote is opened through its own door.
    """
    programs = [one for name in PROGRAMS if (one := GuestFile(out=out, name=name)).plain]
    if len(programs) != 1:
        return None
    with scratch.folder("program") as room:
        copy = room / programs[0].label
        try:
            copies.copy(programs[0], copy)
            program = formats.inspect(copy).programs[0]
        except (OSError, LabError, IndexError):
            return None  # it cannot be read, so nothing is known of it
        operators = frozenset(name.rpartition(".")[2] for name in program.operators)
        return SavedModelFacts(format=copy.suffix, operators=operators, parameters=bool(program.parameters))
