"""How hatchling makes the wheel and the source archive: of tracked files alone, with addresses of where the project lives.

Where that is comes from LAB_PROJECT_URL (the release workflow sets it), else from the clone's own `origin` if that is a web
address. Where neither says it, the project has no URLs, and the long description is text without links that lead nowhere.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

CARRIED = {"images/": "lab/workspace/images/", "scenarios/": "lab/workspace/scenarios/", "lab/": "lab/"}
MAKEFILE = {"docs/workspace.mk": "lab/workspace/Makefile"}
CACHES = {"__pycache__", ".git", ".venv", "build", "dist"}
LINK = re.compile(r"(!?)\[((?:[^\]\[]|!\[[^\]]*\]\([^)]*\))*)\]\((?!https?://|#)([^)\s]+)\)")


class TrackedFiles(BuildHookInterface[Any]):
    """The wheel holds what git tracks of lab/, images/ and scenarios/, and nothing that merely lies there."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name every file of a wheel; refuse a source archive beside files that nobody tracks."""
        root = Path(self.root)
        if self.target_name == "sdist":
            if strangers := _git(root, "--others", "--exclude-standard"):
                raise RuntimeError(f"not tracked, and would be in the archive: {', '.join(strangers[:5])}")
            return
        if version == "editable":
            return
        for name in tracked(root):
            target = MAKEFILE.get(name) or next(
                (to + name[len(of) :] for of, to in CARRIED.items() if name.startswith(of)), ""
            )
            if target:
                build_data["force_include"][str(root / name)] = target


class Addresses(MetadataHookInterface):
    """URLs and the long description, whose links work outside the repository."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill in what is dynamic."""
        root = Path(self.root)
        home = address(root)
        text = (root / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": outside(text, home)}
        metadata["urls"] = urls(home)


def tracked(root: Path) -> list[str]:
    """Files as git names them; of an unpacked source archive, which holds nothing else, every file."""
    found = _git(root)
    if found:
        return found
    paths = (
        path for path in sorted(root.rglob("*")) if path.is_file() and not CACHES & set(path.relative_to(root).parts)
    )
    return [path.relative_to(root).as_posix() for path in paths]


def address(root: Path) -> str:
    """Where the project lives on the web; empty where nothing says it."""
    told = os.environ.get("LAB_PROJECT_URL", "")
    if not told:
        argv = ["git", "-C", str(root), "config", "--get", "remote.origin.url"]
        told = subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()
    told = re.sub(r"^git@([^:/]+):", r"https://\1/", told).removesuffix(".git").rstrip("/")
    return told if re.fullmatch(r"https://[\w.-]+/[\w./-]+", told) else ""


def urls(home: str) -> dict[str, str]:
    """The project's links on a package index."""
    if not home:
        return {}
    return {
        "Repository": home,
        "Documentation": f"{home}/blob/main/docs/guide.md",
        "Changelog": f"{home}/blob/main/CHANGELOG.md",
        "Issues": f"{home}/issues",
    }


def outside(text: str, home: str) -> str:
    """Markdown whose links lead somewhere from anywhere; where home is not known, only their words are left."""

    def linked(match: re.Match[str]) -> str:
        picture, words, target = match.groups()
        words = LINK.sub(linked, words)
        if not home:
            return "" if picture else words
        return f"{picture}[{words}]({home}/{'raw' if picture else 'blob'}/main/{target})"

    return LINK.sub(linked, text)


def _git(root: Path, *which: str) -> list[str]:
    argv = ["git", "-C", str(root), "ls-files", "-z", *which]
    try:
        done = subprocess.run(argv, capture_output=True, check=False)
    except OSError:
        return []
    return [
        name for name in done.stdout.decode("utf-8", "surrogateescape").split("\0") if name and (root / name).is_file()
    ]
