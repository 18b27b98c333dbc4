"""A sweep as rows of one table: what some operators do alike, where, and how it is judged; the worst kind first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lab.model import Kind
from lab.model.sweep import Sweep
from lab.report import sweep as report
from lab.report import sweep_rows as rows
from lab.report.sweep_absent import missing
from lab.report.sweep_rows import SweepLine
from lab.report.sweep_words import say
from lab.run.trial import slug

ORDER = ("silent", "drift", "crash", "error", "unsaved", "absent", "fine")
"""The verdicts of the table, the worst first: what nobody notices is worse than what stops."""


@dataclass(frozen=True, kw_only=True)
class OperatorRow:
    """What some operators have in common: a verdict of ORDER, the releases it concerns, what was seen, and who is wrong.

    `blame` is in both languages, and empty where nobody's numbers are wrong.
    """

    verdict: str
    nets: tuple[str, ...]
    families: tuple[str, ...]
    code: str
    releases: tuple[str, ...]
    routes: tuple[str, ...]
    where: str = ""
    text: str = ""
    blame: tuple[str, str] = ("", "")


@dataclass(frozen=True, kw_only=True)
class SiteSweep:
    """One sweep as its page tells it; `counts` has the operators of each verdict, and `path` is the page's name."""

    id: str
    path: str
    started: str
    command: str
    about: tuple[str, str]
    flags: tuple[str, ...]
    releases: tuple[str, ...]
    routes: tuple[str, ...]
    families: tuple[str, ...]
    nets: int
    rows: tuple[OperatorRow, ...]
    counts: Mapping[str, int]


def seen(sweep: Sweep, command: str) -> SiteSweep:
    """A sweep with all its rows."""
    found = tuple(_rows(sweep))
    keys = [cell.saver for cell in sweep.saves] + [cell.loader for cell in sweep.cells]
    flags = {
        f"{name}={value}"
        for one in (*sweep.saves, *sweep.cells)
        for name, value in (*one.saver_env.items(), *one.loader_env.items())
    }
    english, chinese = (
        say(lang, "what", nets=len(sweep.nets), savers=", ".join(_places(sweep, [one.saver for one in sweep.saves])),
            loaders=", ".join(_places(sweep, [one.loader for one in sweep.cells])),
            routes=", ".join(_routes(sweep)), loads=sweep.loads)
        for lang in ("en", "zh")
    )  # fmt: skip
    return SiteSweep(
        id=sweep.id, path=f"operators/{slug(sweep.id)}.html", started=sweep.started, command=command, about=(english, chinese),
        flags=tuple(sorted(flags)), releases=_places(sweep, keys), routes=_routes(sweep),
        families=tuple(dict.fromkeys(one.family for one in sweep.nets)), nets=len(sweep.nets), rows=found,
        counts={name: len({net for one in found if one.verdict == name for net in one.nets}) for name in ORDER},
    )  # fmt: skip


def _places(sweep: Sweep, keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rows.place(sweep, (one, False)) for one in keys))


def _routes(sweep: Sweep) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.route for one in sweep.cells))


def _rows(sweep: Sweep) -> Iterable[OperatorRow]:
    order = [one.name for one in sweep.nets]
    opened = [*rows.common(sweep.cells), *rows.own(sweep.cells, order)]
    told = [*((one, "silent") for one in rows.silent(sweep)), *((one, "drift") for one in rows.drifts(sweep))]
    told += [(one, _raised(one)) for one in opened]
    found = [_row(sweep, one, verdict) for one, verdict in told]
    found += [_unsaved(sweep, one) for one in (*rows.common(sweep.saves), *rows.own(sweep.saves, order))]
    own = {net for one in found if one.where and len(one.nets) < rows.COMMON for net in one.nets}
    yield from sorted(
        found, key=lambda one: (ORDER.index(one.verdict), -len(one.nets) if len(one.nets) >= rows.COMMON else 0)
    )
    yield from _fine(sweep, [one for one in order if one not in own])


def _raised(line: SweepLine) -> str:
    if missing(line.found.outcome):
        return "absent"
    return "error" if line.found.outcome.kind is Kind.PY_EXCEPTION else "crash"


def _row(sweep: Sweep, line: SweepLine, verdict: str) -> OperatorRow:
    places = [place for _, pair in line.spots for place, _ in pair]
    said = line.text if verdict in {"silent", "drift"} else f"{line.word}: {line.text}"
    return _made(
        sweep, line, verdict, releases=_places(sweep, places), where=rows.spots(sweep, line.spots),
        routes=tuple(dict.fromkeys(route for route, _ in line.spots)), text=said,
        blame=(report.blame(line, "en"), report.blame(line, "zh")) if verdict == "silent" else ("", ""),
    )  # fmt: skip


def _unsaved(sweep: Sweep, line: SweepLine) -> OperatorRow:
    """What no file was written of; of its spots only the saver means anything."""
    places = list(dict.fromkeys(saver for _, (saver, _) in line.spots))
    return _made(
        sweep, line, "absent" if missing(line.found.outcome) else "unsaved", releases=_places(sweep, [one for one, _ in places]),
        where=", ".join(rows.place(sweep, one) for one in places), routes=(), text=f"{line.word}: {line.text}",
    )  # fmt: skip


def _made(sweep: Sweep, line: SweepLine, verdict: str, **more: object) -> OperatorRow:
    nets = {one.name: one for one in sweep.nets}
    families = tuple(dict.fromkeys(nets[one].family for one in line.nets))
    return OperatorRow(verdict=verdict, nets=line.nets, families=families, code=nets[line.nets[0]].text, **more)  # type: ignore[arg-type]


def _fine(sweep: Sweep, names: Sequence[str]) -> Iterable[OperatorRow]:
    """Operators of which nothing of their own is told, one row a family; what meets nearly all of them stands above."""
    groups: dict[str, list[str]] = {}
    for one in sweep.nets:
        if one.name in names:
            groups.setdefault(one.family, []).append(one.name)
    keys = [cell.saver for cell in sweep.saves] + [cell.loader for cell in sweep.cells]
    for family, nets in groups.items():
        yield OperatorRow(
            verdict="fine", nets=tuple(nets), families=(family,), code="", releases=_places(sweep, keys),
            routes=_routes(sweep),
        )  # fmt: skip
