"""What is wrong with the hosts of a fleet, and the mend for each: asked of every host, judged by rules alone."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lab.errors import LabError
from lab.fleet import certificates, net, ports
from lab.fleet.link import FleetLink, FleetMember
from lab.fleet.news import HERE, no_answer
from lab.fleet.wire import PIECE
from lab.machine.doctor import DISK_WANTED, DoctorFinding, DoctorLevel

CLOCK_S = 60.0
"""How far a clock may be off before certificates and dates in runs are in doubt."""
SLOW = 10.0
"""Megabytes a second under which a model takes longer to move than to save."""


@dataclass(frozen=True, kw_only=True)
class ExaminedHost:
    """What one host answered: seconds are durations, `ahead_s` is how far its clock is before this one's.

    `shut` are the ways on which files do not come, in words, of those between it, this machine and `others` more hosts.
    """

    member: FleetMember
    told: Mapping[str, Any]
    ahead_s: float
    asked_s: float
    step_s: float
    mb_per_s: float
    shut: tuple[str, ...] = ()
    others: int = 0


def examine(link: FleetLink) -> Iterator[tuple[str, tuple[DoctorFinding, ...]]]:
    """Every host by name with what was found; one that does not answer costs only its own lines."""
    members = link.members()
    found = link.ask_all("lab_door")
    doors = {one.name: str(found[one.address]) for one in members if one.address in found}
    for member in members:
        if member.name not in doors:
            yield member.name, (_bad(no_answer(member.name, member.address), ports.OPEN),)
            continue
        try:
            yield member.name, tuple(findings(_examined(link, member, doors)))
        except (LabError, OSError) as error:
            why = error.what if isinstance(error, LabError) else str(error)
            mend = (error.remedy if isinstance(error, LabError) else "") or f"start {member.name} again"
            yield member.name, (_bad(why, mend),)


def _bad(answer: str, mend: str) -> DoctorFinding:
    return DoctorFinding(question="host", level=DoctorLevel.BAD, answer=answer, mend=mend)


def _shut(link: FleetLink, member: FleetMember, doors: Mapping[str, str]) -> tuple[str, ...]:
    """The ways between one host and all others that files do not come on, in words that begin with who cannot go."""
    others = {name: door for name, door in {**doors, HERE: link.door}.items() if name != member.name}
    whys = link.ask(member.address, "lab_ways", doors=list(others.values()))
    said = [(member.name, name, door, why) for (name, door), why in zip(others.items(), whys, strict=True) if why]
    own = doors.get(member.name, "")
    if own and (why := link.way(own)):
        said.append((HERE, member.name, own, why))
    return tuple(f"{who} cannot reach {name} at {door.removeprefix('tls://')}: {why}" for who, name, door, why in said)


def _examined(link: FleetLink, member: FleetMember, doors: Mapping[str, str]) -> ExaminedHost:
    began = time.monotonic()
    told = link.ask(member.address, "lab_doctor")
    asked = time.monotonic() - began
    ahead = (datetime.fromisoformat(str(told["now"])) - certificates.moment()).total_seconds() + asked / 2
    began = time.monotonic()
    link.nothing(member.address)
    step = time.monotonic() - began
    began = time.monotonic()
    came = len(link.ask(member.address, "lab_bytes", size=PIECE))
    seconds = max(time.monotonic() - began, 1e-6)
    return ExaminedHost(
        member=member, told=told, ahead_s=ahead, asked_s=asked, step_s=step, mb_per_s=came / 1e6 / seconds,
        shut=_shut(link, member, doors), others=len(doors.keys() - {member.name}),
    )  # fmt: skip


def findings(host: ExaminedHost) -> Iterator[DoctorFinding]:
    """One line a question, the mend where the answer is not good."""
    mine, guest = net.about()["guest"], str(host.told.get("guest", ""))
    yield _judged("guest", mine == guest, DoctorLevel.BAD, guest, net.REMEDY)
    unable = host.member.unable
    yield _judged(
        "engine",
        not unable,
        DoctorLevel.BAD,
        unable or host.member.facts.get("engine", ""),
        "free its disk, or start its engine; it then takes work by itself",
    )
    free = int(host.told.get("free", 0))
    yield _judged(
        "space",
        free >= DISK_WANTED,
        DoctorLevel.WARN,
        f"{free / 1e9:.0f} GB free",
        "lab images prune there, or LAB_CACHE on a larger disk",
    )
    yield _clock(host)
    yield _judged("step", True, DoctorLevel.GOOD, f"a step that does nothing takes {host.step_s:.2f} s", "")
    yield _judged(
        "ways",
        not host.shut,
        DoctorLevel.BAD,
        "; ".join(host.shut) or f"it reaches this machine and {host.others} other host(s), and this machine reaches it",
        ports.OPEN,
    )
    yield _judged(
        "files",
        host.mb_per_s >= SLOW,
        DoctorLevel.WARN,
        f"{host.mb_per_s:.0f} MB/s from there",
        "its network is slow for models: keep it for small ones",
    )


def _clock(host: ExaminedHost) -> DoctorFinding:
    right = abs(host.ahead_s) <= CLOCK_S + host.asked_s
    said = f"{abs(host.ahead_s):.0f} s {'before' if host.ahead_s > 0 else 'behind'} this machine's"
    return _judged("clock", right, DoctorLevel.WARN, said, "let a time service set its clock")


def _judged(question: str, good: bool, else_: DoctorLevel, answer: str, mend: str) -> DoctorFinding:  # noqa: FBT001 - a rule's answer
    level = DoctorLevel.GOOD if good else else_
    return DoctorFinding(question=question, level=level, answer=answer, mend="" if good else mend)
