"""A sweep as a page of Markdown: what is silent comes first, then formats, errors, families, and Python's own answers."""

from collections.abc import Sequence

from lab.model import Kind
from lab.model.sweep import Net, Sweep, SweepCell
from lab.report import sweep_rows as rows
from lab.report import sweep_saving
from lab.report.markdown import cell
from lab.report.sweep_rows import SweepLine
from lab.report.sweep_table import SHOWN, names, table
from lab.report.sweep_words import known, say


def page(sweep: Sweep, lang: str) -> str:
    """The whole page in English or Chinese ("zh")."""
    parts = [
        f"# {say(lang, 'title')}", "", *_about(sweep, lang), *_silent(sweep, lang), *_formats(sweep, lang),
        *_common(sweep, lang), *_families(sweep, lang), *_drifts(sweep, lang), *_onednn(sweep, lang),
        *sweep_saving.sections(sweep, lang), *_how(lang),
    ]  # fmt: skip
    return "\n".join(parts).rstrip() + "\n"


def counts(sweep: Sweep) -> str:
    """All opened nets by what they are: "20000 exact, 400 close, 12 mismatch"."""
    total: dict[str, int] = {}
    for one in sweep.cells:
        for word, number in one.counts.items():
            total[word] = total.get(word, 0) + number
    return ", ".join(f"{number} {word}" for word, number in total.items())


def _about(sweep: Sweep, lang: str) -> list[str]:
    savers, loaders = ([rows.place(sweep, (key, False)) for key in keys] for keys in _places(sweep))
    routes = dict.fromkeys(one.route for one in sweep.cells)
    machine = dict(sweep.machine)
    flags = {f"`{name}={value}`" for one in (*sweep.saves, *sweep.cells) for name, value in _set(one)}
    lines = [
        say(lang, "what", nets=len(sweep.nets), savers=", ".join(savers), loaders=", ".join(loaders),
            routes=", ".join(routes), loads=sweep.loads),
        say(lang, "machine", place=say(lang, "containers" if sweep.isolated else "local"), run=sweep.id,
            system=machine.get("system", "?"), cpu=machine.get("cpu", "?"), cores=machine.get("cores", "?"),
            engine=f"{machine.get('engine', '?')} {machine.get('engine_version', '')}".strip(),
            minutes=f"{sweep.seconds / 60:.1f}"),
        _formulas(sweep, lang), "", "```sh", sweep.command, "```", "", say(lang, "legend"),
    ]  # fmt: skip
    lines += [say(lang, "flag", flags=", ".join(sorted(flags)))] if flags else []
    return [*lines, "", f"{counts(sweep)}.", ""]


def _formulas(sweep: Sweep, lang: str) -> str:
    """Where the expected value of each net comes from."""
    without = [one.name for one in sweep.nets if not one.numpy]
    if not without:
        return say(lang, "all formulas")
    return say(lang, "formulas", number=len(sweep.nets) - len(without), names=names(without, SHOWN))


def _set(one: SweepCell) -> list[tuple[str, str]]:
    return [*one.saver_env.items(), *one.loader_env.items()]


def _places(sweep: Sweep) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(dict.fromkeys(one.saver for one in sweep.saves)), tuple(
        dict.fromkeys(one.loader for one in sweep.cells)
    )


def _code(sweep: Sweep, name: str) -> str:
    net = _net(sweep, name)
    return f"`{net.text.replace('|', chr(92) + '|')}`"


def _net(sweep: Sweep, name: str) -> Net:
    return next(one for one in sweep.nets if one.name == name)


def _silent(sweep: Sweep, lang: str) -> list[str]:
    found = rows.silent(sweep)
    heads = [say(lang, name) for name in ("net", "code", "where", "seen", "wrong", "second")]
    body = [
        (names(one.nets), _code(sweep, one.nets[0]), cell(rows.spots(sweep, one.spots)), cell(one.text),
         blame(one, lang), say(lang, one.found.second) if one.found.second else "")
        for one in found
    ]  # fmt: skip
    lines = [f"## {say(lang, 'silent')}", ""]
    return [*lines, *([say(lang, "silent note"), "", *table(heads, body)] if body else [say(lang, "no silent"), ""])]


def blame(one: SweepLine, lang: str) -> str:
    """Who is wrong, and who says so."""
    found = one.found
    name = " ".join(part for part in ("blame", found.blame, found.witness) if part)
    return say(lang, name if known(name) else f"blame {found.blame}", witness=found.witness)


def _formats(sweep: Sweep, lang: str) -> list[str]:
    """One table a route of who reads whose files; routes with the same table share it."""
    tables: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    savers = dict.fromkeys((one.saver, bool(one.saver_env)) for one in sweep.cells)
    loaders = dict.fromkeys(one.loader for one in sweep.cells)
    for route in dict.fromkeys(one.route for one in sweep.cells):
        body = tuple(
            (f"**{rows.place(sweep, saver)}** {_endings(sweep, saver)}",
             *(_reads(sweep, route, saver, loader) for loader in loaders))
            for saver in savers
        )  # fmt: skip
        tables.setdefault(body, []).append(route)
    probes = sum(one.probe for one in sweep.nets)
    lines = [f"## {say(lang, 'formats')}", "", say(lang, "formats note", probes=probes), ""]
    for body, routes in tables.items():
        lines += table([", ".join(routes), *(rows.place(sweep, (one, False)) for one in loaders)], body)
    closed = {one.text: one for one in _closed(sweep)}
    return [*lines, *(f"- {one.word}: {cell(text)}" for text, one in closed.items()), *([""] if closed else [])]


def _endings(sweep: Sweep, saver: rows.Place) -> str:
    return " ".join(
        f"`{ending}`" for one in sweep.saves if (one.saver, bool(one.saver_env)) == saver for ending in one.formats
    )


def _closed(sweep: Sweep) -> list[SweepLine]:
    return [
        SweepLine(nets=found.nets, found=found, spots=())
        for one in sweep.cells
        if one.closed
        for found in one.found[:1]
    ]


def _reads(sweep: Sweep, route: str, saver: rows.Place, loader: str) -> str:
    found = {
        bool(one.loader_env): one.closed
        for one in sweep.cells
        if one.route == route and (one.saver, bool(one.saver_env)) == saver and one.loader == loader
    }
    if not found:
        return ""
    if not found.get(False, True):
        return "✓"
    return "✗" if found.get(True, True) else "†"


def _common(sweep: Sweep, lang: str) -> list[str]:
    found = rows.common(sweep.cells)
    if not found:
        return []
    heads = [say(lang, name) for name in ("nets", "where", "error", "net")]
    body = [
        (
            str(len(one.nets)),
            cell(rows.spots(sweep, one.spots)),
            cell(f"{one.word}: {one.text}"),
            names(one.nets, SHOWN),
        )
        for one in found
    ]
    return [f"## {say(lang, 'common')}", "", say(lang, "common note", least=rows.COMMON), "", *table(heads, body)]


def _families(sweep: Sweep, lang: str) -> list[str]:
    order = [one.name for one in sweep.nets]
    kinds = {
        "silently": _all(rows.silent(sweep)), "drifts": _all(rows.drifts(sweep)),
        "errors": _all(rows.own(sweep.cells, order)), "unsaved": {net for one in sweep.saves for f in one.found for net in f.nets},
    }  # fmt: skip
    touched = set().union(*kinds.values())
    heads = [say(lang, name) for name in ("family", "nets", "plain", *kinds)]
    body, details = [], list[str]()
    for family in dict.fromkeys(one.family for one in sweep.nets):
        nets = {one.name for one in sweep.nets if one.family == family}
        body.append(
            [family, str(len(nets)), str(len(nets - touched)), *(str(len(nets & one)) for one in kinds.values())]
        )
        details += _family(sweep, lang, family, nets)
    lines = [f"## {say(lang, 'families')}", "", say(lang, "families note"), ""]
    return [*lines, *table(heads, body), *details]


def _all(found: Sequence[SweepLine]) -> set[str]:
    return {net for one in found for net in one.nets}


def _family(sweep: Sweep, lang: str, family: str, nets: set[str]) -> list[str]:
    """The errors of one family's own."""
    found = rows.own(sweep.cells, [one.name for one in sweep.nets])
    body = [
        (names(mine), cell(rows.spots(sweep, one.spots)), cell(f"{one.word}: {one.text}"))
        for one in found
        if (mine := [net for net in one.nets if net in nets])
    ]
    heads = [say(lang, name) for name in ("net", "where", "error")]
    return [f"### {family}", "", *table(heads, body)] if body else []


def _drifts(sweep: Sweep, lang: str) -> list[str]:
    heads = [say(lang, name) for name in ("net", "where", "seen")]
    body = [(names(one.nets), cell(rows.spots(sweep, one.spots)), cell(one.text)) for one in rows.drifts(sweep)]
    if not body:
        return []
    return [f"## {say(lang, 'drift')}", "", say(lang, "drift note"), "", *table(heads, body)]


def _onednn(sweep: Sweep, lang: str) -> list[str]:
    found: dict[tuple[str, str, tuple[rows.Spot, ...]], list[str]] = {}
    for net, on, off, where in rows.switched(sweep):
        found.setdefault((on, off, where), []).append(net)
    heads = [say(lang, name) for name in ("net", "with", "without", "where")]
    fine = say(lang, "fine")
    body = [
        (names(nets, SHOWN), cell(on) or fine, cell(off) or fine, cell(rows.spots(sweep, where)))
        for (on, off, where), nets in found.items()
    ]
    routes = {one.route for one in sweep.cells}
    if not {"predictor", "predictor_no_onednn"} <= routes:
        return []
    lines = [f"## {say(lang, 'onednn')}", "", say(lang, "onednn note"), ""]
    return [*lines, *(table(heads, body) or [say(lang, "none"), ""])]


def _how(lang: str) -> list[str]:
    """How a reader asks about an operator of their own."""
    examples = [
        "lab sweep                                         # every net, the last patch of each stable release",
        "lab sweep --op 'pad*',resize --loaders '>=3.2'    # some of them",
        "lab sweep --op conv2d --savers 2.6.2 --route predictor,predictor_no_onednn",
        f"lab sweep --stored results/history/FILE -o docs/{'zh/' if lang == 'zh' else ''}operators.md --lang {lang}",
    ]
    return [f"## {say(lang, 'how')}", "", say(lang, "how note"), "", "```sh", *examples, "```", ""]


def opened(sweep: Sweep) -> int:
    """How many nets were opened by any loader, so that it is known what became of them."""
    unknown = {kind.value for kind in Kind if not kind.decided}
    return sum(count for one in sweep.cells for word, count in one.counts.items() if word not in unknown)


def infra(sweep: Sweep) -> int:
    """How many nets of all cells and saves the lab itself could not decide."""
    # No wheel is an answer; a net that was too much for the memory of one process is none.
    kinds = [kind for kind in Kind if kind is Kind.OOM or not (kind.decided or kind is Kind.UNSUPPORTED)]
    return sum(one.counts.get(kind.value, 0) for one in (*sweep.saves, *sweep.cells) for kind in kinds)
