"""As what a loop or a branch was opened, in words."""

from lab.cut.blocks import OpenedBlock
from lab.model.cutting import CutNode


def told(node: CutNode, made: OpenedBlock, choice: int) -> str:
    """As what an operator was opened, in words."""
    if made.conditions:
        return "its first step" if made.steps == 1 else f"its {made.steps} steps"
    if node.operator == "if":
        return "the branch where it is false" if choice else "the branch where the condition is true"
    return "it is passed over" if choice else "it is run"
