"""From somebody's report to what it says: what cannot be read is named as open, nothing is guessed."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lab.model import Kind
from lab.scenario.reading import blocks, failure, judgement, places, surroundings, versions
from lab.scenario.reading.blocks import Passage
from lab.scenario.reading.failure import Failure
from lab.scenario.reading.judgement import Judged

SAID = 160
"""Characters of a title or a message that are shown."""
_LITERAL = re.compile(r"(?:load\w{0,30}|save\w{0,30}|Config|open)\([ \t]*[rbfu]?[\"'](?P<name>[^\"'\n]{1,200})[\"']")
_HEADINGS = re.compile(
    r"(?:bug描述|请提出你的问题|问题描述|问题确认|环境信息|其他补充信息|需求描述|系统环境|复现|描述问题|describe the bug|please ask your question"
    r"|issue description|issue confirmation"
    r"|search before asking|environment|version|bug report|expected|steps to reproduce|additional"
    r"|title[:：]?$|labels[:：]|---|\|)",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:(?:title|标题|- 标题|summary)[:：][ \t]*)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a report says, as far as it can be read; empty where it says nothing.

    `versions` are the catalogue's, in the order of the report, `unknown` those it does not have, `series` pairs of what
    was said ("3.0") and what was read for it. `good` and `bad` are called so, `saved` wrote the model. `message` has
    `<path>` for what belongs to the reporter's machine, `log` is the message as it stands. `measured` names time or
    memory, which are no outcome of a pair. `numbers` are reports named without a repository.
    """

    title: str = ""
    issue: str = ""
    numbers: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    series: tuple[tuple[str, str], ...] = ()
    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()
    flags: tuple[tuple[str, str], ...] = ()
    apis: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    outcome: Kind | None = None
    error: str = ""
    message: str = ""
    log: str = ""
    code: tuple[Passage, ...] = ()

    @property
    def saver(self) -> str:
        """The release that wrote the model: the one the report says, else a good one, else the first; or none."""
        return next(iter((*self.saved, *self.good, *self.versions)), "")

    @property
    def failing(self) -> tuple[str, ...]:
        """The releases it fails in: those called bad, else those not called good, else the last."""
        return self.bad or tuple(one for one in self.versions if one not in self.good) or self.versions[-1:]


def read(report: str, releases: Collection[str]) -> Draft:
    """Read a report; `releases` are the versions the catalogue knows, others are told apart."""
    parts = blocks.parted(places.homeless(_COMMENT.sub("", report)))
    text = parts.text
    named = versions.mentions(parts, releases)
    seen = tuple(dict.fromkeys(one.version for one in named))
    judged = judgement.judge(parts, named)
    happened = failure.failure(parts)
    programs = blocks.code(parts.blocks)
    calls = surroundings.apis(text.replace(happened.message, "") if happened.message else text)
    told = surroundings.issues(text)
    return Draft(
        title=_title(parts),
        issue=told[0] if told else "",
        numbers=surroundings.numbers(text),
        versions=tuple(one for one in seen if one in releases),
        unknown=tuple(one for one in seen if one not in releases),
        series=tuple(
            dict.fromkeys(
                (one.said, one.version)
                for one in named
                if one.version in releases and one.said.count(".") == 1 and one.version.replace(".", "").isdigit()
            )
        ),
        good=tuple(one for one in judged.good if one in releases),
        bad=tuple(one for one in _bad(seen, judged, happened) if one in releases),
        saved=tuple(one for one in judged.saved if one in releases),
        flags=surroundings.flags(text),
        apis=calls,
        routes=surroundings.routes(calls),
        setting=surroundings.settings(text, [one.cuda for one in named]),
        measured=happened.measured,
        outcome=happened.kind,
        error=happened.type,
        message=places.masked(happened.message, {found["name"] for found in _LITERAL.finditer(text)})[:SAID],
        log=happened.message,
        code=programs,
    )


def _bad(seen: Sequence[str], judged: Judged, happened: Failure) -> tuple[str, ...]:
    """The releases called bad; where none is, the only one that nothing is said of is that of the failure."""
    open_ = tuple(one for one in seen if one not in judged.good)
    return judged.bad or (open_ if len(open_) == 1 and happened.kind is not None else ())


def _title(parts: blocks.Parts) -> str:
    """The first line that says something of the problem, without marks; the headings of issue forms say nothing."""
    lines = (line.lstrip("#*->= \t").rstrip("* \t").strip() for line in parts.said.split("\n"))
    told = [_TITLE.sub("", line) for line in lines if line and not _HEADINGS.match(line)]
    return told[0][:SAID] if told else ""


def gaps(draft: Draft) -> tuple[str, ...]:
    """What a person has to decide, because the report does not say it."""
    series = ", ".join(f"{said} (read as {version})" for said, version in draft.series)
    missing = {
        "which release saved the model and which loaded it": True,
        "a release the catalogue knows": not draft.versions,
        f"what is meant by {', '.join(draft.unknown)}": bool(draft.unknown),
        f"which patch is meant by {series}": bool(draft.series),
        f"which repository {', '.join(draft.numbers)} is in": bool(draft.numbers) and not draft.issue,
        "what error is expected": draft.outcome is None,
        "whether the flags the report names are a cure or the cause": bool(draft.flags),
        f"whether it needs {', '.join(draft.setting)}: the expectations name CPU wheels on Linux": bool(draft.setting),
        f"{' and '.join(draft.measured)}: no outcome of a pair says that, measure it with lab bench": bool(
            draft.measured
        ),
        "the code: inputs(rng) and save(prefix, inputs)": True,
        "the code: load(prefix) and infer(handle, inputs)": draft.routes in ((), ("state_dict",)),
    }
    return tuple(what for what, open_ in missing.items() if open_)
