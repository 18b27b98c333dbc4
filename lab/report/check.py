"""What `lab check` found: its document for programs, the paragraph, and what was taken for granted, one sentence each."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from lab.model.check import DULL, Draw
from lab.model.check_grid import Answer, Cell, Checked
from lab.model.cure import Ratio
from lab.outcome.standing import standing
from lab.outcome.words import numbers, outcome_words
from lab.report.check_sentences import sentences
from lab.report.check_third import absent
from lab.report.check_words import losses, way_words, why

DRAWS = {
    Draw.UNIFORM: "floats from 0 to 1",
    Draw.NORMALISED: "normalised pixels",
    Draw.PIXELS: "pixels from 0 to 255",
    Draw.NORMAL: "normal floats",
    Draw.WIDE: "normal floats ten times as wide",
}


def document(found: Checked) -> dict[str, Any]:
    """The answer for a program: its data, and the sentences made of it."""
    data: dict[str, Any] = msgspec.to_builtins(found)
    for name in ("findings", "pickles", "unreadable", "without_info", "grid"):
        del data[name]
    grid = found.grid
    data |= {"prefix": grid.prefix, "old": grid.old, "reference": found.reference, "vouched": grid.vouched}
    data["third"] = msgspec.to_builtins(grid.third)
    data |= {
        "assumed": [*_noted(found)],
        "stamp": [*_stamp(found)],
        "changed": [*grid.altered],
        "damage": [*grid.damage],
    }
    data |= {"paragraph": paragraph(found), "sentences": msgspec.to_builtins(sentences(grid))}
    data["attempts"] = [_cell(found, one) for one in grid.cells]
    data["answers"] = [_answer(found, one) for one in found.answers]
    data["snippets"] = [
        {**msgspec.to_builtins(one), "shown": one.outcome.ok, "diffs": numbers(one.diffs)} for one in found.snippets
    ]
    return data


def _cell(found: Checked, one: Cell) -> dict[str, Any]:
    """One cell, with its standing and how near its numbers are, in words."""
    told: dict[str, Any] = msgspec.to_builtins(one)
    compared = {name: numbers(getattr(one, name)) for name in ("reference", "before", "expected", "third")}
    return told | compared | {"standing": standing(found.grid, one)}


def _answer(found: Checked, one: Answer) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(one)
    return told | {"lost": losses(found.grid, one), "why": why(found.grid, one), "lines": lines(found, one.release)}


def lines(found: Checked, release: str) -> str:
    """What to paste in one release, block by block; only what ran there as it stands."""
    return "\n".join(dict.fromkeys(one.lines for one in found.snippets if one.release == release and one.outcome.ok))


def paragraph(found: Checked) -> str:
    """The answer in one paragraph; releases of which the same is said share their sentences."""
    said = [one.text for one in sentences(found.grid)]
    if not found.grid.altered:
        said += [*(f"Its stamp: {one}." for one in _stamp(found)), *_times(found)]
    return " ".join(said)


def unshown(found: Checked) -> Iterator[str]:
    """Which lines are not shown, because they did not run as they stand."""
    for one in found.snippets:
        if not one.outcome.ok:
            said = f"{outcome_words(one.outcome)} {numbers(one.diffs)}".strip()
            yield f"lines for {way_words(one.use.way)} in {one.release} are not shown: run as they stand they gave {said}"


def _stamp(found: Checked) -> list[str]:
    """What the model's stamp says beside its hashes: nothing, where its inputs were not used."""
    stamp = found.stamp
    if stamp is None or not stamp.asked:
        return []
    made = f"made {stamp.made[:10]} in {stamp.release} by {stamp.way.label}"
    return [f"{made}; its answers are what the numbers are held against"] if stamp.golden else [made, *stamp.agreement]


def _times(found: Checked) -> Iterator[str]:
    """Times beside the same API in the old release, over all ways that may be used."""
    good = [one for one in found.grid.cells if one.release != found.old and standing(found.grid, one).good]
    parts = [
        f"{name} takes {_span([ratio for one in good if (ratio := getattr(one, field)) is not None])}"
        for name, field in (("a call", "call"), ("loading", "load"))
        if any(getattr(one, field) is not None for one in good)
    ]
    if parts:
        yield (
            f"Against the same API in {found.old}, {' and '.join(parts)} "
            f"({found.rounds} process{'es' if found.rounds > 1 else ''} each: rough)."
        )


def _span(found: Sequence[Ratio]) -> str:
    ratios = sorted(one.seconds / one.good for one in found)
    low, high = f"{ratios[0]:.2g}x", f"{ratios[-1]:.2g}x"
    return f"{low} the time" if low == high else f"{low} to {high} the time"


def assumed(found: Checked) -> Iterator[str]:
    """What was taken for granted, one sentence each."""
    yield f"old release: {found.chosen}"
    yield _basis(found)
    if found.feeds:
        shapes = ", ".join(f"{one.name} {one.dtype} {list(one.shape)}" for one in found.feeds)
        yield f"inputs are made up (seed 0; {_kinds(found)}, integers 0 and 1): {shapes}; --inputs and --dim change them"
        yield from _excited(found)
    yield from _noted(found)


def _basis(found: Checked) -> str:
    """What the numbers are held against, and who says that it is right."""
    if not found.reference:
        return "numbers are held against nothing: no way runs it"
    if found.grid.vouched:
        return f"numbers are held against {found.reference}, which count as right"
    return (
        f"numbers are held against {found.reference}; nobody vouched for those: "
        f"--expect y.npz, with --inputs x.npz, gives outputs that are right"
    )


def _kinds(found: Checked) -> str:
    """What the made-up floats are."""
    floats = [one.draw for one in found.feeds if one.dtype.startswith(("float", "complex"))]
    return " and ".join(dict.fromkeys(DRAWS[draw] for draw in floats or [Draw.UNIFORM]))


def _excited(found: Checked) -> Iterator[str]:
    """Why the inputs are of this kind, and which were tried."""
    seen = found.excited
    if seen is None:
        return
    tried = ", ".join(f"{DRAWS[draw]} ({_part(seen.shares[draw])})" for draw in Draw if draw in seen.shares)
    dull = f"as wide as 1/{DULL:.0f} of the widest by any of them"
    why = (
        f"are the first with every output at least {dull}"
        if seen.lively
        else f"come nearest to every output being {dull}"
    )
    yield f"{DRAWS[seen.draw]} {why}: {tried}; real inputs (--inputs x.npz) say more than any of these"


def _part(share: float | None) -> str:
    return "not finite, or it fails" if share is None else f"{share:.2g}"


def _noted(found: Checked) -> Iterator[str]:
    """What a reader must know of the inputs, of the files, and of what was not tried."""
    yield from found.assumed
    yield from absent(found.grid)
    for release in found.unreadable:
        yield f"{release} is known to read such files by no API (lab inspect says why), so no flag was tried there"
    for name in found.pickles:
        yield f"{name} holds pickle: some ways of opening the model run what is in it; it was taken as yours"
    yield from found.findings
    if found.without_info:
        lost = ", ".join(f"{way.label} in {release}" for release, way in found.without_info)
        yield f"there is no {found.prefix}.pdiparams.info; {lost} may need it: copy it too, if there is one"
