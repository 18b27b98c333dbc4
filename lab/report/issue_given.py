"""An issue about a model that was given as files: what breaks, from which release to which, by which call, and how anybody sees it."""

from collections.abc import Sequence

from lab.model import Outcome, Run, Selector, TrialResult
from lab.model.bundle import IssueReport
from lab.outcome.words import message_line, numbers, outcome_words
from lab.report import phrases, rows
from lab.report.markdown import cell, table
from lab.text import clean

SENTENCE = 400
CALLS = {
    "jit": "`paddle.jit.load`",
    "jit_old_ir": "`paddle.pir_utils.DygraphOldIrGuard` + `paddle.jit.load`",
    "static": "`paddle.static.load_inference_model`",
    "predictor": "`paddle.inference.create_predictor`",
    "predictor_no_onednn": "`config.disable_mkldnn()` + `paddle.inference.create_predictor`",
}
"""Each way of opening a model by the call of Paddle that it is, which has no other name in any language."""


def call(one: TrialResult, *, plain: bool = False) -> str:
    """The call that a trial opened the model by; `plain` is for a title, which has no code in it."""
    named = CALLS.get(one.route, f"`{cell(one.route)}`") + cell(rows.settings(one.loader_env))
    return named.replace("`", "").replace("paddle.", "") if plain else named


def what(report: IssueReport, say: phrases.Speaker) -> list[str]:
    """What breaks, where it is known from, and how much was tried."""
    one = report.subject
    old = before(report.run, one)
    good = sum(other.outcome.ok for other in report.run.trials)
    told = {
        "saver": cell(Selector.of(one.saver).release),
        "loader": cell(Selector.of(one.loader).release),
        "call": call(one),
        "outcome": cell(clean(" ".join(filter(None, (outcome_words(one.outcome), numbers(one.diffs)))), SENTENCE)),
        "message": cell(clean(message_line(one.outcome), SENTENCE)),
    }
    broke = "broke" if old is not None and old is not one and old.outcome.ok else "breaks"
    counted = {"good": good, "all": len(report.run.trials), "signature": one.outcome.signature or "-"}
    ways = "ways" if report.run.isolated else "ways local"
    said = [line.rstrip() for line in say.lines(broke, **told)]
    return [*said, "", *known(report, say), *say.lines(ways, **counted)]


def known(report: IssueReport, say: phrases.Speaker) -> list[str]:
    """Which report upstream the failure is an instance of, where it is a known one that the text does not name already."""
    if "#" not in report.known or report.known == report.issue:
        return []
    english, chinese = (
        pattern.format(issue=report.known, said=cell(said))
        for pattern, said in zip(phrases.PAIRS["known"], (report.known_en, report.known_zh), strict=True)
    )
    return [line for one in say.either(english, chinese) for line in (one, "")]


def before(run: Run, one: TrialResult) -> TrialResult | None:
    """The same call, with nothing set, in the release that wrote the model."""
    alike = (other for other in run.trials if other.loader == one.saver and other.route == one.route)
    return next((other for other in alike if not other.loader_env), None)


def helps(report: IssueReport, say: phrases.Speaker) -> list[str]:
    """With which flags the same call works, and which other call does without any; empty where nothing does."""
    one, lines = report.subject, list[str]()
    loader = cell(Selector.of(one.loader).release)
    for other in report.run.cures_of(one):
        flags = cell(rows.settings(other.loader_env).strip()) or say.one("no flags")
        lines += [*say.lines("cured call", flags=flags, loader=loader, numbers=_numbers(other)), ""]
    plain = (other for other in report.run.trials if other.loader == one.loader and not other.loader_env)
    for other in plain:
        if other.route != one.route and other.outcome.ok:
            lines += [*say.lines("other call", call=call(other), loader=loader, numbers=_numbers(other)), ""]
    return lines[:-1]


def _numbers(one: TrialResult) -> str:
    return cell(numbers(one.diffs) or "ok")


def table_of(trials: Sequence[TrialResult], say: phrases.Speaker) -> list[str]:
    """Every trial: its release, its call, what was set, and what came of it."""
    headings = [say.one(name) for name in ("release", "opened by", "with", "result", "numbers")]
    return table(headings, [_cells(one) for one in trials])


def _cells(one: TrialResult) -> tuple[str, ...]:
    route = CALLS.get(one.route, one.route).replace("`", "")
    release = Selector.of(one.loader).release
    return release, route, rows.settings(one.loader_env).strip(), marked(one.outcome), numbers(one.diffs)


def marked(outcome: Outcome) -> str:
    """An outcome with a mark that is seen from afar."""
    return ("✅ " if outcome.ok else "" if outcome.kind.works else "❌ ") + outcome_words(outcome)


def commands(report: IssueReport) -> str:
    """How somebody who has nothing of this runs the code: in the release that fails, then in the one where the same call works."""
    one, old = report.subject, before(report.run, report.subject)
    lines = _commands("new", one)
    if old is not None and old is not one and old.outcome.ok:
        lines += ["", *_commands("old", old)]
    return "\n".join(lines)


def _commands(folder: str, one: TrialResult) -> list[str]:
    """An environment of its own, and the code in it; where no wheel of the processor was used, only what is needed."""
    versions = one.load.versions if one.load else {}
    ends = clean(outcome_words(one.outcome), SENTENCE)
    if Selector.of(one.loader).rest.split("-")[0] != "cpu" or not {"paddle", "numpy"} <= set(versions):
        return [clean(f"python repro.py  # with Paddle {Selector.of(one.loader).release}: {ends}", SENTENCE)]
    python = f" (Python {versions['python']})" if "python" in versions else ""
    needed = clean(f"paddlepaddle=={versions['paddle']} numpy=={versions['numpy']}", SENTENCE)
    return [
        f"python3 -m venv {folder} && {folder}/bin/pip install {needed}",
        clean(f"{folder}/bin/python repro.py  # {ends}{python}", SENTENCE),
    ]
