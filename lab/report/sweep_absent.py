"""What a release does not have: a function of Python, a kernel, an operator of the files it opens. No fault of a file's, and no bug."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lab.model import Outcome
from lab.model.sweep import Sweep
from lab.report import sweep_rows as rows

_SIGNS: Mapping[str, re.Pattern[str]] = {
    "no function": re.compile(r"module '[\w.]{1,200}' has no attribute '\w{1,200}'"),
    "no kernel": re.compile(
        r"kernel [`']\w{1,200}[`'] is not registered|There are no kernels which are registered|Softmax mask fuse op only supports GPU"
    ),
    "no dtype": re.compile(r"The data type of '[^'\n]{1,200}' in \w{1,200} must be .{1,800}but received"),
    "no operator": re.compile(
        r"Operator \(\w{1,200}\) is not registered|Op \w{1,200} should have corresponding OpInfo"
    ),
}


@dataclass(frozen=True, kw_only=True)
class AbsentLine:
    """Nets for which something is missing in the same releases: `what`, and where they are saved, or opened."""

    nets: tuple[str, ...]
    what: str
    savers: tuple[str, ...]
    loaders: tuple[str, ...]


def missing(outcome: Outcome) -> str:
    """What a release lacks by what it raised: a word of the page; empty where it says something else."""
    return next((word for word, sign in _SIGNS.items() if sign.search(outcome.message)), "")


def absent(sweep: Sweep) -> tuple[AbsentLine, ...]:
    """What is not there, nets with the same gap in one line, in the order of the table."""
    gaps: dict[tuple[str, str], tuple[dict[str, None], dict[str, None]]] = {}
    for side, cells in enumerate((sweep.saves, [one for one in sweep.cells if not one.closed])):
        for cell in cells:
            place = (cell.loader, bool(cell.loader_env)) if side else (cell.saver, bool(cell.saver_env))
            for found in cell.found:
                for net in found.nets if (what := missing(found.outcome)) else ():
                    gaps.setdefault((net, what), ({}, {}))[side][rows.place(sweep, place)] = None
    alike: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    order = [one.name for one in sweep.nets]
    for (net, what), (savers, loaders) in sorted(gaps.items(), key=lambda item: order.index(item[0][0])):
        alike.setdefault((what, tuple(sorted(savers)), tuple(sorted(loaders))), []).append(net)
    return tuple(
        AbsentLine(nets=tuple(nets), what=what, savers=savers, loaders=loaders)
        for (what, savers, loaders), nets in alike.items()
    )
