"""A problem explained on one page: each question with its answer, the cure ready to paste, and how it was found out."""

from collections.abc import Iterator

from lab.model.cure import TriedCure
from lab.model.explanation import Explained, PageQuestion, PairSeen, Standing
from lab.model.isolation import Blame
from lab.outcome import pasted
from lab.report import bisect, cure, isolate
from lab.report.markdown import cell, fence
from lab.report.prose import to_copy

Line = tuple[str, str]
NOT_ASKED = "not asked"
MESSAGE = 1200
INDENT = 10


def text(found: Explained) -> str:
    """The page in labelled lines for a terminal; what is to be pasted stands by itself."""
    parts = [f"{found.scenario}: {headline(found)}", "", *(_labelled(*one) for one in lines(found))]
    for one in working(found):
        parts += ["", *(_labelled(*each) for each in _cure(found, one))]
        parts += ["", *to_copy(code(found, one))]
    return "\n".join(parts)


def message(found: Explained) -> str:
    """The first line of what failed, in its own words; empty where nothing did."""
    return _labelled("message", found.line) if found.line else ""


def _labelled(name: str, said: str) -> str:
    return name.ljust(INDENT) + said


def headline(found: Explained) -> str:
    """The whole answer in one sentence."""
    if found.status is Standing.WORKS:
        worse = sum(one.fails for one in found.pairs)
        if worse:
            return f"this pair works, and {worse} other {'pair fails' if worse == 1 else 'pairs fail'}: choose one with --pair"
        return "there is nothing to explain: it works" + (
            ", though its header expects a failure" if found.expected else ""
        )
    cured = [" + ".join(one.names) for one in accepted(found)]
    other = [" + ".join(one.names) for one in working(found) if one not in accepted(found)]
    helps = [one.setting for one in found.switches if one.works and not one.variant]
    way = f"; cured by {', '.join(cured)}" if cured else f"; it works with {' or '.join(helps)}" if helps else ""
    way += f"; {', '.join(other)} work{'s' if len(other) == 1 else ''} instead" if other else ""
    if found.status is Standing.NEVER_WORKED:
        if len(found.looked) == 1:
            return f"{_fails(found)} in {found.bad}, and no other release could be held against it{way}"
        return f"{_fails(found)}, and no release that was tried ({', '.join(found.looked)}) does it right{way}"
    return f"{_fails(found)} {since(found)}{way}"


def _fails(found: Explained) -> str:
    """Loud or silent: wrong numbers of which nobody hears are said to be that."""
    silent = next((one.silent for one in found.pairs if one.explained), False)
    return "it gives wrong numbers and says nothing," if silent else "it fails"


def since(found: Explained) -> str:
    """Since when, short."""
    rows = found.since.strips if found.since is not None else ()
    suspects = [one.suspects for one in rows if one.suspects]
    if not suspects:
        return "in " + found.bad
    names = suspects[0]
    return (
        f"since {names[0]}"
        if len(names) == 1
        else f"since one of {', '.join(names)} ({names[-1]} is the first one seen)"
    )


def lines(found: Explained) -> Iterator[Line]:
    """Every question with its answer, in the order in which a reader asks."""
    yield "fails" if found.status is not Standing.WORKS else "tried", f"{found.symptom}: {found.seen}"
    yield from (("also", _other_pair(one)) for one in found.pairs if not one.explained)
    if found.status is Standing.FAILS:
        yield from _regression(found)
    if found.status is not Standing.WORKS:
        yield from _cures(found)
    for switch in found.switches:
        apart = " (a variant: another net or call, and no cure)" if switch.variant else ""
        yield "switch", f"with {switch.setting}: {switch.outcome}{apart}"
    yield from (("known as", note) for note in found.known)
    if not found.known and found.issue:
        yield "reported", f"{found.issue} (as the scenario says; its signs are in no entry of known.toml)"
    yield from (("open", point) for point in found.open_points)


def _other_pair(one: PairSeen) -> str:
    """Another symptom with what was seen of it, and how to have it explained."""
    silent = ": wrong numbers, and nothing is raised" if one.silent else ""
    return f"{one.label}: {one.outcome}{silent}" + (f" (explain it: --pair {one.number})" if one.fails else "")


def _regression(found: Explained) -> Iterator[Line]:
    if found.since is not None:
        yield from (("since", bisect.answer(one)) for one in found.since.strips)
        yield from (("upstream", url) for one in found.since.strips if (url := bisect.compare_url(one)))
    if found.fixed is not None:
        yield from (("until", bisect.answer(one)) for one in found.fixed.strips)
    else:
        yield (
            "until",
            "not fixed: " + found.bad + " is the newest stable release"
            if PageQuestion.UNTIL not in found.left_open
            else NOT_ASKED,
        )
    yield "at fault", found.side or NOT_ASKED
    if found.isolation is not None:
        yield "matters", isolate.answer(found.isolation)
        harmless = [
            f"{one.name} ({one.good} -> {one.bad})" for one in found.isolation.axes if one.status is Blame.HARMLESS
        ]
        if harmless:
            yield "harmless", f"{', '.join(harmless)}: changed alone it stays good, changed back it stays bad"


def _cures(found: Explained) -> Iterator[Line]:
    """Which cures were proved, by name; each has its own lines further down."""
    if found.cured is None:
        yield "cure", "none was looked for" if PageQuestion.CURES in found.left_open else "none was proved"
    elif found.cured.accepted:
        yield "cure", ", ".join(" + ".join(one.names) for one in found.cured.accepted)
    else:
        yield "cure", f"{cure.result(found.cured)} ({cure.place(found.cured)})"
    if found.cured is not None and found.cured.replacements:
        yield "instead", ", ".join(" + ".join(one.names) for one in found.cured.replacements)


def _cure(found: Explained, one: TriedCure) -> Iterator[Line]:
    """One cure: what it does, what it risks, what it costs."""
    if found.cured is None:
        return
    parts = [found.cured.cure(name) for name in one.names]
    does = "; ".join(part.does for part in parts)
    yield "cure", f"{' + '.join(one.names)}: {cure.worked(found.cured, one)}: {does}"
    yield "risk", "; ".join(part.risk for part in parts)
    if one.price is not None:
        yield "cost", cure.price(one.price)


def accepted(found: Explained) -> tuple[TriedCure, ...]:
    """The cures that were proved."""
    return found.cured.accepted if found.cured is not None else ()


def working(found: Explained) -> tuple[TriedCure, ...]:
    """The cures that were proved, then what works in place of the call that fails."""
    return (*accepted(found), *found.cured.replacements) if found.cured is not None else ()


def code(found: Explained, one: TriedCure) -> str:
    """What to paste for one cure."""
    return cure.lines(found.cured, one) if found.cured is not None else ""


def markdown(found: Explained) -> str:
    """The page as Markdown, for a file, an issue or a bundle."""
    parts = [f"# {found.scenario}: {cell(headline(found))}", "", cell(found.summary) + "."]
    parts += ["", "| | |", "|---|---|", *(f"| {name} | {cell(said)} |" for name, said in lines(found))]
    for one in working(found):
        parts += [
            "",
            *(f"- {name}: {cell(said)}" for name, said in _cure(found, one)),
            "",
            *fence(code(found, one), pasted.language(code(found, one))),
        ]
    if found.message:
        parts += ["", f"The failure (`{cell(found.signature)}`):", "", *fence(found.message[:MESSAGE])]
    parts += [
        "",
        "<details><summary>How it was found out</summary>",
        "",
        f"`{found.command}`",
        "",
        *_how(found),
        "</details>",
    ]
    return "\n".join(parts) + "\n"


def _how(found: Explained) -> Iterator[str]:
    for search in (found.since, found.fixed):
        for one in search.strips if search is not None else ():
            yield from (*fence(bisect.chart(one)), "", f"{bisect.cost(one)}.", "")
            yield from (*(f"- {cell(said)}" for said in bisect.skipped(one)), "")
    if found.corners:
        yield from (*(f"- {cell(pair)}: {cell(said)}" for pair, said in found.corners), "")
    if found.isolation is not None:
        yield from (*fence(isolate.plain(found.isolation)), "")
    if found.cured is not None:
        yield from (
            *(f"- {cell(' + '.join(one.names))}: {one.status}{cell(cure.why(one))}" for one in found.cured.rejected),
            "",
        )
    yield f"{len(found.trials)} trials in {found.seconds:.0f} s; run `{found.run}`."
    yield ""
