"""A program computed by formulas in a process of its own: what a damaged or hostile model costs there is bounded.

A file of some kilobytes can ask for all of the memory or for days, by more ways than any formula can rule out; so the kernel
bounds the memory and what is written, and the lab the time. Run by `python -m` with the places of the files as words.
"""

import json
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

import lab
from lab import documents
from lab.check import sample_inputs, stamp_file
from lab.errors import InfraError, UsageError
from lab.formats import graph_pir, graph_program, parameters
from lab.formats.damage import DamageError
from lab.formats.source import opened
from lab.formulas import Evaluated, evaluate
from lab.machine import process
from lab.model.inspection import StreamFacts
from lab.storage.outbox import GuestFile
from lab.text import clean

SECONDS = 300.0
MEMORY = 6 << 30
"""Bytes of address space, and never more than three quarters of the machine's memory."""
WRITTEN = 4 << 30
LONGEST = 300
STEM = "outputs"
THREADS = "4"
"""Each thread of a library for products takes address space, so many cores would use up what there is."""


@dataclass(frozen=True, kw_only=True)
class Computation:
    """What is computed: a program with its parameters, on the inputs that a save left in its folder, into another folder."""

    program: Path
    weights: Path | None
    stream: StreamFacts | None
    saved: Path
    into: Path


def unknown_of(asked: Computation, *, seconds: float = SECONDS, memory: int = MEMORY) -> str:
    """Compute in a process of its own; empty where the outputs lie in the folder, else why nobody can say."""
    argv = [sys.executable, "-m", __name__, str(memory)]
    argv += [str(one) for one in (asked.program, asked.weights or "", asked.saved, asked.into)]
    root = str(Path(lab.__file__).resolve().parent.parent)
    found = {"PYTHONPATH": root, "OPENBLAS_NUM_THREADS": THREADS, "OMP_NUM_THREADS": THREADS}
    try:
        done = process.run(
            argv, timeout=seconds, env={**os.environ, **found}, input=json.dumps(msgspec.to_builtins(asked.stream))
        )
    except InfraError:
        return f"the program, which was not computed within {seconds:.0f} s"
    try:
        return clean(documents.json(done.stdout, str), LONGEST).replace("\n", " ")
    except msgspec.DecodeError:
        return "the program, which cannot be computed in the memory there is for it"


def main(argv: Sequence[str], stream: bytes) -> str:
    """The whole life of that process; what it says is the answer of `unknown_of`."""
    memory, program, weights, saved, into = argv
    _bounded(int(memory))
    asked = Computation(
        program=Path(program), weights=Path(weights) if weights else None,
        stream=None if stream == b"null" else documents.json(stream, StreamFacts),
        saved=Path(saved), into=Path(into),
    )  # fmt: skip
    try:
        found = _computed(asked)
        if not found.unknown:
            outputs = {f"out{number}": one for number, one in enumerate(found.outputs)}
            sample_inputs.keep(outputs, asked.into, STEM)
    except OSError as error:
        return f"its outputs, which cannot be kept: {error.strerror}"
    return found.unknown


def _bounded(memory: int) -> None:
    room = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 4
    for what, most in ((resource.RLIMIT_AS, min(memory, room)), (resource.RLIMIT_FSIZE, WRITTEN)):
        resource.setrlimit(what, (most, most))
    seconds = int(SECONDS * int(THREADS))  # of all cores, for a process whose lab was killed
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _computed(asked: Computation) -> Evaluated:
    try:
        with opened(asked.program) as source:
            graph = (graph_pir if asked.program.suffix == ".json" else graph_program).read(source)
        weights = {}
        if asked.weights is not None and asked.stream is not None:
            with opened(asked.weights) as source:
                weights = dict(parameters.read(source, asked.stream))
    except (DamageError, UsageError) as error:
        return Evaluated(unknown=f"its files, of which {clean(str(error), 200)}")
    return evaluate(graph, stamp_file.stored(GuestFile(out=asked.saved, name="inputs.npz")), weights)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:], sys.stdin.buffer.read())))
