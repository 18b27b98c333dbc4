"""Where a model goes wrong, as people read it: the operator, by how much, how it grows from there, and how certain that is."""

from collections.abc import Sequence

from lab.model import Kind
from lab.model.location import CutSeen, CutSort, LocatedSort, Location, OpenedSeen, OperatorSeen
from lab.outcome.verdict import describe
from lab.outcome.words import brief
from lab.report.markdown import cell, fence

WIDE = 40
SHOWN = 24
"""Operators of the chart in a terminal: the found ones, and evenly spread those from there to the output."""
ATTRIBUTES = 12
MESSAGE = 240


def text(found: Location) -> str:
    """The whole answer for a terminal."""
    parts = [f"good {found.good.label}", f"bad  {found.bad.label}: {_failure(found)}", "", answer(found), ""]
    if found.first is not None and found.sort is LocatedSort.OPERATOR:
        parts += [*about(found.operator(found.first)), ""]
    elif found.first is not None and found.last is not None:
        parts += [*_members(found), ""]
    parts += [*inside(found.inside), ""] if found.inside else []
    parts += [*certainty(found), ""]
    lines = chart(found)
    parts += [*lines, ""] if lines else []
    parts += [f"note: {one}" for one in found.notes]
    return "\n".join(parts).rstrip()


def answer(found: Location) -> str:
    """The answer in one or two sentences."""
    match found.sort:
        case LocatedSort.OPERATOR if found.first is not None:
            return _operator(found, found.operator(found.first))
        case LocatedSort.FUSED:
            return _fused(found)
        case LocatedSort.TOGETHER:
            return _together(found)
        case LocatedSort.EVERYWHERE:
            return "not an operator: every cut fails in the same way, so it is the file or the way it is opened."
        case _:
            return "not located: no cut that could be tried shows it."


def _fused(found: Location) -> str:
    cut = f"[{found.first}..{found.last}]"
    if left := untried(found):
        return (
            f"only in the fused whole: cut {cut}. No operator of it that could be tried does it alone, and it vanishes while the "
            f"values inside are looked at. Not tried alone: {', '.join(left)}."
        )
    return (
        f"only in the fused whole: cut {cut}. No operator of it does it alone, and it vanishes while the values inside are "
        "looked at."
    )


def _together(found: Location) -> str:
    cut = f"[{found.first}..{found.last}]"
    if left := untried(found):
        return (
            f"cut {cut} is the smallest that shows it, also while all values inside are looked at. No operator of it that could "
            f"be tried does it alone. Not tried alone: {', '.join(left)}."
        )
    return f"no operator does it alone: cut {cut} is the smallest that shows it, also while all values inside are looked at."


def untried(found: Location) -> list[str]:
    """The operators of a cut of which nobody knows whether they do it alone, so nothing is said of them."""
    return [
        f"{one.index} {one.operator}"
        for one in _inside(found)
        if one.alone is None or one.alone.sort is CutSort.UNKNOWN
    ]


def _operator(found: Location, one: OperatorSeen) -> str:
    how = "fails as the whole model does" if one.alone and one.alone.sort is CutSort.FAILS else "answers wrong"
    said = f"operator {one.index}, {one.operator}{_at(one)}, {how} alone, fed with good values"
    parted = first_cumulative(found)
    if parted is None:
        return f"{said}."
    if parted == one.index:
        return f"{said}; it is also the first whose value parts while each side goes on with its own."
    return f"{said}; while each side goes on with its own values, the first that parts is operator {parted}."


def first_cumulative(found: Location) -> int | None:
    """The first operator in the order of the graph whose own value parts; None where none does, or nobody looked."""
    return next((one.index for one in found.operators if one.cumulative and one.cumulative.sort.bad), None)


def about(one: OperatorSeen) -> list[str]:
    """What is known of an operator, a line each."""
    lines = [f"  {'takes':<11}{', '.join(one.operands) or 'nothing'}", f"  {'gives':<11}{', '.join(one.results)}"]
    for name, value in list(one.attributes.items())[:ATTRIBUTES]:
        lines.append(f"  {'with':<11}{name}={value}")
    lines.append(f"  {'alone':<11}{gap(one.alone)}")
    lines.append(f"  {'cumulative':<11}{gap(one.cumulative)}")
    return lines


def inside(seen: OpenedSeen | None) -> list[str]:
    """What was found inside a loop or a branch, and inside what was found there."""
    lines: list[str] = []
    while seen is not None:
        lines.append(f"opened ({seen.what}): {_opened(seen)}:")
        for one in seen.found[:SHOWN]:
            step = (one.index - seen.start) // max(seen.each, 1)
            lines.append(f"  in step {step + 1}: {one.operator}{_at(one)}" if step else f"  {one.operator}{_at(one)}")
            lines += about(one)
        seen = seen.inside
    return lines


def _opened(seen: OpenedSeen) -> str:
    sure = seen.confirmed is not None and seen.confirmed.certain
    if seen.sort is LocatedSort.OPERATOR:
        return "one operator inside does it alone" if sure else "one operator inside seems to do it alone"
    return "operators inside do it together" if sure else "operators inside seem to do it together"


def _members(found: Location) -> list[str]:
    """The operators of a cut, a line each."""
    inside = _inside(found)
    shown = [f"  {one.index:>4}  {one.operator}{_at(one)}: alone {gap(one.alone)}" for one in inside[:SHOWN]]
    return [*shown, *([f"  and {len(inside) - SHOWN} more"] if len(inside) > SHOWN else [])]


def _inside(found: Location) -> list[OperatorSeen]:
    return [one for one in found.operators if found.first is not None and found.first <= one.index <= (found.last or 0)]


def gap(one: CutSeen | None) -> str:
    """What a cut showed, in words: "mismatch, off by 0.75, which is 62 % of the largest value"."""
    if one is None:
        return "not looked at"
    if one.sort is CutSort.UNKNOWN:
        return f"not known: {one.why}" if one.why else "not known"
    if one.sort in (CutSort.FAILS, CutSort.OTHER) and not one.grade:
        return f"{one.sort}: {one.why}"
    grade = one.grade or one.sort.value
    if one.sort is CutSort.AGREES and one.grade == "mismatch":
        grade = "rounding"  # single elements are off, and by nothing beside the largest
    said = [grade, *([one.why] if one.why else [])]
    if one.largest:
        said.append(
            f"off by {one.largest:.3g}" + (f", {_share(one.relative)} of the largest value" if one.relative else "")
        )
    return ", ".join(said)


def _share(relative: float) -> str:
    if relative > 10:  # noqa: PLR2004
        return f"{relative:.3g} times"
    return f"{100 * relative:.0f} %" if relative >= 1 else f"{100 * relative:.2g} %"


def certainty(found: Location) -> list[str]:
    """By what the answer is confirmed, and everything that makes it less than certain."""
    lines = []
    if found.confirmed is not None:
        one = found.confirmed
        lines.append(
            f"confirmed: {one.bad} of {one.asked} times by a cut that gives only its own results, and "
            f"{'also' if one.apart else 'NOT'} in a start of its own; {one.good} of {one.controls} times right in the good place."
        )
        if one.within is not None:
            lines.append(f"with the operators before it, fed with the model's own inputs: {_within(one.within)}.")
    if found.flaky:
        lines.append(f"FLAKY: the whole model did it {found.flaky} times.")
    if found.hidden:
        lines.append("while values between operators were looked at, the model's own outputs were right.")
    if found.others:
        lines.append(f"NOT THE ONLY ONE: {_listed(found)} alone as well.")
    if found.unsteady:
        lines.append(
            "one value differs each time in the good place too, and is held against nothing."
            if found.unsteady == 1
            else f"{found.unsteady} values differ each time in the good place too, and are held against nothing."
        )
    return lines


def _within(sort: CutSort) -> str:
    words = {
        CutSort.PARTS: "it is wrong there too", CutSort.FAILS: "it fails there too", CutSort.AGREES: "it is right there",
        CutSort.OTHER: "it fails otherwise there", CutSort.UNKNOWN: "not known",
    }  # fmt: skip
    return words[sort]


def _listed(found: Location) -> str:
    shown = [f"{one} ({found.operator(one).operator})" for one in found.others[:6]]
    more = f" and {len(found.others) - 6} more" if len(found.others) > 6 else ""  # noqa: PLR2004
    return "operators " + ", ".join(shown) + more + " show it"


def chart(found: Location) -> list[str]:
    """How far the bad place's own values are off, operator by operator from the found one to the output; empty without values."""
    start = found.first if found.first is not None else first_cumulative(found)
    rows = [one for one in found.operators if one.cumulative is not None and one.cumulative.relative is not None]
    after = [one for one in rows if start is None or one.index >= start]
    before = [one for one in rows if start is not None and one.index < start][-2:]
    shown = [*before, *_spread(after)]
    top = max((_relative(one) for one in shown), default=0.0)
    if not top:
        return []
    lines = ["how the difference grows (largest difference, as a share of the largest value):"]
    for one in shown:
        share = _relative(one)
        bar = "#" * max(1 if share else 0, round(WIDE * share / top))
        mark = ">" if one.index == start else " "
        lines.append(f"{mark} {one.index:>4} {one.operator[:22]:<22} {share:>9.2e} {bar}".rstrip())
    return lines


def _relative(one: OperatorSeen) -> float:
    return one.cumulative.relative or 0.0 if one.cumulative is not None else 0.0


def _spread(rows: Sequence[OperatorSeen]) -> list[OperatorSeen]:
    """At most `SHOWN` of them, the first and the last among these."""
    if len(rows) <= SHOWN:
        return list(rows)
    places = sorted({round(number * (len(rows) - 1) / (SHOWN - 1)) for number in range(SHOWN)})
    return [rows[place] for place in places]


def _at(one: OperatorSeen) -> str:
    return f" at {one.place}" if one.place else ""


def _failure(found: Location) -> str:
    said = describe(found.failure)
    if found.failure.kind is Kind.NUMERIC_MISMATCH:
        return f"{said}, outputs {gap(found.outputs)}"
    return f"{said}: {brief(found.failure.message, MESSAGE)}".rstrip(": ")


def markdown(found: Location) -> str:
    """A block to paste into an issue."""
    parts = [f"### Where it goes wrong: {cell(found.model)}", "", cell(answer(found)), ""]
    parts += [f"- good: `{found.good.label}`", f"- bad: `{found.bad.label}`: {cell(_failure(found))}"]
    parts += [f"- {cell(one)}" for one in certainty(found)]
    parts += [f"- {cell(one)}" for one in found.notes]
    if found.first is not None and found.sort is LocatedSort.OPERATOR:
        parts += ["", *fence("\n".join(about(found.operator(found.first))))]
    elif found.first is not None:
        parts += ["", *fence("\n".join(_members(found)))]
    parts += ["", *fence("\n".join(inside(found.inside)))] if found.inside else []
    lines = chart(found)
    parts += ["", *fence("\n".join(lines))] if lines else []
    return "\n".join([*parts, "", f"`{found.command}`"])
