"""`lab fleet`: a scheduler, the hosts that join it, how they are, and their end."""

import asyncio
import contextlib
import textwrap
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from lab.cli import answer, finding, fleets, options, speak, words
from lab.cli.command import answers
from lab.cli.options import Format
from lab.cli.screen import labelled, say
from lab.engine.choose import EngineChoice, choose
from lab.errors import InfraError, UsageError
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
    and may run code on every host of it. Never let machines of different owners join one fleet. A fleet that was begun at
    that address before and that nobody stopped goes on, and its hosts come back.
    """
    fleets.require()
    found = where.fleet_place(place, "lab fleet start")
    names = tuple(words.listed([hosts])) if hosts else ()
    if found.kind is FleetKind.STANDING:
        if printed:
            raise UsageError(
                f"--print says what starts hosts over ssh, in Slurm or in Kubernetes, and {found.address} is none of these",
                "leave --print out; hosts of such a fleet join by their tickets",
            )
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
    before = standing.unfinished(address, cache)
    if not before and not names:
        said = f"no fleet was begun at {address} from here that could go on"
        raise UsageError(said, "name the hosts it shall have, as in --hosts gpu1,gpu2")
    say(f"scheduler {address}")
    if before:
        say("goes on with the fleet that was begun here before")
    _handed(address, standing.begun(address, names, cache))
    if asyncio.run(scheduler.serve(standing.serving(address, cache), speak.err)):
        standing.forget(address, cache)


def _handed(address: str, places: Mapping[str, Path]) -> None:
    """Where each ticket lies, and what uses it."""
    from lab.fleet import standing  # noqa: PLC0415 - the extra may be missing

    for name, path in places.items():
        use = f"--fleet {address}" if name == standing.DRIVER else f"lab fleet host --ticket {path}"
        say(f"{'commands' if name == standing.DRIVER else name}  {path}\n  {use}")


@app.command(name="ticket")
@answers(Format.TEXT)
def ticket_for(hosts: options.NewHostsArgument, fleet: options.FleetOption = "") -> None:
    """A new ticket for each of these hosts: one that joins a fleet that stands, or whose ticket ended or is lost.

    Typed on the machine, and as the user, of lab fleet start: the fleet's authority lies there, in a file of that user's alone,
    until lab fleet stop. The scheduler need not be told.
    """
    fleets.require()
    from lab.fleet import standing  # noqa: PLC0415 - the extra may be missing

    address, names = fleets.standing_address(fleet), tuple(words.listed([hosts]))
    standing.refuse(names, "lab fleet ticket")
    _handed(address, standing.added(address, names, workspaces.cache_folder()))


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
    from lab.fleet import standing  # noqa: PLC0415 - the extra may be missing
    from lab.fleet import ticket as tickets  # noqa: PLC0415

    mine = tickets.from_stdin() if ticket == tickets.STDIN else tickets.from_file(Path(ticket))
    if mine.name in (standing.SCHEDULER, standing.DRIVER):
        said = f"this is the ticket of a fleet's {mine.name}, and no host's"
        raise UsageError(
            said, "the ticket of this host; lab fleet ticket NAME makes one, where lab fleet start was typed"
        )
    over = threading.Event()
    if ticket == tickets.STDIN and tickets.leased():
        from lab.fleet.join import lease  # noqa: PLC0415

        lease(over.set)
    found = Workspace(root=workspaces.carried(), cache=workspaces.cache_folder())
    with contextlib.ExitStack() as stack:
        stack.callback(over.set)
        code = (_worked if kept else _kept)(mine, found, engine, tuple(label), slots, over)
        if code == 0 and ticket != tickets.STDIN and not over.is_set():
            Path(ticket).unlink(missing_ok=True)  # the fleet is over, and nothing more can be done with it
        raise typer.Exit(code)


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
    """Each host: guest, engine, space, clock, an empty step, the ways to all others, how fast files come; one mend a line.

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
    """End a fleet: its hosts leave and put away what runs, then its scheduler ends, and its tickets here are removed."""
    fleets.require()
    from lab.fleet import standing  # noqa: PLC0415 - the extra may be missing

    address, cache = fleets.standing_address(fleet), workspaces.cache_folder()
    begun_here = standing.unfinished(address, cache)
    try:
        link = fleets.linked(fleet, cache)
    except InfraError as error:
        if not begun_here:
            raise
        standing.forget(address, cache)
        say(f"{error.what}: its tickets here are removed, and hosts that wait for it end with theirs, or by hand")
        return
    told = link.ask("", "lab_end")
    ended = link.ended()
    standing.forget(address, cache)
    for name in told["here"]:
        say(f"{name} has not left: end its process there by hand")
    if not ended:
        raise InfraError(f"the scheduler at {address} has not ended", "end lab fleet start there by hand")
    say(f"the fleet at {address} has ended; hosts that left it: {', '.join(told['left']) or 'none'}")
