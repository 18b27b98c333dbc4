"""What is to be located: a model by its path with its inputs, or the model of a run's bad trial."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab import scratch
from lab.check import given_model
from lab.check import request as check_request
from lab.check.adopt import Material
from lab.check.given_model import Given
from lab.check.sample_inputs import Arrays
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.formats.names import model_at, split
from lab.search.locate import from_run
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
    path = Path(asked.name)
    if model_at(path):
        yield _of_model(path, asked, catalogue)
        return
    if "/" in asked.name or split(path.name)[1]:
        raise UsageError(f"there is no model at {asked.name}", "name a model's folder, prefix or program, or a run")
    if asked.inputs or asked.dims:
        raise UsageError(f"{asked.name} is a run, which keeps its own inputs", "leave --inputs, --expect and --dim out")
    with scratch.folder("model") as room:
        yield _of_run(asked, kept, catalogue, room)


def _of_model(path: Path, asked: LocateWords, catalogue: Catalogue) -> LocateRequest:
    given = given_model.look(path)
    words = check_request.CheckWords(
        path=path, command="", inputs=asked.inputs, expect=asked.expect, dims=check_request.dims(asked.dims)
    )
    material = check_request.material(given, words)
    golden = material.golden if asked.expect else None  # a stamp's answers are another release's, and no user's word
    material = replace(material, golden=golden, candidates=())
    routes = (asked.route,) if asked.route else ()
    bad = SideWords(release=asked.bad, routes=routes, env=asked.env)
    return _request(asked, given, material, catalogue, (SideWords(release=asked.good), bad))


def _of_run(asked: LocateWords, kept: Store, catalogue: Catalogue, room: Path) -> LocateRequest:
    run = kept.find(asked.name)
    taken = from_run.taken(run, kept.folder(run.id), room, release=asked.bad, route=asked.route)
    given = given_model.look(room, stamped=False)
    material = Material(inputs=_named(given, taken.inputs))
    good = SideWords(release=asked.good) if asked.good else taken.good
    bad = replace(taken.bad, env={**taken.bad.env, **asked.env})
    return _request(asked, given, material, catalogue, (good, bad))


def _named(given: Given, arrays: Arrays) -> Arrays:
    """The run's inputs under the model's own names: by name where all fit, else in their order."""
    names = [one.name for one in given.program.inputs]
    if set(names) == set(arrays):
        return {name: arrays[name] for name in names}
    if len(names) != len(arrays):
        raise UsageError(
            f"the run fed {', '.join(arrays)}, and its model takes {', '.join(names)}", "name the model, with --inputs"
        )
    return dict(zip(names, arrays.values(), strict=True))


def _request(
    asked: LocateWords,
    given: Given,
    material: Material,
    catalogue: Catalogue,
    both: tuple[SideWords, SideWords],
) -> LocateRequest:
    good, bad = sides(given, catalogue, *both)
    return LocateRequest(
        command=asked.command, given=given, material=material, good=good, bad=bad, notes=material.notes
    )
