"""How a verb is shown while it works, and how it is left."""

from collections.abc import Generator
from typing import TypeVar

from lab.cli import again
from lab.cli.screen import Screen
from lab.errors import InfraError, Interrupted
from lab.model import TrialResult
from lab.model.bench import Block
from lab.outcome.words import numbers, outcome_words
from lab.redaction import door
from lab.run.events import Began, Done, Event, Measured, Told

Answer = TypeVar("Answer")
KEPT = "what was finished is kept"


def follow(events: Generator[Event, None, Answer], screen: Screen, *, kept: str = KEPT) -> Answer:
    """Show every event of a verb and give back its answer; Ctrl-C ends its containers and says how to go on."""
    try:
        with screen:
            while True:
                try:
                    event = next(events)
                except StopIteration as ended:
                    answer: Answer = ended.value
                    return door.cleared(answer)
                _show(event, screen)
    except (KeyboardInterrupt, Interrupted):  # the engine raises the second where a step of a stopped run would start
        events.close()
        raise Interrupted(f"interrupted; {kept}", again.go_on(again.command())) from None
    except InfraError as error:
        if error.left is not None:  # its engine, its disk: once that is mended, the run goes on
            then = again.go_on(again.canonical(error.left.command), error.left.id)
            error.remedy = f"{error.remedy}; then: {then}" if error.remedy else then
        raise


def _show(event: Event, screen: Screen) -> None:
    match event:
        case Told(text=text, passing=passing):
            (screen.hint if passing else screen.tell)(text)
        case Began(label=label, phase=phase):
            screen.step(phase, label)
        case Done(result=result):
            screen.advance(_trial(result))
        case Measured(block=block):
            screen.advance(_block(block))


def _trial(result: TrialResult) -> str:
    """A finished trial in one line."""
    source = f"  (from {result.reused})" if result.reused else ""
    worst = numbers(result.diffs)
    said = outcome_words(result.outcome) + (f", {worst}" if worst else "")
    return f"done   {result.label}: {said}  {result.verdict}{source}"


def _block(block: Block) -> str:
    """A finished block in one line."""
    values = sum(len(one.samples) for one in block.sides)
    ended = "; ".join(f"{one.side}: {one.stopped}" for one in block.sides if one.stopped)
    return f"block {block.number}: {values} values in {block.seconds:.0f} s" + (f"  ({ended})" if ended else "")
