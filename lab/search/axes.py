"""Places as people write them, "release=2.6.1,device=gpu,cpu=Dhyana", and the trials they stand for."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lab import variables
from lab.engine import emulation
from lab.environment import Catalogue
from lab.environment.given import with_packages
from lab.errors import UsageError
from lab.model import Cpu, Place, Scenario, Settings, Trial
from lab.run.plan import Planned
from lab.search.given_model import Adopted, Model, adopted
from lab.search.judge import AUTO

# In the order in which they are suspected: what is likelier to blame is tried first.
AXES = ("release", "numpy", "protobuf", "device", "python", "threads", "cpu")
PACKAGES = ("numpy", "protobuf")
HOST, AS_LOCKED, UNSET = "host", "as locked", "(unset)"
EXAMPLE = 'for instance "release=2.6.1,device=gpu,python=3.10,cpu=host"'
VARIABLE = re.compile(r"[A-Z][A-Za-z0-9_]*")
VERSIONED = re.compile(r"(-(v\d+|noTSX|IBRS|IBPB))+$")
"""What an emulator adds to a processor's name for one version of it."""
Values = Mapping[str, str]
Labelled = Callable[[str], tuple[str, ...]]
"""The hosts of a fleet that have a label, by name."""


@dataclass(frozen=True, kw_only=True)
class IsolateRequest:
    """Two places that differ, and what is asked of them: `good` works and `bad` fails, loading what `saver` saved.

    Each place is a value for every axis either of them names. `caps` are the processors with fewer instructions. With a
    `model` nothing is saved: `saver` is the good place's release. `real` are the processors that hosts of a fleet have, with the
    label that those hosts are asked for by.
    """

    scenario: Scenario
    catalogue: Catalogue
    command: str
    good: Values
    bad: Values
    saver: str
    route: str = "own"
    saver_env: Values = field(default_factory=dict)
    signature: str = AUTO
    repeat: int = 1
    caps: Mapping[str, Cpu] = field(default_factory=dict)
    real: Mapping[str, str] = field(default_factory=dict)
    model: Model | None = None

    @property
    def adopted(self) -> Adopted | None:
        """The given model as it answers in the good place."""
        return adopted(self.model, lambda: [self.planned(self.good)])

    @property
    def differing(self) -> tuple[str, ...]:
        """The axes on which the two places differ, the likeliest first."""
        return tuple(name for name in self.good if self.good[name] != self.bad[name])

    def values(self, changed: Sequence[str]) -> Values:
        """The good place with some axes as in the bad one."""
        return {name: self.bad[name] if name in changed else value for name, value in self.good.items()}

    def emulated(self, values: Values) -> bool:
        """Whether a place has an emulated processor."""
        return values["cpu"] != HOST and values["cpu"] not in self.caps and values["cpu"] not in self.real

    def planned(self, values: Values) -> Planned:
        """The trial of a place; one that cannot exist says why and has no trial."""
        try:
            loader = self._place(values)
            saver = Place(
                environment=self.catalogue.environment(self.saver), settings=self._settings(self.saver_env, 1, None)
            )
        except UsageError as error:
            label = f"{self.saver} -> {' '.join(f'{name}={value}' for name, value in values.items())}"
            return Planned(trial=None, expected=None, label=label, unsupported=error.what)
        trial = Trial(scenario=self.scenario, saver=saver, loader=loader, route=self.route)
        return Planned(trial=trial, expected=None, label=trial.label)

    def _place(self, values: Values) -> Place:
        found = self.catalogue.environment(f"{values['release']}-{values['device']}", python=values["python"])
        own = [f"{name}=={values[name]}" for name in PACKAGES if values[name] != AS_LOCKED]
        found = with_packages(found, own)
        env = {name: value for name, value in values.items() if name not in AXES and value != UNSET}
        settings = self._settings(env, int(values["threads"]), self._cpu(values["cpu"]))
        return Place(environment=found, settings=replace(settings, on=self.real.get(values["cpu"], "")))

    def _cpu(self, word: str) -> Cpu | None:
        return None if word == HOST or word in self.real else self.caps.get(word) or Cpu(name=word, emulated=True)

    def _settings(self, env: Mapping[str, str], threads: int, cpu: Cpu | None) -> Settings:
        return Settings(env=env, threads=threads, limits=self.scenario.limits_for(threads), cpu=cpu)


def parsed(words: Sequence[str], option: str) -> Values:
    """AXIS=VALUE words, also joined by commas; UsageError names the word that is none."""
    found: dict[str, str] = {}
    for word in (part for text in words for part in re.split(r",(?=\s*\w+=)", text)):
        name, equals, value = (part.strip() for part in word.partition("="))
        if not equals or not value or not (name in AXES or VARIABLE.fullmatch(name)):
            raise UsageError(
                f"{option}: {word.strip()!r} is no axis with a value",
                f"axes are {', '.join(AXES)} and variables such as FLAGS_enable_pir_api; {EXAMPLE}",
            )
        if name not in AXES and not variables.settable(name, value):
            raise UsageError(f"{option}: {name} cannot be set for a guest", f"{variables.REFUSED}; {EXAMPLE}")
        if name in found:
            raise UsageError(f"{option} names {name} twice", EXAMPLE)
        found[name] = value
    return found


def completed(good: Values, bad: Values, catalogue: Catalogue) -> tuple[Values, Values]:
    """Both places with a value for each axis: what only one of them names is at its default in the other.

    UsageError where no release is named, where the two are the same place, or where a word is none of its axis.
    """
    release = good.get("release") or bad.get("release")
    if not release:
        raise UsageError("neither --good nor --bad names a release", EXAMPLE)
    usual = {
        "release": release,
        **dict.fromkeys(PACKAGES, AS_LOCKED),
        "device": "cpu",
        "python": "",
        "threads": "1",
        "cpu": HOST,
    }
    named = sorted({*good, *bad} - set(AXES))
    order = ["release", *named, *AXES[1:]]
    both = [{name: place.get(name, usual.get(name, UNSET)) for name in order} for place in (good, bad)]
    for place, typed in zip(both, (good, bad), strict=True):
        release_named = catalogue.release(place["release"])
        place["release"] = release_named.version
        if release_named.build is not None and "device" not in typed:
            place["device"] = next(iter(release_named.wheels))
    python = _python(good, bad, catalogue, both)
    for place in both:
        place["python"] = place["python"] or python
        _check(place, catalogue)
    if both[0] == both[1]:
        raise UsageError("--good and --bad are the same place", "name two places that differ in at least one axis")
    return both[0], both[1]


def _python(good: Values, bad: Values, catalogue: Catalogue, both: Sequence[Values]) -> str:
    """The Python where none is named: the other place's, so that it is no difference, else the bad one's default."""
    named = good.get("python") or bad.get("python")
    return named or catalogue.default_python(catalogue.release(both[1]["release"]), both[1]["device"])


def _check(place: Values, catalogue: Catalogue) -> None:
    if place["device"] not in catalogue.release(place["release"]).wheels:
        catalogue.check_device(place["device"])
    catalogue.check_python(place["python"])
    if not re.fullmatch(r"[1-9]\d{0,2}", place["threads"]):
        raise UsageError(f"threads={place['threads']} is no number of threads", "a number from 1 to 999")
    for name in PACKAGES:
        if place[name] != AS_LOCKED and not re.fullmatch(r"\d+(\.\d+)+", place[name]):
            raise UsageError(f"{name}={place[name]} is no version", "for instance numpy=1.26.4")


def check_cpu(place: Values, caps: Mapping[str, Cpu], labelled: Labelled = lambda _: ()) -> None:
    """UsageError for a processor that no host of a fleet has, and neither cpus.toml nor the emulator knows.

    Without an emulator a name that is nearly one is refused, and any other goes: a newer emulator may know it.
    """
    word = place["cpu"]
    if word == HOST or word in caps or label_of(word, labelled):
        return
    near = difflib.get_close_matches(word, [HOST, *caps], n=2, cutoff=0.7) or emulation.misspelt(word)
    found = emulation.find()
    if found is None:
        if near:
            raise UsageError(f"there is no processor {word!r}", f"did you mean {' or '.join(near)}?")
        return
    known = emulation.models(found)
    if word not in known:
        near = difflib.get_close_matches(word, known, n=4, cutoff=0.5)
        such = f", such as {', '.join(near)}" if near else ""
        raise UsageError(
            f"there is no processor {word!r}",
            f"host, {', '.join(caps)}, or a name that {found.name} -cpu help lists{such}",
        )


def label_of(word: str, labelled: Labelled) -> str:
    """The label by which a processor is asked for in a fleet: the word itself, or without what only an emulator adds; empty where no host has it."""
    names = dict.fromkeys((word, VERSIONED.sub("", word)))
    return next((name for name in names if labelled(name)), "")


def standing_in(comparison: IsolateRequest) -> str:
    """A release that may take the good one's place because that one has no wheel for the bad place's device or Python.

    Empty where the good release has them itself, or none between the two has both: then nothing takes its place.
    """
    asked = ("device", "python")
    good, bad, book = comparison.good, comparison.bad, comparison.catalogue
    places = [comparison.values([name]) for name in asked if name in comparison.differing]
    if "release" not in comparison.differing or all(comparison.planned(one).trial is not None for one in places):
        return ""
    releases = book.releases
    first, last = (releases.index(book.release(place["release"])) for place in (good, bad))
    between = releases[first + 1 : last] if first < last else tuple(reversed(releases[last + 1 : first]))
    for one in between:
        moved = [{**place, "release": one.version} for place in (good, *places)]
        if all(comparison.planned(place).trial is not None for place in moved):
            return one.version
    return ""
