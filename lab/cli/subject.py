"""What a search is about: a scenario by its name, or the user's own model by its path."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab import scenario
from lab.errors import UsageError
from lab.model import Scenario

if TYPE_CHECKING:
    from lab.searching.models import Model

SubjectArgument = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO|MODEL", help="A scenario by name or file, or a model's folder, prefix or program."
    ),
]
InputsOption = Annotated[str, typer.Option("--inputs", help="With a MODEL: an npz with one array for each input.")]
DimOption = Annotated[
    list[str], typer.Option("--dim", help="With a MODEL: batch=4, length=, FEED:AXIS=4 or FEED=4x3x64x64.")
]
ENDS = (".pdmodel", ".json", ".pdiparams")


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The scenario that is run, and the model it stands for where the user gave one."""

    scenario: Scenario
    model: "Model | None" = None

    def refuse(self, **given: bool) -> None:
        """UsageError for options that speak of saving, where a model was given and nothing is saved."""
        for name in [name for name, asked in given.items() if asked and self.model is not None]:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(
                f"{option} speaks of saving, and a model given as files is not saved", f"leave {option} out"
            )


@contextlib.contextmanager
def opened(folder: Path, name: str, inputs: str = "", dim: list[str] | None = None) -> Iterator[Subject]:
    """The subject a name or a path stands for; a model's scenario lives as long as the block."""
    if not is_model(folder, name):
        if inputs or dim:
            raise UsageError(f"{name} is a scenario, which makes its own inputs", "leave --inputs and --dim out")
        yield Subject(scenario=scenario.read(scenario.find(folder, name)))
        return
    from lab.checking import asking  # noqa: PLC0415 - numpy is loaded only where a model is run
    from lab.searching import models  # noqa: PLC0415

    model = models.read(Path(name), inputs=inputs, dims=asking.dims(dim or []))
    with tempfile.TemporaryDirectory(prefix="lab-model-") as made:
        yield Subject(scenario=model.scenario(Path(made)), model=model)


def is_model(folder: Path, name: str) -> bool:
    """Whether a word means files of a model: it is no scenario's name, no Python file, and something lies there."""
    path = Path(name)
    if name.endswith(".py") or (folder / f"{name}.py").is_file():
        return False
    return path.exists() or any(path.with_name(path.name + end).is_file() for end in ENDS)
