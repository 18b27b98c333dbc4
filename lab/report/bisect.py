"""A bisection as people read it: the strip of releases, the answer in a sentence, and a block for the issue."""

from collections.abc import Iterator

from lab.knowledge import upstream
from lab.model.search import Axis, Bisected, BisectedAxis, Probed, ProbeVerdict, Reading
from lab.report import readings, ways
from lab.report.markdown import cell, fence
from lab.search.symptoms import label

UNCLEAR = (ProbeVerdict.SKIP, ProbeVerdict.OTHER, ProbeVerdict.FLAKY)


def chart(strip: BisectedAxis) -> str:
    """The row in one line: verdicts, "?" for what nobody had to try, and a bar where it turns."""
    return " ".join(links(strip))


def links(strip: BisectedAxis) -> Iterator[str]:
    """Each release with its verdict, and what stands between it and the one before."""
    for number, one in enumerate(strip.row):
        turn = strip.suspects and one.release == strip.suspects[0]
        yield (("| " if turn else ". ") if number else "") + mark(one)


def text(strip: BisectedAxis, by: str = "") -> str:
    """What a terminal says below the chart: what each release said, the answer, what it took, where to look on."""
    lines = [f"  {one}" for one in commits(strip)]
    told = measured(strip) if strip.symptom else skipped(strip)
    lines += [f"  {one}" for one in told] or ["  every release that was tried gave a verdict"]
    lines += ["", f"{by}{answer(strip)}", cost(strip)]
    url = compare_url(strip)
    return "\n".join([*lines, f"upstream changes: {url}"] if url else lines)


def mark(one: Probed) -> str:
    """A release and its verdict: "3.0.0 bad", "3.0.0b0 SKIP", "3.2.1 ?"."""
    return f"{one.release} {loud(one.sort) or '?'} {readings.amount(one.reading)}".rstrip()


def answer(strip: BisectedAxis) -> str:
    """The answer in plain words, with everything that makes it less than certain."""
    saving = f"saving for {strip.fixed} to load" if strip.fixed else "saving and loading by itself"
    loading = (
        f"loading {strip.model}, held against {strip.fixed}" if strip.model else f"loading what {strip.fixed} saved"
    )
    where = loading if strip.axis is Axis.LOADER else saving
    if strip.symptom is not None:
        where = f"{label(strip.symptom)}, " + (where if strip.fixed else "each release loading what it saved itself")
    return f"{where}: {_turn(strip)}" + "".join(f" {one}" for one in doubts(strip))


def by(found: Bisected) -> str:
    """Which way of opening a given model an answer is about, in front of it; empty where only one was asked about."""
    return f"by {found.route}, " if found.ways or found.route not in ("", "own") else ""


def _turn(strip: BisectedAxis) -> str:
    first, last = ("works again in", "last seen to fail") if strip.fix else ("first bad is", "last good")
    if strip.symptom is not None and strip.fix:
        first, last = "gone in", "last seen bad"
    newest = strip.row[-1]
    if strip.fix and newest.release in strip.wrong and newest.sort is ProbeVerdict.BAD:
        return f"not fixed: {newest.release}, the newest release of the row, still {_fails(strip)}."
    if strip.wrong:
        return f"no answer, because {' and '.join(mark(strip.of(name)) for name in strip.wrong)}."
    if len(strip.suspects) == 1:
        return f"{first} {strip.first} ({last} {strip.last})."
    seen = "bad" if not strip.fix else "good" if strip.symptom else "works"
    return (
        f"{first} one of {{{', '.join(strip.suspects)}}}: {strip.first} is the first one seen {seen} "
        f"({last} {strip.last})."
    )


def _fails(strip: BisectedAxis) -> str:
    return "fails" if strip.symptom is None else "shows it"


def doubts(strip: BisectedAxis) -> list[str]:
    """What keeps the answer from being one release: holes, contradictions, flakiness."""
    said = []
    between = [strip.of(name) for name in strip.suspects[:-1]]
    for words in dict.fromkeys(word for one in between if (word := _untold(strip, one))):
        names = [one.release for one in between if _untold(strip, one) == words]
        said.append(f"{' and '.join(names)} {words}.")
    if strip.violations:
        said.append(f"NOT MONOTONIC: {', '.join(mark(strip.of(name)) for name in strip.violations)} contradicts this.")
    if strip.flaky:
        said.append(f"FLAKY: {', '.join(f'{name} ({strip.of(name).why})' for name in strip.flaky)}.")
    if strip.gradual and strip.edge is not None:
        said.append(f"GRADUAL: measured against each other, the two neighbours do not show it ({strip.edge.why}).")
    return said


def _untold(strip: BisectedAxis, one: Probed) -> str:
    """Why a release says nothing of the turn; empty where it does. Wrong numbers are no other failure like any other."""
    if one.sort is ProbeVerdict.OTHER and not strip.symptom:
        return "gave wrong numbers, and said nothing" if one.silent else f"failed in another way ({_short(one.why)})"
    words = {
        ProbeVerdict.SKIP: "could not be tested",
        ProbeVerdict.OTHER: "does not work at all",
        ProbeVerdict.UNDECIDED: "could not be decided",
    }
    return words.get(one.sort, "")


def _short(why: str) -> str:
    """What was seen, without the message behind it."""
    return why.partition(": ")[0]


def measured(strip: BisectedAxis) -> list[str]:
    """Every release that was tried with what was measured, or why it was not; last the two neighbours of the turn."""
    told = [f"{one.release} {loud(one.sort)}: {one.why}{_times(one.reading)}" for one in strip.row if one.sort]
    if strip.edge is not None:
        told.append(
            f"the neighbours: {strip.edge.release} {loud(strip.edge.sort)}: {strip.edge.why}{_times(strip.edge.reading)}"
        )
    return told


def loud(sort: ProbeVerdict) -> str:
    """A verdict as a word: what says nothing of good or bad in capitals."""
    return sort.value if sort.sure else sort.upper()


def _times(reading: Reading | None) -> str:
    """The medians behind a ratio: "; 411 us -> 6.6 ms"."""
    found = readings.times(reading) if reading is not None else ""
    return f"; {found}" if found else ""


def cost(strip: BisectedAxis) -> str:
    """How many trials it took, of how many it might have."""
    reused = sum(one.reused for one in strip.row)
    known = f", {reused} of them known from earlier runs" if reused else ""
    return f"{strip.probes} of {len(strip.row)} releases tried (at most {strip.budget} are needed){known}"


def commits(strip: BisectedAxis) -> list[str]:
    """Each build without a tag upstream that was tried, with the commit it names."""
    return [f"{one.release} is commit {one.commit}" for one in strip.row if one.commit]


def skipped(strip: BisectedAxis) -> list[str]:
    """Every release that gave no verdict, with the reason, and every one that failed in other words than the bad end."""
    told = [one for one in strip.row if one.sort in UNCLEAR or one.reworded]
    return [f"{mark(one)}: {one.why}" for one in told]


def compare_url(strip: BisectedAxis) -> str:
    """The upstream changes between the last release before the turn and the first one after it; empty without a turn."""
    commits = {one.release: one.commit for one in strip.row}
    return upstream.changes(strip.last, strip.first, commits) if strip.suspects else ""


def markdown(found: Bisected) -> str:
    """A block to paste into an issue: the answer first, how it was found behind a fold; of a given model each way apart."""
    lines = [f"- {cell(one)}" for one in ways.lines(found.ways)]
    return "\n\n".join(["\n".join(lines), *(_block(one) for one in (found, *found.others))]).lstrip("\n")


def _block(found: Bisected) -> str:
    lines = [f"### Since when: {found.scenario}" + (f" ({cell(found.issue)})" if found.issue else ""), ""]
    for strip in found.strips:
        lines += [f"- {by(found)}{cell(answer(strip))}"]
        lines += [f"  - {url}"] if (url := compare_url(strip)) else []
    lines += [f"- at fault: {cell(found.side)}"] if found.side else []
    lines += ["", "<details><summary>How it was found</summary>", ""]
    lines += [f"`{found.command}`", ""]
    for strip in found.strips:
        lines += [*fence(chart(strip)), "", cost(strip) + ".", ""]
        lines += [f"- {cell(one)}" for one in commits(strip)]
        lines += [*(f"- {cell(one)}" for one in (measured(strip) if strip.symptom else skipped(strip))), ""]
    if found.message:
        lines += [f"The failure (`{cell(found.signature)}`):", "", *fence(found.message[:1200])]
    lines += ["", "</details>"]
    return "\n".join(lines)
