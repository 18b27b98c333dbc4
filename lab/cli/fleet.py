"""`lab fleet`: a scheduler, the hosts that join it, how they are, and their end."""

import asyncio
import contextlib
import textwrap
import threading
from pathlib import Path
from typing import Any

import typer

from lab.cli import answer, finding, fleets, options, speak, words
from lab.cli.command import answers
from lab.cli.options import Format
from lab.cli.screen import labelled, say
from lab.engine.choose import EngineChoice, choose
from lab.errors import UsageError
from lab.fleet import where
from lab.fleet.where import FleetKind
from lab.outcome.exits import Ending
from lab.storage import workspace as workspaces
from lab.storage.workspace import Workspace

WIDE = 70
"""Columns of a line of labels, behind its word."""
app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command()
@answers(Format.TEXT)
def start(
    place: options.FleetArgument,
    hosts: options.HostsOption = "",
    printed: options.PrintOption = False,
    address: options.OwnAddressOption = "",
    program: options.ProgramOption = "",
    image: options.PodImageOption = "",
) -> None:
    """Begin a fleet on this machine, and be its scheduler until it is stopped.

    Writes a ticket for commands on this machine, and one for each of --hosts: whoever has one is of the fleet for 7 days
    and may run code on every host of it. Never let machines of different owners join one fleet. Without --hosts the fleet
    that was begun at that address before goes on, where its tickets are still good.
    """
    fleets.require()
    found = where.fleet_place(place, "lab fleet start")
    names = tuple(words.listed([hosts])) if hosts else ()
    if found.kind is FleetKind.STANDING:
        _stand(found.address, names)
        return
    asked = fleets.summons(found, names, address, program, image)
    if printed:
        say(fleets.by_hand(asked, workspaces.cache_folder()))
        return
    fleets.stay(asked, workspaces.cache_folder(), say)


def _stand(address: str, names: tuple[str, ...]) -> None:
    """Be the scheduler of hosts that join by their tickets."""
    from lab.fleet import scheduler, standing  # noqa: PLC0415 - the extra may be missing

    cache = workspaces.cache_folder()
    standing.refuse(names)
    standing.refuse_taken(address)
    before = None if names else standing.going_on(address, cache)
    if before is None and not names:
        said = f"no fleet was begun at {address} from here whose tickets are still good"
        raise UsageError(said, "name the hosts it shall have, as in --hosts gpu1,gpu2")
    say(f"scheduler {address}")
    if before is not None:
        say("goes on with the fleet that was begun here before")
        asyncio.run(scheduler.serve(before, speak.err))
        return
    made = standing.tickets(address, names)
    for name, path in standing.written(made, address, cache).items():
        if name != standing.SCHEDULER:
            use = f"--fleet {address}" if name == standing.DRIVER else f"lab fleet host --ticket {path}"
            say(f"{'commands' if name == standing.DRIVER else name}  {path}\n  {use}")
    asyncio.run(scheduler.serve(made[standing.SCHEDULER], speak.err))


@app.command()
@answers(Format.TEXT)
def host(
    ticket: options.TicketOption,
    label: options.LabelsOption = [],  # noqa: B006 - typer copies it
    slots: options.SlotsOption = 0,
    engine: options.EngineOption = EngineChoice.AUTO,
    kept: options.KeptOption = False,
) -> None:
    """Be one host of a fleet, by its ticket, until the fleet or whoever handed the ticket over ends.

    What it is (processor, cards, engine, memory) is found, not typed; a label is a word beside that.
    """
    fleets.require()
    from lab.fleet import ticket as tickets  # noqa: PLC0415 - the extra may be missing

    mine = tickets.from_stdin() if ticket == tickets.STDIN else tickets.from_file(Path(ticket))
    over = threading.Event()
    if ticket == tickets.STDIN and tickets.leased():
        from lab.fleet.join import lease  # noqa: PLC0415

        lease(over.set)
    found = Workspace(root=workspaces.carried(), cache=workspaces.cache_folder())
    with contextlib.ExitStack() as stack:
        stack.callback(over.set)
        raise typer.Exit((_worked if kept else _kept)(mine, found, engine, tuple(label), slots, over))


def _kept(
    mine: Any, found: Workspace, choice: EngineChoice, labels: tuple[str, ...], slots: int, over: threading.Event
) -> int:
    """The process that keeps the one that works."""
    from lab.fleet import keeper  # noqa: PLC0415

    engine, note = choose(choice, images=found.images, cache=found.cache)
    if note:
        speak.err(note)
    words = ["--engine", choice.value, "--slots", str(slots)]
    for one in labels:
        words += ["--label", one]
    return keeper.keep(mine, tuple(words), over, engine.reap, speak.err)


def _worked(
    mine: Any, found: Workspace, choice: EngineChoice, labels: tuple[str, ...], slots: int, over: threading.Event
) -> int:
    """The process that works."""
    from lab.fleet import join  # noqa: PLC0415
    from lab.fleet.host import FleetHost  # noqa: PLC0415

    engine, _ = choose(choice, images=found.images, cache=found.cache)
    member = FleetHost(
        name=mine.name, engine=engine, workspace=found, labels=(*mine.labels, *labels), slots=slots or mine.slots
    )
    join.clear(member)
    join.work(mine, member, speak.err, over)
    return 0


@app.command()
@answers(Format.TEXT)
def status(fleet: options.FleetOption = "") -> None:
    """Every host of a fleet: class, labels, slots, load, what it does now, and why it does nothing."""
    link = fleets.linked(fleet, workspaces.cache_folder())
    members = link.members()
    rows = [
        {"name": one.name, "address": one.address, "labels": sorted(one.labels), **one.facts, "now": dict(one.now)}
        for one in members
    ]
    answer.give({"scheduler": link.ticket.scheduler, "hosts": rows}, text=lambda: _shown(members))


def _shown(members: Any) -> None:
    for one in members:
        doing = ", ".join(one.now.get("steps", ())) or "nothing"
        say(
            f"{one.name:<16} class {one.facts['class']}  {one.slots} slot(s)  load {one.now.get('load', '?')}  {one.facts['engine']}"
        )
        first, *more = textwrap.wrap(" ".join(sorted(one.labels - {one.name})), WIDE) or [""]
        say(f"  labels {first}")
        for rest in more:
            say(f"{'':<9}{rest}")
        say(f"  does   {one.unable or doing}; {one.now.get('done', 0)} done")
    if not members:
        say("the fleet has no host")


@app.command()
@answers(Format.TEXT)
def doctor(fleet: options.FleetOption = "") -> None:
    """Each host: guest, engine, space, clock, a step that does nothing, and how fast files come; one mend a line.

    Exit code 6 where something of a host is bad.
    """
    link = fleets.linked(fleet, workspaces.cache_folder())
    from lab.fleet import doctor as doctors  # noqa: PLC0415 - the extra may be missing

    examined = list(doctors.examine(link))
    bad = any(one.level == "bad" for _, found in examined for one in found)
    rows = [{"name": name, "findings": list(found)} for name, found in examined]
    answer.give(
        {"scheduler": link.ticket.scheduler, "hosts": rows},
        Ending.UNFIT if bad else Ending.HEALTHY,
        text=lambda: _told(examined),
    )


def _told(examined: Any) -> None:
    """Each host by name, and below it one line a question, its mend under that."""
    for name, found in examined:
        say(name)
        labelled("\n".join(map(finding.line, found)))
    if not examined:
        say("the fleet has no host")


@app.command()
@answers(Format.TEXT)
def stop(fleet: options.FleetOption = "") -> None:
    """End a fleet: its hosts leave and put away what runs, then its scheduler ends."""
    link = fleets.linked(fleet, workspaces.cache_folder())
    link.ask("", "lab_end")
    say(f"the fleet at {link.ticket.scheduler} ends")
