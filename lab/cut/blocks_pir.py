"""A `.json` program with one `if` or `while` opened: its operators are copied under new numbers into the main block."""

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lab import documents
from lab.cut import blocks, pir
from lab.cut.blocks import BlockSort, OpenedBlock
from lab.cut.edges import CannotCutError
from lab.cut.pir import PirBody
from lab.formats.pir import Operator

_NUMBERS = re.compile(rb'"%"\s*:\s*(\d+)')
_YIELD = "yield"
Numbers = dict[int, int]
Told = dict[str, Any]


def condition(body: PirBody, index: int) -> str:
    """The value that says whether the branch is taken, or the loop goes on."""
    return body.anatomy.nodes[index].reads[0]


def opened(body: PirBody, index: int, choice: int) -> OpenedBlock:
    """A branch by its number (0 where the condition is true), or so many steps of a loop; CannotCutError where that is not sound."""
    sort = blocks.sort_of(body.anatomy.nodes[index])
    told: Told = documents.json(body.nodes[index])
    inner = _inner(told, choice if sort is BlockSort.BRANCH else 0)
    steps = choice if sort is BlockSort.LOOP else 1
    each = len(inner["ops"]) - 1
    blocks.fits(len(body.nodes) + each * steps)
    free = itertools.count(1 + max(map(int, _NUMBERS.findall(body.parts.joined(body.parts.operators))), default=0))
    state = [one["%"] for one in told["I"]]
    copied: list[Told] = []
    conditions: list[tuple[str, int]] = []
    for step in range(steps):
        if sort is BlockSort.LOOP:
            conditions.append((f"%{state[0]}", index + step * each))
        known = dict(zip(_arguments(inner), state[1:], strict=sort is BlockSort.LOOP))
        made, state = _copied(inner["ops"], known, free)
        copied += made
    given = state[1:] if sort is BlockSort.LOOP else state
    results = [one["%"] for one in told["O"]]
    if len(given) != len(results):
        raise CannotCutError(
            f"{body.anatomy.nodes[index].operator} gives {len(results)} values, and its block {len(given)}"
        )
    program = _program(body, index, copied, dict(zip(results, given, strict=True)))
    return OpenedBlock(program=program, first=index, each=each, steps=steps, conditions=tuple(conditions))


def _inner(told: Told, region: int) -> Told:
    """The one block of a region; CannotCutError where it has none, or changes in place what is handed in."""
    try:
        (found,) = told["regions"][region]["blocks"]
        last = found["ops"][-1]["#"].rpartition(".")[2]
    except (LookupError, ValueError, TypeError) as error:
        raise CannotCutError("it has no such branch") from error
    if last != _YIELD:
        raise CannotCutError("its block does not end by giving its values back")
    arguments = {f"%{one}" for one in _arguments(found)}
    for text in found["ops"]:
        operator = documents.json(documents.written(text), Operator)
        if arguments & {name for one in (operator, *pir.inner(operator)) for name in pir.altered(one)}:
            raise CannotCutError("its block changes in place what is handed into it")
    inner: Told = found
    return inner


def _arguments(block: Told) -> list[int]:
    return [one["#"] for one in block.get("args", [])]


def _copied(operators: list[Told], known: Numbers, free: Iterator[int]) -> tuple[list[Told], list[int]]:
    """Operators with new numbers for all they make, without the last one; and what that one gives back."""
    made = [_renumbered(one, known, free) for one in operators]
    return made[:-1], [one["%"] for one in made[-1]["I"]]


def _renumbered(operator: Told, known: Numbers, free: Iterator[int]) -> Told:
    """One operator and all inside it; what it makes is added to `known`."""
    found = {**operator, "I": [_swapped(one, known) for one in operator.get("I", [])]}
    regions = [
        {**region, "blocks": [_block(block, known, free) for block in region["blocks"]]}
        for region in operator.get("regions", [])
    ]
    if regions:
        found["regions"] = regions
    for one in operator.get("O", []):
        if one["%"]:
            known[one["%"]] = next(free)
    found["O"] = [_swapped(one, known) for one in operator.get("O", [])]
    return found


def _block(block: Told, known: Numbers, free: Iterator[int]) -> Told:
    own = set(_arguments(block))
    scope = {old: new for old, new in known.items() if old not in own}
    return {**block, "ops": [_renumbered(one, scope, free) for one in block["ops"]]}


def _swapped(value: Told, known: Mapping[int, int]) -> Told:
    return {**value, "%": known.get(value["%"], value["%"])}


def _program(body: PirBody, index: int, copied: list[Told], swap: Mapping[int, int]) -> bytes:
    """The program with copied operators in the place of one, and what they give in the place of its results."""
    found: list[bytes] = []
    count = 0
    for text in body.parts.operators:
        operator = documents.json(text, Operator)
        node = pir.is_node(operator)
        if node and count == index:
            found += [documents.written(one) for one in copied]
        elif swap.keys() & {one.number for each in (operator, *pir.inner(operator)) for one in each.inputs}:
            found.append(documents.written(_read_instead(documents.json(text), swap)))
        else:
            found.append(text)
        count += node
    return body.parts.joined(tuple(found))


def _read_instead(operator: Told, swap: Mapping[int, int]) -> Told:
    """An operator that reads other values, also in all it holds."""
    found = {**operator, "I": [_swapped(one, swap) for one in operator.get("I", [])]}
    if "regions" in operator:
        found["regions"] = [
            {**region, "blocks": [{**block, "ops": [_read_instead(one, swap) for one in block["ops"]]} for block in region["blocks"]]}
            for region in operator["regions"]
        ]  # fmt: skip
    return found
