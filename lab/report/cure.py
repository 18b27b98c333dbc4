"""A search for cures as people read it: what helps, ready to paste, with its price and risk; then what does not."""

from lab.model.cure import Cured, Price, Relief, TriedCure
from lab.report import readings
from lab.report.markdown import cell, fence
from lab.report.rows import seconds


def text(found: Cured) -> str:
    """The whole answer for a terminal."""
    parts = [headline(found), ""]
    for one in found.accepted:
        parts += [f"{' + '.join(one.names)}: proved, {one.passed} of {one.times} times" + _why(one)]
        parts += [f"    {line}" for line in lines(found, one).splitlines()]
        parts += [f"  does   {does}" for does in _each(found, one, "does")]
        parts += [f"  risk   {risk}" for risk in _each(found, one, "risk")]
        parts += [f"  price  {price(one.price)}"] if one.price else []
        parts += [f"  {line}" for line in relief(one.relief)] if one.relief else []
        parts += [""]
    parts += [f"{one.status:<14} {' + '.join(one.names)}{_why(one)}" for one in found.rejected]
    return "\n".join(parts)


def headline(found: Cured) -> str:
    """The answer in one sentence."""
    return f"{_confirmed(found)}; {result(found)}"


def result(found: Cured) -> str:
    """How many of the cures helped."""
    cured, ran = len(found.accepted), sum(one.status.tried for one in found.tried)
    return f"{cured} of {ran} cures proved" if cured else f"none of {ran} cures that could be tried helps"


def _confirmed(found: Cured) -> str:
    """What was confirmed, and how."""
    where = found.about or f"what {found.saver or found.at} saved, loaded by {found.at}"
    if found.seen is None:
        return f"{where}: fails {found.times} of {found.times} times ({found.signature})"
    return f"{where}: {readings.words(found.seen).seen(found.seen)}"


def relief(found: Relief) -> list[str]:
    """What a cure of slowness or of a leak gains, beside no cure, and what it costs, beside the good release."""
    said = []
    if found.uncured is not None:
        said.append(f"gain   {readings.ratio(found.uncured)}")
    if found.good is not None and found.good.reference:
        other = "" if found.uncured is not None or not found.peak else "; another API, held against the same one"
        said.append(f"price  {readings.ratio(found.good)}{other}")
    if found.good is not None and found.good.processes:
        said.append(f"memory {readings.grows(found.good)}")
    if found.peak and found.peak_good:
        beside = (
            f"{found.peak / found.peak_good:.2f}x of the good release, {found.peak_uncured / 2**20:.0f} MiB without it"
        )
        said.append(f"memory at most {found.peak / 2**20:.0f} MiB, {beside}")
    return said


def lines(found: Cured, tried: TriedCure) -> str:
    """The export lines and code of one or several cures."""
    return "\n".join(found.cure(name).lines for name in tried.names)


def price(paid: Price) -> str:
    """Times and memory beside the good release, with the spread that says how noisy the machine was."""
    parts = [
        f"{name} {seconds(one.seconds)} ({one.seconds / one.good:.2g}x, single processes {one.low:.2g}x to {one.high:.2g}x)"
        for name, one in (("load", paid.load), ("call", paid.call))
        if one is not None
    ]
    if paid.memory and paid.memory_good:
        parts.append(f"peak memory {paid.memory / 2**20:.0f} MiB ({paid.memory / paid.memory_good:.2f}x)")
    fair = "; another API than the good release's, so its times do not compare" if paid.other_api else ""
    return f"{', '.join(parts)} of the good release, {paid.rounds} processes each: noisy{fair}"


def markdown(found: Cured) -> str:
    """A block to paste into an issue."""
    parts = [f"### What cures it: {found.scenario}" + (f" ({cell(found.issue)})" if found.issue else ""), ""]
    parts += [cell(headline(found)) + ".", ""]
    for one in found.accepted:
        parts += [f"**{cell(' + '.join(one.names))}**", "", *fence(lines(found, one)), ""]
        parts += [f"- {cell(does)}" for does in _each(found, one, "does")]
        parts += [f"- risk: {cell(risk)}" for risk in _each(found, one, "risk")]
        parts += [f"- price: {cell(price(one.price))}"] if one.price else []
        parts += [f"- {cell(' '.join(line.split()))}" for line in relief(one.relief)] if one.relief else []
        parts += [""]
    parts += ["<details><summary>What does not</summary>", ""]
    parts += [f"- {cell(' + '.join(one.names))}: {one.status}{cell(_why(one))}" for one in found.rejected]
    return "\n".join([*parts, "", "</details>"])


def _each(found: Cured, tried: TriedCure, what: str) -> list[str]:
    return [str(getattr(found.cure(name), what)) for name in tried.names]


def _why(one: TriedCure) -> str:
    return f" ({one.why})" if one.why else ""
