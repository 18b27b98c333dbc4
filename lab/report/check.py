"""What `lab check` found, in words: one paragraph that answers, then every trial, the lines to use, and what was assumed."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from lab.model import Kind
from lab.model.check import DULL, Answer, Attempt, Checked, Draw, Safety, Way
from lab.model.cure import Ratio
from lab.outcome.words import message_line, numbers, outcome_words, severity

_HERE = "\0"
CODE = {
    "jit": "layer = paddle.jit.load(path)",
    "static": "program, feeds, fetches = paddle.static.load_inference_model(path, executor)",
}
DRAWS = {
    Draw.UNIFORM: "floats from 0 to 1",
    Draw.NORMALISED: "normalised pixels",
    Draw.PIXELS: "pixels from 0 to 255",
    Draw.NORMAL: "normal floats",
    Draw.WIDE: "normal floats ten times as wide",
}
APIS = {
    "jit": "jit.load",
    "jit_old_ir": "jit.load inside DygraphOldIrGuard",
    "static": "static.load_inference_model",
    "predictor": "the predictor",
    "predictor_no_onednn": "the predictor without oneDNN",
}


def lines(found: Checked, way: Way | None) -> str:
    """What to paste to open the model this way; empty where no way is recommended."""
    if way is None:
        return ""
    exports = [f"export {name}={value}" for name, value in sorted(way.env.items())]
    code = CODE.get(way.route) or found.codes.get(way.route, "").replace('".pdmodel"', f'"{found.format}"')
    return "\n".join([*exports, *([code] if code else [])])


def document(found: Checked) -> dict[str, Any]:
    """The answer for a program: its data, and the sentences made of it."""
    data: dict[str, Any] = msgspec.to_builtins(found)
    for name in ("findings", "pickles", "unreadable", "without_info", "codes"):
        del data[name]
    data["assumed"] = [*_noted(found)]
    data["stamp"] = [*_stamp(found)]
    data["changed"] = [*_changed(found)]
    data["paragraph"] = paragraph(found)
    for told, attempt in zip(data["attempts"], found.attempts, strict=True):
        told["before"] = numbers(attempt.before)
    for told, one in zip(data["answers"], found.answers, strict=True):
        told.pop("best")
        told |= {"lost": [*_losses(found, one)], "why": _why(found, one), "lines": lines(found, one.best)}
    return data


def paragraph(found: Checked) -> str:
    """The answer in one paragraph; releases of which the same is said share their sentences."""
    parts = [
        text.replace(_HERE, listed(releases)) for text, releases in grouped(found, lambda one: _answer(found, one))
    ]
    changed, stamped = _changed(found), [f"Its stamp: {one}." for one in _stamp(found)]
    altered = [f"NOT AS STAMPED: {'; '.join(changed)}."] if changed else []
    return " ".join([*altered, *parts, *stamped, *_times(found)])


def _losses(found: Checked, one: Answer) -> list[str]:
    """What worked in the old release and does not here, with what it does instead."""
    return [f"{api_words(way.route)}: {_failure(found.attempt(one.release, way))}" for way in one.lost]


def _failure(one: Attempt) -> str:
    if one.trial.outcome.kind.answered:
        return f"other numbers than before ({numbers(one.before or one.trial.diffs)})"
    return outcome_words(one.trial.outcome)


def _why(found: Checked, one: Answer) -> str:
    """The message behind the first loss, or behind the first failure where nothing works."""
    mine = [attempt for attempt in found.attempts if attempt.release == one.release]
    tried = [attempt for attempt in mine if attempt.way in one.lost] if one.lost else mine
    failing = [attempt for attempt in tried if attempt.trial.outcome.message and not attempt.good]
    return message_line(failing[0].trial.outcome) if failing and one.safety is not Safety.SAFE else ""


def grouped(found: Checked, say: Callable[[Answer], str]) -> list[tuple[str, list[str]]]:
    """What is said of each release, and of which ones it is said."""
    groups: dict[str, list[str]] = {}
    for one in found.answers:
        groups.setdefault(say(one), []).append(one.release)
    return list(groups.items())


def listed(words: Sequence[str]) -> str:
    """Words as a list: "a, b and c"."""
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
            return f"SAFE ANOTHER WAY: {move}. {_lost(found, one)}. What gives {same}: {good}."
        case Safety.UNSAFE if found.damage:
            return f"NOT SAFE: {move}. {_damaged(found, one)}."
        case Safety.UNSAFE:
            return f"NOT SAFE: {move}. No way of opening it gives the same answers{_because(found, one)}."
    return f"NOT KNOWN: {move}. {_open(found, one)}."


def _damaged(found: Checked, one: Answer) -> str:
    said = f"The files are damaged: {'; '.join(found.damage)}"
    if not one.good:
        return said
    opened = f"Paddle opens them without a word ({_apis(one.good)})"
    return f"{said}. {opened}: what is missing is whatever lay in memory, and equal numbers here prove nothing"


def _because(found: Checked, one: Answer) -> str:
    lost, why = "; ".join(_losses(found, one)), _why(found, one)
    return f": {lost} ({why})" if lost else f" ({why})" if why else ""


def _lost(found: Checked, one: Answer) -> str:
    lost = "; ".join(_losses(found, one))
    return f"As it is, it fails by {lost}" if lost else "It takes a flag or other code"


def _open(found: Checked, one: Answer) -> str:
    kinds = {attempt.trial.outcome.kind for attempt in found.attempts if attempt.release == one.release}
    if Kind.UNDECIDED in kinds:
        return f"Its outputs show nothing with these inputs ({_why(found, one)}): give it real ones (--inputs)"
    if not any(kind.tested for kind in kinds):
        return f"Nothing could be tried there ({', '.join(sorted(kind.value for kind in kinds))})"
    if not one.good:
        blame = "the made-up inputs may not suit it (--inputs, --dim)" if found.feeds else "the inputs may not suit it"
        return f"Neither of them runs it ({_why(found, one)}): {blame}, or the files are not what they seem"
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
    good = [attempt for attempt in found.attempts if attempt.release == one.release and attempt.good]
    compared = [attempt.before or attempt.trial.diffs for attempt in good]
    worst = numbers(max(compared, key=severity, default=()))
    if worst in ("", "exact"):
        return "bit for bit the same numbers"
    return f"the same numbers within tolerance ({worst} at worst)"


def _changed(found: Checked) -> list[str]:
    """What is not as the model's stamp says."""
    stamp = found.stamp
    if stamp is None:
        return []
    strays = [
        f"its answers by {way.label} in {stamp.release} are not those of its stamp "
        f"({numbers(found.attempt(stamp.release, way).trial.diffs)})"
        for way in stamp.strays
    ]
    return [*stamp.changed, *strays]


def _stamp(found: Checked) -> list[str]:
    """What the model's stamp says beside its hashes: nothing, where its inputs were not used."""
    stamp = found.stamp
    if stamp is None or not stamp.asked:
        return []
    made = f"made {stamp.made[:10]} in {stamp.release} by {stamp.way.label}"
    return [f"{made}; its answers are what the numbers are held against"] if stamp.golden else [made, *stamp.agreement]


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


def assumed(found: Checked) -> Iterator[str]:
    """What was taken for granted, one sentence each."""
    yield f"old release: {found.chosen}"
    yield f"numbers are held against {found.reference or 'nothing: no way runs it'}"
    if found.feeds:
        shapes = ", ".join(f"{one.name} {one.dtype} {list(one.shape)}" for one in found.feeds)
        yield f"inputs are made up (seed 0; {_kinds(found)}, integers 0 and 1): {shapes}; --inputs and --dim change them"
        yield from _excited(found)
    yield from _noted(found)


def _kinds(found: Checked) -> str:
    """What the made-up floats are."""
    floats = [one.draw for one in found.feeds if one.dtype.startswith(("float", "complex"))]
    return " and ".join(dict.fromkeys(DRAWS[draw] for draw in floats or [Draw.UNIFORM]))


def _excited(found: Checked) -> Iterator[str]:
    """Why the inputs are of this kind, and which were tried."""
    seen = found.excited
    if seen is None:
        return
    tried = ", ".join(f"{DRAWS[draw]} ({_part(seen.shares[draw])})" for draw in Draw if draw in seen.shares)
    dull = f"as wide as 1/{DULL:.0f} of the widest by any of them"
    why = (
        f"are the first with every output at least {dull}"
        if seen.lively
        else f"come nearest to every output being {dull}"
    )
    yield f"{DRAWS[seen.draw]} {why}: {tried}; real inputs (--inputs x.npz) say more than any of these"


def _part(share: float | None) -> str:
    return "not finite, or it fails" if share is None else f"{share:.2g}"


def _noted(found: Checked) -> Iterator[str]:
    """What a reader must know of the inputs, of the files, and of what was not tried."""
    yield from found.assumed
    for release in found.unreadable:
        yield f"{release} is known to read such files by no API (lab inspect says why), so no flag was tried there"
    for name in found.pickles:
        yield f"{name} holds pickle: some ways of opening the model run what is in it; it was taken as yours"
    yield from found.findings
    if found.without_info:
        lost = ", ".join(f"{way.label} in {release}" for release, way in found.without_info)
        yield f"there is no {found.prefix}.pdiparams.info; {lost} may need it: copy it too, if there is one"
