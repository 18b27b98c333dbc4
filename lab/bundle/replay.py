"""From an unpacked bundle to what happens here: fresh containers, offline, compared with what the bundle claims."""

import platform
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab import scenario as scenarios
from lab import scratch
from lab.bundle import claims, manifest, pickles
from lab.engine.protocol import Image, Teller
from lab.environment import Catalogue
from lab.environment.prepare import Preparer
from lab.errors import BuildError, BundleError, UsageError
from lab.machine import host
from lab.model import (
    BuildSort,
    Environment,
    GivenBuild,
    Limits,
    Outcome,
    OutcomeChange,
    Place,
    Scenario,
    Selector,
    Settings,
    Step,
)
from lab.model.bundle import Bundle, Proof, Replayed
from lab.outcome.growth import with_growth
from lab.outcome.verdict import compare_with
from lab.run.order import StepOrder
from lab.run.step import Runner, without_save
from lab.run.trial import compared, growth_of
from lab.storage.store import Store

NO_PICKLE = ("static", "predictor")
"""Routes that read a program and its parameters, and no file beside them."""
TELLING = ("README.md", "ISSUE.md", claims.PROOF, manifest.NAME)
"""The files that only tell about the others: a proof speaks of the rest."""


@dataclass(frozen=True, kw_only=True)
class ReplayContext:
    """What replays work with, and how they may: `foreign` bundles get tighter limits, no GPU and no pickle."""

    preparer: Preparer
    catalogue: Catalogue
    teller: Teller
    times: int = 1
    other: str = ""
    foreign: bool = True
    allow_pickle: bool = False
    offline: bool = False


@dataclass(frozen=True, kw_only=True)
class OpenedBundle:
    """A bundle that was unpacked and checked: its folder, its claims, its maker's proof, the model files to leave out."""

    folder: Path
    bundle: Bundle
    proof: Proof | None
    pickles: tuple[Path, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Session:
    """One round of steps in a folder of its own."""

    context: ReplayContext
    opened: OpenedBundle
    scenario: Scenario
    runner: Runner
    root: Path
    images: Mapping[str, Image]
    places: Mapping[str, Environment] = field(default_factory=dict)


def opened(folder: Path) -> OpenedBundle:
    """Read what an unpacked bundle claims; BundleError where its proof speaks of other files than these."""
    proof = claims.proof(folder)
    if proof is not None and proof.files_sha256 != manifest.digest(manifest.read(folder / manifest.NAME), TELLING):
        raise BundleError("the proof in this bundle was made of other files", "get it again from where it came")
    return OpenedBundle(folder=folder, bundle=claims.read(folder), proof=proof, pickles=pickles.found(folder / "saved"))


def replay(what: OpenedBundle, context: ReplayContext) -> tuple[Replayed, ...]:
    """Run every case `context.times` times, each in a fresh container, and say what each is against its claim.

    UsageError where this machine cannot be what the bundle needs, BuildError where an image is missing or cannot be made.
    """
    places = _places(what.bundle, context)
    if beyond := _beyond(what.bundle):
        context.teller.say(beyond)
    scenario = scenarios.read(what.folder / "scenario.py")
    images = {side: _image(environment, context) for side, environment in places.items()}
    with scratch.folder("replay") as root:
        store = Store(root=root / "results")
        runner = Runner(
            engine=context.preparer.engine, store=store, run_id=f"replay-{secrets.token_hex(4)}", fresh=True
        )
        session = _Session(
            context=context, opened=what, scenario=scenario, runner=runner, root=store.folder(runner.run_id), images=images,
            places=places,
        )  # fmt: skip
        try:
            return _rounds(session)
        except BaseException:
            context.preparer.engine.stop(runner.run_id)
            raise


def _rounds(session: _Session) -> tuple[Replayed, ...]:
    cases = session.opened.bundle.cases
    seen: list[list[Outcome]] = [[] for _ in cases]
    for turn in range(session.context.times):
        folder = session.root / f"round-{turn + 1}"
        saved = _saved(session, folder)
        for number, case in enumerate(cases):
            session.context.teller.say(
                f"replay {turn + 1} of {session.context.times}: {_tried(session, case.trial.label)}"
            )
            seen[number].append(saved.outcome if isinstance(saved, Step) else _loaded(session, folder, number, saved))
    replayed = tuple(
        Replayed(
            label=_tried(session, case.trial.label),
            claimed=case.trial.outcome,
            outcomes=tuple(outcomes),
            changes=tuple(compare_with(case.trial.outcome, one) for one in outcomes),
        )
        for case, outcomes in zip(cases, seen, strict=True)
    )
    return (*replayed, *_otherwise(session, replayed, saved))


def _otherwise(session: _Session, replayed: Sequence[Replayed], saved: Path | Step) -> Iterator[Replayed]:
    """A cure of the bundle that failed here while files of pickle are left out, once more by ways that need none of them.

    Nothing more is allowed for it than what was: the cure is the same, only another API opens the model.
    """
    without = session.context.foreign and not session.context.allow_pickle and session.opened.pickles
    if isinstance(saved, Step) or not without:
        return
    for number, (case, one) in enumerate(zip(session.opened.bundle.cases, replayed, strict=True)):
        if not case.trial.outcome.ok or one.change is OutcomeChange.SAME:
            continue
        for route in (name for name in NO_PICKLE if name != case.trial.route):
            label = f"{one.label} by {route}, without the files left out"
            session.context.teller.say(f"replay: {label}")
            outcome = _loaded(session, session.root / f"by-{route}", number, saved, route)
            if outcome.ok:
                change = compare_with(case.trial.outcome, outcome)
                yield Replayed(
                    label=label, claimed=case.trial.outcome, outcomes=(outcome,), changes=(change,), beside=True
                )
                break


def _tried(session: _Session, claimed: str) -> str:
    """The pair that is tried: the one that the bundle claims, or its model in another release."""
    return f"{claimed}, loaded by {session.places['load'].key} instead" if session.context.other else claimed


def _places(bundle: Bundle, context: ReplayContext) -> Mapping[str, Environment]:
    """The environments a replay needs: the loader's (or another release), and the saver's where the model is not there."""
    here = platform.machine()
    if bundle.arch and bundle.arch != here and not context.other:
        raise UsageError(
            f"this bundle was made on {bundle.arch}, and this machine is {here}",
            "replay it on such a machine; --loader RELEASE asks the same of a release on this one",
        )
    wanted = {"load": context.other or bundle.loader} | ({} if bundle.carried else {"save": bundle.saver})
    _have(bundle, wanted.values(), context)
    return {side: context.catalogue.environment(word) for side, word in wanted.items()}


def _have(bundle: Bundle, wanted: Iterable[str], context: ReplayContext) -> None:
    """UsageError for a build that the bundle was made with, is needed, and was never handed over to this lab."""
    needed = {Selector.of(word).release for word in wanted}
    here = {one.build.sha256 for one in context.catalogue.given if one.build is not None}
    for one in bundle.builds:
        if one.release in needed and one.sha256 not in here:
            raise UsageError(
                f"this bundle was made with {one.name} ({one.size} bytes, sha256 {one.sha256}), which this lab does not have",
                f"--loader RELEASE asks another one; or get that very one and hand it over: lab images add {_handed(one)}",
            )


def _handed(build: GivenBuild) -> str:
    """How a build is named where it is handed over."""
    return "image:NAME" if build.sort is BuildSort.IMAGE else "FILE.whl"


def _image(environment: Environment, context: ReplayContext) -> Image:
    recipe = context.preparer.recipe(environment)
    found = context.preparer.engine.image(recipe)
    if found is not None:
        return found
    if context.offline:
        raise BuildError(
            f"the image {recipe.tag} is not on this engine, and --offline forbids to make it",
            f"where it is: lab images save {environment.key}; here: lab images load FILE",
        )
    log = context.preparer.workspace.cache / "builds" / f"{environment.key}.log"
    return context.preparer.image(recipe, log, context.teller)


def _saved(session: _Session, folder: Path) -> Path | Step:
    """The folder with the saved model: the bundle's, without its pickles where they are not allowed, or made now."""
    what, context = session.opened, session.context
    if not what.bundle.carried:
        context.teller.say("the weights are not in the bundle: the saving side makes them again")
        place = _place(session, "save", {})
        order = StepOrder(mode="save", key="save", scenario=session.scenario, place=place)
        step = session.runner.step(order, session.images["save"], folder / "save")
        return folder / "save" / "out" if step.outcome.ok else without_save(step)
    if not context.foreign or context.allow_pickle or not what.pickles:
        return what.folder / "saved"
    left_out = {path.name for path in what.pickles}
    return Path(shutil.copytree(what.folder / "saved", folder / "saved", ignore=lambda _, names: left_out & set(names)))


def _loaded(session: _Session, folder: Path, number: int, saved: Path, route: str = "") -> Outcome:
    """One case in one fresh container, by its own route or another: load, infer, and compare where it answered."""
    trial = session.opened.bundle.cases[number].trial
    order = StepOrder(
        mode="load",
        key=f"load-{number}",
        scenario=session.scenario,
        place=_place(session, "load", trial.loader_env),
        route=route or trial.route,
        saved=saved,
    )
    home = folder / f"case-{number + 1}"
    step = session.runner.step(order, session.images["load"], home)
    if not step.outcome.ok:
        return step.outcome
    outcome = compared(step.outcome, saved, home / "out", session.scenario.tolerances)[0]
    return with_growth(outcome, growth_of(session.scenario, step))


def _place(session: _Session, side: str, env: Mapping[str, str]) -> Place:
    bundle, environment = session.opened.bundle, session.places[side]
    limits: Limits = bundle.limits
    if session.context.foreign:
        limits = claims.bounded(limits)
        environment = replace(environment, device=replace(environment.device, gpu=False, forward=()))
    limits = claims.fitted(limits, host.cores(), host.memory())
    wanted, threads = bundle.saver_env if side == "save" else env, min(bundle.threads, host.cores())
    return Place(environment=environment, settings=Settings(env=dict(wanted), threads=threads, limits=limits))


def _beyond(bundle: Bundle) -> str:
    """What a bundle asks for that this machine does not have, in one sentence; empty where it has everything."""
    cores, gib = host.cores(), 1 << 30
    asked = [f"{bundle.threads} threads"] if bundle.threads > cores else []
    asked += [f"{bundle.limits.cpus:g} cores"] if bundle.limits.cpus > cores else []
    asked += [f"{bundle.limits.memory / gib:.3g} GiB"] if bundle.limits.memory > host.memory() else []
    has = f"{cores} core(s) and {host.memory() / gib:.3g} GiB"
    return f"this bundle asks for {' and '.join(asked)}; this machine has {has}, and no more is given" if asked else ""
