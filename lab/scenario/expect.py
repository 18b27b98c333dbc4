"""What a scenario's header says: routes, expectations, tolerances and limits, as nouns."""

import itertools
from dataclasses import fields
from typing import Any

from lab import pattern
from lab.model import Expectation, Grade, Kind, Limits, Mismatch, Phase, Tolerance
from lab.model.growth import GrowthPlan
from lab.scenario.header import Table

STANDARD_ROUTES = ("jit", "jit_old_ir", "static", "predictor", "predictor_no_onednn")
"""Ways of opening a model that the guest brings; the others need the scenario's own load and infer."""

ROUTES = ("own", *STANDARD_ROUTES, "state_dict")
KEYS = (
    "summary",
    "issue",
    "expect",
    "tolerances",
    "routes",
    "limits",
    "timed",
    "summary_zh",
    "variants",
    "files",
    "growth",
)
CALLS = (16, 2000)
"""The fewest loads or calls that memory can be judged by, and the most that are worth the time."""
ENVIRONMENTS = ("saver_env", "loader_env", "over_env")
_MIB, _TIB = float(1 << 20), float(1 << 40)
_WEEK = 7 * 24 * 3600.0
RANGES = {
    "memory": (6 * _MIB, _TIB),
    "cpus": (0.1, 1024.0),
    "pids": (1.0, float(1 << 22)),
    "wall_s": (0.1, _WEEK),
    "silent_s": (0.1, _WEEK),
    "output": (1.0, _TIB),
    "log": (1.0, float(1 << 30)),
}
"""The least and the most of each limit: 6 MiB of memory and 4,194,304 processes are what engine and kernel take."""
LIMIT_TYPES: dict[str, type[Any]] = {field.name: type(field.default) for field in fields(Limits)}


def routes(table: Table) -> tuple[str, ...]:
    """The ways of opening the model that the scenario is about; its own where it names none."""
    table.only(*KEYS)
    return table.among("routes", ROUTES, ("own",))


def expectations(table: Table, known: tuple[str, ...]) -> tuple[Expectation, ...]:
    """Every pair that some expectation speaks of, in the order of the header; a pair may be spoken of once."""
    found: list[Expectation] = []
    for one in table.below("expect"):
        for expected in _expanded(one, known):
            if any(_pair(expected) == _pair(earlier) for earlier in found):
                what = f"{expected.saver} -> {expected.loader} by {expected.route} is expected twice"
                raise one.wrong("loader", what, "keep one expectation for each pair")
            found.append(expected)
        if found and found[-1].outcome is Kind.LEAK and "growth" not in table.values:
            remedy = 'add [tool.lab.growth] with of = "load" or of = "infer"'
            raise one.wrong("outcome", "a leak is expected, and the header does not say what grows", remedy)
    return tuple(found)


def growth(table: Table) -> GrowthPlan | None:
    """What is done again and again while memory is watched, where the header asks for it."""
    found = table.below("growth")
    if not found:
        return None
    if len(found) > 1:
        raise table.wrong("growth", "growth is there more than once", "write one [tool.lab.growth]")
    (one,) = found
    one.only(*(field.name for field in fields(GrowthPlan)))
    of = one.choice("of", Phase, None)
    if of not in (Phase.LOAD, Phase.INFER):
        raise one.wrong("of", "of is missing in [tool.lab.growth], or is neither load nor infer", 'write of = "load"')
    least, most = CALLS
    calls = (
        one.number_of("calls", whole=True, least=least, most=most) if "calls" in one.values else GrowthPlan(of=of).calls
    )
    return GrowthPlan(of=of, calls=int(calls))


def _expanded(table: Table, known: tuple[str, ...]) -> list[Expectation]:
    """One table as the cross product of its savers, loaders and routes."""
    table.only(*(field.name for field in fields(Expectation)))
    outcome = table.choice("outcome", Kind, Kind.OK) or Kind.OK
    pairs = itertools.product(table.texts("saver"), table.texts("loader"), table.among("route", known, known[:1]))
    return [
        Expectation(
            saver=saver,
            loader=loader,
            route=route,
            saver_env=table.variables("saver_env"),
            loader_env=table.variables("loader_env"),
            outcome=outcome,
            phase=table.choice("phase", Phase, None),
            type=table.telling("type"),
            message=_pattern(table, "message"),
            reason=_reason(table, outcome),
            grade=table.choice("grade", Grade, None),
            full=table.truth("full", default=False),
            over=table.telling("over"),
            over_env=_over_env(table),
        )
        for saver, loader, route in pairs
    ]


def _over_env(table: Table) -> dict[str, str]:
    """The variables of the earlier saver, which there must be."""
    if "over_env" in table.values and "over" not in table.values:
        remedy = 'write over = "2.6.2", or another release that saved there before'
        raise table.wrong("over_env", "over_env is there, and no saver that it is of", remedy)
    return table.variables("over_env")


def _reason(table: Table, outcome: Kind) -> Mismatch | None:
    """How the numbers are wrong; only wrong numbers have such a reason."""
    found = table.choice("reason", Mismatch, None)
    if found is not None and outcome is not Kind.NUMERIC_MISMATCH:
        remedy = 'write outcome = "numeric_mismatch", or leave the reason out'
        raise table.wrong("reason", f"reason is of wrong numbers, and the outcome is {outcome}", remedy)
    return found


def variants(table: Table) -> tuple[str, ...]:
    """The variables that change what the scenario builds or calls; each is set in some expectation."""
    names = table.texts("variants") if "variants" in table.values else ()
    used = {name for one in table.below("expect") for key in ENVIRONMENTS for name in one.variables(key)}
    for name in names:
        if name not in used:
            remedy = f"known are {', '.join(sorted(used))}" if used else "set it in saver_env or loader_env of a pair"
            raise table.wrong("variants", f"the variant {name!r} is set in no [tool.lab.expect]", remedy)
    return names


def _pair(one: Expectation) -> tuple[object, ...]:
    return one.saver, one.loader, one.route, dict(one.saver_env), dict(one.loader_env), one.over, dict(one.over_env)


def _pattern(table: Table, key: str) -> str:
    text = table.telling(key)
    try:
        pattern.check(text)
    except pattern.PatternError as error:
        what = f"{key} is not a regular expression: {error}"
        remedy = f"put a backslash before each of . ( ) [ * + ? that is meant as itself; {pattern.SYNTAX}"
        raise table.wrong(key, what, remedy) from error
    return text


def tolerances(table: Table) -> tuple[Tolerance, ...]:
    """The scenario's own tolerances, each with its reason."""
    return tuple(_tolerance(one) for one in table.below("tolerances"))


def _tolerance(table: Table) -> Tolerance:
    table.only(*(field.name for field in fields(Tolerance)))
    return Tolerance(
        output=table.text("output"),
        rtol=table.number_of("rtol", whole=False),
        atol=table.number_of("atol", whole=False),
        reason=table.text("reason"),
    )


def limits(table: Table) -> Limits:
    """The scenario's own limits over the usual ones: sizes in bytes, times in seconds."""
    values: dict[str, Any] = {}
    for one in table.below("limits"):
        one.only(*LIMIT_TYPES)
        for key in one.values:
            least, most = RANGES[key]
            values[key] = one.number_of(key, whole=LIMIT_TYPES[key] is int, least=least, most=most)
    return Limits(**values)
