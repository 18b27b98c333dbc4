"""A search for cures as people read it: what helps, ready to paste, with its price and risk; then what does not."""

from lab.model.cure import Cured, CureStatus, Price, Relief, TriedCure, route_words
from lab.outcome import pasted
from lab.report import readings, ways
from lab.report.markdown import cell, fence
from lab.report.prose import to_copy
from lab.report.rows import seconds


def text(found: Cured) -> str:
    """The whole answer for a terminal; of a given model each way that fails with its own."""
    parts = [*ways.lines(found.ways), *([""] if found.ways else [])]
    return "\n".join([*parts, "\n\n".join(_one(one) for one in (found, *found.others))])


def _one(found: Cured) -> str:
    parts = [headline(found), *notes(found), ""]
    for one in (*found.accepted, *found.replacements):
        parts += [f"{' + '.join(one.names)}: {worked(found, one)}" + why(one)]
        parts += ["", *to_copy(lines(found, one)), ""]
        parts += [f"  does   {does}" for does in _each(found, one, "does")]
        parts += [f"  risk   {risk}" for risk in _each(found, one, "risk")]
        parts += [f"  price  {price(one.price)}"] if one.price else []
        parts += [f"  {line}" for line in relief(one.relief)] if one.relief else []
        parts += [""]
    parts += [f"{tried_in(found)}:"] if found.rejected else []
    parts += [f"{one.status:<14} {' + '.join(one.names)}{why(one)}" for one in found.rejected]
    return "\n".join(parts)


def headline(found: Cured) -> str:
    """The answer in one sentence."""
    return f"{_confirmed(found)}; {result(found)}"


def result(found: Cured) -> str:
    """How many of the cures helped, and how many ways work in place of the call that fails."""
    cured, ran = len(found.accepted), sum(one.status.tried for one in found.tried)
    instead = len(found.replacements)
    other = f"{instead} other way{'' if instead == 1 else 's'} of opening the files work{'s' if instead == 1 else ''}"
    if cured:
        return f"{cured} of {ran} cures proved" + (f", and {other}" if instead else "")
    none = f"none of {ran} cures that could be tried helps"
    return f"{none}, and {other}" if instead else none


def worked(found: Cured, one: TriedCure) -> str:
    """What was seen of something that works, and where: never more than was tried."""
    times = f"{one.passed} of {one.times} times"
    if one.status is CureStatus.REPLACEMENT:
        return f"not the call that fails, but another one, which works {times}"
    return f"proved, {times}" + (f" (set {one.moment})" if found.symptom is None and _set(found, one) else "")


def _set(found: Cured, one: TriedCure) -> bool:
    return any(found.cure(name).env for name in one.names)


def place(found: Cured) -> str:
    """Where cures were tried: the pair, and for a standard way of opening the files also that."""
    by = f" by {route_words(found.route)}" if found.route else ""
    return (found.about or f"what {found.saver or found.at} saved, loaded by {found.at}") + by


def tried_in(found: Cured) -> str:
    """Where all that is not proved was tried, so that nothing sounds more general than it is."""
    return f"tried without proof ({place(found)})" if found.symptom is None else "tried without proof"


def notes(found: Cured) -> list[str]:
    """Whose numbers count, and what there is beside them."""
    if not found.held:
        return []
    beside = found.beside or ("" if found.good else "no other release was looked at")
    said = f"held against {found.held}"
    return [f"{said}; {beside}" if beside else f"{said}; {found.good} does it right"]


def _confirmed(found: Cured) -> str:
    """What was confirmed, and how."""
    if found.seen is None:
        return f"{place(found)}: fails {found.times} of {found.times} times ({found.signature})"
    where = found.about or f"what {found.saver or found.at} saved, loaded by {found.at}"
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
    """What to paste for one or several cures."""
    return pasted.of_cures([found.cure(name) for name in tried.names])


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
    """A block to paste into an issue; of a given model each way that fails with its own."""
    parts = [f"### What cures it: {found.scenario}" + (f" ({cell(found.issue)})" if found.issue else ""), ""]
    parts += [*(f"- {cell(one)}" for one in ways.lines(found.ways)), *([""] if found.ways else [])]
    return "\n".join([*parts, "\n\n".join(_block(one) for one in (found, *found.others))])


def _block(found: Cured) -> str:
    parts: list[str] = []
    parts += [cell(headline(found)) + ".", "", *(f"{cell(one)}.\n" for one in notes(found))]
    for one in (*found.accepted, *found.replacements):
        parts += [f"**{cell(' + '.join(one.names))}**: {cell(worked(found, one))}", "", *_fenced(lines(found, one)), ""]
        parts += [f"- {cell(does)}" for does in _each(found, one, "does")]
        parts += [f"- risk: {cell(risk)}" for risk in _each(found, one, "risk")]
        parts += [f"- price: {cell(price(one.price))}"] if one.price else []
        parts += [f"- {cell(' '.join(line.split()))}" for line in relief(one.relief)] if one.relief else []
        parts += [""]
    parts += ["<details><summary>What does not</summary>", "", f"{cell(tried_in(found))}:", ""]
    parts += [f"- {cell(' + '.join(one.names))}: {one.status}{cell(why(one))}" for one in found.rejected]
    return "\n".join([*parts, "", "</details>"])


def _fenced(text: str) -> list[str]:
    return fence(text, pasted.language(text))


def _each(found: Cured, tried: TriedCure, what: str) -> list[str]:
    return [str(getattr(found.cure(name), what)) for name in tried.names]


def why(one: TriedCure) -> str:
    """The reason, and what it did at other moments, in brackets."""
    said = [*([one.why] if one.why else []), *(one.elsewhere)]
    return f" ({'; '.join(said)})" if said else ""
