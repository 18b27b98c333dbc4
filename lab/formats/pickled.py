"""A pickle, never loaded: what loading it would import and call, and whether that is no more than Paddle's own files do."""

from dataclasses import dataclass

from lab.formats.damage import DamageError
from lab.formats.pickle_machine import PickleMachine
from lab.formats.pickle_opcodes import OPCODES, FollowedNoFurtherError, OpcodeReader
from lab.formats.pickle_steps import take
from lab.formats.source import ByteSource

MAX_PICKLES = 20
"""Pickles behind each other in one file that are looked at."""


@dataclass(frozen=True, kw_only=True)
class Pickle:
    """The protocol, the names loading would import (in file order, each once), and what broke the walk, if anything did.

    `foreign` are the names that no file of Paddle imports; `doubts` say, in sentences, what else Paddle's files do not
    do or what could not be followed; `calls` is how many calls were seen.
    """

    protocol: int
    imports: tuple[str, ...]
    foreign: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    calls: int = 0
    damage: DamageError | None = None

    @property
    def harmless(self) -> bool:
        """Whether all of it was followed, and loading it does nothing but what Paddle's own files do."""
        return not (self.foreign or self.doubts or self.damage)


def read(source: ByteSource) -> Pickle:
    """Follow a pickle, and each that lies behind it; one that was cut keeps what was found before the cut."""
    machine, reader, damage = PickleMachine(), OpcodeReader(source), None
    try:
        end = _one(reader, machine, 0)
    except DamageError as error:
        damage = error
        if isinstance(error, FollowedNoFurtherError):
            machine.doubt("it was not followed to its end")
    else:
        _behind(reader, machine, end)
    return Pickle(
        protocol=machine.protocol,
        imports=tuple(machine.imports),
        foreign=tuple(machine.foreign),
        doubts=tuple(machine.doubts),
        calls=machine.calls,
        damage=damage,
    )


def _one(reader: OpcodeReader, machine: PickleMachine, start: int) -> int:
    """Follow one pickle from `start`; gives where it ends."""
    end = start
    for step in reader.steps(start):
        take(machine, step)
        end = step.end
    return end


def _behind(reader: OpcodeReader, machine: PickleMachine, end: int) -> None:
    """What lies behind the end of the first pickle: Paddle writes nothing there, and whoever reads on would load it."""
    size = reader.source.size
    if end >= size:
        return
    machine.doubt(f"{size - end:,} bytes lie behind its end, where Paddle writes nothing")
    for _ in range(MAX_PICKLES):
        # A loader that reads on keeps the memo and begins with an empty stack.
        machine.stack.clear()
        machine.marks.clear()
        try:
            end = _one(reader, machine, end)
        except DamageError:
            return
        if end >= size:
            return


def is_pickle(source: ByteSource) -> bool:
    """Whether bytes are a pickle, whatever they are called: they can be followed to their end, or something in them is called.

    What is damage from its first byte on calls nothing: any text that begins with an "o" is such a thing.
    """
    if not _begins(source):
        return False
    found = read(source)
    return found.damage is None or (found.calls > 0 and found.damage.offset != 0)


def may_go_on(source: ByteSource) -> bool:
    """Whether bytes may be the beginning of a pickle: nothing is wrong in them before they end."""
    if not _begins(source):
        return False
    damage = read(source).damage
    return damage is None or damage.what.startswith("truncated") or isinstance(damage, FollowedNoFurtherError)


def _begins(source: ByteSource) -> bool:
    head = source.some(0, 1)
    return bool(head) and head[0] in OPCODES
