"""What is kept of a benchmark: every block as it ends, and the same values as pyperf files."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from lab import documents, scratch
from lab.documents import StoredLines
from lab.errors import UsageError
from lab.model.bench import BenchReport, Block, SideBlock
from lab.redaction import door
from lab.run.trial import slug
from lab.storage import store

BLOCKS = "blocks.jsonl"
REPORT = "report.json"
SCHEMA = 1


def append(home: Path, block: Block) -> None:
    """Add one finished block; what was there before is never touched."""
    store.append(home / BLOCKS, door.json(msgspec.json.encode(block)))


def blocks(home: Path) -> tuple[Block, ...]:
    """All finished blocks that can be read, `damage` names the others; UsageError where the file itself cannot be read."""
    return _read(home).found


def damage(home: Path) -> str:
    """One sentence on the blocks that cannot be read; empty where all can. A damaged block costs only itself."""
    return _read(home).complaint(str(home / BLOCKS))


def _read(home: Path) -> StoredLines[Block]:
    try:
        return documents.lines((home / BLOCKS).read_bytes(), lambda line: documents.json(line, Block))
    except OSError as error:
        raise UsageError(f"{home / BLOCKS} cannot be read: {error.strerror}", "restore it, or measure again") from error


def report(home: Path) -> BenchReport:
    """The report of a finished benchmark; UsageError where there is none or it is newer than this lab."""
    path = home / REPORT
    try:
        data = path.read_bytes()
        schema = documents.json(data, dict[str, object]).get("schema")
        if wrong := documents.numbered(schema, SCHEMA):
            raise UsageError(f"{path} {wrong}", "use a newer lab for it, or measure again")
        return documents.json(data, BenchReport)
    except OSError as error:
        raise UsageError(
            f"{home.parent.name} holds no finished benchmark", "lab bench SCENARIO --releases 2.6.2,3.0.0 makes one"
        ) from error
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} is damaged: {error}", "restore it, or measure again") from error


def write_report(home: Path, made: BenchReport) -> None:
    """Keep the report beside its blocks."""
    store.write(home / REPORT, store.pretty(made))


def write_pyperf(home: Path, found: Sequence[Block]) -> tuple[Path, ...]:
    """One pyperf suite a side: a run a process, seconds, with block, order, seed and image digest in its metadata."""
    import pyperf  # noqa: PLC0415 - slow to load, needed only here

    written = []
    for name in dict.fromkeys(one.side for block in found for one in block.sides):
        runs: dict[str, list[pyperf.Run]] = {}
        mine = [(block, one) for block in found for one in block.sides if one.side == name]
        for own, side in mine:
            for metric, values, about in _series(own, side):
                made = pyperf.Run(values, metadata={**about, "name": metric}, collect_metadata=False)
                runs.setdefault(metric, []).append(made)
        if runs:
            path = home / "pyperf" / f"{slug(name)}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            suite = pyperf.BenchmarkSuite([pyperf.Benchmark(some) for some in runs.values()])
            with scratch.folder_beside(path) as room:
                suite.dump(str(room / path.name))
                (room / path.name).replace(path)
            written.append(path)
    return tuple(written)


def _series(block: Block, side: SideBlock) -> Iterator[tuple[str, list[float], dict[str, object]]]:
    """The values of one process, one series a metric: wall, CPU time where it was counted, and cold starts."""
    about: dict[str, object] = {
        "unit": "second",
        "bench_session": block.session,
        "bench_block": block.number,
        "bench_seed": block.seed,
        "bench_control": "yes" if side.twin else "no",
        "image_digest": side.digest or "none",
    }
    for metric in dict.fromkeys(one.metric for one in side.samples):
        some = [one for one in side.samples if one.metric == metric]
        order = " ".join(f"{one.pair}:{one.order}" for one in some)
        own = {**about, "loops": side.loops.get(metric, 1), "bench_order": order}
        yield metric, [one.wall for one in some], own
        if all(one.cpu > 0 for one in some):
            yield f"{metric}_cpu", [one.cpu for one in some], own
    for metric, seconds in side.cold.items():
        yield metric, [seconds], about
