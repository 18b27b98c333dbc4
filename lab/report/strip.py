"""A bisection as people read it: the strip of releases, the answer in a sentence, and a block for the issue."""

import re

from lab.model.search import Bisected, Probed, Strip
from lab.report.markdown import cell, fence

UPSTREAM = "https://github.com/PaddlePaddle/Paddle/compare"
STAGES = {"b": "-beta", "rc": "-rc"}


def chart(strip: Strip) -> str:
    """The row in one line: verdicts, "?" for what nobody had to try, and a bar where it turns."""
    parts: list[str] = []
    for one in strip.row:
        if parts:
            parts.append("|" if strip.suspects and one.release == strip.suspects[0] else ".")
        parts.append(mark(one))
    return " ".join(parts)


def mark(one: Probed) -> str:
    """A release and its verdict: "3.0.0 bad", "3.0.0b0 SKIP", "3.2.1 ?"."""
    loud = one.sort.upper() if one.sort in ("skip", "other", "flaky") else one.sort
    return f"{one.release} {loud or '?'}"


def answer(strip: Strip) -> str:
    """The answer in plain words, with everything that makes it less than certain."""
    saving = f"saving for {strip.fixed} to load" if strip.fixed else "saving and loading by itself"
    where = f"loading what {strip.fixed} saved" if strip.axis == "loader" else saving
    return f"{where}: {_turn(strip)}" + "".join(f" {one}" for one in doubts(strip))


def _turn(strip: Strip) -> str:
    first, last = ("works again in", "last seen to fail") if strip.fix else ("first bad is", "last good")
    newest = strip.row[-1]
    if strip.fix and newest.release in strip.wrong and newest.sort == "bad":
        return f"not fixed: {newest.release}, the newest release of the row, still fails."
    if strip.wrong:
        return f"no answer, because {' and '.join(mark(strip.of(name)) for name in strip.wrong)}."
    if len(strip.suspects) == 1:
        return f"{first} {strip.first} ({last} {strip.last})."
    seen = "works" if strip.fix else "bad"
    return (
        f"{first} one of {{{', '.join(strip.suspects)}}}: {strip.first} is the first one seen {seen} "
        f"({last} {strip.last})."
    )


def doubts(strip: Strip) -> list[str]:
    """What keeps the answer from being one release: holes, contradictions, flakiness."""
    said = []
    between = [strip.of(name) for name in strip.suspects[:-1]]
    for sort, words in (("skip", "could not be tested"), ("other", "failed in another way")):
        names = [one.release for one in between if one.sort == sort]
        if names:
            said.append(f"{' and '.join(names)} {words}.")
    if strip.violations:
        said.append(f"NOT MONOTONIC: {', '.join(mark(strip.of(name)) for name in strip.violations)} contradicts this.")
    if strip.flaky:
        said.append(f"FLAKY: {', '.join(f'{name} ({strip.of(name).why})' for name in strip.flaky)}.")
    return said


def cost(strip: Strip) -> str:
    """How many trials it took, of how many it might have."""
    reused = sum(one.reused for one in strip.row)
    known = f", {reused} of them known from earlier runs" if reused else ""
    return f"{strip.probes} of {len(strip.row)} releases tried (at most {strip.budget} are needed){known}"


def skipped(strip: Strip) -> list[str]:
    """Every release that gave no verdict, with the reason, and every one that failed in other words than the bad end."""
    told = [one for one in strip.row if one.sort in ("skip", "other", "flaky") or "other words" in one.why]
    return [f"{mark(one)}: {one.why}" for one in told]


def compare_url(strip: Strip) -> str:
    """The upstream changes between the last release before the turn and the first one after it; empty without a turn."""
    if not strip.suspects:
        return ""
    return f"{UPSTREAM}/{tag(strip.last)}...{tag(strip.first)}"


def tag(release: str) -> str:
    """The upstream tag of a release: "v3.0.0-beta2" for 3.0.0b2."""
    version = release.partition("-")[0]
    return "v" + re.sub(r"(?<=\d)(b|rc)(?=\d)", lambda found: STAGES[found[1]], version)


def markdown(found: Bisected) -> str:
    """A block to paste into an issue: the answer first, how it was found behind a fold."""
    lines = [f"### Since when: {found.scenario}" + (f" ({cell(found.issue)})" if found.issue else ""), ""]
    for strip in found.strips:
        lines += [f"- {cell(answer(strip))}"]
        lines += [f"  - {compare_url(strip)}"] if strip.suspects else []
    lines += [f"- side: {cell(found.side)}"] if found.side else []
    lines += ["", "<details><summary>How it was found</summary>", ""]
    lines += [f"`{found.command}`", ""]
    for strip in found.strips:
        lines += [*fence(chart(strip)), "", cost(strip) + ".", ""]
        lines += [*(f"- {cell(one)}" for one in skipped(strip)), ""]
    if found.message:
        lines += [f"The failure (`{cell(found.signature)}`):", "", *fence(found.message[:1200])]
    lines += ["", "</details>"]
    return "\n".join(lines)
