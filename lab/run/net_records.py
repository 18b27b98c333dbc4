"""What a start of many nets left behind, read as hostile data: a record per net, and arrays that lie where they should."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lab import documents
from lab.model import Kind, Outcome, Phase
from lab.outcome.classify import EngineWord, classify
from lab.redaction import door
from lab.storage.outbox import GuestFile
from lab.text import clean

LINES_CAP = 64 * 1024**2
LINE_CAP = 1024**2
MESSAGE = 600
DETAIL = 2_000
_GIB = 1024**3


def outcomes(folder: Path, tasks: Mapping[str, Sequence[str]], memory: int = 0) -> dict[str, dict[str, Outcome]]:
    """What each net did, by route and name; nets without a record are left out.

    Only the first record of a net that was asked for counts, and only with the nonce of this step's request. `memory` is
    what the container was allowed, in bytes (0: not known): what dies of it is out of memory, and says by which signs.
    """
    word = EngineWord(exit_code=0, memory_limit=memory)
    nonce = _nonce(folder / "in" / "request.json")
    found: dict[str, dict[str, Outcome]] = {route: {} for route in tasks}
    for record in _records(GuestFile(out=folder / "out", name="nets.jsonl")):
        net, route = record.get("net"), record.get("route")
        if isinstance(net, str) and isinstance(route, str) and net in tasks.get(route, ()) and net not in found[route]:
            found[route][net] = _short(_borne_out(classify(record, nonce=nonce, engine=word), record, memory))
    return found


def _borne_out(outcome: Outcome, record: Mapping[str, object], memory: int) -> Outcome:
    """A net that memory was too small for, with what shows it; the record was found sound, or the outcome is another."""
    if outcome.kind is not Kind.OOM:
        return outcome
    most, kills = (_number(record.get(name)) for name in ("peak_memory", "oom_kills"))
    signs = [f"limit {memory / _GIB:.2f} GiB"] if memory else []
    signs += [f"at most {most / _GIB:.2f} GiB seen in its process"] if most else []
    signs += [f"{kills} kill(s) for memory counted meanwhile"] if kills else []
    return replace(outcome, message=f"{outcome.message} ({'; '.join(signs)})") if signs else outcome


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def arrays(folder: Path, kind: str, net: str) -> GuestFile | None:
    """The arrays of one net, or None where there are none or something else than a file of this step lies there."""
    file = GuestFile(out=folder / "out", name=f"{kind}/{net}.npz")
    return file if file.plain and file.beside(".json").plain else None


def lost(net: str) -> Outcome:
    """The outcome of a net that said it was fine and left no outputs."""
    message = f"the guest said that {net} worked and left no outputs of it"
    return Outcome(kind=Kind.INFRA_ERROR, phase=Phase.INFER, reason="protocol", message=message)


def formats(folder: Path, nets: Sequence[str]) -> tuple[str, ...]:
    """The endings of the programs that were saved: .json, .pdmodel."""
    return tuple(
        ending
        for ending in (".json", ".pdmodel")
        if any(GuestFile(out=folder / "out", name=f"model/{net}/net{ending}").plain for net in nets)
    )


def _nonce(path: Path) -> str:
    """What this step's guest was given; the lab wrote it, and the container could only read it."""
    return str(documents.json(path.read_text(encoding="utf-8"))["nonce"])


def _records(file: GuestFile) -> list[Mapping[str, object]]:
    try:
        lines = file.read(LINES_CAP).splitlines()
    except OSError:
        return []
    return [record for line in lines if (record := _record(line)) is not None]


def _record(line: bytes) -> Mapping[str, object] | None:
    if len(line) > LINE_CAP:
        return None
    try:
        value = json.loads(door.json(line))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _short(outcome: Outcome) -> Outcome:
    """Hundreds of these are kept: the ends of a message say enough."""
    return replace(outcome, message=clean(outcome.message, MESSAGE), detail=clean(outcome.detail, DETAIL))
