"""The driver's side of a verb that is done as a whole: which host, its answer, and its runs among this machine's own."""

from collections.abc import Sequence
from pathlib import Path

from lab.errors import InfraError, UsageError
from lab.fleet import whole_verb, wire
from lab.fleet.depot import Depot
from lab.fleet.link import FleetLink, FleetMember
from lab.fleet.whole_verb import VerbAnswer, VerbParcel
from lab.fleet.wire import Blob
from lab.storage.store import Store


def chosen(link: FleetLink, words: Sequence[str]) -> FleetMember:
    """The quietest host with all these labels; UsageError shows the labels there are."""
    members = link.members()
    found = [one for one in members if one.labels >= set(words) and not one.unable]
    if not found:
        have = "; ".join(f"{one.name}: {' '.join(sorted(one.labels))}" for one in members) or "the fleet has no host"
        raise UsageError(f"no host of the fleet that works has the label(s) {' '.join(words)}", have)
    return min(found, key=lambda one: (len(one.now.get("steps", ())), one.name))


def done(link: FleetLink, member: FleetMember, parcel: VerbParcel, cache: Path, kept: Store) -> VerbAnswer:
    """The verb's answer, once its runs are here; InfraError where the host was lost meanwhile, or lists what is none."""
    answer = wire.unpacked(link.verb(wire.packed(parcel), member), VerbAnswer, member.name)
    depot = Depot(root=cache / "fleet" / "depot", shares=True)

    def laid_out(blobs: tuple[Blob, ...], folder: Path) -> None:
        depot.lay_out(blobs, folder, [link.giver(answer.door)])

    try:
        whole_verb.taken(answer, kept, laid_out)
    except (OSError, ValueError) as error:
        raise InfraError(f"what {member.name} measured did not come back whole: {error}", "run it again") from error
    return answer
