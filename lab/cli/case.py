"""What a cut begins with: a user's model by its path, or a run with a trial that failed and the files it opened."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import scratch
from lab.check import given_model as check_given_model
from lab.check import request
from lab.check.adopt import Material
from lab.errors import UsageError
from lab.formats.names import model_at
from lab.search import given_model, reduce_of_run
from lab.search.given_model import Model
from lab.search.reduce_of_run import FailedTrial
from lab.storage.store import Store
from lab.storage.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class CutCase:
    """A model with its inputs, and the trial it comes from, where it comes from a run."""

    model: Model
    failed: FailedTrial | None = None


@contextmanager
def opened(
    found: Workspace, name: str, *, inputs: str = "", dims: Sequence[str] = (), route: str = ""
) -> Iterator[CutCase]:
    """What a word means: files of a model that are there, else a run; a run's files live as long as the block."""
    path = Path(name)
    if model_at(path):
        yield CutCase(model=given_model.read(path, inputs=inputs, dims=request.dims(dims)))
        return
    if "/" in name:
        raise UsageError(
            f"there is no model at {name}", "name a model's folder, prefix or program; or a run: lab runs list"
        )
    if inputs or dims:
        raise UsageError(f"{name} is a run, which has its inputs", "leave --inputs and --dim out")
    kept = Store(root=found.results)
    run = kept.find(name)
    with scratch.folder("case") as room:
        failed = reduce_of_run.failed_trial(run, kept.folder(run.id), route, room)
        given = check_given_model.look(room, stamped=False)
        yield CutCase(model=Model(given=given, material=Material(inputs=failed.inputs)), failed=failed)
