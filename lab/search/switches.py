"""What a scenario's header says works with other variables, tried on the pair that fails."""

from collections.abc import Generator, Mapping
from dataclasses import replace

from lab.model import Expectation, variants_between
from lab.model.explanation import Switch
from lab.outcome.verdict import describe
from lab.run.events import Event
from lab.run.plan import from_words
from lab.search.explain_request import ExplainRequest
from lab.search.failing_pair import HeaderPairs
from lab.search.judge import not_lost
from lab.search.probes import SearchSession


def tried(request: ExplainRequest, session: SearchSession) -> Generator[Event, None, tuple[Switch, ...]]:
    """What the header says works with other variables, tried on the symptom's own pair."""
    one = request.pair
    found: list[Switch] = []
    header = HeaderPairs(scenario=request.scenario, catalogue=request.catalogue)
    for other in header.around(one.saver, one.loader, one.route):
        words = replace(
            request.words,
            savers=(one.saver,),
            loaders=(one.loader,),
            saver_env=other.saver_env,
            loader_env=other.loader_env,
        )
        result = yield from session.trial(from_words(request.scenario, request.catalogue, words)[0])
        not_lost(result.label, result.outcome)
        setting = "; ".join(
            _set(side, env) for side, env in (("saving", other.saver_env), ("loading", other.loader_env)) if env
        )
        found.append(
            Switch(
                label=result.label,
                setting=setting or "nothing set",
                outcome=describe(result.outcome),
                works=result.outcome.ok,
                variant=bool(_variants(request, other)),
            )
        )
    return tuple(found)


def _variants(request: ExplainRequest, other: Expectation) -> tuple[str, ...]:
    """The variables in which a pair that works is about another net or call than the one that fails."""
    one = request.pair
    sides = ((one.saver_env, other.saver_env), (one.loader_env, other.loader_env))
    return variants_between(request.scenario.variants, *sides)


def _set(side: str, env: Mapping[str, str]) -> str:
    return f"{' '.join(f'{name}={value}' for name, value in sorted(env.items()))} while {side}"
