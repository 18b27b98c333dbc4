"""A build that was handed over, as a release like any other: where it stands among them, and what it is pinned to."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from packaging.requirements import Requirement
from packaging.version import Version

from lab.environment.wheel_file import DEVICES
from lab.errors import UsageError
from lab.model import BuildSort, Device, Environment, GivenBuild, Release, Stage, Wheel

IMAGE = "image"
"""The device of an image that was handed over: what it was built for is its own affair."""
WITHOUT = "leave the package out, or give a wheel of its Paddle"
DEVICE = Device(
    name=IMAGE, summary="an image that was handed over", base="", apt=(), gpu=True,
    forward=("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"),
)  # fmt: skip


def release_of(build: GivenBuild, published: Sequence[Release]) -> Release:
    """The release a build stands for; what it is pinned to is what the nearest published one before it is pinned to."""
    near = nearest(build.version, published)
    wheel = Wheel(
        package=build.package, version=build.version, index=build.sort.value, pythons=build.pythons, arches=build.arches
    )
    return Release(
        version=build.release,
        date="",
        stage=Stage.GIVEN,
        wheels={IMAGE if build.sort is BuildSort.IMAGE else DEVICES[build.package]: wheel},
        pins=near.pins,
        requires=build.requires,
        build=build,
        near=near.version,
    )


def nearest(version: str, published: Sequence[Release]) -> Release:
    """The last published release that is no newer; the newest for a build without a number of its own (0.0.0)."""
    earlier = [one for one in published if Version(one.version) <= Version(Version(version).public)]
    return (earlier or list(published))[-1]


def in_order(releases: Sequence[Release]) -> tuple[Release, ...]:
    """Releases and given builds by version; a build comes after the published release of the same number."""
    return tuple(sorted(releases, key=lambda one: (Version(one.number), one.build is not None, one.version)))


def builds_of(environments: Iterable[Environment], known: Iterable[GivenBuild] = ()) -> tuple[GivenBuild, ...]:
    """Every build among environments, each once, after those that are known already."""
    found = {one.sha256: one for one in known}
    found |= {build.sha256: build for one in environments if (build := one.release.build) is not None}
    return tuple(found.values())


def over(packages: Iterable[str], own: Sequence[str]) -> tuple[str, ...]:
    """Packages ("numpy==1.26.4") with others of one's own, which take the place of those with the same name."""
    named = {line.partition("==")[0] for line in own}
    return (*own, *(line for line in packages if line.partition("==")[0] not in named))


def with_packages(environment: Environment, packages: Sequence[str]) -> Environment:
    """The environment with packages of one's own ("numpy==1.26.4"); UsageError where the release is pinned to others."""
    lines = tuple(sorted(packages, key=lambda line: (not line.startswith("numpy"), line)))
    wanted = [Requirement(line) for line in lines]
    if len({one.name for one in wanted}) < len(wanted):
        raise UsageError(f"{environment.key} is asked for with one package twice: {', '.join(lines)}", "name each once")
    if lines and environment.device.name == IMAGE:
        raise UsageError(f"{environment.key} is an image that was handed over: nothing is installed into it", WITHOUT)
    for line in environment.release.pins:
        pin = Requirement(line)
        for one in wanted:
            version = str(one.specifier).removeprefix("==")
            if pin.name == one.name and not pin.specifier.contains(version, prereleases=True):
                said = f"{environment.release.version} needs {line}, so there is none with {one.name} {version}"
                raise UsageError(said, "name a version that fits, such as numpy==1.26.4")
    return replace(environment, extra=lines) if lines else environment
