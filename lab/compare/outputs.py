"""The comparison of two outputs.npz, output by output and piece by piece."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from lab.compare import sampled
from lab.compare.arrays import Outputs, OutputsFile, StoredArray, place
from lab.compare.gap import Buffers, PeaksSoFar
from lab.compare.grading import MeasuredOutput, Said, graded
from lab.compare.metrics import Total, stride
from lab.compare.piece import Piece, Plan, measure, widen
from lab.compare.products import UNIT
from lab.compare.scale import ENOUGH, blank, largest
from lab.compare.strings import compare_strings
from lab.compare.tolerance import TABLE, Tiers, tiers
from lab.errors import UsageError
from lab.model import Diff, Grade, Metrics, Tolerance, Worst

PIECE = 64 * UNIT
"""Elements read and measured at a time: a megabyte of float32, which with its working copies stays in cache."""

BATCH = 16
"""Pieces measured by one thread before their results are added."""

WORKERS = 4
"""At most so many threads: beyond it they wait for memory, which they share."""

SINGLE = 1 << 20
"""Float32 outputs with more elements are measured in float32 wherever that gives what float64 would."""


def compare(
    reference: OutputsFile,
    candidate: OutputsFile,
    tolerances: Sequence[Tolerance] = (),
    *,
    piece: int = PIECE,
) -> tuple[Diff, ...]:
    """Compare the outputs of two steps, both outputs.npz with outputs.json beside them.

    Gives one Diff for each output, in the reference's order, what only the candidate has at the end. `piece` is the
    number of elements held at a time, a multiple of UNIT; it does not change the result. Raises UsageError for tolerances
    of unknown outputs, UnreadableOutputsError for arrays that are no numbers and for files that are no outputs.
    """
    if piece <= 0 or piece % UNIT:
        raise ValueError(f"a piece is a multiple of {UNIT} elements, not {piece}")
    with Outputs(reference) as expected, Outputs(candidate) as seen:
        names = list(dict.fromkeys([*expected.arrays, *seen.arrays]))
        _check_names(tolerances, names)
        return tuple(
            _compare_one(name, expected.arrays.get(name), seen.arrays.get(name), tolerances, piece) for name in names
        )


def _check_names(tolerances: Sequence[Tolerance], names: Sequence[str]) -> None:
    for own in tolerances:
        if own.output not in names:
            raise UsageError(
                f"the scenario states a tolerance for output {own.output!r}, and its outputs are {', '.join(names)}",
                "write the output's name in the header as the scenario returns it",
            )


def _compare_one(
    name: str,
    expected: StoredArray | None,
    seen: StoredArray | None,
    tolerances: Sequence[Tolerance],
    piece: int,
) -> Diff:
    """Check presence, shape and dtype, in this order, and the values only if all three agree."""
    if expected is None or seen is None:
        reason = "extra" if expected is None else "missing"
    elif (expected.sample.shape if expected.sample else expected.shape) != seen.shape:
        reason = "shape"
    elif expected.kind != seen.kind:
        reason = "dtype"
    elif expected.dtype.kind in "US":
        return compare_strings(expected, seen)
    elif expected.sample:
        found = _compare_numbers(expected, sampled.picked(seen, expected.sample.step), tolerances, piece)
        return sampled.judged(found, expected, seen)
    else:
        return _compare_numbers(expected, seen, tolerances, piece)
    return Diff(
        output=name,
        grade=Grade.MISMATCH,
        reason=reason,
        reference=expected.label if expected else "",
        candidate=seen.label if seen else "",
    )


def _compare_numbers(expected: StoredArray, seen: StoredArray, tolerances: Sequence[Tolerance], piece: int) -> Diff:
    """Measure two arrays of one shape and dtype."""
    table = tiers(expected.kind, expected.name, tolerances)
    if not expected.size:
        said, bounds, metrics = Said(grade=Grade.EXACT, blank=blank(expected)), table.close, Metrics(size=0)
    else:
        measured = _measured(expected, seen, table, piece)
        said, bounds = graded(expected, seen, measured), measured.tiers.close
        metrics = _metrics(expected, seen, measured.total, said)
    return Diff(
        output=expected.name,
        grade=said.grade,
        reason=said.reason,
        blank=said.blank,
        reference=expected.label,
        candidate=seen.label,
        rtol=bounds.rtol,
        atol=bounds.atol,
        metrics=metrics,
        overridden=table.reason,
    )


def _measured(expected: StoredArray, seen: StoredArray, table: Tiers, piece: int) -> MeasuredOutput:
    """Measure with the bounds that the reference's magnitude sets, which is looked for only where something differs."""
    if expected.kind not in TABLE:
        return MeasuredOutput(
            total=_total(expected, seen, _plan(expected, table), piece), table=table, tiers=table, size=ENOUGH
        )
    if _begin_alike(expected, seen):
        total = _total(expected, seen, _plan(expected, table), piece)
        if total.equal:
            return MeasuredOutput(total=total, table=table, tiers=table, size=0)
        size = largest(expected)
        if size >= ENOUGH:
            return MeasuredOutput(total=total, table=table, tiers=table, size=size)
    else:
        size = largest(expected)
    scaled = table.scaled(size)
    total = _total(expected, seen, _plan(expected, scaled), piece)
    return MeasuredOutput(total=total, table=table, tiers=scaled, size=size)


def _begin_alike(expected: StoredArray, seen: StoredArray) -> bool:
    """Whether the first elements have the same bytes: then all may have, and nobody need know how large they are."""
    few = min(UNIT, expected.size)
    return expected.read(0, few).tobytes() == seen.read(0, few).tobytes()


def _metrics(expected: StoredArray, seen: StoredArray, total: Total, said: Said) -> Metrics:
    """The metrics with the worst elements; the share that differs is never less than the grade rests on."""
    metrics = total.metrics(expected.size, inexact=expected.kind in TABLE)
    return replace(
        metrics,
        mismatched=max(metrics.mismatched or 0.0, said.share),
        worst_abs=_worst(expected, seen, total.odd if total.odd >= 0 else total.absolute.index),
        worst_rel=_worst(expected, seen, total.relative.index),
    )


def _plan(array: StoredArray, bounds: Tiers) -> Plan:
    width = array.shape[-1] if array.shape and array.dtype.kind in "iuf" else 0
    return Plan(
        kind=array.kind,
        tiers=bounds,
        stride=stride(array.size, array.shape),
        width=width if width > 1 else 0,
        single=array.kind == "float32" and array.size > SINGLE,
    )


def _total(expected: StoredArray, seen: StoredArray, plan: Plan, piece: int) -> Total:
    """Measure piece by piece, many at once where that pays, and add them up in order."""
    total, spare = Total(), list[Buffers]()
    length = piece * BATCH

    def measured(start: int) -> list[Piece]:
        """Measure one batch; memory is handed on, because fresh memory costs more than the arithmetic done in it."""
        buffers = spare.pop() if spare else Buffers()
        stop = min(start + length, expected.size)
        pieces = [
            _measure(expected, seen, (first, min(first + piece, stop)), plan, total.known(), buffers)
            for first in range(start, stop, piece)
        ]
        spare.append(buffers)
        return pieces

    for pieces in _each(measured, range(0, expected.size, length)):
        for one in pieces:
            total.add(one)
    return total


def _each(measured: Callable[[int], list[Piece]], starts: range) -> Iterator[list[Piece]]:
    """Run batches on up to `WORKERS` processors, results in order; numpy lets go of the interpreter while it computes."""
    workers = min(len(os.sched_getaffinity(0)), WORKERS, len(starts))
    if workers < 2:  # noqa: PLR2004 - one worker needs no thread
        yield from map(measured, starts)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(measured, starts)


def _measure(
    expected: StoredArray, seen: StoredArray, part: tuple[int, int], plan: Plan, known: PeaksSoFar, buffers: Buffers
) -> Piece:
    """Read one piece of both sides and measure it."""
    b, a = (
        side.read(*part, buffers.take(name, (part[1] - part[0]) * side.dtype.itemsize, np.uint8))
        for name, side in (("reference", expected), ("candidate", seen))
    )
    return measure(b, a, part[0], plan, known, buffers)


def _worst(expected: StoredArray, seen: StoredArray, index: int) -> Worst | None:
    """Read both values at one flat index again, as text."""
    if index < 0:
        return None
    b, a = (str(widen(side.read(index, index + 1), side.kind)[0]) for side in (expected, seen))
    return Worst(index=place(index, expected.shape), reference=b, candidate=a)
