"""A comparison of two places as people read it: each place tried, the answer, and what was shown of each axis."""

from collections.abc import Mapping

from rich.text import Text

from lab.model.isolation import Blame, Isolation, Stepped
from lab.model.search import ProbeVerdict
from lab.report.bisect import loud
from lab.report.markdown import cell, fence
from lab.report.sheet import Sheet, SheetColumn

SHOWN = 300
WIDE = 400


def text(found: Isolation) -> str:
    """What a terminal says between the tables."""
    notes = [f"note: {one}" for one in found.notes]
    return "\n".join([*notes, *([""] if notes else []), answer(found)])


def answer(found: Isolation) -> str:
    """The answer in plain words, with everything that makes it less than certain."""
    if found.wrong:
        return "no answer, because an end is not what was claimed."
    if not found.cause:
        return "no answer: what was tried contradicts itself."
    names = " and ".join(found.cause)
    values = " and ".join(_moved(found, name) for name in found.cause)
    many = "together matter" if len(found.cause) > 1 else "alone matters"
    given = ", ".join(f"{name}={found.bad[name]}" for name in found.given)
    held = f", with {given} on both sides" if given else ""
    return f"{names} {many}: {values} turns good into bad{held}." + "".join(f" {one}" for one in doubts(found))


def doubts(found: Isolation) -> list[str]:
    """What keeps the answer from being the whole truth."""
    said = []
    if found.entangled:
        said.append(f"NOT SEPARABLE here: {' and '.join(found.entangled)} could not be left out alone.")
    also = [one.name for one in found.axes if one.status is Blame.ALSO]
    if also:
        said.append(f"NOT THE ONLY ONE: {' and '.join(also)} alone turns good into bad as well.")
    mixed = [one.name for one in found.axes if one.status is Blame.MIXED]
    if mixed:
        said.append(f"INTERPLAY: {' and '.join(mixed)} changes what is seen.")
    flaky = [one for one in found.steps if one.sort is ProbeVerdict.FLAKY]
    if flaky:
        said.append(f"FLAKY: {'; '.join(f'{_changed(one)} {one.why}' for one in flaky)}.")
    return said


def shown(found: Isolation) -> Sheet:
    """What was shown of each axis, and by what."""
    columns = (
        *(SheetColumn(heading=name, typed=True) for name in ("axis", "good", "bad")),
        SheetColumn(heading="shown"),
        SheetColumn(heading="because", prose=True, least=30, aside=1),
    )
    rows = ((one.name, one.good, one.bad, one.status, one.why[:SHOWN]) for one in found.axes)
    return Sheet(columns=columns, rows=tuple(tuple(map(Text, row)) for row in rows))


def table(found: Isolation) -> Sheet:
    """Every place that was tried, one a row; what was changed from the good one is marked with "*"."""
    names = [one.name for one in found.axes]
    hosts = any(one.on for one in found.steps)
    columns = (
        SheetColumn(heading="", right=True),
        *(SheetColumn(heading=name, typed=True, name=True, aside=_aside(name)) for name in names),
        *([SheetColumn(heading="on", aside=1)] if hosts else []),
        SheetColumn(heading="verdict"),
        SheetColumn(heading="tried as"),
        SheetColumn(heading="seen", prose=True, least=30, aside=3),
    )
    rows = (_row(number, one, names, hosts=hosts) for number, one in enumerate(found.steps, 1))
    return Sheet(columns=columns, rows=tuple(tuple(map(Text, row)) for row in rows))


def _aside(axis: str) -> int:
    """Which axes are told below their row first, where a terminal is narrow: flags, then all but the release."""
    return 0 if axis == "release" else 2 if axis.startswith("FLAGS_") else 1


def _row(number: int, one: Stepped, names: list[str], *, hosts: bool) -> list[str]:
    values = [_value(one, name) for name in names]
    seen = "" if one.sort is ProbeVerdict.GOOD else one.why[:SHOWN]
    return [str(number), *values, *(["; ".join(one.on)] if hosts else []), loud(one.sort), one.purpose, seen]


def plain(found: Isolation) -> str:
    """The table for a page that is as wide as it likes."""
    return "\n".join(line.plain for line in table(found).lines(WIDE))


def _value(one: Stepped, name: str) -> str:
    return f"{one.values[name]}{_as(one, name)}{'*' if name in one.changed else ''}"


def _as(one: Stepped, name: str) -> str:
    """Whether a processor was a real one, and whether a GPU wheel found a GPU, where that is not plain from the value."""
    if name == "cpu":
        return " emulated" if one.emulated else " real" if one.real else ""
    if name == "device" and one.values[name] != "cpu" and one.device:
        return " in CPU mode" if one.device == "cpu" else " real"
    return ""


def _changed(one: Stepped) -> str:
    return " ".join(f"{name}={one.values[name]}" for name in one.changed) or "the good end"


def _moved(found: Isolation, name: str) -> str:
    from_ = found.stand_in if name == "release" and found.stand_in else found.good[name]
    return f"{name} {from_} -> {found.bad[name]}"


def place(values: Mapping[str, str]) -> str:
    """A place as it is written on the command line."""
    return ",".join(f"{name}={value}" for name, value in values.items())


def markdown(found: Isolation) -> str:
    """A block to paste into an issue."""
    parts = [f"### What is to blame: {found.scenario}" + (f" ({cell(found.issue)})" if found.issue else ""), ""]
    parts += [cell(answer(found)), ""]
    parts += ["| axis | good | bad | shown | by |", "|---|---|---|---|---|"]
    parts += [
        f"| {cell(one.name)} | {cell(one.good)} | {cell(one.bad)} | {one.status} | {cell(one.why[:SHOWN])} |"
        for one in found.axes
    ]
    parts += ["", *(f"- {cell(one)}" for one in found.notes)]
    parts += [
        "",
        "<details><summary>Every place that was tried</summary>",
        "",
        f"`{found.command}`",
        "",
        *fence(plain(found)),
    ]
    if found.message:
        parts += ["", f"The failure (`{cell(found.signature)}`):", "", *fence(found.message[:1200])]
    return "\n".join([*parts, "", "</details>"])
