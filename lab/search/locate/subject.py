"""What is to be located: a model by its path with its inputs, or the model of a run's bad trial."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lab.environment import Catalogue
from lab.search import cut_case
from lab.search.cut_case import CaseWords, CutCase
from lab.search.locate.request import LocateRequest, SideWords, sides
from lab.storage.store import Store


@dataclass(frozen=True, kw_only=True)
class LocateWords:
    """What the user typed: the model or the run, what is known of both places, and what the model is fed."""

    command: str
    name: str
    good: str = ""
    bad: str = ""
    route: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    inputs: str = ""
    expect: str = ""
    dims: Sequence[str] = ()


@contextlib.contextmanager
def requested(asked: LocateWords, kept: Store, catalogue: Catalogue) -> Iterator[LocateRequest]:
    """The request that the words stand for; a run's model lives as long as the block. UsageError says what does not fit."""
    for release in (asked.good, asked.bad):
        if release:
            catalogue.environment(release)
    words = CaseWords(
        name=asked.name, inputs=asked.inputs, expect=asked.expect, dims=asked.dims, route=asked.route, release=asked.bad
    )
    with cut_case.opened(kept, words) as case:
        good, bad = sides(case.given, catalogue, *_said(asked, case))
        yield LocateRequest(
            command=asked.command, given=case.given, material=case.material, good=good, bad=bad,
            notes=case.material.notes,
        )  # fmt: skip


def _said(asked: LocateWords, case: CutCase) -> tuple[SideWords, SideWords]:
    """What is known of both sides: what was typed, and what the run shows where it is one."""
    failed = case.failed
    if failed is None:
        routes = (asked.route,) if asked.route else ()
        return SideWords(release=asked.good), SideWords(release=asked.bad, routes=routes, env=asked.env)
    good = (
        SideWords(release=asked.good)
        if asked.good
        else SideWords(release=failed.good, routes=failed.good_routes, env=failed.good_env)
    )
    env = {**failed.env, **asked.env}
    return good, SideWords(release=asked.bad or failed.bad, routes=(failed.route,), env=env)
