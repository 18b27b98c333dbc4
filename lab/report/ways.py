"""What each way of opening a given model did, so that an answer about one of them is not taken for all."""

from collections.abc import Sequence

from lab.model.search import ProbeVerdict, WayTried

WORDS = {ProbeVerdict.GOOD: "works", ProbeVerdict.SKIP: "could not be tested"}


def lines(seen: Sequence[WayTried]) -> list[str]:
    """One line for each way: what every release that was tried did by it, wrong numbers by that name."""
    found: dict[str, list[str]] = {}
    for one in seen:
        found.setdefault(one.route, []).append(f"{one.release} {_did(one)}")
    return [f"by {route}: {'; '.join(said)}" for route, said in found.items()]


def _did(one: WayTried) -> str:
    word = WORDS.get(one.sort, "gives wrong numbers and says nothing" if one.silent else "fails")
    because = "" if one.sort is ProbeVerdict.GOOD else f" ({one.why})"
    return f"{word}{because}" + (f", and nothing more was found out: {one.open}" if one.open else "")
