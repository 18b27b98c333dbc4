"""A comparison of two places as people read it: each place tried, the answer, and what was shown of each axis."""

from collections.abc import Mapping

from lab.model.isolation import AxisFound, Blame, Isolation, Stepped
from lab.model.search import ProbeVerdict
from lab.report.bisect import loud
from lab.report.markdown import cell, fence

SHOWN = 300


def text(found: Isolation) -> str:
    """The whole answer for a terminal."""
    notes = [f"note: {one}" for one in found.notes]
    parts = [table(found), "", *notes, *([""] if notes else []), answer(found), ""]
    parts += [f"  {line(one)}" for one in found.axes]
    return "\n".join(parts)


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


def line(axis: AxisFound) -> str:
    """One axis: "python  3.11 -> 3.9  does not matter (changed alone: good; changed back: bad)"."""
    return f"{axis.name:<8} {axis.good} -> {axis.bad}: {axis.status}" + (f" ({axis.why[:SHOWN]})" if axis.why else "")


def table(found: Isolation) -> str:
    """Every place that was tried, one a line; what was changed from the good one is marked with "*"."""
    names = [one.name for one in found.axes]
    rows = [["", *names, "verdict", "tried as"]]
    rows += [_row(number, one, names) for number, one in enumerate(found.steps, 1)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(names) + 3)]
    lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for number, one in enumerate(found.steps, 1):
        if one.why and one.sort is not ProbeVerdict.GOOD:
            lines[number] += f": {one.why[:SHOWN]}"
    return "\n".join(lines)


def _row(number: int, one: Stepped, names: list[str]) -> list[str]:
    values = [_value(one, name) for name in names]
    return [str(number), *values, loud(one.sort), one.purpose]


def _value(one: Stepped, name: str) -> str:
    emulated = " emulated" if name == "cpu" and one.emulated else ""
    return f"{one.values[name]}{emulated}{'*' if name in one.changed else ''}"


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
        *fence(table(found)),
    ]
    if found.message:
        parts += ["", f"The failure (`{cell(found.signature)}`):", "", *fence(found.message[:1200])]
    return "\n".join([*parts, "", "</details>"])
