"""What a comparison is worth: equal numbers are evidence only where different ones could have been seen."""

from collections.abc import Sequence

from lab.model import Diff


def agree(diffs: Sequence[Diff]) -> bool:
    """Whether two answers are the same, and something in them shows it: only then may anybody be told that they are."""
    return all(one.grade.agrees for one in diffs) and any(one.agrees for one in diffs)


def undecided(diffs: Sequence[Diff]) -> bool:
    """Whether nothing says that two answers are the same, and nothing that they are not.

    That is so where an output differs and cannot be judged, and where no output shows anything. A drift or a mismatch
    of any output decides.
    """
    if any(one.grade.differs for one in diffs):
        return False
    return bool(diffs) and not agree(diffs)


def unshown(diffs: Sequence[Diff]) -> tuple[str, ...]:
    """One sentence for each output whose comparison showed nothing: which, and why."""
    return tuple(f"output {one.output}: {one.blank}" for one in diffs if one.blank)
