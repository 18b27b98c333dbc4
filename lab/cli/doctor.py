"""`lab doctor`: what this machine can do, and the mend for what it cannot."""

import typer

from lab.cli import opening, options
from lab.cli.screen import say
from lab.machine import doctor as rules
from lab.machine.doctor import DoctorLevel
from lab.storage import store

MARKS = {DoctorLevel.GOOD: "ok  ", DoctorLevel.WARN: "warn", DoctorLevel.BAD: "BAD "}


def doctor(json: options.JsonOption = False, workspace: options.WorkspaceOption = "") -> None:
    """Check engine, rights, disk, memory, CA and proxy, index, GPU and clock; name the mend for each."""
    found, _ = opening.place(workspace)
    findings = []
    for one in rules.examine(found):
        findings.append(one)
        if not json:
            say(f"{MARKS[one.level]}  {one.question:<13} {one.answer}")
            if one.mend:
                say(f"{'':<20}mend: {one.mend}")
    if json:
        say(store.pretty(findings).decode())
    raise typer.Exit(6 if any(one.level is DoctorLevel.BAD for one in findings) else 0)
