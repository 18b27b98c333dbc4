"""A user's own model in place of a scenario: its files stand for a save, the good release's answers for the saver's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lab.check import adopt, releases, request
from lab.check.adopt import Material
from lab.check.given_model import Given, look
from lab.compare import UnreadableOutputsError
from lab.environment import Catalogue
from lab.errors import EndsWrongError
from lab.model import Scenario, Trial
from lab.outcome.verdict import describe
from lab.run.plan import Planned
from lab.run.trial import RunContext, SavedModel, load
from lab.search.judge import not_lost


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model that was given as files, and the inputs it is run with."""

    given: Given
    material: Material

    @property
    def name(self) -> str:
        """Its program, fit to show."""
        return f"{self.given.prefix}{self.given.format}"

    def scenario(self, folder: Path, held: str) -> Scenario:
        """The scenario that stands for it, written into a folder: the same files, inputs and reference give the same one."""
        words = adopt.text(self.given, self.material, held)
        return adopt.written(folder, adopt.named(self.given, adopt.Ask.SEARCH), words)

    def writer(self, catalogue: Catalogue, python: str) -> str:
        """The release that wrote it, or the nearest one that exists here; UsageError where there is none."""
        return releases.chosen(self.given, catalogue, python=python).old


def read(path: Path, *, inputs: str = "", dims: Mapping[str, str] | None = None) -> Model:
    """The model at a path, a prefix or a folder, with its inputs; UsageError says what is missing or damaged.

    Of a stamp only the inputs are taken: a search compares releases, and `lab check` holds a model to its stamp.
    """
    given = look(path)
    asked = request.CheckWords(path=path, command="", inputs=inputs, dims=dict(dims or {}))
    return Model(given=given, material=replace(request.material(given, asked), golden=None, candidates=()))


def adopted(model: Model | None, good: Callable[[], Sequence[Planned]]) -> "Adopted | None":
    """A model with the trials whose first answer it is held against; where a scenario saves, nothing, and nothing is planned."""
    trials = [one.trial for one in good()] if model is not None else []
    found = tuple(one for one in trials if one is not None)
    return Adopted(model=model, trials=found) if model is not None and found else None


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """A model inside one search: its files become saves as they are asked for, held against the first of `trials` that answers.

    All of them are in one place, and differ in the way of opening. Only the search's one worker asks for them, so nothing
    is locked.
    """

    model: Model
    trials: tuple[Trial, ...]

    @property
    def trial(self) -> Trial:
        """The trial whose answer is asked for first."""
        return self.trials[0]

    def save(self, context: RunContext, trial: Trial, first: RunContext) -> SavedModel:
        """The save of a trial; `first` is what the reference's trial works with, which has its image.

        EndsWrongError where the good release does not run the model.
        """
        saved = self._settled(first)
        if context.folder == first.folder:
            return saved
        copy = self._staged(context, trial)
        if not adopt.reference_of(copy):
            adopt.settled(context, copy, adopt.reference_of(saved), saved.folder / "out")
        return copy

    def reference(self, first: RunContext) -> str:
        """Whose answers the model is held against, once that is settled."""
        return adopt.reference_of(self._staged(first, self.trial))

    def _staged(self, context: RunContext, trial: Trial) -> SavedModel:
        return adopt.stage(context, trial, self.model.given, self.model.material)

    def _settled(self, context: RunContext) -> SavedModel:
        """The first copy of the files, with the outputs that all others are held against."""
        saved = self._staged(context, self.trial)
        if adopt.reference_of(saved):
            return saved
        said: list[str] = []
        for trial in self.trials:
            said += self._reason(context, saved, trial)
            if adopt.reference_of(saved):
                return saved
        ways = ", ".join(one.route for one in self.trials)
        raise EndsWrongError(
            f"{self._release} by {ways} does not run the model, so there are no numbers to compare with: {'; '.join(said)}",
            "name another release: --good RELEASE, or another way of opening it: --route",
        )

    @property
    def _release(self) -> str:
        return self.trial.loader.environment.release.version

    def _reason(self, context: RunContext, saved: SavedModel, trial: Trial) -> list[str]:
        """Make the answers of one way the reference; why they cannot be, where they cannot."""
        name = f"{self._release} by {trial.route}"
        outcome = not_lost(f"the reference by {name}", load(context, trial, saved).step.outcome)
        if not outcome.ok:
            return [f"by {trial.route} {describe(outcome)}: {outcome.message}".rstrip(": ")]
        try:
            adopt.settled(context, saved, name, context.trial_folder(trial) / "out")
        except UnreadableOutputsError as error:
            return [f"by {trial.route} it leaves no outputs: {error.what}"]
        return []
