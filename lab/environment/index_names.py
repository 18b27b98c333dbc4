"""Where wheels lie by name: the public index, and the folders of Paddle's own indexes, one a device."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PUBLIC = "public"
"""The index that this host's own settings name."""
STABLE = "stable"
"""Paddle's own index of releases; a folder without the name of an index lies in it."""
NIGHTLY = "nightly"
NAME = re.compile("[a-z]+")
PLACE = re.compile("(?:(?P<name>[a-z]+)-)?(?P<folder>[a-z0-9]+)")


@dataclass(frozen=True, kw_only=True)
class WheelSource:
    """What a device's wheels are called, and the folders they may lie in, the first one first."""

    package: str
    folders: tuple[str, ...]

    def place(self, index: str) -> str:
        """Where to ask for it: in the first folder, or in that of a named index; empty where it cannot be in that one."""
        if not index:
            return self.folders[0]
        folder = next((one for one in self.folders if one != PUBLIC), "")
        return f"{index}-{folder}" if folder and index != STABLE else folder


def sources(devices: Mapping[str, Any]) -> Mapping[str, WheelSource]:
    """Where the wheels of each device are looked for; a device without that is never asked for."""
    return {
        name: WheelSource(package=one["package"], folders=tuple(one["folders"]))
        for name, one in devices.items()
        if "package" in one and one.get("folders")
    }


def fits(name: str) -> bool:
    """Whether an index may be called so."""
    return NAME.fullmatch(name) is not None and name != PUBLIC


def known(place: str, indexes: Mapping[str, str]) -> bool:
    """Whether a place is the public index, a folder, or a folder of an index that is known."""
    match = PLACE.fullmatch(place)
    return match is not None and (match["name"] or STABLE) in indexes


def address(place: str, indexes: Mapping[str, str]) -> str:
    """The address of a place; empty for the public index, which this host's settings name."""
    match = PLACE.fullmatch(place)
    if place == PUBLIC or match is None:
        return ""
    return indexes[match["name"] or STABLE].format(folder=match["folder"])
