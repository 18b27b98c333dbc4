"""How a verb is shown while it works, and how it is left."""

import shlex
import sys
from collections.abc import Generator
from typing import TypeVar

from lab.cli.screen import Screen
from lab.errors import Interrupted
from lab.model import Block, TrialResult
from lab.outcome.words import numbers, outcome_words
from lab.run.events import Began, Done, Event, Measured, Told

Answer = TypeVar("Answer")
ONCE = frozenset({"--workspace", "-w", "--resume"})
PLAIN = frozenset({"--fresh", "--dry-run"})
KEPT = "what was finished is kept"


def follow(events: Generator[Event, None, Answer], screen: Screen, *, again: str, kept: str = KEPT) -> Answer:
    """Show every event of a verb and give back its answer; Ctrl-C ends its containers and says how to go on: `again`."""
    try:
        with screen:
            while True:
                try:
                    event = next(events)
                except StopIteration as ended:
                    answer: Answer = ended.value
                    return answer
                _show(event, screen)
    except KeyboardInterrupt:
        events.close()
        raise Interrupted(f"interrupted; {kept}", again) from None


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


def once_more(command: str, *, resumed: bool = True) -> str:
    """How a search is gone on with; `resumed` says that its command has --resume."""
    return f"to go on, run the same again: {command}" + ("; with --resume last in the same run" if resumed else "")


def command() -> str:
    """This command as somebody else would type it: without the place of this workspace, and not as a resumption."""
    words: list[str] = []
    for before, word in zip(sys.argv, sys.argv[1:], strict=False):
        if word not in PLAIN and not {before, word} & ONCE and not word.startswith(tuple(f"{one}=" for one in ONCE)):
            words.append(word)
    return shlex.join(["lab", *words])
