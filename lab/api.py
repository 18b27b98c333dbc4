"""The lab in a notebook: `check`, `repro` and `load_run` as functions that return what they found, which Jupyter shows as it is read.

They raise `lab.errors.LabError` where the lab could not do what was asked; what Paddle did is in what they return.
"""

import dataclasses
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import lab
from lab import scenario as scenarios
from lab import shell
from lab.check import check as model_check
from lab.check import request
from lab.cli import opening, screen
from lab.engine.choose import EngineChoice
from lab.errors import UsageError
from lab.knowledge import cures
from lab.model import Run
from lab.model.check_grid import Checked
from lab.redaction import door
from lab.report import check_terminal, run_terminal
from lab.run import plan, workflow
from lab.run.events import Began, Done, Event, Told
from lab.run.plan import Words
from lab.run.session import ROUNDS, Laboratory, RunRequest
from lab.storage.store import Store

Answer = TypeVar("Answer")
Tell = Callable[[str], None]
CHECK_ROUNDS = 2


@dataclasses.dataclass(frozen=True, kw_only=True)
class ShownRun(Run):
    """A run that a notebook shows as `lab runs show` does."""

    def _repr_html_(self) -> str:
        return screen.html(run_terminal.render(self))


@dataclasses.dataclass(frozen=True, kw_only=True)
class ShownCheck(Checked):
    """A check that a notebook shows as `lab check` does."""

    def _repr_html_(self) -> str:
        return screen.html(check_terminal.render(self))


def check(
    model: str | Path,
    to: str = "",
    *,
    old: str = "",
    inputs: str = "",
    expect: str = "",
    dims: Mapping[str, int] | None = None,
    engine: str = "auto",
    python: str = "",
    rounds: int = CHECK_ROUNDS,
    fresh: bool = False,
    workspace: str = "",
    tell: Tell | None = None,
) -> ShownCheck:
    """Try a model in newer releases, as `lab check` does: `answers` has the verdict of each release.

    `model` is its folder, prefix, program or file; `to` the releases to upgrade to (else the newest), `old` its own (else
    the one that wrote it); `tell` gets a line of progress at a time.
    """
    found, catalogue = opening.place(workspace)
    options = {"--to": to, "--from": old, "--inputs": inputs, "--expect": expect, "--python": python}
    question = request.question(
        request.CheckWords(
            path=Path(model), command=_command("check", str(model), options, rounds, CHECK_ROUNDS), old=old, new=to,
            inputs=inputs, expect=expect, dims={name: str(size) for name, size in (dims or {}).items()},
            words=Words(python=python), rounds=rounds, fresh=fresh,
        ),
        catalogue, cures.read(found.scenarios / cures.FILE),
    )  # fmt: skip
    laboratory = opening.laboratory(found, catalogue, _engine(engine), screen.Screen(quiet=True))
    return ShownCheck(**_fields(_finished(model_check.perform(question, laboratory), tell)))


def repro(
    scenario: str | Path,
    *,
    full: bool = False,
    engine: str = "auto",
    python: str = "",
    rounds: int = ROUNDS,
    fresh: bool = False,
    workspace: str = "",
    tell: Tell | None = None,
) -> ShownRun:
    """Reproduce a scenario, as `lab repro` does: `verdict` is the answer, and `trials` has every pair.

    `scenario` is its name or its file; `rounds` 0 times nothing; `tell` gets a line of progress at a time.
    """
    found, catalogue = opening.place(workspace)
    read = scenarios.runnable(scenarios.find(found.scenarios, str(scenario)))
    options = {"--full": full, "--python": python}
    question = RunRequest(
        name=read.name, command=_command("repro", str(scenario), options, rounds, ROUNDS),
        planned=plan.from_header(read, catalogue, Words(full=full, python=python)), scenario_sha256=read.sha256,
        rounds=rounds, fresh=fresh,
    )  # fmt: skip
    laboratory: Laboratory = opening.laboratory(found, catalogue, _engine(engine), screen.Screen(quiet=True))
    return ShownRun(**_fields(_finished(workflow.perform(question, laboratory), tell)))


def load_run(run: str = "last", *, workspace: str = "") -> ShownRun:
    """A run that is kept: by its id, a part of it that fits one, or the last."""
    found, _ = opening.place(workspace)
    return ShownRun(**_fields(Store(root=found.results).find(run)))


def _finished(events: Generator[Event, None, Answer], tell: Tell | None) -> Answer:
    """All of it, told line by line; what ends it early ends its containers first."""
    try:
        while True:
            try:
                event = next(events)
            except StopIteration as ended:
                answer: Answer = ended.value
                return door.cleared(answer)
            if tell is not None and (line := _line(event)):
                tell(door.shown(line))
    finally:
        events.close()


def _line(event: Event) -> str:
    match event:
        case Told(text=text, passing=False):
            return text
        case Began(label=label, phase=phase):
            return f"{phase:<6} {label}"
        case Done(result=result):
            return f"done   {result.label}: {result.outcome.kind}"
        case _:
            return ""


def _engine(word: str) -> EngineChoice:
    if word not in set(EngineChoice):
        raise UsageError(f"there is no engine {word!r}", f"one of {', '.join(EngineChoice)}")
    return EngineChoice(word)


def _command(verb: str, subject: str, options: Mapping[str, object], rounds: int, usual: int) -> str:
    """What asks the same in a shell; that it is done afresh concerns one call, and is no part of it."""
    words: Sequence[str] = [
        word for name, value in options.items() if value for word in ([name] if value is True else [name, str(value)])
    ]
    timed = ["--rounds", str(rounds)] if rounds != usual else []
    return shell.join(["lab", verb, subject, *words, *timed])


def _fields(noun: Any) -> dict[str, Any]:
    return {one.name: getattr(noun, one.name) for one in dataclasses.fields(noun)}


# `lab.check` is also a room of this package: from here on the name is the function, and the room is found by its modules.
lab.check = check
