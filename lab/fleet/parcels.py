"""A step of a run as a parcel: its files are offered by hash, and whoever already has them is named before the driver."""

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.environment.wheels import WheelStore
from lab.errors import InfraError
from lab.fleet import wire
from lab.fleet.bases import Bases
from lab.fleet.engine import FleetEngine
from lab.fleet.link import FleetLink
from lab.fleet.wire import Blob, HostAnswer, Parcel
from lab.run.executor import StepWork
from lab.scenario import beside
from lab.storage.outbox import GuestFile, files


@dataclass(kw_only=True)
class Packer:
    """Makes parcels, and remembers which hosts have which files."""

    link: FleetLink
    engine: FleetEngine
    wheels: WheelStore
    bases: Bases
    identity: dict[str, str] = field(default_factory=dict)
    _holders: dict[str, list[str]] = field(default_factory=dict)
    _known: dict[Path, Blob] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def packed(self, work: StepWork, host_class: str) -> Parcel:
        """One step with all that a host of its class may need for it."""
        order = work.order
        recipe = self.engine.recipe(order.place.environment.key)
        saved = self._saved(order.saved) if order.saved is not None else None
        scenario = Path(order.scenario.path)
        return Parcel(
            protocol=wire.PROTOCOL,
            guest=work.guest_sha256,
            identity=self.identity[order.key],
            key=order.key,
            engine=self.engine.name,
            host_class=host_class,
            mode=order.mode,
            label=f"{order.mode} {order.place.label}",
            scenario=replace(order.scenario, path="scenario.py"),
            text=scenario.read_bytes(),
            beside=tuple(wire.inline(one.name, beside.as_read(scenario.parent, one)) for one in order.scenario.files),
            place=order.place,
            route=order.route,
            recipe=recipe,
            wheels=self._wheels(recipe.lock),
            saved=saved,
            holders=self._who_has(saved or ()),
            timing=order.timing,
            more=order.more,
            base=self.bases.known(recipe),
        )

    def grounded(self, parcel: Parcel) -> Parcel:
        """The same with what its image is built on, for a host that has no such base."""
        return replace(parcel, base=self.bases.of(parcel.recipe))

    def hold(self, answer: HostAnswer) -> None:
        """Remember who has the files of an answer: the next host asks that one first."""
        with self._lock:
            for blob in answer.files:
                self._holders.setdefault(blob.sha256, []).append(answer.door)

    def _who_has(self, blobs: tuple[Blob, ...]) -> tuple[str, ...]:
        """Peers that have the largest of these files, then this driver."""
        largest = max(blobs, key=lambda one: one.size, default=None)
        with self._lock:
            peers = self._holders.get(largest.sha256, []) if largest is not None else []
            return (*dict.fromkeys(peers[-3:]), self.link.door)

    def _saved(self, out: Path) -> tuple[Blob, ...]:
        """What a saver left, offered as it lies there now."""
        try:
            return tuple(self.link.offers.add(file, file.name) for file in files(out))
        except OSError as error:
            raise InfraError(f"{out} cannot be read: {error.strerror or error}", "run again with --fresh") from error

    def _wheels(self, lock: str) -> tuple[Blob, ...]:
        """The wheels of a lock that are in this machine's store; where some are not, every host has the image."""
        found = self.wheels.ready(lock) if lock else None
        return tuple(self._wheel(path) for path in (found or {}).values())

    def _wheel(self, path: Path) -> Blob:
        with self._lock:
            if path not in self._known:
                self._known[path] = self.link.offers.add(GuestFile(out=path.parent, name=path.name), path.name)
            return self._known[path]
