"""Which values go into a set of operators and come out of it, and which operators have to come along: nothing here knows a file.

A value is given from outside where its maker is left out. Where that cannot be done, the maker comes along: a constant, because a
size that is fed is no size any more as the program is read; a list of tensors, which no file can hold; a value of a variable that
is written twice, of which another value is there already.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from lab.model.cutting import Anatomy, Slice


class CannotCutError(ValueError):
    """A slice that was asked for does not exist; its text is the sentence people read."""


def sliced(anatomy: Anatomy, chosen: Iterable[int], fetches: Sequence[str] | None = None) -> Slice:
    """The slice of the chosen operators, with what has to come along; CannotCutError where there is none of such operators or values.

    Without `fetches` it is every result that an operator outside reads or that the whole model answers with; where there is
    none of these, every result that nobody reads.
    """
    kept = _known(anatomy, chosen)
    along: dict[int, str] = {}
    while missing := _lacking(anatomy, kept, along):
        kept = {*kept, *missing}
    order = tuple(sorted(kept))
    wanted = tuple(fetches) if fetches is not None else _results(anatomy, order)
    given = _given(anatomy, order)
    _possible(anatomy, order, wanted)
    return Slice(
        kept=order,
        feeds=tuple(anatomy.values[name] for name in given),
        fetches=wanted,
        along={index: along[index] for index in order if index in along},
    )


def whole(anatomy: Anatomy, fetches: Sequence[str] | None = None) -> Slice:
    """All of it, with its own inputs, and its own outputs or other values that are wanted."""
    wanted = anatomy.fetches if fetches is None else tuple(fetches)
    kept = tuple(range(len(anatomy.nodes)))
    _possible(anatomy, kept, wanted)
    return Slice(kept=kept, feeds=tuple(anatomy.values[name] for name in anatomy.feeds), fetches=wanted)


def fetchable(anatomy: Anatomy) -> tuple[str, ...]:
    """Every value between operators that can be wanted of the whole model, in the order they are made: dense, used, no constant, and not changed later."""
    last = lasting(anatomy, range(len(anatomy.nodes)))
    read = {name for node in anatomy.nodes for name in node.reads} | set(anatomy.fetches)
    return tuple(
        name
        for node in anatomy.nodes
        if not node.constant
        for name in node.makes
        if anatomy.values[name].feedable and name in last and name in read
    )


def passing(anatomy: Anatomy) -> tuple[str, ...]:
    """Values that a later operator changes in place: each can be wanted only of the model up to it."""
    last = lasting(anatomy, range(len(anatomy.nodes)))
    read = {name for node in anatomy.nodes for name in node.reads}
    return tuple(
        name
        for node in anatomy.nodes
        if not node.constant
        for name in node.makes
        if anatomy.values[name].feedable and name not in last and name in read
    )


def lasting(anatomy: Anatomy, kept: Iterable[int]) -> frozenset[str]:
    """What is still there at the end: of a variable that kept operators change in place, the last value alone."""
    last = {anatomy.values[name].variable: name for name in (*anatomy.parameters, *anatomy.feeds)}
    for index in sorted(kept):
        last |= {anatomy.values[name].variable: name for name in anatomy.nodes[index].makes}
    return frozenset(last.values())


def before(anatomy: Anatomy, names: Collection[str]) -> tuple[int, ...]:
    """The operators that these values are made of, from the inputs on: what is left where the tail is cut."""
    found: set[int] = set()
    waiting = [anatomy.maker[name] for name in names if name in anatomy.maker]
    while waiting:
        index = waiting.pop()
        if index not in found:
            found.add(index)
            waiting += [anatomy.maker[name] for name in anatomy.nodes[index].reads if name in anatomy.maker]
    return tuple(sorted(found))


def reaching(anatomy: Anatomy, name: str) -> Slice:
    """The model up to one value, from its own inputs on; with an operator that reads one, because no model without inputs is opened everywhere."""
    chosen = set(before(anatomy, [name]))
    reading = next((one for one, node in enumerate(anatomy.nodes) if set(node.reads) & set(anatomy.feeds)), None)
    if reading is None or reading in chosen:
        return sliced(anatomy, chosen, [name])
    made = [one for one in anatomy.nodes[reading].makes if anatomy.values[one].feedable][:1]
    return sliced(anatomy, {*chosen, *before(anatomy, made)}, [name, *made])


def preparing(anatomy: Anatomy) -> frozenset[int]:
    """The operators that no input of the model reaches: constants, and what is made of these and of parameters alone."""
    reached = set(anatomy.feeds)
    found: set[int] = set()
    for index, node in enumerate(anatomy.nodes):
        still = not any(name in reached for name in node.reads) and not node.blocks
        if node.constant or (still and node.reads):
            found.add(index)
        else:
            reached |= set(node.makes)
    return frozenset(found)


def _known(anatomy: Anatomy, chosen: Iterable[int]) -> set[int]:
    kept = set(chosen)
    if not kept:
        raise CannotCutError("no operator was chosen")
    beyond = [index for index in sorted(kept) if not 0 <= index < len(anatomy.nodes)]
    if beyond:
        raise CannotCutError(f"there is no operator {beyond[0]}: the program has {len(anatomy.nodes)}, counted from 0")
    return kept


def _outside(anatomy: Anatomy, kept: Collection[int]) -> list[str]:
    """Values that kept operators read and none of them makes, in the order they are read; parameters come with the model."""
    found: dict[str, None] = {}
    for index in sorted(kept):
        for name in anatomy.nodes[index].reads:
            if anatomy.maker.get(name, -1) not in kept and name not in anatomy.parameters:
                found[name] = None
    return list(found)


def _lacking(anatomy: Anatomy, kept: Collection[int], along: dict[int, str]) -> set[int]:
    """Makers of what cannot be given from outside; why each is needed is added to `along`."""
    found: set[int] = set()
    given = _outside(anatomy, kept)
    first: dict[str, str] = {}
    for name in given:
        why = _why(anatomy, kept, name, first)
        first.setdefault(anatomy.values[name].variable, name)
        if why and name in anatomy.maker:
            found.add(anatomy.maker[name])
            along.setdefault(anatomy.maker[name], why)
        elif why:
            raise CannotCutError(f"{name} goes into the model, and {why}")
    return found


def _why(anatomy: Anatomy, kept: Collection[int], name: str, first: Mapping[str, str]) -> str:
    """Why a value cannot be given from outside; empty where it can."""
    value = anatomy.values[name]
    maker = anatomy.maker.get(name)
    if maker is not None and anatomy.nodes[maker].constant:
        return "it is a constant"
    if not value.feedable:
        return "its result is no dense tensor, which alone can be given from outside"
    if first.get(value.variable, name) != name:
        return "it changes a value in place that is read before and after"
    others = (index for index in kept if any(_same(anatomy, other, name) for other in anatomy.nodes[index].makes))
    if maker is not None and any(index < maker for index in others):
        return "it changes a value in place that is made here"
    if value.variable in anatomy.parameters:
        return "it changes a parameter in place"
    return ""


def _same(anatomy: Anatomy, other: str, name: str) -> bool:
    return other != name and anatomy.values[other].variable == anatomy.values[name].variable


def _given(anatomy: Anatomy, order: Sequence[int]) -> list[str]:
    """What is fed, the model's own inputs first and in their order."""
    outside = _outside(anatomy, set(order))
    own = [name for name in anatomy.feeds if name in outside]
    return own + [name for name in outside if name not in anatomy.feeds]


def _results(anatomy: Anatomy, order: Sequence[int]) -> tuple[str, ...]:
    kept, last = set(order), lasting(anatomy, order)
    made = [
        name for index in order for name in anatomy.nodes[index].makes if anatomy.values[name].feedable and name in last
    ]
    read = {name for index, node in enumerate(anatomy.nodes) if index not in kept for name in node.reads}
    inside = {name for index in order for name in anatomy.nodes[index].reads}
    leaving = [name for name in made if name in read or name in anatomy.fetches]
    wanted = leaving or [name for name in made if name not in inside]
    return tuple(name for name in wanted if not anatomy.nodes[anatomy.maker[name]].constant) or tuple(wanted)


def _possible(anatomy: Anatomy, order: Sequence[int], wanted: Sequence[str]) -> None:
    """CannotCutError where what is wanted is not made here, or is not there any more at the end."""
    if not wanted:
        raise CannotCutError("nothing comes out of these operators that could be looked at")
    kept, given, last = set(order), set(_outside(anatomy, set(order))), lasting(anatomy, order)
    for name in wanted:
        value = anatomy.values.get(name)
        made = anatomy.maker.get(name, -1) in kept or name in given or name in anatomy.feeds
        if value is None or not made:
            raise CannotCutError(f"{name} is made by none of the operators that are kept")
        if not value.feedable:
            raise CannotCutError(f"{name} is no dense tensor, so it cannot come out of a model")
        if anatomy.maker.get(name, -1) in kept and name not in last:
            raise CannotCutError(
                f"{name} is changed in place by an operator that is kept, so it is not there at the end"
            )
