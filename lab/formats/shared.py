"""One parameter file under two programs: which of them it was written with, from what the files themselves show."""

from collections.abc import Mapping, Sequence

from lab.formats.fit import misfit, span
from lab.model.inspection import InspectFinding, InspectLevel, ProgramFacts, SharedWeights, StreamFacts

APART = 2.0
"""Seconds: what one export or one copy of small files writes lies closer together."""
TOGETHER = 60.0
"""Seconds: the parameters that a program was exported with lie this close to it, large ones too."""
_CLOSER = 4
"""How many times nearer in time the parameters must lie to one program than to the other before that says anything."""


def shared(
    programs: Sequence[ProgramFacts], streams: Sequence[StreamFacts], written: Mapping[str, float]
) -> SharedWeights | None:
    """Which of two programs the one parameter file belongs to; None where no two programs could share it.

    `written` has the times of all files, in seconds. The shapes decide where they fit one program alone; else the times
    do, where the parameters lie clearly nearer to one program than to the other.
    """
    asking = [one for one in programs if one.parameters]
    if len(asking) != 2 or len(streams) != 1:  # noqa: PLR2004 - a pair
        return None
    (stream,) = streams
    fitting = [one.file for one in asking if not misfit(one, stream)]
    names = (asking[0].file, asking[1].file)
    if len(fitting) == 1:
        return SharedWeights(file=stream.file, programs=names, owner=fitting[0], why="its tensors fit no other program")
    if not fitting:
        return None
    owner, why = _by_time(stream.file, names, written)
    return SharedWeights(file=stream.file, programs=names, owner=owner, why=why)


def _by_time(file: str, names: tuple[str, str], written: Mapping[str, float]) -> tuple[str, str]:
    gaps = {name: abs(written[file] - written[name]) for name in names}
    near, far = sorted(names, key=lambda name: gaps[name])
    if gaps[far] < APART or gaps[near] > TOGETHER or gaps[near] * _CLOSER > gaps[far]:
        return "", ""
    order = "after" if written[file] > written[far] else "before"
    return near, f"it was written with that one, {span(gaps[far])} {order} {far}, which it would give other weights"


def told(one: SharedWeights | None, asked: Sequence[str]) -> list[InspectFinding]:
    """What is said of shared parameters where the programs `asked` are looked at: broken where they belong to none of these."""
    if one is None:
        return []
    both = " and ".join(one.programs)
    if not one.owner:
        return [
            InspectFinding(
                level=InspectLevel.WARNING,
                what=f"{one.file} lies under two programs, {both}, and fits both: nothing shows which it was written with",
                remedy="keep each program in a folder of its own, with the parameters that were exported with it",
            )
        ]
    what = f"{one.file} lies under two programs, {both}, and belongs to {one.owner}: {one.why}"
    if one.owner not in asked:
        return [
            InspectFinding(
                level=InspectLevel.BROKEN, what=what,
                remedy=f"name {one.owner}, or export {' and '.join(asked)} again into a folder of its own",
            )
        ]  # fmt: skip
    level = InspectLevel.WARNING if len(asked) > 1 else InspectLevel.NOTE
    other = next(name for name in one.programs if name != one.owner)
    return [InspectFinding(level=level, what=what, remedy=f"remove {other}, or keep it in a folder of its own")]
