"""The bases that images are built on: a host without one, and without a way to make it, gets this machine's own, written once into a file."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lab.engine.protocol import Engine, Recipe, Teller
from lab.errors import LabError
from lab.fleet.depot import Offers
from lab.fleet.wire import Blob
from lab.storage.outbox import GuestFile

Say = Callable[[str], None]


@dataclass(kw_only=True)
class Bases:
    """What hosts may have of this machine's engine; `engine` opens it, and is asked only where a host lacks something."""

    folder: Path
    offers: Offers
    engine: Callable[[], Engine]
    say: Say
    _known: dict[str, tuple[Blob, ...]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self, recipe: Recipe) -> tuple[Blob, ...] | None:
        """The base of a recipe's image where a host has asked for it before; None where none has."""
        return self._known.get(recipe.environment.key)

    def of(self, recipe: Recipe) -> tuple[Blob, ...]:
        """The file of that base, made now where it must be; none where this machine has no such engine, or cannot make it."""
        key = recipe.environment.key
        with self._lock:
            if key not in self._known:
                try:
                    self._known[key] = self._file(recipe)
                except (LabError, OSError) as error:
                    why = error.what if isinstance(error, LabError) else str(error)
                    self.say(f"no base for {key} can be sent from here, and hosts make their own: {why}")
                    self._known[key] = ()
            return self._known[key]

    def _file(self, recipe: Recipe) -> tuple[Blob, ...]:
        engine = self.engine()
        self.folder.mkdir(parents=True, exist_ok=True)
        base = engine.base(recipe) or engine.ground(
            recipe, self.folder / "base.log", Teller(say=self.say, passing=_unheard)
        )
        name = f"{base.id.rpartition(':')[2]}.tar"
        if not (self.folder / name).is_file():
            self.say(f"a host has no base for {recipe.environment.key}: it is sent from here, once")
            engine.export([base], self.folder / name)
        return (self.offers.add(GuestFile(out=self.folder, name=name), name),)


def _unheard(text: str) -> None:
    """What a program says while it pulls is in the log."""
    del text
