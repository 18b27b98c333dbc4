"""What a sweep says of savers alone: what Python answers, what a release does not have, what it cannot run or save."""

import re
from collections.abc import Mapping, Sequence

from lab.model.sweep import Sweep
from lab.report import sweep_rows as rows
from lab.report.markdown import cell
from lab.report.sweep_absent import absent, missing
from lab.report.sweep_rows import SweepLine
from lab.report.sweep_table import names, table
from lab.report.sweep_words import say


def sections(sweep: Sweep, lang: str) -> list[str]:
    """The last sections of the page."""
    return [*_eager(sweep, lang), *_absent(sweep, lang), *_unsaved(sweep, lang)]


def _eager(sweep: Sweep, lang: str) -> list[str]:
    if not sweep.eager:
        return []
    first = rows.place(sweep, (sweep.saves[0].saver, False))
    body = [
        (cell(say(lang, one.route, saver=rows.place(sweep, (one.saver, False)), first=first)), names(found.nets),
         cell(f"{found.outcome.kind.value}: {SweepLine(nets=found.nets, found=found, spots=()).text}"))
        for one in sweep.eager
        for found in one.found
    ]  # fmt: skip
    heads = ["", say(lang, "net"), say(lang, "seen")]
    lines = [f"## {say(lang, 'eager')}", "", say(lang, "eager note", first=first), ""]
    return [*lines, *(table(heads, body) or [say(lang, "none"), ""])]


def _absent(sweep: Sweep, lang: str) -> list[str]:
    """What releases do not have."""
    heads = [say(lang, name) for name in ("net", "lacks", "when saving", "when opening")]
    body = [
        (names(one.nets), say(lang, one.what), cell(", ".join(one.savers)), cell(", ".join(one.loaders)))
        for one in absent(sweep)
    ]
    return [f"## {say(lang, 'absent')}", "", say(lang, "absent note"), "", *table(heads, body)] if body else []


def _unsaved(sweep: Sweep, lang: str) -> list[str]:
    """What else could not be saved, in one row where nets and savers have one error."""
    groups: dict[tuple[str, str], dict[str, list[str]]] = {}
    for one in sweep.saves:
        for found in one.found:
            if missing(found.outcome):
                continue
            line = SweepLine(nets=found.nets, found=found, spots=())
            eager = found.outcome.phase.value == "infer"
            key = (say(lang, "in python" if eager else "in saving"), _nameless(line))
            nets = groups.setdefault(key, {}).setdefault(rows.place(sweep, (one.saver, bool(one.saver_env))), [])
            nets += found.nets
    heads = [say(lang, name) for name in ("net", "where", "error")]
    body = [
        (names(nets), cell(f"{', '.join(savers)}, {where}"), cell(text))
        for (where, text), by_saver in groups.items()
        for nets, savers in _alike(by_saver).items()
    ]
    return [f"## {say(lang, 'unsaved title')}", "", *(table(heads, body) or [say(lang, "none"), ""])]


def _nameless(line: SweepLine) -> str:
    """The error without the name of the function that raised it and its place in Paddle's source: many have one reason."""
    kind = line.found.outcome.type or line.found.outcome.kind.value
    text = re.sub(r" \(at [^)]*\)$", "", re.sub(r"\b\w+\(\)", "…()", line.text))
    return text if text.startswith(f"{kind}:") else f"{kind}: {text}"


def _alike(by_saver: Mapping[str, Sequence[str]]) -> dict[tuple[str, ...], list[str]]:
    """Savers by the nets they share an error for."""
    found: dict[tuple[str, ...], list[str]] = {}
    for saver, nets in by_saver.items():
        found.setdefault(tuple(nets), []).append(saver)
    return found
