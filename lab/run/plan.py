"""From a scenario's expectations, or a user's words, to the list of trials that a run will do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lab.environment import Catalogue
from lab.errors import UsageError
from lab.model import Environment, Expectation, Place, Scenario, Settings, Trial


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One line of a plan: the trial, what is expected of it, or why it cannot exist on this machine.

    `asked` is the pair as it was asked for, where it cannot exist and the header expects nothing of it.
    """

    trial: Trial | None
    expected: Expectation | None
    label: str
    unsupported: str = ""
    asked: Expectation | None = None


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the user narrows a plan by; empty means: as the header says. `packages` are in every environment ("numpy==1.26.4").

    `save_on` and `load_on` are labels of the hosts of a fleet that do each side.
    """

    full: bool = False
    python: str = ""
    threads: int = 1
    savers: tuple[str, ...] = ()
    loaders: tuple[str, ...] = ()
    loader_env: Mapping[str, str] = field(default_factory=dict)
    saver_env: Mapping[str, str] = field(default_factory=dict)
    route: str = ""
    packages: tuple[str, ...] = ()
    save_on: str = ""
    load_on: str = ""


def from_header(scenario: Scenario, catalogue: Catalogue, words: Words) -> tuple[Planned, ...]:
    """Every pair the header expects something of; the costly ones only in a full run."""
    wanted = [one for one in scenario.expectations if words.full or not one.full]
    if not wanted:
        raise UsageError(
            f"{scenario.name} expects nothing of any pair{'' if words.full else ' without --full'}",
            "add [[tool.lab.expect]] tables to its header, or name pairs: lab run SCENARIO --savers R --loaders R",
        )
    return tuple(_planned(scenario, catalogue, one, words) for one in wanted)


def from_words(scenario: Scenario, catalogue: Catalogue, words: Words) -> tuple[Planned, ...]:
    """Every saver with every loader the user named, judged where the header expects something of the same pair."""
    pairs = _pairs(words, (words.saver_env,), (words.loader_env,))
    known = {_sameness(one, catalogue): one for one in scenario.expectations}
    return tuple(_named(scenario, catalogue, one, words, known.get(_sameness(one, catalogue))) for one in pairs)


def grid(
    scenario: Scenario, catalogue: Catalogue, words: Words, also: Mapping[str, str] | None = None
) -> tuple[Planned, ...]:
    """Every saver with every loader, row by row; a pair that cannot exist here keeps its place, grey.

    With `also`, each saver and each loader comes a second time with these variables set as well.
    """
    savers, loaders = [words.saver_env], [words.loader_env]
    if also:
        savers.append({**words.saver_env, **also})
        loaders.append({**words.loader_env, **also})
    known = {_sameness(one, catalogue): one for one in scenario.expectations}
    return tuple(
        _tolerant(scenario, catalogue, one, words, known.get(_sameness(one, catalogue)))
        for one in _pairs(words, savers, loaders)
    )


def newest_patches(catalogue: Catalogue) -> tuple[str, ...]:
    """The last patch of every stable minor release that has an environment by default, oldest first."""
    found: dict[str, str] = {}
    for one in catalogue.releases_in("stable"):
        try:
            catalogue.environment(one.version)
        except UsageError:
            continue
        found[one.version.rpartition(".")[0]] = one.version
    return tuple(found.values())


def _pairs(
    words: Words, saver_envs: Sequence[Mapping[str, str]], loader_envs: Sequence[Mapping[str, str]]
) -> list[Expectation]:
    return [
        Expectation(
            saver=saver, loader=loader, saver_env=saver_env, loader_env=loader_env, route=words.route or "own"
        )
        for saver in words.savers
        for saver_env in saver_envs
        for loader in words.loaders
        for loader_env in loader_envs
    ]  # fmt: skip


def environments(planned: Sequence[Planned]) -> Mapping[str, Environment]:
    """The environments a plan needs, by key, in the order they are first needed: savers before loaders."""
    trials = [one.trial for one in planned if one.trial is not None]
    below = [trial.over for trial in trials if trial.over is not None]
    places = below + [trial.saver for trial in trials] + [trial.loader for trial in trials]
    return {place.environment.key: place.environment for place in places}


def _sameness(one: Expectation, catalogue: Catalogue) -> tuple[object, ...]:
    saver, loader = (catalogue.canonical(word) for word in (one.saver, one.loader))
    over = catalogue.canonical(one.over) if one.over else ""
    envs = tuple(tuple(sorted(env.items())) for env in (one.saver_env, one.loader_env, one.over_env))
    return saver, loader, over, envs, one.route


def _planned(scenario: Scenario, catalogue: Catalogue, pair: Expectation, words: Words) -> Planned:
    """A pair of the header: one that cannot exist on this machine stays in the plan, grey."""
    for selector in (pair.saver, pair.loader, *([pair.over] if pair.over else [])):
        catalogue.named(selector)  # an unknown release is an error of the header, said at once
    if words.python:
        catalogue.check_python(words.python)
    return _tolerant(scenario, catalogue, pair, words, pair)


def _tolerant(
    scenario: Scenario, catalogue: Catalogue, pair: Expectation, words: Words, expected: Expectation | None
) -> Planned:
    """The pair, or why it cannot exist, which is data and no error."""
    try:
        return _named(scenario, catalogue, pair, words, expected)
    except UsageError as error:
        over = f" over {_side(pair.over, pair.over_env)}" if pair.over else ""
        label = f"{_side(pair.saver, pair.saver_env)}{over} -> {_side(pair.loader, pair.loader_env)}"
        return Planned(trial=None, expected=expected, label=label, unsupported=error.what, asked=pair)


def _side(selector: str, env: Mapping[str, str]) -> str:
    return f"{selector} {Settings(env=env).label}".strip()


def _named(
    scenario: Scenario, catalogue: Catalogue, pair: Expectation, words: Words, expected: Expectation | None
) -> Planned:
    """A pair whose two environments must exist: UsageError says why one does not, and what does."""
    saver = _place(scenario, catalogue, pair.saver, pair.saver_env, words, words.save_on)
    loader = _place(scenario, catalogue, pair.loader, pair.loader_env, words, words.load_on)
    over = _place(scenario, catalogue, pair.over, pair.over_env, words, words.save_on) if pair.over else None
    trial = Trial(scenario=scenario, saver=saver, loader=loader, route=pair.route, over=over)
    return Planned(trial=trial, expected=expected, label=trial.label)


def _place(
    scenario: Scenario, catalogue: Catalogue, selector: str, env: Mapping[str, str], words: Words, on: str
) -> Place:
    environment = catalogue.environment(selector, python=words.python, packages=words.packages)
    limits = scenario.limits_for(words.threads)
    settings = Settings(env=dict(env), threads=words.threads, limits=limits, on=on)
    return Place(environment=environment, settings=settings)
