"""A `.pdmodel` with one `conditional_block` or `while` opened: its operators and variables stand in the first block."""

from lab.cut import blocks
from lab.cut.blocks import BlockSort, OpenedBlock
from lab.cut.edges import CannotCutError
from lab.cut.program import ProgramBody, is_node
from lab.formats import wire_writer as out
from lab.formats.program_parts import BlockParts, OperatorParts

_CHOOSES = "select_input"
"""Which of two branches gave the value: it reads both, and a number that says which."""


def condition(body: ProgramBody, index: int) -> str:
    """The value that says whether the block is run, or the loop goes on."""
    return blocks.value_before(body.anatomy, _condition(body.nodes[index]), index)


def opened(body: ProgramBody, index: int, choice: int) -> OpenedBlock:
    """A block that is run (0) or passed over (1), or so many steps of a loop; CannotCutError where that is not sound.

    Whoever chooses between its results and those of another branch then takes the one that was made.
    """
    operator = body.nodes[index]
    sort = blocks.sort_of(body.anatomy.nodes[index])
    inner = _inner(body, operator)
    steps = choice if sort is BlockSort.LOOP else 1
    inside = list(inner.operators) if sort is BlockSort.LOOP or not choice else []
    blocks.fits(len(body.nodes) + len(inside) * steps)
    made = {name for names in operator.outputs.values() for name in names} if sort is BlockSort.BRANCH else set()
    texts: list[bytes] = []
    count = 0
    for one in body.parts.blocks[0].operators:
        node = is_node(one)
        if node and count == index:
            texts += [each.text for each in inside] * steps
        else:
            texts.append(_chosen(one, made, ran=not choice) if one.kind == _CHOOSES else one.text)
        count += node
    variables = [one.text for one in (*body.parts.blocks[0].variables, *inner.variables)]
    program = body.parts.blocks[0].joined(variables, texts) + b"".join(body.parts.texts[1:]) + body.parts.rest
    conditions = [(_condition(operator), index + step * len(inside)) for step in range(steps)]
    return OpenedBlock(
        program=program, first=index, each=len(inside), steps=steps,
        conditions=tuple(conditions) if sort is BlockSort.LOOP else (),
    )  # fmt: skip


def _condition(operator: OperatorParts) -> str:
    names = operator.inputs.get("Cond") or operator.inputs.get("Condition") or ()
    if len(names) != 1:
        raise CannotCutError(f"{operator.kind} has {len(names)} conditions")
    return names[0]


def _inner(body: ProgramBody, operator: OperatorParts) -> BlockParts:
    if len(operator.blocks) != 1 or not 0 < operator.blocks[0] < len(body.parts.blocks):
        raise CannotCutError(f"{operator.kind} holds no one block")
    found = body.parts.blocks[operator.blocks[0]]
    outer = {one.name for one in body.parts.blocks[0].variables}
    twice = sorted(one.name for one in found.variables if one.name in outer)
    if twice:
        raise CannotCutError(f"{twice[0]} is a variable inside its block and another one outside")
    return found


def _chosen(operator: OperatorParts, made: set[str], *, ran: bool) -> bytes:
    """Who chooses between two branches, one of which is opened: what the one that ran gave is taken."""
    given = operator.inputs.get("X", ())
    mine = [name for name in given if name in made]
    if not mine:
        return operator.text
    others = [name for name in given if name not in made]
    taken = mine if ran else others
    if len(taken) != 1 or len(operator.outputs.get("Out", ())) != 1:
        raise CannotCutError("what chooses between its branches does not choose between two")
    arguments = [(1, "X", taken[0]), (2, "Out", operator.outputs["Out"][0])]
    return out.message(
        out.data(at, out.text(1, name) + out.text(2, value)) for at, name, value in arguments
    ) + out.text(3, "assign")
