"""A verb that is done as a whole on one host of a fleet: its words go there, what it said and its runs come back."""

import os
from pathlib import Path

import typer

from lab import scenario
from lab.cli import again, fleets, screen, spread, subject
from lab.cli.screen import Screen
from lab.errors import UsageError
from lab.fleet import where
from lab.run.guest_files import guest_digest
from lab.scenario import beside
from lab.storage.store import Store
from lab.storage.workspace import Workspace


def moved(found: Workspace, name: str) -> None:
    """Do this verb on the host that --on names, and end with its exit code; nothing where it is for this machine."""
    fleet, on = spread.whole()
    if not on:
        if fleet:
            raise UsageError(
                "what is measured is measured on one machine, and which is not said", "--on LABEL, or without --fleet"
            )
        return
    if subject.is_model(found.scenarios, name):
        raise UsageError("a model that is given as files is timed where it lies", "copy it there, or name a scenario")
    if where.asked(fleet or None, os.environ) is None:
        raise UsageError("--on names a host of a fleet, and no fleet is said", "--fleet tls://HOST:PORT, or LAB_FLEET")
    raise typer.Exit(_there(found, fleet, on, name))


def _there(found: Workspace, fleet: str, on: tuple[str, ...], name: str) -> int:
    link = fleets.linked(fleet, found.cache)
    from lab.fleet import verbs, whole_verb, wire  # noqa: PLC0415 - the extra may be missing

    read = scenario.runnable(scenario.find(found.scenarios, name))
    parcel = whole_verb.VerbParcel(
        protocol=wire.PROTOCOL, guest=guest_digest(), words=again.elsewhere(name=read.name), scenario=read.name,
        text=Path(read.path).read_bytes(),
        beside=tuple(wire.inline(one.name, beside.as_read(Path(read.path).parent, one)) for one in read.files),
    )  # fmt: skip
    member = verbs.chosen(link, on)
    Screen().tell(f"{name} is measured on {member.name}, alone")
    answer = verbs.done(link, member, parcel, found.cache, Store(root=found.results))
    # A run of that host goes on there and nowhere else, and no command says so from here.
    said = [line for line in answer.said.splitlines() if " --resume " not in line]
    screen.say("\n".join(said).replace(whole_verb.HERE, str(found.root)))
    return answer.code
