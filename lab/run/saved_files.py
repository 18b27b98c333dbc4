"""What the files of a save are, as far as a known problem asks: their format, their operators, whether there are parameters."""

from collections.abc import Callable
from pathlib import Path

from lab import formats
from lab.errors import LabError
from lab.model import Settings, TrialResult
from lab.model.inspection import FileKind, SavedModelFacts
from lab.run.trial import slug

PREFIX = "net"


def of_run(folder: Path) -> Callable[[TrialResult], SavedModelFacts | None]:
    """What each trial of a run loaded, by the run's folder; a save is looked at once."""
    known: dict[Path, SavedModelFacts | None] = {}

    def files(result: TrialResult) -> SavedModelFacts | None:
        inside = folder / result.folder.rpartition("trials/")[0]
        label = f"{result.saver} {Settings(env=result.saver_env).label}".strip()
        model = inside / "saves" / slug(label) / "out" / "model"
        if model not in known:
            known[model] = facts(model)
        return known[model]

    return files


def facts(model: Path) -> SavedModelFacts | None:
    """What lies in a folder that a save wrote; None where there is no model that a standard way could open."""
    try:
        seen = formats.inspect(model, prefix=PREFIX)
    except LabError:
        return None  # no model, or none that can be read: then nothing is known of it
    if len(seen.programs) != 1:
        return None
    program = seen.programs[0]
    operators = frozenset(name.rpartition(".")[2] for name in program.operators)
    ending = ".json" if program.kind is FileKind.PIR else ".pdmodel"
    return SavedModelFacts(format=ending, operators=operators, parameters=bool(program.parameters))
