"""The catalogue as one object: from the words people use to environments, or to the reason why there is none."""

import difflib
import platform
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.version import InvalidVersion, Version

from lab.environment import given, ranges
from lab.environment.catalogue_files import KnownNames, read
from lab.environment.index_names import PUBLIC
from lab.errors import UsageError
from lab.model import GIVEN, Device, Environment, GivenBuild, Release, Selector, Stage

NEWEST = "newest"
DEFAULT_DEVICE = "cpu"
GPU = "gpu"
LISTED = "lab images list shows what exists"
GIVE = "hand its wheel or its image over again: lab images add FILE.whl, or lab images add image:NAME"
SELECTOR = re.compile(
    r"(?P<release>[^-]+)(?:-(?P<device>(?!py\d)[a-z0-9]+(?:-(?!py\d)[a-z0-9]+)*?))?"
    r"(?:-py(?P<major>\d)\.?(?P<minor>\d+))?(?P<packages>(?:-[a-z]+\d+(?:\.[0-9a-z]+)+)*)"
    r"(?:-(?P<arch>x86_64|aarch64))?"
)
PACKAGE = re.compile(r"-([a-z]+)(\d+(?:\.[0-9a-z]+)+)")
SAME_ARCH = {"arm64": "aarch64", "amd64": "x86_64", "AMD64": "x86_64"}


def load(images: Path) -> "Catalogue":
    """The catalogue in releases.toml and devices.toml below `images`; UsageError names file, table and key."""
    data = read(images)
    return Catalogue(
        releases=data.releases, devices=data.devices, known=data.known, missing=data.missing, reasons=data.reasons
    )


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Releases in version order, devices by name, and what is known of Pythons and machines.

    `missing` says per device why releases older than the first have no wheel; `reasons` why each pin is there. `given`
    are builds that were handed over: each can be named, and no range of releases holds one.
    """

    releases: tuple[Release, ...]
    devices: Mapping[str, Device]
    known: KnownNames
    missing: Mapping[str, str]
    reasons: Mapping[str, str]
    given: tuple[Release, ...] = ()

    def joined(self, builds: Iterable[GivenBuild]) -> "Catalogue":
        """The catalogue with builds that were handed over, so that they can be named."""
        known = {one.version: one for one in self.given}
        known |= {build.release: given.release_of(build, self.releases) for build in builds}
        return replace(self, given=tuple(known.values()))

    def line(self, *selectors: str) -> tuple[Release, ...]:
        """Every published release, and those given builds that the selectors name, in order."""
        named = {Selector.of(one).release for one in selectors}
        return given.in_order([*self.releases, *(one for one in self.given if one.version in named)])

    @property
    def indexes(self) -> Mapping[str, str]:
        """The address of every folder of Paddle's own index that a wheel lies in."""
        wheels = [wheel for release in self.releases for wheel in release.wheels.values()]
        return {wheel.index: wheel.url for wheel in wheels if wheel.url}

    @property
    def newest(self) -> Release:
        """The newest stable release."""
        return [one for one in self.releases if one.stage is Stage.STABLE][-1]

    def release(self, word: str) -> Release:
        """The release a person means: its version, or "newest"; UsageError names the nearest ones."""
        if word == NEWEST:
            return self.newest
        known = {one.version: one for one in (*self.releases, *self.given)}
        if word in known:
            return known[word]
        if GIVEN.fullmatch(word):
            raise UsageError(f"this lab does not have the build {word}, which was handed over", GIVE)
        number = _number(word)
        same = [one for one in self.releases if number is not None and "." in word and Version(one.version) == number]
        if same:
            return same[0]
        near = self._near(word, number)
        other = "a release is a number such as 3.0.0, or newest; " if number is None else ""
        hint = f"nearest: {', '.join(near)}; " if near else other
        raise UsageError(f"there is no Paddle release {word!r} in the catalogue", hint + LISTED)

    def _near(self, word: str, number: Version | None) -> list[str]:
        """The releases nearest to a word: by number where it is one, else by its letters."""
        names = [one.version for one in self.releases]
        if number is None:
            return difflib.get_close_matches(word, names, n=3, cutoff=0.4)
        older = [one for one in names if Version(one) < number]
        return names[max(0, len(older) - 1) : len(older) + 1]

    def named(self, selector: str) -> Release:
        """The release that a selector or an environment's key speaks of: 2.6.1 for "2.6.1-gpu"."""
        return self.release(Selector.of(selector).release)

    def place(self, selector: str) -> int:
        """Where a selector's release stands among all releases."""
        return given.in_order([*self.releases, *self.given]).index(self.named(selector))

    def canonical(self, selector: str) -> str:
        """A selector with its release by version: "newest" says nothing a year later."""
        said = Selector.of(selector)
        return Selector(release=self.release(said.release).version, rest=said.rest).text

    def releases_in(self, words: str) -> tuple[Release, ...]:
        """The releases of a range as people write it: "2.6.2..3.3.1", ">=3.1,<3.3", "stable", "all", or a comma list.

        Names, spans and all comparisons together add up; "stable" keeps only stable releases of what the rest names.
        """
        return ranges.select(words, self.line(*words.replace("..", ",").split(",")), self.release)

    def within(self, release: Release, words: str) -> bool:
        """Whether a release lies in a range; a given build does where the published release of its number would."""
        if release.build is None:
            return release in self.releases_in(words)
        chosen = ranges.select(words, given.in_order([*self.releases, release]), self.release)
        return release in chosen or release.number in {one.version for one in chosen}

    def environment(
        self, selector: str, *, python: str = "", device: str = "", arch: str = "", packages: Sequence[str] = ()
    ) -> Environment:
        """The environment a selector RELEASE[-DEVICE[-pyXY]][-numpy1.26.4] means; keywords fill what it leaves out.

        `python` is "3.11" or "311"; `arch` defaults to this machine; `packages` are "numpy==1.26.4", beside those that the
        selector names, which count where both name one. UsageError says why there is no such environment.
        """
        match = SELECTOR.fullmatch(selector.strip())
        if match is None:
            raise UsageError(
                f"{selector!r} names no environment",
                "write RELEASE[-DEVICE[-pyXY]], such as 2.6.1-gpu or 3.0.0-cpu-py311",
            )
        release = self.release(match["release"])
        asked = match["device"] or device
        chosen = self._device(release, asked)
        machine = match["arch"] or arch or platform.machine()
        wanted = f"{match['major']}.{match['minor']}" if match["major"] else _dotted(python)
        wanted = wanted or self.default_python(release, chosen)
        made = self._existing(release, chosen, wanted, SAME_ARCH.get(machine, machine), asked=asked)
        own = [f"{name}=={version}" for name, version in PACKAGE.findall(match["packages"])]
        return given.with_packages(made, given.over(packages, own))

    def check_python(self, word: str) -> None:
        """UsageError for a Python that no image here is made with."""
        if word not in self.known.pythons:
            raise UsageError(f"there is no Python {word!r} in the catalogue", f"one of {', '.join(self.known.pythons)}")

    def check_device(self, word: str) -> None:
        """UsageError for a device that devices.toml does not name."""
        if word not in self.devices:
            raise UsageError(f"there is no device {word!r}", f"one of {', '.join(self.devices)}")

    def default_python(self, release: Release, device: str) -> str:
        """The Python an environment gets when nobody names one: the wheel's own default, or the first preferred one."""
        wheel = release.wheels.get(device)
        if wheel is None:
            return self.known.preferred[0]
        return wheel.python or next((one for one in self.known.preferred if one in wheel.pythons), wheel.pythons[-1])

    def why_not(self, release: Release, device: str, python: str, arch: str) -> str:
        """Why there is no such environment, in one clause; empty where it exists."""
        if release.build is not None:
            return _not_of(release.build, release, device, python, arch)
        wheel = release.wheels.get(device)
        if wheel is None:
            return self._no_wheel(release, device)
        if python not in wheel.pythons:
            return self._no_python(release, device, python)
        if arch not in wheel.arches:
            where = "the public index" if wheel.index == PUBLIC else f"Paddle's own index ({wheel.index})"
            return f"no {arch} {'' if device == DEFAULT_DEVICE else device + ' '}wheel on {where} for {release.version}"
        if wheel.needs:
            return f"the {release.version} {device} wheel cannot be imported without {wheel.needs}, which no image here has"
        return ""

    def environments(
        self, *, release: Release | None = None, device: str = "", python: str = "", arch: str = ""
    ) -> Iterator[Environment]:
        """Every environment that exists, releases first, then devices, Pythons and machines; words given narrow it."""
        for one in [release] if release else self.releases:
            for name in one.wheels:
                for version in self.known.pythons:
                    for machine in self.known.arches:
                        fits = device in ("", name) and python in ("", version) and arch in ("", machine)
                        if fits and not self.why_not(one, name, version, machine):
                            yield self._made(one, name, version, machine)

    def checked_in(self) -> tuple[Environment, ...]:
        """The environments whose folders are checked in: every Python of x86-64 CPU, else only the default Python."""
        main = self.known.arches[0]
        return tuple(
            one
            for one in self.environments()
            if not one.release.local
            and (
                (one.device.name == DEFAULT_DEVICE and one.arch == main)
                or one.python == self.default_python(one.release, one.device.name)
            )
        )

    def _device(self, release: Release, asked: str) -> str:
        if asked in release.wheels:
            return asked
        if not asked:
            return DEFAULT_DEVICE if release.build is None else next(iter(release.wheels))
        if asked == GPU and GPU not in release.wheels:
            return next((name for name in release.wheels if name.startswith(GPU)), GPU)
        if asked not in self.devices:
            near = difflib.get_close_matches(asked, self.devices, n=3, cutoff=0.4) or list(self.devices)
            raise UsageError(f"there is no device {asked!r} in the catalogue", f"nearest: {', '.join(near)}")
        return asked

    def _existing(self, release: Release, device: str, python: str, arch: str, *, asked: str) -> Environment:
        why = self.why_not(release, device, python, arch)
        if not why:
            return self._made(release, device, python, arch)
        offer = self._offer(release, device, python, arch)
        if not asked and device not in release.wheels:
            gpu = self._device(release, GPU)
            if not self.why_not(release, gpu, self.default_python(release, gpu), arch):
                offer = f"{release.version}-{gpu} is there; it runs in CPU mode where there is no GPU"
        raise UsageError(f"{release.version}-{device} with Python {python} on {arch} does not exist: {why}", offer)

    def _offer(self, release: Release, device: str, python: str, arch: str) -> str:
        """What to take instead: another Python of the same release, or the nearest release that has what was asked."""
        same = [one.key for one in self.environments(release=release, device=device, arch=arch)]
        others = list(self.environments(device=device, python=python, arch=arch))
        place = self.place(release.version)
        near = sorted(others, key=lambda one: abs(self.place(one.release.version) - place))
        names = same or [one.key for one in near[:1]]
        return f"{', '.join(names)}; {LISTED}" if names else LISTED

    def _made(self, release: Release, device: str, python: str, arch: str) -> Environment:
        if device == given.IMAGE:
            return Environment(release=release, device=given.DEVICE, python=python, arch=arch)
        found = self.devices[device]
        own = release.wheels[device].base
        return Environment(release=release, device=replace(found, base=own) if own else found, python=python, arch=arch)

    def _no_wheel(self, release: Release, device: str) -> str:
        having = [place for place, one in enumerate(self.releases) if device in one.wheels]
        place = self.releases.index(release)
        if not having:
            return f"no {device} wheel of any release"
        if place < having[0]:
            return self.missing.get(device) or f"no {device} wheel before {self.releases[having[0]].version}"
        if place > having[-1]:
            return f"no {device} wheel after {self.releases[having[-1]].version}"
        return f"no {device} wheel for {release.version}"

    def _no_python(self, release: Release, device: str, python: str) -> str:
        if python not in self.known.pythons:
            first, last = self.known.pythons[0], self.known.pythons[-1]
            return f"the catalogue has no Python {python} (it has {first} to {last})"
        what = f"cp{python.replace('.', '')} {'' if device == DEFAULT_DEVICE else device + ' '}wheel"
        place = self.releases.index(release)
        wheels = [one.wheels.get(device) for one in self.releases]
        having = [at for at, wheel in enumerate(wheels) if wheel is not None and python in wheel.pythons]
        if having and place < having[0]:
            return f"no {what} before {self.releases[having[0]].version}"
        if having and place > having[-1]:
            return f"no {what} after {self.releases[having[-1]].version}"
        return f"no {what} for {release.version}"


def _not_of(build: GivenBuild, release: Release, device: str, python: str, arch: str) -> str:
    """Why a build that was handed over has no such environment; empty where it has."""
    if device not in release.wheels:
        return f"{build.name} is for {', '.join(release.wheels)}"
    if python not in build.pythons:
        return f"{build.name} is for Python {', '.join(build.pythons)}"
    return "" if arch in build.arches else f"{build.name} is for {', '.join(build.arches)}"


def _number(word: str) -> Version | None:
    """The version number that a word is, if it is one."""
    try:
        return Version(word)
    except InvalidVersion:
        return None


def _dotted(python: str) -> str:
    """The Python "3.11" from what people write: "311", "py311" or the version itself; empty stays empty."""
    match = re.fullmatch(r"(?:py)?(\d)\.?(\d+)", python)
    if python and match is None:
        raise UsageError(f"{python!r} is no Python version", "write it as 3.11 or 311")
    return f"{match[1]}.{match[2]}" if match else ""
