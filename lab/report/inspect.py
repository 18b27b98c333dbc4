"""What `lab inspect` found, as people see it in a terminal: what it is, who wrote it, who reads it, what is wrong."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lab.model.inspection import (
    FileFacts,
    FileKind,
    InspectFinding,
    Inspection,
    InspectLevel,
    PickleFacts,
    ProgramFacts,
    Reader,
    Reads,
    StreamFacts,
    TensorFacts,
)
from lab.report.prose import Prose, said
from lab.report.sheet import Sheet, SheetColumn

COLOURS = {InspectLevel.BROKEN: "bold red", InspectLevel.WARNING: "yellow", InspectLevel.NOTE: "cyan"}
CELLS = {
    Reads.YES: "green",
    Reads.WITH: "yellow",
    Reads.DOUBTFUL: "yellow",
    Reads.WRONG: "bold red",
    Reads.FAILS: "red",
    Reads.CRASHES: "bold red",
    Reads.NO: "red",
    Reads.DIES: "bold red",
    Reads.UNKNOWN: "dim",
}
SHOWN_OPERATORS = 12
SHOWN_TENSORS = 8
_KILO = 1000
_DOORS = ("feed", "fetch", "data")
_MORE = re.compile(r"[,;] and \d+ more$")
_BLOCKS = re.compile(r"\d+ in \d+ blocks of the program")
_CAUSE = re.compile(r"(?!\w*Error)\w+(?:, \w+)*: ")
"""What in the program a reason is about: names of its own, which are no words of the lab."""


def render(found: Inspection) -> RenderableType:
    """The whole answer."""
    parts: list[RenderableType] = [_files(found.files)]
    for program in found.programs:
        parts += [Text(""), _program(program, found.streams, titled=len(found.programs) > 1)]
    if not found.programs:
        parts += [_alone(one) for one in found.streams]
    parts += [_pickle(one) for one in found.pickles]
    if found.readers:
        parts += [Text(""), _readers(found), *_reasons(found.readers)]
    parts += [_finding(one) for one in found.findings]
    return Group(*parts)


def size(nbytes: float) -> str:
    """Bytes as people read them: "344 B", "18.4 kB", "2.15 GB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if nbytes < _KILO or unit == "GB":
            return f"{nbytes:.0f} B" if unit == "B" else f"{nbytes:.3g} {unit}"
        nbytes /= _KILO
    return ""


def tensor(one: TensorFacts) -> str:
    """A tensor in words: "image float32 [?, 3, 16, 16]", a question mark for a dimension that may vary."""
    if one.shape is None:
        return f"{one.name} ({one.dtype})"
    return f"{one.name} {one.dtype} [{', '.join('?' if dim < 0 else str(dim) for dim in one.shape)}]"


def _grid(rows: Iterable[tuple[str, str | Prose]]) -> Table:
    made = Table.grid(padding=(0, 2))
    made.add_column(style="bold")
    made.add_column(overflow="fold")
    for label, words in rows:
        made.add_row(label, _pieces(words) if isinstance(words, str) else words)
    return made


def _pieces(words: str) -> Text:
    """Names with what the lab says before and behind them, piece by piece: no name is ever read as a word of the lab."""
    behind = _MORE.search(words)
    end = behind.start() if behind else len(words)
    begin = found.end() if (found := _BLOCKS.match(words)) else 0
    return Text.assemble(*((one, "default") for one in (words[:begin], words[begin:end], words[end:]) if one))


def _files(files: Sequence[FileFacts]) -> Table:
    made = Table.grid(padding=(0, 2))
    made.add_column(overflow="fold")
    made.add_column(justify="right")
    made.add_column()
    made.add_column(style="dim", overflow="fold")
    wrong = (FileKind.EMPTY, FileKind.FOREIGN, FileKind.UNKNOWN, FileKind.JSON)
    for one in files:
        kind = Text(one.kind.value, style="red" if one.kind in wrong else "")
        made.add_row(Text(one.name, style="bold"), size(one.size), kind, one.sha256)
    return made


def _program(program: ProgramFacts, streams: Sequence[StreamFacts], *, titled: bool) -> Table:
    rows: list[tuple[str, str | Prose]] = [("program", program.file)] if titled else []
    writer = program.writer
    rows += [
        ("written by", said(f"{writer.releases or 'not known'} ({writer.evidence})", own=True)),
        ("inputs", _list([tensor(one) for one in program.inputs], SHOWN_TENSORS, "; ") or "none"),
        ("outputs", _list([tensor(one) for one in program.outputs], SHOWN_TENSORS, "; ") or "none named"),
        ("operators", _operators(program)),
        ("parameters", said(_parameters(program, streams), own=True)),
    ]
    return _grid(rows)


def _list(words: Sequence[str], shown: int, between: str = ", ") -> str:
    more = f"{between}and {len(words) - shown} more" if len(words) > shown else ""
    return between.join(words[:shown]) + more


def _operators(program: ProgramFacts) -> str:
    """How many and which; what only hands tensors in and out is told as inputs and outputs, and is neither counted nor named."""
    shown = {name.removeprefix("pd_op."): count for name, count in program.operators.items()}
    shown = {name: count for name, count in shown.items() if name not in _DOORS}
    kinds = [name + (f" x{count}" if count > 1 else "") for name, count in shown.items()]
    blocks = f" in {program.blocks} blocks of the program" if program.blocks > 1 else ""
    return f"{sum(shown.values())}{blocks}: {_list(kinds, SHOWN_OPERATORS)}" if shown else "none"


def _parameters(program: ProgramFacts, streams: Sequence[StreamFacts]) -> str:
    if not program.parameters:
        return "none"
    kinds = ", ".join(sorted({one.dtype for one in program.parameters}))
    stored = [one for one in streams if one.named_by == program.file]
    where = f", {size(stored[0].nbytes)} in {stored[0].file}" if stored else ""
    return f"{len(program.parameters)} ({kinds}){where}"


def _alone(stream: StreamFacts) -> Table:
    kinds = ", ".join(sorted({one.dtype for one in stream.tensors})) or "none"
    shapes = [str(list(one.shape)) for one in stream.tensors]
    rows = [
        ("tensors", f"{len(stream.tensors)} ({kinds}), {size(stream.nbytes)}; their names are not in the file"),
        ("shapes", _list(shapes, SHOWN_TENSORS)),
    ]
    return _grid(rows)


def _pickle(one: PickleFacts) -> Prose:
    imports = f"imports {_list(one.imports, SHOWN_TENSORS)}" if one.imports else "imports nothing"
    judged = "nothing in it that Paddle does not write" if one.harmless else "not what Paddle writes: do not load it"
    return said(f"{one.file}: loads by unpickling, protocol {one.protocol}, {imports}: {judged}", "dim")


def _readers(found: Inspection) -> Sheet:
    """One row an API, one column a run of releases that agree in every row."""
    readers = found.readers
    apis = list(dict.fromkeys(one.api for one in readers))
    table = {(one.api, one.release): one for one in readers}
    releases = list(dict.fromkeys(one.release for one in readers))
    columns = [list(run) for _, run in groupby(releases, lambda release: [_cell(table[api, release]) for api in apis])]
    heads = ["whole, it would be read by" if found.broken else "read by", *map(_span, columns)]
    rows = tuple(
        (Text(api), *(Text(_cell(table[api, run[0]]), style=CELLS[table[api, run[0]].reads]) for run in columns))
        for api in apis
    )
    return Sheet(columns=tuple(SheetColumn(heading=one, prose=True, own=True) for one in heads), rows=rows, banded=True)


def _cell(one: Reader) -> str:
    return f"with {one.setting}" if one.reads is Reads.WITH else one.reads.value


def _reasons(readers: Sequence[Reader]) -> Iterator[Prose]:
    """Each reason once, with the places it holds for."""
    places: dict[str, dict[str, list[str]]] = {}
    for one in readers:
        if one.why:
            places.setdefault(one.why, {}).setdefault(one.api, []).append(one.release)
    for why, apis in places.items():
        by_releases: dict[str, list[str]] = {}
        for api, releases in apis.items():
            by_releases.setdefault(_span(releases), []).append(api)
        where = "; ".join(f"{', '.join(names)} of {span}" for span, names in by_releases.items())
        cause = _CAUSE.match(why)
        names = cause[0] if cause else ""
        pieces = (f"  {where}", ": ", names, why[len(names) :])
        yield Prose(text=Text.assemble(*((one, "dim") for one in pieces if one)), indent=4, own=True)


def _span(releases: Sequence[str]) -> str:
    return releases[0] if len(releases) == 1 else f"{releases[0]} to {releases[-1]}"


def _finding(one: InspectFinding) -> Prose:
    told = Text(f"\n{one.level.value}: ", style=COLOURS[one.level])
    told.append(one.what, style="default not bold")
    if one.remedy:
        told.append("\n  try: ", style="dim not bold").append(one.remedy, style="dim not bold")
    return Prose(text=told)
