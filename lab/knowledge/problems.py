"""Known problems: from what a trial did to the upstream report it is an instance of, and its proved cure, without a network."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from lab import documents, pattern
from lab.errors import UsageError
from lab.model import Kind, Phase, TrialResult
from lab.model.inspection import SavedModelFacts

FILE = "known.toml"
FORMATS = (".json", ".pdmodel")
SAVES = re.compile(r"\bsav(?:e|ing) with\b")
LOADS = re.compile(r"\bload(?:ing)?\b|in the environment")
"""By which words the text of a cure says on which side its variables stand."""
EXAMPLE = "see the entries that are there for an example"


@dataclass(frozen=True, kw_only=True)
class KnownProblem:
    """One known problem: how it looks, where it was reported, what cures it, in one sentence of English and of Chinese.

    `phase` and `type` must be equal to those of the outcome where they are given; `message` is searched in its message.
    `saver`, `loader` (environment keys) and the values of `loader_env` must match as a whole; a variable that is not set
    counts as "". `route` is a regular expression too. `releases` says where it was seen, `proof` which scenario shows it.
    `detail` is searched in the traceback or the stacks of a crash. `outcome` is a kind, "numeric_mismatch" for what nobody hears of, and `reason` how numbers are wrong. `format`,
    `operators` (all of them) and `parameters` ("yes" or "no") are preconditions on the files: where the files are not
    known, they do not hold.
    """

    issue: str
    releases: str
    cure: str
    proof: str
    en: str
    zh: str
    phase: str = ""
    type: str = ""
    message: str = ""
    saver: str = ""
    loader: str = ""
    route: str = ""
    loader_env: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    outcome: str = ""
    reason: str = ""
    format: str = ""
    operators: Sequence[str] = ()
    parameters: str = ""

    def holds(self, files: SavedModelFacts | None) -> bool:
        """Whether the preconditions hold for the files of a save."""
        if not (self.format or self.operators or self.parameters):
            return True
        return (
            files is not None
            and self.format in ("", files.format)
            and set(self.operators) <= files.operators
            and self.parameters in ("", "yes" if files.parameters else "no")
        )

    def sentence(self, language: str) -> str:
        """What is known of it, in Chinese where the language's name begins with zh."""
        return self.zh if language.lower().startswith("zh") else self.en


def read(path: Path) -> tuple[KnownProblem, ...]:
    """The entries of a known.toml; none where there is no such file, UsageError for each way in which it can be wrong."""
    if not path.is_file():
        return ()
    try:
        text = path.read_text(encoding="utf-8")
        tables = documents.toml(text).get("known", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", "mend that line") from error
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise UsageError(f"{path}: `known` is not a list of tables", "write each entry under [[known]]")
    return tuple(
        _entry(_KnownPlace(path=path, text=text, number=number), table) for number, table in enumerate(tables, 1)
    )


Files = Callable[[TrialResult], SavedModelFacts | None]
"""What the files of a trial's save are; None where that cannot be said."""


def unseen(_: TrialResult) -> SavedModelFacts | None:
    """Files that nobody looked at: no entry with preconditions fits."""
    return None


def find(result: TrialResult, known: Sequence[KnownProblem], files: Files = unseen) -> KnownProblem | None:
    """The first entry that fits what a trial did with such files; None where it worked, or where nothing fits."""
    if result.outcome.ok or not result.outcome.kind.tested:
        return None
    return next((one for one in known if _fits(one, result) and (_bare(one) or one.holds(files(result)))), None)


def _bare(one: KnownProblem) -> bool:
    return not (one.format or one.operators or one.parameters)


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What somebody's report says of a failure; empty where it says nothing. `issues` are reports it refers to."""

    type: str = ""
    message: str = ""
    saver: str = ""
    loaders: Sequence[str] = ()
    routes: Sequence[str] = ()
    issues: Sequence[str] = ()


def reported(said: Reported, known: Sequence[KnownProblem]) -> KnownProblem | None:
    """The first entry that a report shows, by its message, or by all else where the entry has none; None where nothing fits.

    What the report does not say fits nothing; an entry that asks for variables never does, because a report names flags
    that were set as well as flags that cure. Without a message, an entry must be the very report that is referred to.
    """
    return next((one for one in known if _shown(one, said)), None)


def _shown(one: KnownProblem, said: Reported) -> bool:
    places = ((one.saver, (said.saver,)), (one.loader, said.loaders), (one.route, said.routes))
    return (
        not one.loader_env
        and _bare(one)
        and not (one.outcome or one.detail)
        and one.type in ("", said.type)
        and (pattern.found(one.message, said.message) if one.message and said.message else one.issue in said.issues)
        and all(not wanted or any(pattern.fits(wanted, place) for place in named if place) for wanted, named in places)
    )


def notes(
    trials: Sequence[TrialResult], known: Sequence[KnownProblem], language: str = "", files: Files = unseen
) -> tuple[str, ...]:
    """One line for each known problem that trials show: which report, how many pairs, what it is, what cures it."""
    found = [find(trial, known, files) for trial in trials]
    lines = []
    for entry in known:
        shown = [trial for trial, one in zip(trials, found, strict=True) if one is entry]
        if shown:
            lines.append(note(entry, len(shown), language, refuted(entry, shown, trials)))
    return tuple(lines)


def refuted(one: KnownProblem, shown: Sequence[TrialResult], trials: Sequence[TrialResult]) -> str:
    """What these very trials saw of the cure, where it was tried on the same pairs and never helped; else empty."""
    pairs = {(trial.saver, trial.loader) for trial in shown}
    cured = [
        trial
        for trial in trials
        if (trial.saver, trial.loader) in pairs and trial.outcome.kind.decided and _cured(one.cure, trial)
    ]
    if not cured or any(trial.outcome.kind.works for trial in cured):
        return ""
    return f"what is known to cure it did not help in {', '.join(dict.fromkeys(trial.label for trial in cured))}"


def _cured(cure: str, trial: TrialResult) -> bool:
    """Whether a trial had the variables set that the text of a cure names, on the side it names."""
    env = {**trial.saver_env} if SAVES.search(cure) else {}
    if LOADS.search(cure) or not SAVES.search(cure):
        env |= trial.loader_env
    return any(f"{name}={value}" in cure for name, value in env.items())


def note(one: KnownProblem, count: int, language: str = "", refuted: str = "") -> str:
    """The line about one known problem."""
    pairs = "1 pair" if count == 1 else f"{count} pairs"
    return f"{pairs}: {'this is ' if '#' in one.issue else ''}{about(one, language, refuted)}"


def about(one: KnownProblem, language: str = "", refuted: str = "") -> str:
    """Which report it is, what is known of it, what cures it, and what proves that.

    `refuted` says what came of the cure where it was seen to do harm: then it is not given as one.
    """
    told = f"no cure here: {refuted}" if refuted else f"cure: {one.cure} (proof: lab repro {one.proof})"
    return f"{one.issue}: {one.sentence(language)} {told}"


def _fits(one: KnownProblem, result: TrialResult) -> bool:
    outcome = result.outcome
    environment = all(pattern.fits(value, result.loader_env.get(name, "")) for name, value in one.loader_env.items())
    places = ((one.saver, result.saver), (one.loader, result.loader), (one.route, result.route))
    return (
        environment
        and one.phase in ("", outcome.phase.value)
        and one.type in ("", outcome.type)
        and one.outcome in ("", outcome.kind.value)
        and one.reason in ("", outcome.reason)
        and pattern.found(one.message, outcome.message)
        and (not one.detail or pattern.found(one.detail, outcome.detail))
        and all(not wanted or pattern.fits(wanted, place) for wanted, place in places)
    )


@dataclass(frozen=True, kw_only=True)
class _KnownPlace:
    """One entry of a known.toml: its number from 1, and the text it stands in."""

    path: Path
    text: str
    number: int

    def at(self, key: str = "") -> str:
        """File, line of the key (of the entry, where the key has no line of its own) and entry, as people look for it."""
        lines = self.text.splitlines()
        heads = [at for at, line in enumerate(lines, 1) if line.replace(" ", "").startswith("[[known]]")]
        if self.number > len(heads):
            return f"{self.path}: entry {self.number}"
        start = heads[self.number - 1]
        end = (*heads, len(lines) + 1)[self.number]
        mine = range(start + 1, end)
        line = next((at for at in mine if key and lines[at - 1].partition("=")[0].strip() == key), start)
        return f"{self.path}:{line}: entry {self.number}"


def _entry(place: _KnownPlace, table: Mapping[str, Any]) -> KnownProblem:
    where = place.at()
    names = {one.name: one for one in fields(KnownProblem)}
    unknown = [key for key in table if key not in names]
    needed = [name for name, one in names.items() if one.default is MISSING and one.default_factory is MISSING]
    missing = [name for name in needed if not table.get(name)]
    if unknown or missing:
        what = f"has an unknown key {unknown[0]!r}" if unknown else f"lacks {missing[0]}"
        raise UsageError(f"{where} {what}", EXAMPLE)
    _texts(place, table)
    made = KnownProblem(**table)
    if made.phase and made.phase not in tuple(Phase):
        raise UsageError(f"{where} names no phase: {made.phase!r}", f"one of {', '.join(Phase)}")
    if made.outcome and made.outcome not in tuple(Kind):
        raise UsageError(f"{place.at('outcome')} names no outcome: {made.outcome!r}", f"one of {', '.join(Kind)}")
    if made.format not in ("", *FORMATS) or made.parameters not in ("", "yes", "no"):
        raise UsageError(f"{where} has a wrong precondition", f"format is {' or '.join(FORMATS)}, parameters yes or no")
    silent = made.outcome and (made.operators or made.saver or made.loader or made.route)
    if not (made.message or made.type or silent):
        raise UsageError(f"{where} would fit everything", "give it a message or a type, or an outcome with operators")
    return made


def _texts(place: _KnownPlace, table: Mapping[str, Any]) -> None:
    """Refuse values that are not texts, and patterns that are no regular expressions."""
    env = table.get("loader_env", {})
    if not isinstance(env, dict):
        raise UsageError(f"{place.at('loader_env')}: loader_env is not a table", EXAMPLE)
    operators = table.get("operators", [])
    if not isinstance(operators, list) or not all(isinstance(one, str) and one for one in operators):
        raise UsageError(f"{place.at('operators')}: operators is not a list of texts", EXAMPLE)
    values = {key: value for key, value in table.items() if key not in ("loader_env", "operators")} | env
    for key, value in values.items():
        if not isinstance(value, str):
            raise UsageError(f"{place.at(key)}: {key} is not a text", EXAMPLE)
        if not value and key not in env:
            raise UsageError(f"{place.at(key)}: {key} is empty", f"leave it out, or say what {key} must be")
    for key in ("message", "detail", "saver", "loader", "route", *env):
        try:
            pattern.check(values.get(key, ""))
        except pattern.PatternError as error:
            what = f"{place.at('loader_env' if key in env else key)}: {key} is not a regular expression: {error}"
            raise UsageError(what, f"mend it; {pattern.SYNTAX}") from error
