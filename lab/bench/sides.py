"""The sides of a benchmark: a release with its flags, the model it loads, and the image it runs in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.engine.protocol import Image
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.model import Scenario, Trial
from lab.run.plan import Planned, Words, from_words
from lab.run.trial import RunContext


@dataclass(frozen=True, kw_only=True)
class SideWord:
    """One side as a user writes it: RELEASE, or RELEASE+NAME=VALUE for one with flags of its own."""

    selector: str
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TimedSide:
    """One side ready to be measured; `saved` is the folder its saver wrote."""

    label: str
    trial: Trial
    image: Image
    digest: str
    saved: Path


def read_sides(words: Sequence[str], env: Mapping[str, str]) -> tuple[SideWord, ...]:
    """The sides of --releases; `env` is set on all of them. UsageError where a word is wrong or says the same twice."""
    found: list[SideWord] = []
    for word in words:
        selector, *settings = word.split("+")
        pairs = [one.partition("=") for one in settings]
        if not selector or any(not (name and equals) for name, equals, _ in pairs):
            raise UsageError(
                f"{word!r} is not a side", "RELEASE, or RELEASE+NAME=VALUE, such as 3.0.0+FLAGS_enable_pir_api=0"
            )
        side = SideWord(selector=selector, env={**env, **{name: value for name, _, value in pairs}})
        if side in found:
            raise UsageError(f"the side {word!r} is named twice", "name each side once; A/A blocks come by themselves")
        found.append(side)
    return tuple(found)


def planned(
    scenario: Scenario, catalogue: Catalogue, sides: Sequence[SideWord], words: Words, saver: str
) -> tuple[Planned, ...]:
    """One trial a side: what it saved itself with the same flags, or what the one chosen saver saved without any."""
    plans: list[Planned] = []
    for side in sides:
        own = replace(
            words,
            savers=(saver or side.selector,),
            loaders=(side.selector,),
            loader_env=dict(side.env),
            saver_env={} if saver else dict(side.env),
        )
        plans += from_words(scenario, catalogue, own)
    labels = [label_of(one) for one in plans]
    if len(set(labels)) < len(labels):
        raise UsageError("two of the releases are the same one", "name each side once; A/A blocks come by themselves")
    return tuple(plans)


def label_of(one: Planned) -> str:
    """The name of a side in the report: where its model is loaded."""
    return one.trial.loader.label if one.trial is not None else one.label


def timed_side(label: str, trial: Trial, image: Image, context: RunContext) -> TimedSide:
    """A side whose trial has run: with what it saved."""
    saved = context.saver_folder(trial) / "out"
    return TimedSide(label=label, trial=trial, image=image, digest=context.digest(trial.loader), saved=saved)
