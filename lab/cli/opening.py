"""What most commands open first: the workspace, its catalogue, an engine."""

import os

from lab.cli.screen import Screen
from lab.engine.choose import EngineChoice, choose
from lab.environment import Catalogue, load
from lab.environment.prepare import Preparer
from lab.knowledge import problems
from lab.model import Run
from lab.run.session import Laboratory
from lab.storage import workspace
from lab.storage.store import Store
from lab.storage.workspace import Workspace


def place(chosen: str) -> tuple[Workspace, Catalogue]:
    """The workspace and its catalogue."""
    found = workspace.find(chosen=chosen)
    return found, load(found.images)


def laboratory(found: Workspace, catalogue: Catalogue, choice: EngineChoice, screen: Screen) -> Laboratory:
    """Workspace and engine ready for work; a fall-back to no isolation is said once."""
    engine, note = choose(choice, images=found.images, cache=found.cache)
    if note:
        screen.tell(note)
    preparer = Preparer(workspace=found, engine=engine, indexes=catalogue.indexes)
    return Laboratory(engine=engine, preparer=preparer, store=Store(root=found.results))


def known_notes(found: Workspace, run: Run) -> tuple[str, ...]:
    """What is known of the failures of a run, one line a problem, in the user's language where it is Chinese."""
    return problems.notes(run.trials, problems.read(found.scenarios / problems.FILE), language())


def language() -> str:
    """The language the user's environment asks for, as POSIX orders the variables; empty where it asks for none."""
    return next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
