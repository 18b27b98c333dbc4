"""results.json and PROOF.json: what a bundle claims, as nouns; what others wrote is checked before it is believed."""

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TypeVar

import msgspec

from lab import documents, variables
from lab.errors import BundleError
from lab.model import Limits
from lab.model.bundle import Bundle, Case, Proof
from lab.scenario.expect import ROUTES
from lab.text import clean

# History of the form; every older one stays readable (tests/golden/schemas keeps one file per number).
# 1 (2026-11): the first.
# 2 (2026-11): a case may be a leak and tell its growth, and may have been saved over what an earlier saver left.
SCHEMA = 2
NAME = "results.json"
PROOF = "PROOF.json"
LARGEST = 4 * 1024**2
MOST_CASES = 50
MOST_THREADS = 256
MOST_OF_ANYTHING = 1 << 63
_T = TypeVar("_T", Bundle, Proof)
_ENVIRONMENT = re.compile(r"[a-z0-9][a-z0-9._-]{0,80}")
_HASH = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}")


def read(folder: Path) -> Bundle:
    """The claims of an unpacked bundle; BundleError where they are of a newer form, damaged, or not to be trusted."""
    bundle = decode(_stored(folder / NAME), NAME)
    for what, value, shape in (
        ("scenario", bundle.scenario, _NAME),
        ("saver", bundle.saver, _ENVIRONMENT),
        ("loader", bundle.loader, _ENVIRONMENT),
    ):
        if shape.fullmatch(value) is None:
            raise BundleError.refused(f"its {what} is {value[:80]!a}")
    if not 1 <= len(bundle.cases) <= MOST_CASES:
        raise BundleError.refused(f"it has {len(bundle.cases)} cases")
    if not 1 <= bundle.threads <= MOST_THREADS:
        raise BundleError.refused(f"it asks for {bundle.threads} threads")
    if any(number > MOST_OF_ANYTHING for number in asdict(bundle.limits).values()):
        raise BundleError.refused("its limits hold a number that no machine has")
    _check_variables(bundle.saver_env)
    for case in bundle.cases:
        _check_variables(case.trial.loader_env)
        if case.trial.route not in ROUTES:
            raise BundleError.refused(f"one of its cases has the route {case.trial.route[:80]!a}")
    if any(_HASH.fullmatch(one.sha256) is None or one.size < 0 for one in bundle.builds):
        raise BundleError.refused("one of its builds has no sha256 or no size")
    builds = tuple(replace(one, name=_line(one.name)) for one in bundle.builds)
    return replace(
        bundle, summary=_line(bundle.summary), builds=builds, cases=tuple(_plain(case) for case in bundle.cases)
    )


def _plain(case: Case) -> Case:
    """A case whose words can do nothing to a terminal, each on one line but the traceback."""
    outcome = case.trial.outcome
    told = replace(
        outcome,
        reason=_line(outcome.reason),
        type=_line(outcome.type),
        signature=_line(outcome.signature),
        message=clean(outcome.message),
        detail=clean(outcome.detail, LARGEST),
        warnings=tuple(_line(one) for one in outcome.warnings),
    )
    return replace(case, trial=replace(case.trial, label=_line(case.trial.label), outcome=told))


def _line(text: str) -> str:
    return " ".join(clean(text, 400).split())


def proof(folder: Path) -> Proof | None:
    """The proof that came with a bundle, if any: what its maker says, not what was seen here."""
    return _decode(_stored(folder / PROOF), PROOF, Proof) if (folder / PROOF).is_file() else None


def decode(data: bytes, where: str) -> Bundle:
    """Claims from their stored bytes, without a check of what they say; BundleError where they cannot be read."""
    return _decode(data, where, Bundle)


def _stored(path: Path) -> bytes:
    try:
        if path.stat().st_size <= LARGEST:
            return path.read_bytes()
    except OSError as error:
        raise BundleError.refused(f"{path.name} cannot be read: {error.strerror}") from error
    raise BundleError.refused(f"{path.name} is too long")


def _decode(data: bytes, where: str, kind: type[_T]) -> _T:
    try:
        schema = documents.json(data, dict[str, object]).get("schema")
        wrong = documents.numbered(schema, SCHEMA)
        if isinstance(schema, int) and schema > SCHEMA:
            raise BundleError(
                f"{where} of this bundle {wrong}",
                "use a newer lab, or python repro.py check inside the bundle",
            )
        if wrong:
            raise BundleError.refused(f"{where} {wrong}")
        return documents.json(data, kind)
    except msgspec.DecodeError as error:
        raise BundleError.refused(f"{where} is damaged: {clean(str(error), 200)}") from error


def _check_variables(env: Mapping[str, str]) -> None:
    for name, value in env.items():
        if not variables.settable(name, value) or not value.isprintable():
            raise BundleError.refused(f"it wants to set the variable {name[:80]!a}")


def bounded(limits: Limits) -> Limits:
    """Limits of a bundle from elsewhere, none above the lab's own."""
    most = Limits()
    return Limits(
        memory=_within(limits.memory, most.memory),
        cpus=min(max(limits.cpus, 0.1), 4.0),
        pids=_within(limits.pids, most.pids),
        wall_s=min(max(limits.wall_s, 1.0), most.wall_s),
        silent_s=min(max(limits.silent_s, 1.0), most.silent_s),
        output=_within(limits.output, most.output),
        log=_within(limits.log, most.log),
    )


def fitted(limits: Limits, cores: int, memory: int) -> Limits:
    """Limits that a machine with so many cores and bytes of memory can give; an engine refuses more cores than there are."""
    return replace(limits, cpus=min(limits.cpus, float(cores)), memory=min(limits.memory, memory))


def _within(value: int, most: int) -> int:
    return min(max(value, 1), most)
