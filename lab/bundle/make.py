"""From a finished run to a bundle that was seen to replay before it is handed over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from lab import documents, scratch
from lab import scenario as scenarios
from lab.bundle import archive, claims, gather, manifest
from lab.bundle.gather import BundleSide, BundleSource, Papers
from lab.bundle.replay import TELLING, ReplayContext, opened, replay
from lab.bundle.replayed import told
from lab.errors import BundleError, UsageError
from lab.model import Kind, OutcomeChange, Run, Scenario, TrialResult
from lab.model.bundle import Handed, Proof
from lab.model.explanation import PAGE
from lab.model.reduction import NOT_CLEAN
from lab.outcome.verdict import describe
from lab.run.step import read_step
from lab.run.trial import slug
from lab.storage import outbox, seal, store

HANDED = "bundle.json"
"""Beside a run: which bundle was made of it last."""


@dataclass(frozen=True, kw_only=True)
class MadeBundle:
    """A bundle ready to be written: its name, its bytes, its proof, and whether the weights are in it."""

    name: str
    data: bytes
    proof: Proof | None
    carried: bool
    files: tuple[str, ...]


def subject(run: Run, words: Sequence[str] = ()) -> tuple[TrialResult, ...]:
    """The trials a bundle is made of, what it is about first.

    By `words` (numbers as `lab runs show` counts them, from 1, or labels); without them the first trial that fails,
    with what works of the same pair. UsageError where a word fits none, or the trials are not of one saver and loader.
    """
    chosen = [_by_word(run, word) for word in words] or _first_failing(run)
    first = chosen[0]
    for one in chosen:
        if (one.saver_label, one.loader) != (first.saver_label, first.loader):
            raise UsageError(
                f"{one.label} and {first.label} have not the same saver and loader",
                "a bundle holds one saver and one loader, with any flags on the loading side: make one bundle for each",
            )
        if one.cpu or one.on or one.saved_on:
            own = one.cpu or f"on={one.on or one.saved_on}"
            raise UsageError(
                f"{one.label} ran with {own}, which a bundle cannot take along",
                "name the same pair on the host's own processor",
            )
        if not one.outcome.kind.decided:
            raise UsageError(
                f"{one.label} ended as {describe(one.outcome)}: there is nothing a bundle could show",
                "name another trial: lab runs show lists them",
            )
    if words:
        return tuple(chosen)
    alike = [one for one in run.cures_of(first) if one.saver_label == first.saver_label]
    once = {one.label: one for one in reversed(alike)}  # repeats of one trial show nothing more
    return (first, *reversed(once.values()))


def _first_failing(run: Run) -> list[TrialResult]:
    """The first trial that fails; where nobody said beforehand what is expected, the first that an upgrade broke.

    That is one of another release than the saver's, by a way that did better in the saver's own.
    """
    plain = [one for one in run.trials if not (one.cpu or one.on or one.saved_on)]
    failing = [one for one in plain if one.outcome.kind.decided and not one.outcome.ok]
    if not failing:
        raise UsageError(
            f"no trial of run {run.id} fails, so it is not clear what to show",
            "name one: --trial NUMBER or --trial LABEL",
        )
    if any(one.expected is not None for one in run.trials):
        return failing[:1]
    elsewhere = [one for one in failing if one.loader != one.saver]
    broken = [one for one in elsewhere if _worse(one, _before(run, one))]
    wrong = [one for one in (*elsewhere, *failing) if one.outcome.kind is not Kind.DRIFT]
    return (broken or wrong or failing)[:1]


def _before(run: Run, one: TrialResult) -> TrialResult | None:
    """The same way, with nothing set, in the release that saved."""
    alike = (t for t in run.trials if t.loader == one.saver and t.route == one.route and not t.loader_env)
    return next(alike, None)


def _worse(now: TrialResult, then: TrialResult | None) -> bool:
    """Whether a way ended otherwise than before, and not only by another drift."""
    return then is None or (now.outcome.kind is not then.outcome.kind and now.outcome.kind is not Kind.DRIFT)


def _by_word(run: Run, word: str) -> TrialResult:
    if word.isdecimal() and 1 <= int(word) <= len(run.trials):
        return run.trials[int(word) - 1]
    for one in run.trials:
        if one.label == word:
            return one
    near = "; ".join(f"{number} {one.label}" for number, one in enumerate(run.trials[:6], start=1))
    raise UsageError(f"run {run.id} has no trial {word!r}", f"one of: {near}")


def called(wanted: str) -> str:
    """The name of the archive's file where one was typed; empty where it has its own."""
    return "" if not wanted or _folder(wanted) else Path(wanted).name


def target(wanted: str, name: str) -> Path:
    """Where an archive goes: the file that was typed, or one of its own name in a folder that is there or typed as one ("out/").

    UsageError where something that is no folder lies on the way.
    """
    found = Path(wanted) / f"{name}.repro.tgz" if not wanted or _folder(wanted) else Path(wanted)
    above = next(one for one in found.absolute().parents if one.exists())
    if not above.is_dir():
        raise UsageError(f"{found} cannot be written: {above} is no folder", "name a file in a folder")
    return found


def _folder(wanted: str) -> bool:
    return wanted.endswith("/") or Path(wanted).is_dir()


def remember(folder: Path, target: Path, made: MadeBundle, of: BundleSource) -> None:
    """Keep beside the run where its bundle lies, so that an issue can mention it."""
    told = Handed(path=str(target.absolute()), name=made.name, label=of.trials[0].label, proof=made.proof)
    store.write(folder / HANDED, store.pretty(told))


def handed(folder: Path, about: TrialResult) -> Handed | None:
    """The bundle that was made last of this run about this trial, if it still lies where it was written."""
    path = folder / HANDED
    try:
        found = documents.json(path.read_bytes(), Handed) if path.is_file() else None
    except (OSError, msgspec.DecodeError):  # an issue without it is still one
        return None
    return found if found is not None and found.label == about.label and Path(found.path).is_file() else None


def refuse_unclean(of: BundleSource) -> None:
    """UsageError where a scenario says of itself that weights of somebody's model are in its files, and the bundle is not private."""
    text = Path(of.scenario.path).read_text(encoding="utf-8", errors="replace")
    if NOT_CLEAN in text.splitlines() and not of.private:
        raise UsageError(
            f"{of.run.scenario} is not for others: it says that parts of the weights it was made of are in its files",
            "reduce the model again with inputs that may be drawn; or say --private, for somebody who may have them",
        )


def source(run: Run, folder: Path, trials: tuple[TrialResult, ...], papers: Papers) -> BundleSource:
    """Where everything of a bundle lies in a run's folder, still without its images."""
    first = trials[0]
    saved = folder / "saves" / slug(first.saver_label)
    if not outbox.outputs(saved / "out").plain:
        raise UsageError(f"the files of the save are gone from {saved}", f"{run.command} --fresh")
    for step in (saved, *(folder / one.folder for one in trials)):
        _whole(step, run)
    return BundleSource(
        run=run,
        scenario=_scenario(run, saved / "in" / "scenario.py"),
        trials=trials,
        saved=saved / "out",
        cases=tuple(folder / one.folder for one in trials),
        sides={},
        papers=papers,
        page=page.read_text(encoding="utf-8") if (page := folder / PAGE).is_file() else "",
    )


def _whole(folder: Path, run: Run) -> None:
    """UsageError where a step is not what it was when it was kept: what it shows now is nobody's result."""
    try:
        step = read_step(folder)
        changed = seal.damage(folder / "out", step.files) if step.files else ""  # an older lab sealed nothing
    except UsageError as error:
        changed = error.what
    if changed:
        said = f"{folder}: {changed}, so what run {run.id} found there is not known any more"
        raise UsageError(said, f"{run.command} --fresh")


def _scenario(run: Run, path: Path) -> Scenario:
    """The scenario as it was run, which may be another text than the one in scenarios/ today."""
    return replace(scenarios.read(path), name=run.scenario)


def with_sides(of: BundleSource, context: ReplayContext) -> BundleSource:
    """The source with how both images are made."""
    first = of.trials[0]
    sides = {}
    for side, key in (("save", first.saver), ("load", first.loader)):
        recipe = context.preparer.recipe(context.catalogue.environment(key))
        sides[side] = BundleSide(dockerfile=_bundled(recipe.dockerfile, side), lock=recipe.lock, tag=recipe.tag)
    return replace(of, sides=sides)


def _bundled(dockerfile: str, side: str) -> str:
    """A checked-in Dockerfile with the words that fit a bundle: run.sh says how it is built, and the lab's own has the reasons."""
    first, *lines = dockerfile.split("\n")
    how = f"# The {side} side. run.sh builds it; alone: a folder with this file as Dockerfile and the lock as requirements.txt."
    return "\n".join([first, how, *(line for line in lines if not line.startswith("#"))])


def make(of: BundleSource, context: ReplayContext | None) -> MadeBundle:
    """Pack, prove by replaying what was packed, and pack again with the proof; without a context there is no proof.

    BundleError with the difference where a replay did not do what the bundle claims.
    """
    data, carried = gather.packed(of, None)
    proof = prove(of, data, context) if context is not None else None
    if proof is not None:
        data, carried = gather.packed(of, proof)
    files = (*gather.files(of, proof, carried=carried), manifest.NAME)
    return MadeBundle(name=of.name, data=data, proof=proof, carried=carried, files=tuple(sorted(files)))


def prove(of: BundleSource, data: bytes, context: ReplayContext) -> Proof:
    """Unpack a packed bundle into an empty folder and replay it; what is proved is what was read back."""
    with scratch.folder("proof") as root:
        path = root / f"{of.name}.repro.tgz"
        path.write_bytes(data)
        target = root / "unpacked"
        archive.unpack(path, target, archive.PRIVATE if of.private else None)
        seen = replay(opened(target), context)
        different = [one for one in seen if set(one.changes) != {OutcomeChange.SAME}]
        if different:
            lines = "\n".join(told(different, describe))
            raise BundleError(
                f"this bundle does not do what it claims, so it was not written:\n{lines}",
                f"{of.run.command} --fresh; or --no-proof, which writes it unproved and says so in it",
            )
        engine = context.preparer.engine
        return Proof(
            schema=claims.SCHEMA,
            engine=engine.name,
            isolated=engine.isolated,
            times=context.times,
            signatures={one.label: one.claimed.signature or one.claimed.kind.value for one in seen},
            files_sha256=manifest.digest(manifest.read(target / manifest.NAME), TELLING),
        )


def write(made: MadeBundle, target: Path) -> None:
    """Put the bundle in place, whole or not at all."""
    store.write(target, made.data)
