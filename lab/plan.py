"""From a scenario's expectations, or a user's words, to the list of trials that a run will do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lab.catalogue import Catalogue
from lab.errors import UsageError
from lab.model import Environment, Expectation, Place, Scenario, Settings, Trial


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One line of a plan: the trial, what is expected of it, or why it cannot exist on this machine."""

    trial: Trial | None
    expected: Expectation | None
    label: str
    unsupported: str = ""


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the user narrows a plan by; empty means: as the header says."""

    full: bool = False
    python: str = ""
    threads: int = 1
    savers: tuple[str, ...] = ()
    loaders: tuple[str, ...] = ()
    loader_env: Mapping[str, str] = field(default_factory=dict)
    saver_env: Mapping[str, str] = field(default_factory=dict)
    route: str = ""


def from_header(scenario: Scenario, catalogue: Catalogue, words: Words) -> tuple[Planned, ...]:
    """Every pair the header expects something of; the costly ones only in a full run."""
    wanted = [one for one in scenario.expectations if words.full or not one.full]
    if not wanted:
        raise UsageError(
            f"{scenario.name} expects nothing of any pair{'' if words.full else ' without --full'}",
            "add [[tool.lab.expect]] tables to its header, or name pairs: lab run SCENARIO --save R --load R",
        )
    return tuple(_planned(scenario, catalogue, one, words) for one in wanted)


def from_words(scenario: Scenario, catalogue: Catalogue, words: Words) -> tuple[Planned, ...]:
    """Every saver with every loader the user named, judged where the header expects something of the same pair."""
    pairs = [
        Expectation(
            saver=saver, loader=loader, saver_env=words.saver_env, loader_env=words.loader_env,
            route=words.route or "own",
        )
        for saver in words.savers
        for loader in words.loaders
    ]  # fmt: skip
    known = {_sameness(one, catalogue): one for one in scenario.expectations}
    return tuple(_named(scenario, catalogue, one, words, known.get(_sameness(one, catalogue))) for one in pairs)


def environments(planned: Sequence[Planned]) -> Mapping[str, Environment]:
    """The environments a plan needs, by key, in the order they are first needed: savers before loaders."""
    trials = [one.trial for one in planned if one.trial is not None]
    places = [trial.saver for trial in trials] + [trial.loader for trial in trials]
    return {place.environment.key: place.environment for place in places}


def _sameness(one: Expectation, catalogue: Catalogue) -> tuple[object, ...]:
    saver, loader = (_canonical(word, catalogue) for word in (one.saver, one.loader))
    return saver, loader, tuple(sorted(one.saver_env.items())), tuple(sorted(one.loader_env.items())), one.route


def _canonical(selector: str, catalogue: Catalogue) -> str:
    release, dash, rest = selector.partition("-")
    return catalogue.release(release).version + dash + rest


def _planned(scenario: Scenario, catalogue: Catalogue, pair: Expectation, words: Words) -> Planned:
    """A pair of the header: one that cannot exist on this machine stays in the plan, grey."""
    for selector in (pair.saver, pair.loader):
        catalogue.release(selector.partition("-")[0])  # an unknown release is an error of the header, said at once
    if words.python and words.python not in catalogue.known.pythons:
        raise UsageError(
            f"there is no Python {words.python!r} in the catalogue", f"one of {', '.join(catalogue.known.pythons)}"
        )
    try:
        return _named(scenario, catalogue, pair, words, pair)
    except UsageError as error:
        label = f"{_side(pair.saver, pair.saver_env)} -> {_side(pair.loader, pair.loader_env)}"
        return Planned(trial=None, expected=pair, label=label, unsupported=error.what)


def _side(selector: str, env: Mapping[str, str]) -> str:
    return f"{selector} {Settings(env=env).label}".strip()


def _named(
    scenario: Scenario, catalogue: Catalogue, pair: Expectation, words: Words, expected: Expectation | None
) -> Planned:
    """A pair whose two environments must exist: UsageError says why one does not, and what does."""
    saver = _place(scenario, catalogue, pair.saver, pair.saver_env, words)
    loader = _place(scenario, catalogue, pair.loader, pair.loader_env, words)
    trial = Trial(scenario=scenario, saver=saver, loader=loader, route=pair.route)
    return Planned(trial=trial, expected=expected, label=trial.label)


def _place(scenario: Scenario, catalogue: Catalogue, selector: str, env: Mapping[str, str], words: Words) -> Place:
    environment = catalogue.environment(selector, python=words.python)
    limits = replace(scenario.limits, cpus=max(scenario.limits.cpus, float(words.threads)))
    return Place(environment=environment, settings=Settings(env=dict(env), threads=words.threads, limits=limits))
