"""What a cut begins with: a user's model by its path, or a run with a trial that failed and the files it opened."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lab import scratch
from lab.check import given_model, request
from lab.check.adopt import Material
from lab.check.given_model import Given
from lab.check.sample_inputs import Arrays
from lab.errors import UsageError
from lab.formats.names import model_at, split
from lab.model import Run
from lab.search.failed_trial import FailedTrial, failed_trial
from lab.storage.store import Store

LAST = "last"


@dataclass(frozen=True, kw_only=True)
class CaseWords:
    """What the user typed of it: the model or the run, what a model is fed, and which trial of a run is meant."""

    name: str
    inputs: str = ""
    expect: str = ""
    dims: Sequence[str] = ()
    route: str = ""
    release: str = ""


@dataclass(frozen=True, kw_only=True)
class CutCase:
    """A model with its inputs, and the trial it comes from, where it comes from a run."""

    given: Given
    material: Material
    failed: FailedTrial | None = None


@contextmanager
def opened(kept: Store, asked: CaseWords) -> Iterator[CutCase]:
    """What the words mean: files of a model that are there, else a run; a run's files live as long as the block.

    UsageError says what is not there or does not fit.
    """
    path = Path(asked.name)
    if model_at(path):
        yield _of_model(path, asked)
        return
    if "/" in asked.name or split(path.name)[1]:
        raise UsageError(
            f"there is no model at {asked.name}", "name a model's folder, prefix or program; or a run: lab runs list"
        )
    typed = {"--inputs": asked.inputs, "--expect": asked.expect, "--dim": asked.dims}
    if any(typed.values()):
        said = " and ".join(option for option, value in typed.items() if value)
        raise UsageError(f"{asked.name} is a run, which has its inputs", f"leave {said} out")
    run = _meant(kept, asked.name)
    with scratch.folder("case") as room:
        failed = failed_trial(run, kept.folder(run.id), room, route=asked.route, release=asked.release)
        given = given_model.look(room, stamped=False)
        yield CutCase(given=given, material=Material(inputs=_named(given, failed.inputs)), failed=failed)


def _meant(kept: Store, word: str) -> Run:
    """The run of a word; "last" is the last one that tried something, and not an earlier cut of it."""
    if word == LAST:
        word = next((one.id for one in kept.whole() if one.trials), word)
    return kept.find(word)


def _of_model(path: Path, asked: CaseWords) -> CutCase:
    given = given_model.look(path)
    words = request.CheckWords(
        path=path, command="", inputs=asked.inputs, expect=asked.expect, dims=request.dims(asked.dims)
    )
    material = request.material(given, words)
    golden = material.golden if asked.expect else None  # a stamp's answers are another release's, and no user's word
    return CutCase(given=given, material=replace(material, golden=golden, candidates=()))


def _named(given: Given, arrays: Arrays) -> Arrays:
    """The run's inputs under the model's own names: by name where all fit, else in their order."""
    names = [one.name for one in given.program.inputs]
    if set(names) == set(arrays):
        return {name: arrays[name] for name in names}
    if len(names) != len(arrays):
        raise UsageError(
            f"the run fed {', '.join(arrays)}, and its model takes {', '.join(names)}", "name the model, with --inputs"
        )
    return dict(zip(names, arrays.values(), strict=True))
