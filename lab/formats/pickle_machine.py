"""The machine that a pickle drives, with values in place of objects: what it would import and call, without doing either.

The stack, its marks and the memo behave as those of CPython's `_pickle.c` (3.8 and later). What cannot be followed is
said (`doubts`), never passed over.
"""

from dataclasses import dataclass, field

from lab.formats import pickle_values as values
from lab.formats.damage import MAX_NAME, DamageError
from lab.formats.pickle_opcodes import FollowedNoFurtherError, PickleStep
from lab.formats.pickle_values import PickleValue, ValueKind
from lab.text import clean

MAX_TEXTS = 100_000
"""Texts whose content is kept."""
MAX_KEPT = 500_000
"""Tuples, dicts and numbers whose content is kept."""
MAX_SPARSE = 10_000
"""Memo entries out of order that are kept."""
UNTOLD = "it calls something that cannot be told beforehand"


@dataclass(slots=True)
class _Memo:
    """Entries by number: those in order in a list, because there may be millions, the others beside it."""

    dense: list[PickleValue] = field(default_factory=list)
    sparse: dict[int, PickleValue] = field(default_factory=dict)

    def put(self, key: int, value: PickleValue, at: int) -> None:
        if 0 <= key < len(self.dense):
            self.dense[key] = value
            return
        self.sparse[key] = value
        while len(self.dense) in self.sparse:
            self.dense.append(self.sparse.pop(len(self.dense)))
        if len(self.sparse) > MAX_SPARSE:
            raise FollowedNoFurtherError(f"more than {MAX_SPARSE:,} memo entries out of order: not read further", at)

    def get(self, key: int, at: int) -> PickleValue:
        if 0 <= key < len(self.dense):
            return self.dense[key]
        if key not in self.sparse:
            raise DamageError(f"damaged: memo entry {key} is used before it is there", at)
        return self.sparse[key]

    def __len__(self) -> int:
        return len(self.dense) + len(self.sparse)


@dataclass(slots=True)
class PickleMachine:
    """One load: `imports` in order, each once; `foreign` of them are none of Paddle's; `doubts` are sentences."""

    protocol: int = 0
    stack: list[PickleValue] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    memo: _Memo = field(default_factory=_Memo)
    imports: dict[str, None] = field(default_factory=dict)
    foreign: dict[str, None] = field(default_factory=dict)
    doubts: dict[str, None] = field(default_factory=dict)
    texts: int = 0
    kept: int = 0
    calls: int = 0

    def doubt(self, what: str) -> None:
        """What keeps this pickle from being called harmless."""
        self.doubts[what] = None

    def push(self, value: PickleValue) -> None:
        """Put a value on the stack."""
        self.stack.append(value)

    def pop(self, step: PickleStep) -> PickleValue:
        """Take the value on top."""
        self.top(step)
        return self.stack.pop()

    def top(self, step: PickleStep) -> PickleValue:
        """The value on top; there is none where a mark lies on top."""
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise DamageError(f"damaged: {step.name} finds nothing on the stack", step.at)
        return self.stack[-1]

    def pop_mark(self, step: PickleStep) -> list[PickleValue]:
        """Everything above the last mark, and the mark itself."""
        if not self.marks:
            raise DamageError(f"damaged: {step.name} finds no mark", step.at)
        at = self.marks.pop()
        found = self.stack[at:]
        del self.stack[at:]
        return found

    def text(self, content: str | None) -> None:
        """Push a text; beyond many, their content is not kept."""
        self.texts += 1
        self.push(values.text(content if self.texts <= MAX_TEXTS else None))

    def make(self, value: PickleValue, plain: PickleValue) -> None:
        """Push a value with what is in it; beyond many, only its kind is kept."""
        self.kept += 1
        self.push(value if self.kept <= MAX_KEPT else plain)

    def named(self, module: str, name: str) -> PickleValue:
        """What an imported name stands for; only exact names are Paddle's, because a dot more reaches anything."""
        shown = clean(f"{module}.{name}", MAX_NAME)
        self.imports[shown] = None
        usual = values.USUAL.get((module, name))
        if usual is None or usual.text == "eval":
            self.foreign[shown] = None
        return usual or values.FOREIGN

    def call(self, what: PickleValue, arguments: PickleValue) -> PickleValue:
        """What a call gives; whatever is not exactly a call of Paddle's files leaves a doubt."""
        self.calls += 1
        if what.kind is ValueKind.FOREIGN:
            return values.FOREIGN
        if what.kind is not ValueKind.NAMED or what.text is None:
            self.doubt(UNTOLD)
            return values.UNKNOWN
        result = values.called(what.text, arguments)
        if result is None:
            self.doubt(f"it calls {what.text} with other values than Paddle's files do")
            return values.UNKNOWN
        if what.text == "eval":
            for module in ("builtins", "__builtin__"):
                self.foreign.pop(f"{module}.eval", None)
        return result
