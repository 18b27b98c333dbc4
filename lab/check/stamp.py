"""A model's stamp: run it in the release that wrote it, and write down what it was and what it answered."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from lab.check import adopt, check, sample_inputs, stamp_file
from lab.check.question import CheckRequest
from lab.errors import InconclusiveError, InfraError, UsageError
from lab.model.check import Stamp
from lab.model.check_grid import Cell, Checked
from lab.outcome.standing import standing
from lab.run.events import Event
from lab.run.session import Laboratory
from lab.storage import outbox, store
from lab.text import clean


@dataclass(frozen=True, kw_only=True)
class Stamped:
    """A stamp that was written, and where."""

    path: Path
    stamp: Stamp
    run: str

    @property
    def unchecked(self) -> str:
        """Why it cannot be checked by itself, in one sentence; empty where it can."""
        lost = [one.name for one in self.stamp.inputs if one.data is None]
        if not lost or self.stamp.feeds:
            return ""
        most = f"{stamp_file.INPUTS // 1024} kB of given inputs are kept"
        return (
            f"{', '.join(lost)} is kept only as a hash, because at most {most}: check it with the same --inputs again"
        )


def place(question: CheckRequest, *, force: bool = False) -> Path:
    """Where the stamp goes; UsageError where one is there already."""
    found = question.given.found
    path = found.folder / stamp_file.name(found.prefix)
    if path.exists() and not force:
        raise UsageError(f"{clean(str(path), 400)} is there already", "lab check verifies it; --force makes it anew")
    return path


def perform(question: CheckRequest, laboratory: Laboratory, *, force: bool = False) -> Generator[Event, None, Stamped]:
    """Run the model in its own release and write the stamp beside it; InconclusiveError where nothing runs it there."""
    path = place(question, force=force)
    with check.held(question, laboratory) as session:
        found = yield from check.within(question, session)
        stamp = _stamp(question, found, _reference(found), session.folder)
        stamp_file.write(path, stamp)
    return Stamped(path=path, stamp=stamp, run=found.run)


def _reference(found: Checked) -> Cell:
    """The trial whose outputs are the reference."""
    for one in found.attempts:
        if adopt.labelled(one.release, one.way) == found.reference and one.trial.outcome.ok:
            return one
    raise InconclusiveError(
        f"{found.old} runs {found.prefix} by no way, so there is nothing to stamp",
        f"lab runs show {found.run} says why; --from names another release",
    )


def _stamp(question: CheckRequest, found: Checked, attempt: Cell, folder: Path) -> Stamp:
    given, material, facts = question.given, question.material, attempt.trial.load
    if facts is None:
        raise InfraError("a finished trial has no facts of its container", "run it again with --fresh")
    out = folder / attempt.trial.folder / "out"
    return Stamp(
        schema=stamp_file.SCHEMA,
        made=store.now(),
        prefix=given.prefix,
        release=found.old,
        environment=attempt.trial.loader,
        way=attempt.way,
        good=tuple(one.way.label for one in found.grid.of(found.old) if standing(found.grid, one).good),
        writer=given.writer.releases or given.writer.evidence,
        format=given.format,
        files=given.files,
        operators=given.program.operators,
        versions=facts.versions,
        inputs=stamp_file.inputs(
            sample_inputs.drawn(found.feeds) if found.feeds else material.inputs, again=bool(found.feeds)
        ),
        outputs=stamp_file.outputs(stamp_file.stored(outbox.outputs(out)), stamp_file.kinds(outbox.outputs(out))),
        feeds=found.feeds,
        seed=sample_inputs.SEED,
        generator=sample_inputs.GENERATOR,
    )
