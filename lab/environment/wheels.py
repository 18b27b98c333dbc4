"""The wheel store: every wheel once, by content hash, fetched on the host so that no secret ever reaches an image."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import scratch
from lab.environment.wheel_file import sha256
from lab.errors import BuildError, InfraError, LabError
from lab.machine import file_lock, interruption, process, refused
from lab.machine.file_lock import Stopped
from lab.model import Environment
from lab.storage import copies

LINE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)\s+(?P<hashes>(?:--hash=sha256:[0-9a-f]{64}\s*)+)$")
# Every wheel tag that a Debian or slim image of today takes; pip checks each, and Paddle's own say manylinux1.
GLIBC_MINORS = (5, 12, 17, 24, 26, 27, 28, 31, 34)


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One locked line: a version, and the hashes its wheel may have."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def line(self) -> str:
        """The line again, as pip reads it."""
        return f"{self.name}=={self.version} " + " ".join(f"--hash=sha256:{one}" for one in self.hashes)


def parse_lock(text: str) -> tuple[Requirement, ...]:
    """The requirements of a lock; a line that is not hash-locked is a BuildError, for nothing else may be installed."""
    found = []
    for number, raw in enumerate(text.replace("\\\n", " ").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = LINE.match(line)
        if match is None:
            raise BuildError(f"line {number} of the lock is not hash-locked: {line[:80]}", "lab images lock renews it")
        hashes = tuple(re.findall(r"sha256:([0-9a-f]{64})", match["hashes"]))
        found.append(Requirement(name=match["name"], version=match["version"], hashes=hashes))
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class WheelStore:
    """A folder of wheels named by their sha256; `extra_index` adds an index for wheels the usual one lacks."""

    folder: Path

    def ready(self, lock: str) -> Mapping[str, Path] | None:
        """Every wheel of a lock by file name, or None if one is still to be fetched."""
        found = {}
        for requirement in parse_lock(lock):
            wheel = self._stored(requirement)
            if wheel is None:
                return None
            found[wheel.name] = wheel
        return found

    def fetch(self, lock: str, environment: Environment, seen: Callable[[str], None], extra_index: str = "") -> None:
        """Download what is missing, check each hash, and move it in whole: an interrupted fetch leaves nothing half."""
        with locked(self.folder / "fetch.lock"):
            missing = [one for one in parse_lock(lock) if self._stored(one) is None]
            if not missing:
                return
            seen(f"fetching {len(missing)} wheels for {environment.key}: {', '.join(one.name for one in missing)}")
            with scratch.folder("fetch", self.folder) as folder:
                _download(missing, environment, folder, extra_index)
                for wheel in sorted(folder.glob("*.whl")):
                    self._take(wheel)

    def has(self, digest: str) -> bool:
        """Whether the wheel with this hash is here."""
        return any((self.folder / digest).glob("*.whl"))

    @contextmanager
    def gathered(self, lock: str) -> Iterator[Path]:
        """A folder that holds exactly the wheels of a lock, without their space where that can be; gone when the block ends."""
        wheels = self.ready(lock)
        if wheels is None:
            raise InfraError("the wheel store lost a wheel between two steps", "run the same command again")
        with scratch.folder("gathered", self.folder) as folder:
            inside = folder / "wheels"
            inside.mkdir()
            for name, wheel in wheels.items():
                copies.link(wheel, inside / name)
            yield inside

    def drop_damaged(self, lock: str) -> tuple[str, ...]:
        """Read every wheel of a lock again, and take out of the store what is not its hash any more; returns their names."""
        with locked(self.folder / "fetch.lock"):
            stored = [(one, wheel) for one in parse_lock(lock) if (wheel := self._stored(one)) is not None]
            bad = [wheel for one, wheel in stored if sha256(wheel) not in one.hashes]
            for wheel in bad:
                wheel.unlink()
        return tuple(wheel.name for wheel in bad)

    def _stored(self, requirement: Requirement) -> Path | None:
        for digest in requirement.hashes:
            for wheel in sorted((self.folder / digest).glob("*.whl")):
                return wheel
        return None

    def _take(self, wheel: Path) -> None:
        digest = sha256(wheel)
        home = self.folder / digest
        home.mkdir(parents=True, exist_ok=True)
        wheel.replace(home / wheel.name)


@contextmanager
def locked(path: Path, stopped: Stopped = interruption.heard) -> Iterator[None]:
    """Hold a lock file for the block: two labs at once wait for each other instead of working twice.

    Interrupted as soon as `stopped` says so while it is waited for.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="ascii") as handle:
        file_lock.take(handle, stopped=stopped)
        yield


def _download(missing: Sequence[Requirement], environment: Environment, target: Path, extra_index: str) -> None:
    lines = target / "requirements.txt"
    lines.write_text("\n".join(one.line for one in missing) + "\n", encoding="utf-8")
    argv = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"]
    argv += ["--disable-pip-version-check", "--require-hashes", "--dest", str(target), "-r", str(lines)]
    argv += ["--python-version", environment.python, "--implementation", "cp", *platforms(environment.arch)]
    if extra_index:
        argv += ["--extra-index-url", extra_index]
    done = process.run(argv)
    if not done.ok:
        raise _refused(done, environment)


def platforms(arch: str) -> list[str]:
    """The words by which pip is told which Linux wheels are for a machine."""
    names = [f"manylinux_2_{minor}_{arch}" for minor in GLIBC_MINORS]
    names += [f"manylinux{old}_{arch}" for old in ("1", "2010", "2014")] + [f"linux_{arch}"]
    return [word for name in names for word in ("--platform", name)]


def _refused(done: process.Completed, environment: Environment) -> LabError:
    """One sentence for each way a download fails; pip's own words follow, without any address or credential."""
    said = masked(done.stderr)
    if refused.says_full(done.stderr):
        return InfraError(f"the disk is full: wheels for {environment.key} could not be fetched", refused.ROOM)
    if "DO NOT MATCH THE HASHES" in done.stderr:
        return BuildError(
            f"a wheel for {environment.key} does not have the hash in its lock; nothing of it was kept:\n{_last(said)}",
            "the index or a mirror served other bytes: ask whoever runs it; lab images lock renews the lock",
        )
    if "No matching distribution" in done.stderr or "Could not find a version" in done.stderr:
        return BuildError(
            f"an index that this host reaches lacks a wheel for {environment.key}:\n{_last(said)}",
            "lab doctor shows whether the index answers; pip's own settings (mirror, proxy, CA) apply",
        )
    return BuildError(
        f"wheels for {environment.key} could not be fetched:\n{_last(said)}",
        "check network, proxy and CA of this host with lab doctor; a warmed wheel store needs none",
    )


def masked(text: str) -> str:
    """Text without addresses: an index address may carry a credential."""
    return re.sub(r"\b[a-z][a-z0-9+.-]*://[^\s'\"]+", "<address>", text)


def _last(text: str, lines: int = 4) -> str:
    kept = [line for line in text.splitlines() if line.strip() and not line.startswith("WARNING")]
    return "\n".join(kept[-lines:])
