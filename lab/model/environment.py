"""Where something runs: releases, devices, the environments they make, and the settings in them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self


class Stage(StrEnum):
    """How finished a release was when it was published."""

    STABLE = "stable"
    BETA = "beta"
    RC = "rc"
    GIVEN = "given"
    """It was handed over as a file or an image, and no index need know it."""


GIVEN = re.compile(r"[0-9a-z.]+_[0-9a-f]{12}")
"""The name of a build that was handed over: its version number, and the beginning of its hash."""


class BuildSort(StrEnum):
    """As what a build of Paddle was handed over."""

    WHEEL = "wheel"
    IMAGE = "image"


@dataclass(frozen=True, kw_only=True)
class GivenBuild:
    """A Paddle that somebody handed over instead of naming a release; its content (`sha256`) is what it is known by.

    `name` is the file's or the image's; `size` is in bytes; `requires` are the wheel's own requirement lines;
    `interpreter` and `facts` are an image's: its Python by path, and what else was found in it.
    """

    sort: BuildSort
    name: str
    sha256: str
    size: int
    package: str
    version: str
    pythons: tuple[str, ...]
    arches: tuple[str, ...]
    requires: tuple[str, ...] = ()
    interpreter: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def release(self) -> str:
        """The name it has everywhere a release may stand: "3.3.1_1a2b3c4d5e6f"."""
        return f"{self.version.partition('+')[0]}_{self.sha256[:12]}"

    @property
    def label(self) -> str:
        """What it came as, its size and its whole hash, and what else is known of it, on one line."""
        said = f"{self.sort} {self.name}, {self.size} bytes, sha256 {self.sha256}"
        return said + "".join(f", {name} {value}" for name, value in sorted(self.facts.items()))


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """One installable Paddle build: what to ask an index for, and which Pythons and machines it exists for.

    `index` is "public" for the public Python index, else a folder of Paddle's own index (for instance "cu118"), whose
    address is `url`. `pythons` are "3.11"-like; `arches` are machine names as `uname -m` prints them. Where they differ
    from the usual: `base` is the image it must start from, `python` its own default Python, and `needs` what no image
    of the lab has and the wheel cannot even be imported without.
    """

    package: str
    version: str
    index: str
    pythons: tuple[str, ...]
    arches: tuple[str, ...]
    url: str = ""
    base: str = ""
    python: str = ""
    needs: str = ""


@dataclass(frozen=True, kw_only=True)
class Release:
    """One Paddle version: when it came out, how finished it was, its wheels by device name, and what it needs beside them.

    `date` is ISO (YYYY-MM-DD) or YYYY-MM where only the month is known; `pins` are requirement lines, each with a reason
    in releases.toml; `requires` are the wheels' own requirements, for where their index cannot be asked. A `build` is what
    was handed over where this is no published release, and `near` the published one that it is pinned like. A `local` one is
    known to this workspace alone.
    """

    version: str
    date: str
    stage: Stage
    wheels: Mapping[str, Wheel]
    pins: tuple[str, ...]
    requires: tuple[str, ...] = ()
    build: GivenBuild | None = None
    near: str = ""
    local: bool = False

    @property
    def number(self) -> str:
        """Its version number, without what tells a given build from all others."""
        return self.version.partition("_")[0]


@dataclass(frozen=True, kw_only=True)
class Device:
    """One kind of hardware build: the image it starts from, what the system must add, and how a container of it is run.

    `base` is an image name with `{python}` in it; `apt` are system packages; `gpu` says that a container may be given a
    GPU (without one the wheel falls back to its CPU mode); `forward` are environment names passed on from the host.
    """

    name: str
    summary: str
    base: str
    apt: tuple[str, ...]
    gpu: bool
    forward: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Release x Device x Python on one machine kind: the thing an image is built for.

    `extra` are requirement lines beside those of the release, such as "numpy==1.26.4".
    """

    release: Release
    device: Device
    python: str
    arch: str
    extra: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of the environment everywhere: folder, image tag, table; "3.0.0-cpu-py311"."""
        machine = "" if self.arch == "x86_64" else f"-{self.arch}"
        extra = "".join(f"-{line.replace('==', '')}" for line in self.extra)
        return f"{self.release.version}-{self.device.name}-py{self.python.replace('.', '')}{extra}{machine}"

    @property
    def wheel(self) -> Wheel:
        """The Paddle wheel this environment installs."""
        return self.release.wheels[self.device.name]


@dataclass(frozen=True, kw_only=True)
class Selector:
    """A release as people name it, and what they say beside it: "2.6.1-gpu" is 2.6.1 and "gpu"; so is an environment's key."""

    release: str
    rest: str = ""

    @classmethod
    def of(cls, text: str) -> Self:
        """The parts of what was written."""
        release, _, rest = text.partition("-")
        return cls(release=release, rest=rest)

    @property
    def text(self) -> str:
        """What was written."""
        return f"{self.release}-{self.rest}" if self.rest else self.release


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one container may use: a run that goes beyond is stopped and named, never waited for.

    Sizes in bytes, times in seconds; `silent_s` is the longest time without output and without CPU use.
    """

    memory: int = 4 * 1024**3
    cpus: float = 1.0
    pids: int = 512
    wall_s: float = 600.0
    silent_s: float = 120.0
    output: int = 4 * 1024**3
    log: int = 5 * 1024**2


@dataclass(frozen=True, kw_only=True)
class Cpu:
    """The processor that Paddle sees instead of the host's: a named one, emulated, or this one with fewer instructions.

    `env` holds the variables that cap the instruction sets of the libraries; an emulated processor needs none.
    """

    name: str
    emulated: bool = False
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The processor in one word: "cpu=avx2", or "cpu=Dhyana(emulated)"."""
        return f"cpu={self.name}{'(emulated)' if self.emulated else ''}"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is set before `import paddle`: flags count only as environment, and threads change times.

    `env` holds FLAGS_* and other variables; `threads` becomes OMP_NUM_THREADS and its siblings; without `cpu` it is the
    host's own. `on` is a label that hosts of a fleet must have to do it: keys know it by the class of those hosts alone.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    threads: int = 1
    limits: Limits = field(default_factory=Limits)
    cpu: Cpu | None = None
    on: str = field(default="", repr=False)

    @property
    def label(self) -> str:
        """Variables, processor and hosts for tables: "FLAGS_enable_pir_api=False cpu=avx2"; empty where nothing is set."""
        words = [f"{name}={value}" for name, value in sorted(self.env.items())]
        words += [self.cpu.label] if self.cpu is not None else []
        return " ".join([*words, *([f"on={self.on}"] if self.on else [])])

    @property
    def emulated(self) -> bool:
        """Whether the processor is emulated: then times mean nothing, and a failure needs a control."""
        return self.cpu is not None and self.cpu.emulated


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a step runs: an environment and the settings in it."""

    environment: Environment
    settings: Settings = field(default_factory=Settings)

    @property
    def label(self) -> str:
        """The place as people say it: "3.0.0-cpu-py311 FLAGS_enable_pir_api=False"."""
        return f"{self.environment.key} {self.settings.label}".strip()
