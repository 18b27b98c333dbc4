"""From a run's folder to the files of a bundle: everything that is told is redacted, everything else is copied as it is."""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lab import shell
from lab.bundle import archive, claims, given_code, script
from lab.bundle.repro import masked
from lab.bundle.short_code import short
from lab.errors import BundleError, InfraError
from lab.knowledge.problems import KnownProblem
from lab.model import Run, Scenario, Selector, TrialResult
from lab.model.bundle import Bundle, Case, IssueReport, ModelFile, Proof
from lab.outcome.chain import raised
from lab.redaction import door
from lab.scenario import beside
from lab.storage import outbox, store
from lab.storage.outbox import GuestFile
from lab.text import clean

LOG = 64 * 1024
LOG_READ = 8 * 1024**2
LARGE = 4 * archive.LARGEST
MACHINE = ("arch", "cpu", "isa", "cores", "memory_gib", "system", "kernel", "engine", "engine_version")
SAVED = ("inputs.npz", "inputs.json", "outputs.npz", "outputs.json")
_ODD = re.compile(r"[^\w.]+")
REPRO = Path(__file__).with_name("repro.py")
CLOSENESS = Path(__file__).with_name("closeness.py")
ROUTES = Path(__file__).parents[1] / "guest" / "routes.py"
Papers = Callable[[str, Bundle, IssueReport, Mapping[str, bytes]], Mapping[str, str]]
"""Writes what people read, by file name: of the bundle's name, what it claims, what an issue is made of, and its files."""


@dataclass(frozen=True, kw_only=True)
class BundleSide:
    """How one side's image is made, as checked in: its Dockerfile, its lock, and its tag."""

    dockerfile: str
    lock: str
    tag: str


@dataclass(frozen=True, kw_only=True)
class BundleSource:
    """What a bundle is made of: the run, the saver's and the trials' folders in it, and both sides.

    The first trial is the subject; `cases` are the folders of the trials, in the same order. `page` is what `lab explain`
    known = opening.known_of(found, done, source.trials[0])
    source = replace(source, private=private, file=make.called(output), known=known)
    """

    run: Run
    scenario: Scenario
    trials: tuple[TrialResult, ...]
    saved: Path
    cases: tuple[Path, ...]
    sides: Mapping[str, BundleSide]
    papers: Papers = lambda *_: {}
    page: str = ""
    private: bool = False
    known: KnownProblem | None = None
    file: str = ""

    @property
    def archive(self) -> str:
        """What the archive's file is called."""
        return self.file or f"{self.name}.repro.tgz"

    @property
    def name(self) -> str:
        """The bundle's name without its ending, short enough to be said: scenario, both releases, six digits of the signature."""
        subject = self.trials[0]
        sign = _ODD.sub("", subject.outcome.signature.rpartition(":")[2].rpartition("-")[2])[:6] or "ok"
        releases = (Selector.of(one).release for one in (subject.saver, subject.loader))
        return "-".join((self.run.scenario[:60], *(_ODD.sub("_", one)[:24] for one in releases), sign))


def files(source: BundleSource, proof: Proof | None, *, carried: bool) -> Mapping[str, bytes]:
    """Every file of the bundle but its manifest, by path; without the weights where `carried` is false."""
    bundle = claimed(source, carried=carried)
    found = _runnable(source, bundle)
    found |= _told(source, bundle)
    if proof is not None:
        found[claims.PROOF] = _document(proof)
    if source.page:
        found["EXPLAIN.md"] = _clean(source.page)
    papers = source.papers(source.name, bundle, report_of(source, proof), found)
    found |= {name: _clean(text) for name, text in papers.items()}
    _refuse_leaks(found)
    return found


def packed(source: BundleSource, proof: Proof | None) -> tuple[bytes, bool]:
    """The archive, and whether the weights fit into it; BundleError where not even the rest fits.

    A private one may have any size.
    """
    size = sum(one.size for one in _model(source.saved))
    if source.private:
        return archive.pack(source.name, files(source, proof, carried=True)), True
    if size <= LARGE:
        whole = archive.pack(source.name, files(source, proof, carried=True))
        if len(whole) <= archive.LARGEST:
            return whole, True
    over = source.trials[0].over
    if over or _given(source):
        origin = f"lies over the files that {over} left" if over else "was given as files"
        raise BundleError(
            f"the model weighs {size / 1e6:.0f} MB and {origin}: without them nothing could make it again, and "
            f"{archive.LARGEST // 1024**2} MB is the most the tracker takes",
            "--private makes one of any size, for a hand-over that is not the tracker",
        )
    rest = files(source, proof, carried=False)
    whole = archive.pack(source.name, rest)
    if len(whole) > archive.LARGEST:
        largest = max(rest, key=lambda path: len(rest[path]))
        raise BundleError(
            f"the bundle has {len(whole)} bytes without its weights, and {archive.LARGEST} is the most the tracker takes; "
            f"its largest file is {largest}",
            "make the scenario's inputs and outputs smaller, or --private for a hand-over that is not the tracker",
        )
    return whole, False


def claimed(source: BundleSource, *, carried: bool) -> Bundle:
    """What the bundle says of itself."""
    subject, limits = source.trials[0], source.scenario.limits
    releases = {Selector.of(key).release for key in (subject.saver, subject.loader)}
    made = Bundle(
        schema=claims.SCHEMA,
        scenario=source.run.scenario,
        scenario_sha256=source.scenario.sha256,
        summary=source.scenario.summary,
        issue=source.scenario.issue,
        saver=subject.saver,
        loader=subject.loader,
        saver_env=subject.saver_env,
        arch=source.run.machine.get("arch", ""),
        threads=subject.threads,
        limits=replace(limits, cpus=max(limits.cpus, float(subject.threads))),
        carried=carried,
        model=_model(source.saved),
        cases=tuple(_case(trial) for trial in source.trials),
        images={side: words.tag for side, words in source.sides.items()},
        machine={name: source.run.machine[name] for name in MACHINE if name in source.run.machine},
        run=source.run.id,
        command=_without_folders(source.run.command),
        builds=tuple(one for one in source.run.builds if one.release in releases),
    )
    return door.handed_noun(made)


def report_of(source: BundleSource, proof: Proof | None, *, attached: bool = True) -> IssueReport:
    """The issue's material, with the logs of both sides."""
    logs = {f"save.{name}": text for name, text in _logs(source.saved.parent).items()}
    logs |= {f"load.{name}": text for name, text in _logs(source.cases[0]).items()}
    made = IssueReport(
        run=source.run,
        subject=source.trials[0],
        summary=source.scenario.summary,
        code=_code(source),
        given=_given(source),
        summary_zh=source.scenario.summary_zh,
        known=source.known.issue if source.known else "",
        known_en=source.known.en if source.known else "",
        known_zh=source.known.zh if source.known else "",
        issue=source.scenario.issue,
        attachment=source.archive if attached else "",
        unpacked=source.name,
        proof=proof,
        logs=logs,
    )
    return door.handed_noun(made)  # before it is made into an address, in which a path looks otherwise


def _without_folders(command: str) -> str:
    """The command with files by their names alone: where they lay on this machine is nobody's business, and leads nowhere elsewhere."""
    try:
        words = shell.split(command)
    except ValueError:  # no lab wrote it: it stays as it is
        return command
    paths = ["/" in word and not word.startswith("-") and not set(word) & set(":=") for word in words]
    return shell.join([Path(word).name if path else word for word, path in zip(words, paths, strict=True)])


def _given(source: BundleSource) -> bool:
    """Whether the model was given as files: only then its save keeps whose outputs it is held against."""
    return GuestFile(out=source.saved, name=store.REFERENCE).plain


def _code(source: BundleSource) -> str:
    """What shows the problem: the scenario, or for a model that was given as files what was done with these."""
    code = Path(source.scenario.path).read_text(encoding="utf-8")
    if not _given(source):
        return code
    reference = GuestFile(out=source.saved, name=store.REFERENCE)
    names = tuple(one.name for one in _model(source.saved))
    return given_code.text(source.trials[0], code, names, given_code.settled(reference.read(LOG)))


def _runnable(source: BundleSource, bundle: Bundle) -> dict[str, bytes]:
    """What a replay needs, byte by byte as it was."""
    most = sys.maxsize if source.private else LARGE
    found = {
        "repro.py": short(REPRO.read_bytes()),
        "closeness.py": short(CLOSENESS.read_bytes()),
        "routes.py": short(ROUTES.read_bytes()),
        "run.sh": script.run_sh(bundle).encode(),
        "scenario.py": Path(source.scenario.path).read_bytes(),
        **{one.name: beside.as_read(Path(source.scenario.path).parent, one) for one in source.scenario.files},
        claims.NAME: _document(bundle),
    }
    for side, words in source.sides.items():
        found[f"Dockerfile.{side}"] = words.dockerfile.encode()
        found[f"requirements.{side}.txt"] = words.lock.encode()
    found |= {f"saved/{name}": _bytes(GuestFile(out=source.saved, name=name), most) for name in SAVED}
    if bundle.carried:
        model = {f"model/{one.name}": GuestFile(out=source.saved, name=f"model/{one.name}") for one in bundle.model}
        found |= {f"saved/{name}": _bytes(file, most) for name, file in model.items()}
    return found


def _told(source: BundleSource, bundle: Bundle) -> dict[str, bytes]:
    """Logs, outputs, times and environment facts."""
    found = {f"logs/save.{name}": _clean(text) for name, text in _logs(source.saved.parent).items()}
    for number, folder in enumerate(source.cases, start=1):
        found |= {f"logs/case-{number}.{name}": _clean(text) for name, text in _logs(folder).items()}
        for home, name in (("out", "outputs.npz"), ("out", "outputs.json"), ("timings", "timings.json")):
            file = GuestFile(out=folder / home, name=name)
            if file.plain:
                found[f"cases/{number}/{name}"] = _bytes(file, sys.maxsize if source.private else LARGE)
    subject = source.trials[0]
    facts = {"save": subject.save, "load": subject.load, "machine": bundle.machine}
    return found | {f"env/{name}.json": _document(value) for name, value in facts.items()}


def _case(trial: TrialResult) -> Case:
    """A case before it is handed over; repro.py compares `said` with what it hears, paths as <path>, so of that only the name is gone."""
    said = masked(door.nameless(raised(trial.outcome.type, trial.outcome.message)))
    return Case(trial=replace(trial, measurements=(), folder="", reused="", key="", seconds=0.0), said=said)


def _model(saved: Path) -> tuple[ModelFile, ...]:
    found = []
    for file in outbox.files(saved, "model"):
        with file.opened() as source:
            found.append(ModelFile(name=file.name.removeprefix("model/"), size=source.size, sha256=source.sha256()))
    return tuple(found)


def _logs(folder: Path) -> Mapping[str, str]:
    """Both logs of a step, made safe to show and capped; empty ones are left out."""
    found = {}
    for stream in ("stdout", "stderr"):
        try:
            text = outbox.log(folder, stream).ends(LOG_READ).decode("utf-8", "replace")
        except OSError:  # it is not there any more, or what lies there is no log of a step
            continue
        if text.strip():
            found[f"{stream}.log"] = clean(text, LOG)
    return found


def _document(noun: object) -> bytes:
    return store.pretty(door.handed_noun(noun))


def _clean(text: str) -> bytes:
    return door.handed(text).encode()


def _bytes(file: GuestFile, most: int = LARGE) -> bytes:
    try:
        return file.read(most)
    except OSError as error:
        raise InfraError(
            f"{file.out / file.name} cannot be put into a bundle: {error.strerror}",
            "run it anew: a file of the run is gone, locked or too large",
        ) from error


def _refuse_leaks(found: Mapping[str, bytes]) -> None:
    """A secret in a file that may not be changed (code, model, arrays) stops the bundle."""
    for path, data in found.items():
        leak = door.leak(data)
        if leak:
            raise BundleError(
                f"{path} holds a value that is a secret of this machine ({leak}): nothing was written",
                "take it out of the scenario, or unset the variable that names it, and run again",
            )
