"""A reduction in words: what is left, how it came to that, what the tensors hold, and what was looked for in the files."""

from collections.abc import Sequence

from lab.model.reduction import Filling, FillKind, Reduced, ReducedTensor, WeightsProof
from lab.outcome.verdict import describe
from lab.report.readings import words
from lab.text import counted


def lines(found: Reduced) -> list[str]:
    """The answer, line by line."""
    return [
        f"slow    {found.bad.label}: {words(found.slow.whole).seen(found.slow.whole)}"
        if found.slow
        else f"fails   {found.bad.label}: {describe(found.seen)}",
        f"right   {found.good.label}",
        "",
        *(f"  {_step(one.what, one.candidates, one.operators, held=one.held)}" for one in found.steps),
        "",
        f"left    {left(found)}",
        *([f"but     {blameless(found)}"] if found.alike else []),
        *(f"with    {operator}: {why}" for operator, why in found.along.items()),
        f"size    {found.nbytes:,} bytes of model, of {found.bytes_before:,}",
        *(f"weight  {tensor(one)}" for one in found.weights),
        *(f"input   {tensor(one)}" for one in found.inputs),
        f"seen    {confirmed(found)}",
        f"proof   {proof(found.proof)}",
        *(f"note    {one}" for one in found.notes),
    ]


def left(found: Reduced) -> str:
    """How many operators are left, and which; those that no input reaches are counted apart."""
    constants = (
        f", and {found.constants} more that only prepare{'s' if found.constants == 1 else ''} constants"
        if found.constants
        else ""
    )
    return f"{len(found.operators)} of {found.operators_before} operators: {', '.join(found.operators)}{constants}"


def blameless(found: Reduced) -> str:
    """That no operator is to blame, where every other one that was asked fails alone in the same way."""
    return f"it is not an operator: each of {found.alike} others fails alone in the same way, so it is the file or the way it is opened"


def confirmed(found: Reduced) -> str:
    """How often the result was seen to fail where it should, in starts of its own; of a slow one, what fresh processes took."""
    if found.slow is not None:
        how = words(found.slow.left).seen(found.slow.left)
        sure = "in fresh processes, in two sessions" if found.slow.certain else "NOT CERTAIN in fresh processes"
        return f"{how}, {sure}; each candidate in {found.slow.rounds} rounds of both places or more"
    if found.confirmed == found.asked:
        return f"the same failure {found.asked} of {found.asked} times, and none in the good place, each in a start of its own"
    return f"the same failure only {found.confirmed} of {found.asked} times in starts of its own"


def proof(one: WeightsProof) -> str:
    """What is known of the user's weights in what was written: never more than was looked for."""
    if not one.tensors:
        return "the model has no weights"
    asked = f"{one.nbytes:,} bytes in {one.tensors} tensors of yours were looked for in {one.files} files ({one.written:,} bytes)"
    if one.short:
        asked = f"{asked}; not one of {counted(one.short, 'tensor')} of fewer than 16 bytes could be found so"
    if one.found:
        return f"NOT CLEAN: runs of 16 bytes or more of {_some(one.found)} are in it; {asked}"
    if one.kept:
        return f"{_some(one.kept)} of yours is in it, because the failure needs it; nothing of the others: {asked}"
    return f"no run of 16 bytes or more of your weights is in it, but for one number repeated: {asked}"


def tensor(one: ReducedTensor) -> str:
    """One tensor, and where its numbers come from."""
    shape = ", ".join(map(str, one.shape))
    return f"{one.name} {one.dtype} [{shape}]: {_filling(one.filling, inner=one.inner)}"


def withheld(found: Reduced) -> str:
    """Why what was written is for nobody else; empty where nothing of the user's was found in it that the failure does not need."""
    if not found.proof.found:
        return ""
    return f"numbers of {_some(found.proof.found)} are in it, so it is not for others, and no bundle is made of it"


def _filling(one: Filling, *, inner: bool) -> str:
    match one.kind:
        case FillKind.KEPT if inner:
            return (
                "what the good place had there between two operators, made of your inputs and weights: "
                "the failure needs it, or nothing else was asked for"
            )
        case FillKind.KEPT:
            return "your own numbers: the failure needs them, or nothing else was asked for"
        case FillKind.SEEDED:
            return f"drawn from seed {one.seed}, with the same spread"
        case _:
            return f"{one.value:g} everywhere"


def _step(what: str, candidates: int, operators: int, *, held: bool) -> str:
    count = f"{counted(operators, 'operator')} left" if held else "not without losing the failure"
    return f"{what}: {count} ({counted(candidates, 'candidate')})"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""  # noqa: PLR2004 - enough to know what is meant
    return ", ".join(names[:5]) + more
