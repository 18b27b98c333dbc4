"""Proved ways from one format to the other, from conversions.toml."""

import textwrap
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from lab.environment import Catalogue
from lab.errors import UsageError
from lab.model import Stage

NAMES = {"json": ".json", "pdmodel": ".pdmodel"}

_TEXT = '''# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a {before} turned into a {after}"
# routes = {routes}
#
# [tool.lab.limits]
# memory = {memory}
# ///
"""Reads the model that lies in the folder of the request, and writes it in the other format.

What was given: {given}
"""

import json
import os

import numpy as np
import paddle


def given():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "request.json"), encoding="utf-8") as file:
        return json.load(file)["given"]


def inputs(rng):
    with open(os.path.join(given(), "inputs.json"), encoding="utf-8") as file:
        names = json.load(file)["names"]
    with np.load(os.path.join(given(), "inputs.npz"), allow_pickle=False) as stored:
        return {{name: stored["a{{:04d}}".format(number)] for number, name in enumerate(names)}}


def converted(source, target):
{code}
    return executor, program, fetches


def save(prefix, inputs):
    executor, program, fetches = converted(os.path.join(given(), "model", "net"), prefix)
    answers = executor.run(program, feed=inputs, fetch_list=fetches)
    return {{"out{{}}".format(number): np.asarray(answer) for number, answer in enumerate(answers)}}
'''


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """One proved way: from which format to which, in which releases, with what set, by which code."""

    before: str
    after: str
    releases: str
    env: Mapping[str, str]
    code: str
    source: str

    def text(self, given: str, routes: str, memory: int) -> str:
        """The scenario that converts: its save reads the given model and writes the other format."""
        code = textwrap.indent(self.code.strip("\n"), "    ")
        return _TEXT.format(before=self.before, after=self.after, code=code, given=given, routes=routes, memory=memory)


def proved(before: str, to: str) -> Conversion:
    """The way from a format to the one named; UsageError where nobody has one, and why."""
    after = NAMES.get(to)
    if after is None:
        raise UsageError(f"there is no format {to!r}", f"--into {' or --into '.join(NAMES)}")
    if after == before:
        raise UsageError(f"the model is a {before} already", "lab check says which releases read it")
    data: Mapping[str, Any] = tomllib.loads(
        resources.files("lab.check").joinpath("conversions.toml").read_text(encoding="utf-8")
    )
    for one in data["conversion"]:
        if (one["from"], one["to"]) == (before, after):
            return Conversion(
                before=before,
                after=after,
                releases=one["releases"],
                env=one["env"],
                code=one["code"],
                source=one["source"],
            )
    for one in data["none"]:
        if (one["from"], one["to"]) == (before, after):
            raise UsageError(
                f"no way leads from a {before} to a {after}: {one['why']} ({one['source']})", one["instead"]
            )
    raise UsageError(f"no way leads from a {before} to a {after} that anybody proved", "export the model again")


def places(conversion: Conversion, catalogue: Catalogue, asked: str, python: str) -> tuple[str, ...]:
    """The releases to convert in, the first choice first: the one asked for, else the oldest stable one, then the newest.

    What an older release writes more releases read. UsageError where the way does not exist in the release asked for.
    """
    able = catalogue.releases_in(conversion.releases)
    if not asked:
        here = [one.version for one in able if one.stage is Stage.STABLE and _exists(catalogue, one.version, python)]
        if not here:
            raise UsageError(f"none of {conversion.releases} exists here", "lab images list shows what exists")
        return tuple(dict.fromkeys((here[0], here[-1])))
    catalogue.environment(asked, python=python)
    if not catalogue.within(catalogue.named(asked), conversion.releases):
        raise UsageError(
            f"{asked} cannot turn a {conversion.before} into a {conversion.after}",
            f"--release {conversion.releases}",
        )
    return (asked,)


def _exists(catalogue: Catalogue, version: str, python: str) -> bool:
    try:
        catalogue.environment(version, python=python)
    except UsageError:
        return False
    return True
