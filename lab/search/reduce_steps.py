"""The steps of a reduction, one after another: tail, head, delta debugging, lengths, numbers, names; each is seen again before it counts."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np

from lab.cut import edges, filling
from lab.cut.filling import Array
from lab.model.reduction import Filling, FillKind, ReductionStep, Sketch
from lab.search import reduce_shapes
from lab.search.algorithms.ddmin import ddmin
from lab.search.algorithms.shrink import Shortening, lengths, nearest, shortest
from lab.search.reduce_trials import ReduceTrials
from lab.text import counted

SAMPLE = 1 << 20
"""Elements of a tensor that its spread is told by."""
OTHERS = 6
"""Operators that are asked alone beside the ones that are left, to see whether any operator would do."""
FEW = 5
"""Operators of which every smaller choice is tried: thirty of them at most."""
Parts = tuple[str, ...]


@dataclass(kw_only=True)
class ReduceSteps:
    """A reduction at work: the smallest model so far, and what led to it."""

    trials: ReduceTrials
    say: Callable[[str], None]
    times: int
    seed: int
    best: Sketch
    done: list[ReductionStep] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def operators(self) -> tuple[int, ...]:
        """The operators of the best model that an input of the whole reaches: the others only prepare constants."""
        still = edges.preparing(self.trials.body.anatomy)
        kept = self.trials.made(self.best).part.kept
        return tuple(one for one in kept if one not in still) or kept

    def tail(self) -> None:
        """Cut away what comes after the failure."""
        last = max(self.best.kept) + 1
        length = self._shortened(shortest(1, last), lambda one: self._with(range(one)))
        self._accept("the tail is cut", self._with(range(length)))

    def head(self) -> None:
        """Cut away what comes before it, feeding the values that the good place had there."""
        kept, size = self.best.kept, len(self.best.kept)
        length = self._shortened(nearest(size), lambda one: self._with(kept[size - one :]))
        self._accept("the head is cut", self._with(kept[size - length :]))

    def ends(self) -> None:
        """Cut both ends of what is left."""
        kept = self.best.kept
        length = self._shortened(shortest(1, len(kept)), lambda one: self._with(kept[:one]))
        self._accept("the tail is cut", self._with(kept[:length]))
        self.head()

    def rest(self) -> None:
        """Delta debugging over the operators that are left."""
        nodes = self.trials.body.anatomy.nodes
        items = [str(index) for index in self.trials.made(self.best).part.kept if not nodes[index].constant]
        parts = self._needed(items, lambda some: self._with(map(int, some)))
        if parts:
            self._accept("delta debugging over the rest", self._with(map(int, parts)))

    def every(self) -> None:
        """Try every smaller choice of the few operators that are left, because delta debugging takes away one after another."""
        nodes = self.trials.body.anatomy.nodes
        items = [index for index in self.trials.made(self.best).part.kept if not nodes[index].constant]
        if not 1 < len(items) <= FEW or not self.trials.cheap:
            return
        smaller = [self._with(some) for size in range(1, len(items)) for some in combinations(items, size)]
        before = self.trials.asked
        held = self.trials.holds(smaller)
        least = next((one for one, has in zip(smaller, held, strict=True) if has), self.best)
        self._accept("every smaller choice of these", least, self.trials.asked - before)

    def others(self) -> list[Sketch]:
        """Some operators that are not left, each as a model of its own."""
        nodes = self.trials.body.anatomy.nodes
        mine = {*self.trials.made(self.best).part.kept, *edges.preparing(self.trials.body.anatomy)}
        free = [one for one, node in enumerate(nodes) if one not in mine and not node.constant]
        return [self._with((one,)) for one in free[:: max(1, len(free) // OTHERS)]][:OTHERS]

    def shapes(self) -> None:
        """Cut inputs to the shortest lengths: axes of one length in several inputs go together."""
        for axes in self._axes():
            shapes = {name: array.shape for name, array in self._fed().items()}
            size = max(shape[axis] for shape in shapes.values() for axis in axes if axis < len(shape))
            tried = {one: self._cropped(shapes, axes, size, one) for one in lengths(size)}
            held = self.trials.holds(list(tried.values()))
            best = next((one for one, has in zip(tried, held, strict=True) if has), None)
            if best is not None:
                where = " and ".join(map(str, axes))
                self._accept(f"inputs are cut to {best} along axis {where}", tried[best])
        self._declare()

    def _declare(self) -> None:
        """Let the program declare of its results what they are now that inputs are smaller, or nothing where that loses the failure."""
        if not self.best.lengths:
            return
        nodes = self.trials.body.anatomy.nodes
        holding = [nodes[one].operator for one in self.trials.made(self.best).part.kept if nodes[one].blocks]
        if holding:
            self.notes.append(
                f"inside {', '.join(dict.fromkeys(holding))} the program declares shapes of the whole model"
            )
        shapes = reduce_shapes.true(self.trials, self.best)
        if not shapes:
            return
        if self._accept("declared shapes are those of the smaller inputs", replace(self.best, shapes=shapes)):
            return
        opened = reduce_shapes.opened(shapes)
        if not self._accept("declared shapes are left open", replace(self.best, shapes=opened)):
            self.notes.append("the program declares shapes of the whole model: the failure needs them")

    def numbers(self, *, inputs: bool) -> None:
        """Numbers of nobody's in the place of the user's: drawn ones first, then one number everywhere."""
        drawn = self._drawn(inputs=inputs)
        kept = self._least(drawn, "numbers are drawn from a seed")
        if kept is None:
            return
        seeded = {name: one for name, one in drawn.items() if name not in kept and one.kind is FillKind.SEEDED}
        weights = self.trials.body.stored
        same = {name: filling.constant(one) for name, one in seeded.items()}
        same = {name: one if name in weights else _something(one) for name, one in same.items()}
        self._least(same, "one number everywhere")

    def names(self) -> None:
        """Take out names, paths and call stacks; and the parameter that nobody reads, where no release asks for it."""
        self._accept("names, paths and call stacks are taken out", replace(self.best, plain=True))
        if self.trials.made(self.best).cut.anchor:
            self._accept("no parameter is left", replace(self.best, anchored=False))

    def _least(self, fillings: Mapping[str, Filling], what: str) -> Parts | None:
        """Fill as many tensors as the failure allows; gives those that it does not allow, None where it is none of them."""
        if not fillings:
            return ()
        if self._accept(what, self._filled(fillings)):
            return ()
        weights = [name for name in fillings if name in self.trials.body.stored]
        if 0 < len(weights) < len(fillings) and self._accept(
            f"{what}, in weights", self._filled({name: fillings[name] for name in weights})
        ):
            fillings = {name: one for name, one in fillings.items() if name not in weights}
        needed = self._needed(
            list(fillings),
            lambda some: self._filled({name: one for name, one in fillings.items() if name not in some}),
        )
        rest = {name: one for name, one in fillings.items() if name not in needed}
        if not rest or not needed:
            return needed or None
        self._accept(f"{what}, but for {len(needed)} of {len(fillings)} tensors", self._filled(rest))
        return needed

    def _filled(self, some: Mapping[str, Filling]) -> Sketch:
        weights = {name: one for name, one in some.items() if name in self.trials.body.stored}
        inputs = {name: one for name, one in some.items() if name not in weights}
        return replace(
            self.best, weights={**self.best.weights, **weights}, inputs={**self.best.inputs, **inputs}
        )  # fmt: skip

    def _drawn(self, *, inputs: bool) -> dict[str, Filling]:
        """How every tensor of the best model that can be drawn would be: weights by the names of the model, inputs by their values."""
        made = self.trials.made(self.best)
        found: dict[str, Filling] = {}
        for name in made.weights:
            stored = self.trials.body.stored[name].tensor
            if filling.fillable(stored.dtype):
                found[name] = filling.spread(self._sample(name), self.seed + len(found) + 1)
        for name, array in self._fed().items():
            if inputs and filling.fillable(array.dtype.name):
                found[name] = _something(filling.spread(array, self.seed + len(found) + 1))
        return found

    def _sample(self, name: str) -> Array:
        """The first elements of a weight."""
        one, source = self.trials.body.stored[name].tensor, self.trials.body.source
        kind = filling.stored_as(one.dtype)
        if source is None:
            return np.zeros(0, kind)
        return np.frombuffer(source.at(one.offset, min(one.nbytes, SAMPLE * kind.itemsize), name), kind)

    def _fed(self) -> dict[str, Array]:
        """What the best model is fed, by the names of the values."""
        made = self.trials.made(self.best)
        return {name: made.arrays[called] for name, called in made.cut.feeds}

    def _axes(self) -> list[tuple[int, ...]]:
        """Axes that are worth cutting, the last two of pictures together before each alone."""
        ranks = [len(array.shape) for array in self._fed().values()]
        single: list[tuple[int, ...]] = [(axis,) for axis in range(max(ranks, default=0))]
        together: list[tuple[int, ...]] = [(2, 3)] if max(ranks, default=0) >= 4 else []  # noqa: PLR2004 - pictures
        return single[:1] + together + single[1:]

    def _cropped(self, shapes: Mapping[str, tuple[int, ...]], axes: Sequence[int], size: int, length: int) -> Sketch:
        """Every input cut to a length along axes, where it has the size that is cut, or in these axes another one above the length."""
        cut = {
            name: tuple(
                min(one, length) if axis in axes and (len(axes) > 1 or one == size) else one
                for axis, one in enumerate(shape)
            )
            for name, shape in shapes.items()
        }
        changed = {name: shape for name, shape in cut.items() if shape != shapes[name]}
        return replace(self.best, lengths={**self.best.lengths, **changed})

    def _accept(self, what: str, sketch: Sketch, asked: int = 0) -> bool:
        """Make a sketch the best one, where it shows the failure as often as it is asked; `asked` before were asked for it."""
        before = self.trials.asked - asked
        held = sketch == self.best or self.trials.holds([sketch])[0]
        if held and sketch != self.best:
            seen = 1 + self.trials.again(sketch, self.times - 1)
            held = seen == self.times
            if not held:
                self.notes.append(f"{what}: it failed {seen} of {self.times} times, so it was not taken")
        if held:
            self.best = sketch
        count = len(self.operators)
        self.done.append(ReductionStep(what=what, candidates=self.trials.asked - before, operators=count, held=held))
        self._say(what, count, held=held)
        return held

    def moved(self, what: str, trials: ReduceTrials, sketch: Sketch) -> bool:
        """Go on with another model, where a sketch of it shows the failure as often as it is asked."""
        before = self.trials.asked
        held = trials.holds([sketch])[0] and 1 + trials.again(sketch, self.times - 1) == self.times
        if held:
            self.trials, self.best = trials, sketch
        else:
            self.trials.asked = trials.asked
        count = len(self.operators)
        self.done.append(ReductionStep(what=what, candidates=self.trials.asked - before, operators=count, held=held))
        self._say(what, count, held=held)
        return held

    def _say(self, what: str, count: int, *, held: bool) -> None:
        self.say(f"{what}: {counted(count, 'operator') if held else 'the failure does not allow it'}")

    def _with(self, kept: Iterable[int]) -> Sketch:
        """These operators of the model as it is opened now, and nothing else of them changed."""
        return Sketch(kept=tuple(kept), opened=self.best.opened)

    def _shortened(self, search: Shortening, sketch: Callable[[int], Sketch]) -> int:
        return int(self._driven(search, lambda asked: self.trials.holds([sketch(one) for one in asked])))

    def _needed(self, items: Sequence[str], sketch: Callable[[Parts], Sketch]) -> Parts:
        """A smallest set of items that the failure needs, by delta debugging."""
        found: Any = self._driven(ddmin(items), lambda some: self.trials.holds([sketch(some)])[0])
        return tuple(found.parts)

    def _driven(self, search: Generator[Any, Any, Any], answer: Callable[[Any], Any]) -> Any:
        """Let a search ask until it knows."""
        try:
            asked = next(search)
            while True:
                asked = search.send(answer(asked))
        except StopIteration as ended:
            return ended.value


def _something(one: Filling) -> Filling:
    """An input of nothing but zeros is made one of ones: zeros show little."""
    return replace(one, value=1.0) if one.kind is FillKind.CONSTANT and not one.value else one
