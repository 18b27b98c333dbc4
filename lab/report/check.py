"""What `lab check` found: one paragraph that answers, then every trial, the lines to use, and what was assumed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lab.model.check import Answer, Attempt, Checked, Safety, Way
from lab.model.cure import Cure, Ratio
from lab.report.rows import duration, message_line, numbers, outcome_words

_HERE = "\0"
COLOURS = {Safety.SAFE: "green", Safety.OTHERWISE: "yellow", Safety.UNSAFE: "red", Safety.UNKNOWN: "magenta"}
CODE = {
    "jit": "layer = paddle.jit.load(path)",
    "static": "program, feeds, fetches = paddle.static.load_inference_model(path, executor)",
}
APIS = {
    "jit": "jit.load",
    "jit_old_ir": "jit.load inside DygraphOldIrGuard",
    "static": "static.load_inference_model",
    "predictor": "the predictor",
    "predictor_no_onednn": "the predictor without oneDNN",
}


def lines(way: Way, cures: Sequence[Cure], ending: str) -> str:
    """What to paste to open a model this way."""
    exports = [f"export {name}={value}" for name, value in sorted(way.env.items())]
    by_route = {one.route: one.code.strip("\n") for one in cures if one.route}
    code = CODE.get(way.route) or by_route.get(way.route, "").replace('".pdmodel"', f'"{ending}"')
    return "\n".join([*exports, *([code] if code else [])])


def with_paragraph(found: Checked) -> Checked:
    """The answer with its paragraph; releases of which the same is said share their sentences."""
    parts = [text.replace(_HERE, _all(releases)) for text, releases in _grouped(found, lambda one: _answer(found, one))]
    return replace(found, paragraph=" ".join([*_changed(found), *parts, *_stamp(found), *_times(found)]))


def _grouped(found: Checked, say: Callable[[Answer], str]) -> list[tuple[str, list[str]]]:
    """What is said of each release, and of which ones it is said."""
    groups: dict[str, list[str]] = {}
    for one in found.answers:
        groups.setdefault(say(one), []).append(one.release)
    return list(groups.items())


def _all(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def _answer(found: Checked, one: Answer) -> str:
    """The sentences about one release, whose name is left open."""
    move = f"{found.prefix} from {found.old} to {_HERE}"
    if one.release == found.old:
        move = f"{found.prefix} in {_HERE}, which is the release it is from; nothing newer was asked for"
    good, same = _apis(one.good), _numbers(found, one)
    match one.safety:
        case Safety.SAFE:
            return f"SAFE: {move}. What worked works unchanged and gives {same}: {good.removeprefix('unchanged, ')}."
        case Safety.OTHERWISE:
            return f"SAFE ANOTHER WAY: {move}. {_lost(one)}. What gives {same}: {good}."
        case Safety.UNSAFE if found.damage:
            return f"NOT SAFE: {move}. {_damaged(found, one)}."
        case Safety.UNSAFE:
            return f"NOT SAFE: {move}. No way of opening it gives the same answers{_because(one)}."
    return f"NOT KNOWN: {move}. {_open(found, one)}."


def _damaged(found: Checked, one: Answer) -> str:
    said = f"The files are damaged: {'; '.join(found.damage)}"
    if not one.good:
        return said
    opened = f"Paddle opens them without a word ({_apis(one.good)})"
    return f"{said}. {opened}: what is missing is whatever lay in memory, and equal numbers here prove nothing"


def _because(one: Answer) -> str:
    return f": {'; '.join(one.lost)} ({one.why})" if one.lost else f" ({one.why})" if one.why else ""


def _lost(one: Answer) -> str:
    return f"As it is, it fails by {'; '.join(one.lost)}" if one.lost else "It takes a flag or other code"


def _open(found: Checked, one: Answer) -> str:
    kinds = {attempt.trial.outcome.kind for attempt in found.attempts if attempt.release == one.release}
    if not any(kind.tested for kind in kinds):
        return f"Nothing could be tried there ({', '.join(sorted(kind.value for kind in kinds))})"
    if not one.good:
        blame = "the made-up inputs may not suit it (--inputs, --dim)" if found.feeds else "the inputs may not suit it"
        return f"Neither of them runs it ({one.why}): {blame}, or the files are not what they seem"
    return f"{found.old} does not run it, so there are no numbers to hold {_HERE} against; it runs {_apis(one.good)}"


def _apis(good: Sequence[Way]) -> str:
    """The ways, those with the same setting together: "unchanged, the predictor; with FLAG=0, jit.load"."""
    groups: dict[str, list[str]] = {}
    for way in good:
        groups.setdefault(_setting(way), []).append(api_words(way.route))
    return "; ".join(f"{setting}{_either(apis)}" for setting, apis in groups.items())


def _setting(way: Way) -> str:
    if way.env:
        return f"with {' '.join(f'{name}={value}' for name, value in sorted(way.env.items()))}, "
    return "" if way.route == "jit_old_ir" else "unchanged, "


def _either(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + f" or {words[-1]}" if len(words) > 1 else words[0]


def api_words(route: str) -> str:
    """A route as people know it."""
    return APIS.get(route, route)


def _numbers(found: Checked, one: Answer) -> str:
    """How the numbers stand, at worst, over all good ways of a release."""
    said = [_best_numbers(attempt) for attempt in found.attempts if attempt.release == one.release and attempt.good]
    worst = max((word for word in said if word), key=_order, default="")
    if worst in ("", "exact"):
        return "bit for bit the same numbers"
    return f"the same numbers within tolerance ({worst} at worst)"


def _best_numbers(attempt: Attempt) -> str:
    return attempt.before or numbers(attempt.trial.diffs)


def _order(word: str) -> tuple[int, float]:
    grades = ("exact", "close", "drift", "mismatch")
    grade, _, rest = word.partition(" ")
    return grades.index(grade) if grade in grades else len(grades), float(rest.strip("()") or 0)


def _changed(found: Checked) -> Iterator[str]:
    if found.changed:
        yield f"NOT AS STAMPED: {'; '.join(found.changed)}."


def _stamp(found: Checked) -> Iterator[str]:
    yield from (f"Its stamp: {one}." for one in found.stamp)


def _times(found: Checked) -> Iterator[str]:
    """Times beside the same API in the old release, over all ways that may be used."""
    good = [one for one in found.attempts if one.good and one.release != found.old]
    parts = [
        f"{name} takes {_span([ratio for one in good if (ratio := getattr(one, field)) is not None])}"
        for name, field in (("a call", "call"), ("loading", "load"))
        if any(getattr(one, field) is not None for one in good)
    ]
    if parts:
        yield (
            f"Against the same API in {found.old}, {' and '.join(parts)} "
            f"({found.rounds} process{'es' if found.rounds > 1 else ''} each: rough)."
        )


def _span(found: Sequence[Ratio]) -> str:
    ratios = sorted(one.seconds / one.good for one in found)
    low, high = f"{ratios[0]:.2g}x", f"{ratios[-1]:.2g}x"
    return f"{low} the time" if low == high else f"{low} to {high} the time"


def render(found: Checked) -> RenderableType:
    """The whole answer for a terminal."""
    worst = max((one.safety for one in found.answers), key=tuple(Safety).index)
    style = "red" if found.changed else COLOURS[worst]
    parts: list[RenderableType] = [Text(found.paragraph, style=style), Text(""), _table(found)]
    parts += _messages(found)
    for code, releases in _grouped(found, lambda one: one.lines):
        if code:
            parts += [Text(f"\nto use in {_all(releases)}", style="bold"), Text(_indented(code))]
    parts += [Text("\nassumed", style="bold"), *(Text(f"  {one}") for one in _assumed(found))]
    return Group(*parts)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _assumed(found: Checked) -> Iterator[str]:
    yield f"old release: {found.chosen}"
    yield f"numbers are held against {found.reference or 'nothing: no way runs it'}"
    if found.feeds:
        shapes = ", ".join(f"{one.name} {one.dtype} {list(one.shape)}" for one in found.feeds)
        yield f"inputs are made up (seed 0; floats from 0 to 1, integers 0 and 1): {shapes}; --inputs and --dim change them"
    yield from found.assumed


def _table(found: Checked) -> Table:
    """One row a trial; flags that changed nothing are told below, not here."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    headings = [
        "in",
        "by",
        "outcome",
        "against the reference",
        f"same API in {found.old}",
        "load",
        "call",
        "call ratio",
    ]
    shown = len(headings) if any(one.trial.measurements for one in found.attempts) else len(headings) - 3
    for heading in headings[:shown]:
        made.add_column(heading, overflow="fold")
    for one in found.attempts:
        if not _idle(one):
            made.add_row(*(Text(cell, style="" if one.good else "red") for cell in _cells(one)[:shown]))
    return made


def _idle(one: Attempt) -> bool:
    return bool(one.way.env) and not one.good


def _cells(one: Attempt) -> tuple[str, ...]:
    times = one.trial.measurements
    return (
        one.release,
        one.way.label,
        outcome_words(one.trial.outcome),
        numbers(one.trial.diffs),
        one.before,
        duration(times, "load"),
        duration(times, "infer"),
        _ratio(one.call),
    )


def _ratio(found: Ratio | None) -> str:
    return f"{found.seconds / found.good:.2f}x ({found.low:.2f} to {found.high:.2f})" if found else ""


def _messages(found: Checked) -> Iterator[Text]:
    """Each error message once, with the places it was seen in, and the flags that did not help."""
    seen: dict[str, list[str]] = {}
    for one in found.attempts:
        if one.trial.outcome.message and not one.good and not _idle(one):
            seen.setdefault(message_line(one.trial.outcome), []).append(f"{one.way.label} in {one.release}")
    for message, places in seen.items():
        yield Text(f"\n{', '.join(places)}: {message}", style="dim")
    idle = dict.fromkeys(f"{one.way.cure} by {one.way.route}" for one in found.attempts if _idle(one))
    if idle:
        yield Text(f"\ntried without effect: {', '.join(idle)} (entries of cures.toml)", style="dim")
