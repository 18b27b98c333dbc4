"""Make environments ready: lock, wheels, image; each only if it is not there yet, never twice at once, beside no timing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lab.engine.build_context import lay_out
from lab.engine.protocol import Engine, Image, Recipe, Teller
from lab.environment import dockerfile, locks
from lab.environment.wheels import WheelStore, locked
from lab.errors import BuildError
from lab.machine import interruption, timing_lock
from lab.machine.file_lock import Stopped
from lab.model import BuildSort, Environment, GivenBuild
from lab.storage import store
from lab.storage.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Preparer:
    """Turns an Environment into a ready Image."""

    workspace: Workspace
    engine: Engine
    indexes: Mapping[str, str]

    @property
    def wheels(self) -> WheelStore:
        """The wheel store beside the workspace's cache."""
        return WheelStore(folder=self.workspace.cache / "wheels")

    def recipe(self, environment: Environment) -> Recipe:
        """What decides the environment's image: rendered Dockerfile and lock; made now if it was never locked.

        An image that was handed over is decided already, by its digest.
        """
        if (build := _image(environment)) is not None:
            said = (
                f"# {build.name} was handed over as an image, and is not built: its digest is sha256:{build.sha256}\n"
            )
            return Recipe(
                environment=environment, dockerfile=said, lock="", digest=build.sha256, tag=f"sha256:{build.sha256}"
            )
        lock = self._lock(environment)
        template = (self.workspace.images / "Dockerfile.j2").read_text(encoding="utf-8")
        text = dockerfile.render(environment, template, lock)
        digest = dockerfile.digest(text, lock)
        return Recipe(
            environment=environment,
            dockerfile=text,
            lock=lock,
            digest=digest,
            tag=dockerfile.image_tag(environment, digest),
        )

    def ready(self, environment: Environment) -> bool:
        """Whether the image is there already; asks no index, so an environment that was never locked is not ready."""
        text = self._known_lock(environment)
        if _image(environment) is not None:
            return self.engine.image(self.recipe(environment)) is not None
        if not text or dockerfile.loose(text):
            return False
        return self.engine.image(self.recipe(environment)) is not None

    def image(self, recipe: Recipe, log: Path, teller: Teller, stopped: Stopped = interruption.heard) -> Image:
        """The ready image: found, or built from the wheel store with no network; a build waits for a timing to end.

        Interrupted as soon as `stopped` says so while it waits.
        """
        found = self.engine.image(recipe)
        if found is not None:
            return found
        if timing_lock.timing():
            teller.say(timing_lock.WORK_WAITS)
        mine = self.workspace.cache / "locks" / f"{recipe.environment.key}.lock"
        with timing_lock.shared(stopped), locked(mine, stopped):
            return self.engine.image(recipe) or self._build(recipe, log, teller)

    def fetch(self, recipe: Recipe, teller: Teller) -> None:
        """Bring the recipe's wheels into the store, beside no timing."""
        with timing_lock.shared():
            self._fetch(recipe, teller)

    def _fetch(self, recipe: Recipe, teller: Teller) -> None:
        build = recipe.environment.release.build
        if (image := _image(recipe.environment)) is not None:
            raise BuildError(
                f"the image {image.name} (sha256:{image.sha256}) is not on this engine any more",
                "bring it back, or name another one",
            )
        if build is not None and not self.wheels.has(build.sha256):
            raise BuildError(
                f"the wheel {build.name} ({build.size} bytes, sha256 {build.sha256}) is not in the wheel store",
                "give the same file again: lab images add FILE.whl",
            )
        index = self.indexes.get(recipe.environment.wheel.index, "")
        self.wheels.fetch(recipe.lock, recipe.environment, teller.say, extra_index=index)

    def lay_out(self, recipe: Recipe, target: Path) -> None:
        """Write a build context that needs no network into a new folder."""
        with self.wheels.gathered(recipe.lock) as wheels:
            target.mkdir(parents=True)
            lay_out(recipe, wheels, target)

    def _build(self, recipe: Recipe, log: Path, teller: Teller) -> Image:
        self._fetch(recipe, teller)
        teller.say(f"building {recipe.tag}")
        try:
            return self._built(recipe, log, teller)
        except BuildError:
            damaged = self.wheels.drop_damaged(
                recipe.lock
            )  # a disk may have changed what was right when it was fetched
            if not damaged:
                raise
            teller.say(f"damaged in the wheel store, and fetched again: {', '.join(damaged)}")
        self._fetch(recipe, teller)
        return self._built(recipe, log, teller)

    def _built(self, recipe: Recipe, log: Path, teller: Teller) -> Image:
        with self.wheels.gathered(recipe.lock) as wheels:
            return self.engine.build(recipe, wheels, log, teller)

    def _lock(self, environment: Environment) -> str:
        """The lock that is checked in or kept; made now where there is none, or where its index could not be asked then."""
        text = self._known_lock(environment)
        if text and not dockerfile.loose(text):
            return text
        with timing_lock.shared():
            text = locks.borrowed(environment, self._checked_in(_near(environment))) or locks.lock(environment)
        if dockerfile.loose(text):
            raise BuildError(
                f"the wheel of {environment.key} lies on Paddle's own index, which does not answer: it cannot be locked",
                f"reach {environment.wheel.url or 'that index'} from this host, then: lab images lock {environment.key}",
            )
        if _own(environment):
            locks.keep(self._kept(environment), text)
        return text

    def _known_lock(self, environment: Environment) -> str:
        """The lock as far as it was ever made; empty where it was not."""
        if not _own(environment):
            return self._checked_in(environment)
        path = self._kept(environment)
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def _checked_in(self, environment: Environment) -> str:
        path = self.workspace.images / environment.key / locks.LOCK
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def _kept(self, environment: Environment) -> Path:
        """Where the lock of what no catalogue knows is kept: by everything that decides it."""
        release = environment.release
        deciding = store.key_of(
            {
                "wheel": [environment.wheel.package, environment.wheel.version, release.build and release.build.sha256],
                "wanted": [*release.requires, *release.pins, *environment.extra],
                "for": [environment.python, environment.arch, environment.device.name, locks.GLIBC],
            }
        )
        return self.workspace.cache / "locked" / f"{deciding}.txt"


def _image(environment: Environment) -> GivenBuild | None:
    """The image that an environment is, where it was handed over as one."""
    build = environment.release.build
    return build if build is not None and build.sort is BuildSort.IMAGE else None


def _own(environment: Environment) -> bool:
    """Whether no lock of it is checked in: a given build, a release of this workspace alone, or other packages."""
    return environment.release.local or environment.release.build is not None or bool(environment.extra)


def _near(environment: Environment) -> Environment:
    """The published environment that a given wheel's own is made like."""
    return replace(environment, release=replace(environment.release, version=environment.release.near), extra=())
