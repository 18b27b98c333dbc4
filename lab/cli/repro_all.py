"""`lab repro --all`: every scenario held against what it expects, and what changed since the last time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from lab.cli import again, answer, dry, opening
from lab.cli.flight import flown
from lab.cli.follow import follow
from lab.cli.screen import Screen, say
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue
from lab.errors import Interrupted, LabError
from lab.model import OutcomeChange, Run, RunStatus, Scenario, Verdict
from lab.model.cases import AnswerCase, AnswerCases, CaseEnd
from lab.outcome import verdict
from lab.outcome.exits import EXITS, FAILURES, Ending, worst_of
from lab.report import cases, rows
from lab.report.markdown import cell
from lab.run import plan, workflow
from lab.run.plan import Words
from lab.run.session import Laboratory, RunRequest
from lab.storage.store import Store
from lab.storage.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class CheckedScenario:
    """One scenario held against its header: the run, what differs from the header, what changed since the last run."""

    scenario: str
    verdict: str
    ending: Verdict | Ending
    code: int
    headline: str
    run: str = ""
    differs: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AllRequest:
    """Which scenarios, under which words; `resumed` is the run to go on with, if any."""

    scenarios: tuple[Scenario, ...]
    catalogue: Catalogue
    words: Words
    fresh: bool = False
    resumed: str = ""

    def request(self, read: Scenario) -> RunRequest:
        """The run of one scenario, untimed."""
        return RunRequest(
            name=read.name, command=command_of(read), scenario_sha256=read.sha256, rounds=0, fresh=self.fresh,
            planned=plan.from_header(read, self.catalogue, self.words), resume=self.resumed,
        )  # fmt: skip


def command_of(read: Scenario) -> str:
    """What runs one scenario of them again."""
    return again.command(names=(read.name,))


def dry_run(question: AllRequest) -> NoReturn:
    """Every pair of every scenario."""
    planned = {read.name: [dry.pair(one) for one in question.request(read).planned] for read in question.scenarios}
    lines = [f"{name}: {dry.line(one)}" for name, pairs in planned.items() for one in pairs]
    answer.plan({"command": again.command(), "scenarios": planned}, text=lambda: say("\n".join(lines)))


def performed(question: AllRequest, found: Workspace, engine: EngineChoice) -> NoReturn:
    """One line a scenario, as each is done; the worst of their exit codes."""
    laboratory = opening.laboratory(found, question.catalogue, engine, Screen(quiet=True), question.resumed)
    works = [partial(_checked, read, question, laboratory) for read in question.scenarios]
    done = answer.told(flown(works, laboratory), _line)
    answer.give(
        {"scenarios": done},
        worst_of([one.ending for one in done]),
        text=lambda: say("\n".join(_line(one) for one in done)),
        markdown=lambda: "\n".join(_item(one) for one in done),
        told=True,
        cases=lambda: _cases(done),
    )


def _checked(read: Scenario, question: AllRequest, laboratory: Laboratory) -> CheckedScenario:
    """One scenario held against its header; an engine that fails costs only this line."""
    before = _last(laboratory.store, read.name)
    try:
        run = follow(workflow.perform(question.request(read), laboratory), Screen(quiet=True))
    except Interrupted:
        raise
    except LabError as error:
        ended = FAILURES[error.exit_code]
        return CheckedScenario(
            scenario=read.name, verdict="not run", ending=ended, code=error.exit_code, headline=error.what
        )
    end = verdict.ending(run.verdict, run.trials)
    return CheckedScenario(
        scenario=read.name,
        verdict=run.verdict.value,
        ending=end,
        code=EXITS[end],
        headline=rows.headline(run),
        run=run.id,
        differs=tuple(run.reasons),
        changed=_changed(before, run) if before else (),
    )


def _last(kept: Store, name: str) -> Run | None:
    """The newest finished run of a scenario."""
    runs = kept.whole(f"-{name}-")
    return next((one for one in runs if one.scenario == name and one.status is RunStatus.FINISHED), None)


def _changed(before: Run, after: Run) -> tuple[str, ...]:
    """What pairs of both runs did otherwise than before."""
    old = {one.label: one.outcome for one in before.trials}
    pairs = [(one.label, verdict.compare_with(old[one.label], one.outcome)) for one in after.trials if one.label in old]
    return tuple(f"{label}: {change}" for label, change in pairs if change.known and change is not OutcomeChange.SAME)


def _line(one: CheckedScenario) -> str:
    lines = [f"{one.verdict or 'no verdict':<15} {one.scenario:<28} {one.headline}"]
    lines += [f"  {what:<8} {text}" for what, text in _details(one)]
    return "\n".join(lines)


def _item(one: CheckedScenario) -> str:
    """The same line in a list of Markdown."""
    lines = [f"- **{cell(one.verdict or 'no verdict')}** {cell(one.scenario)}: {cell(one.headline)}"]
    lines += [f"  - {what}: {cell(text)}" for what, text in _details(one)]
    return "\n".join(lines)


def _cases(done: Sequence[CheckedScenario]) -> AnswerCases:
    """One case a scenario, as its line says."""
    found = tuple(
        AnswerCase(name=one.scenario, end=_end(one), message=one.headline, detail="\n".join(" ".join(two) for two in _details(one)))
        for one in done
    )  # fmt: skip
    well = sum(one.end is CaseEnd.PASSED for one in found)
    return AnswerCases(subject="", said=f"{well} of {len(found)} scenarios are as their headers say", cases=found)


def _end(one: CheckedScenario) -> CaseEnd:
    if one.code == 0:
        return CaseEnd.PASSED
    return (
        CaseEnd.ERROR
        if one.code in cases.BROKEN
        else CaseEnd.SKIPPED
        if one.code == EXITS[Ending.UNTRIED]
        else CaseEnd.FAILED
    )


def _details(one: CheckedScenario) -> Iterator[tuple[str, str]]:
    """What differs from the header, and what changed since the last time."""
    yield from (("differs", text) for text in one.differs)
    yield from (("changed", text) for text in one.changed)
