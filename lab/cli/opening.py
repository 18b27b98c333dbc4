"""What most commands open first: the workspace, its catalogue, an engine."""

import os

from lab import language as spoken
from lab.cli import spread
from lab.cli.screen import Screen
from lab.engine.choose import EngineChoice, choose
from lab.engine.protocol import Engine
from lab.environment import Catalogue, load
from lab.environment.kept_builds import KeptBuilds
from lab.environment.prepare import Preparer
from lab.errors import EngineMissingError, EngineUnusableError, UsageError
from lab.fleet import where
from lab.fleet.where import FleetPlace
from lab.knowledge import problems
from lab.model import Run, TrialResult
from lab.run import saved_files
from lab.run.session import Laboratory
from lab.storage import workspace
from lab.storage.store import Store
from lab.storage.workspace import Workspace


def place(chosen: str) -> tuple[Workspace, Catalogue]:
    """The workspace and its catalogue, with every build that was handed over to this lab."""
    found = workspace.find(chosen=chosen)
    return found, load(found.images).joined(KeptBuilds(cache=found.cache).all(Screen().tell))


def laboratory(
    found: Workspace, catalogue: Catalogue, choice: EngineChoice, screen: Screen, going_on: str = ""
) -> Laboratory:
    """Workspace and engine ready for work; a fall-back to no isolation is said once.

    A run that is gone on with (`going_on`, its id) keeps its engine; EngineUnusableError where that does not answer.
    Where the verb knows fleets and was told of one, by --fleet or LAB_FLEET, its hosts do the steps.
    """
    if (place := fleet()) is not None:
        return _on_fleet(found, catalogue, choice, screen, going_on, place)
    if told := spread.words().labels:
        raise UsageError(
            f"{told} names hosts of a fleet, and no fleet is said", "--fleet tls://HOST:PORT, or LAB_FLEET"
        )
    engine, note = _engine_of(found, going_on) if going_on else choose(choice, images=found.images, cache=found.cache)
    if note:
        screen.tell(note)
    preparer = Preparer(workspace=found, engine=engine, indexes=catalogue.indexes)
    return Laboratory(engine=engine, preparer=preparer, store=Store(root=found.results))


def fleet() -> FleetPlace | None:
    """The fleet that the verb was told of, where it knows fleets; None for this machine alone."""
    said = spread.said()
    return where.asked(said or None, os.environ) if said is not None else None


def _on_fleet(
    found: Workspace, catalogue: Catalogue, choice: EngineChoice, screen: Screen, going_on: str, place: FleetPlace
) -> Laboratory:
    from lab.cli.fleets import opened  # noqa: PLC0415 - without --fleet nothing of a fleet is loaded

    joint = opened(found, _own_choice(found, going_on) if going_on else choice, screen, place)
    preparer = Preparer(workspace=found, engine=joint.engine, indexes=catalogue.indexes)
    return Laboratory(engine=joint.engine, preparer=preparer, store=Store(root=found.results), executor=joint.executor)


def engine(found: Workspace, choice: EngineChoice) -> Engine:
    """The engine by itself, for a look into an image that was handed over."""
    return choose(choice, images=found.images, cache=found.cache)[0]


def _engine_of(found: Workspace, run_id: str) -> tuple[Engine, str]:
    run = Store(root=found.results).load(run_id)
    try:
        return choose(_own_choice(found, run_id), images=found.images, cache=found.cache)
    except EngineMissingError as error:
        said = f"run {run.id} was begun with {run.engine} and goes on with nothing else: {error.what}"
        raise EngineUnusableError(said, f"{error.remedy}; or begin anew, without --resume") from error


def _own_choice(found: Workspace, run_id: str) -> EngineChoice:
    """The engine that a run was begun with."""
    run = Store(root=found.results).load(run_id)
    return EngineChoice(run.engine) if run.engine in set(EngineChoice) else EngineChoice.AUTO


def known_notes(found: Workspace, run: Run) -> tuple[str, ...]:
    """What is known of the failures of a run, one line a problem, in the user's language where it is Chinese."""
    entries = problems.read(found.scenarios / problems.FILE)
    return problems.notes(run.trials, entries, language(), files_of(found, run.id))


def known_of(found: Workspace, run: Run, trial: TrialResult) -> problems.KnownProblem | None:
    """The known problem that one trial of a run is an instance of."""
    entries = problems.read(found.scenarios / problems.FILE)
    return problems.find(trial, entries, files_of(found, run.id))


def files_of(found: Workspace, run: str) -> problems.Files:
    """What the files of a run's saves are, as known problems ask."""
    return saved_files.of_run(Store(root=found.results).folder(run))


def language() -> str:
    """The language that is spoken, by the name under which what stands in both languages is found."""
    return spoken.chosen(os.environ)
