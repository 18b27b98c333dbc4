"""What a search is about: a scenario by its name, or the user's own model by its path."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab import scenario, scratch
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.formats.names import model_at
from lab.model import Scenario
from lab.scenario.expect import STANDARD_ROUTES

if TYPE_CHECKING:
    from lab.search.given_model import Model


@dataclass(frozen=True, kw_only=True)
class SubjectWords:
    """What the user typed of it; `good`, `route` and `flag` say what a model is held against; without a route each of `ways`."""

    name: str
    inputs: str = ""
    dim: Sequence[str] = ()
    good: str = ""
    route: str = ""
    flag: Sequence[str] = ()
    python: str = ""
    ways: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The scenario that is run, and the model it stands for where the user gave one, with the release it is held against."""

    scenario: Scenario
    model: "Model | None" = None
    good: str = ""

    def refuse(self, **given: bool) -> None:
        """UsageError for options that speak of saving, where a model was given and nothing is saved."""
        for name in [name for name, asked in given.items() if asked and self.model is not None]:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(
                f"{option} speaks of saving, and a model given as files is not saved", f"leave {option} out"
            )


@contextlib.contextmanager
def opened(folder: Path, catalogue: Catalogue, asked: SubjectWords) -> Iterator[Subject]:
    """The subject a name or a path stands for; a model's scenario lives as long as the block."""
    if not is_model(folder, asked.name):
        if asked.inputs or asked.dim:
            raise UsageError(f"{asked.name} is a scenario, which makes its own inputs", "leave --inputs and --dim out")
        yield Subject(scenario=scenario.runnable(scenario.find(folder, asked.name)))
        return
    from lab.check import request  # noqa: PLC0415 - numpy is loaded only where a model is run
    from lab.search import given_model  # noqa: PLC0415

    model = given_model.read(Path(asked.name), inputs=asked.inputs, dims=request.dims(asked.dim))
    good = asked.good or model.writer(catalogue, asked.python)
    with scratch.folder("model") as made:
        way = asked.route or " or ".join(asked.ways) or STANDARD_ROUTES[0]
        held = " ".join([good, "by", way, *sorted(asked.flag)])
        yield Subject(scenario=model.scenario(made, held), model=model, good=good)


def is_model(folder: Path, name: str) -> bool:
    """Whether a word means files of a model: it is no scenario's name, no Python file, and something lies there.

    UsageError for a path at which there is nothing.
    """
    if name.endswith(".py") or ("/" not in name and (folder / f"{name}.py").is_file()):
        return False
    path = Path(name)
    there = model_at(path)
    if not there and "/" in name:
        raise UsageError(f"there is no scenario file and no model at {name}", "lab inspect PATH says what is there")
    return there
