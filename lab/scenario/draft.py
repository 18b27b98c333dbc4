"""From somebody's report to the skeleton of a scenario: what can be read is filled in, what cannot is marked, nothing is guessed."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass

from lab.text import clean

MARK = "FILL IN"
LONGEST = 200_000
SAID = 80
_FENCE = re.compile(
    r"(?ms)^(?P<mark>`{3,}|~{3,})[ \t]*(?P<language>[\w+-]*)[^\n]*\n(?P<body>.*?)^(?P=mark)[`~]*[ \t]*$"
)
_VERSION = re.compile(
    r"paddle(?:paddle)?(?:[-_]gpu)?(?:[ \t]+version|版本)?[ \t]*(?:==|[=:\uff1a]|is|为)?[ \t]*v?(?P<version>\d+\.\d+\.\d+(?:(?:rc|b|a)\d+)?)",
    re.IGNORECASE,
)
_FLAG = re.compile(r"\b(?P<name>FLAGS_[A-Za-z0-9_]+)['\"\]]*[ \t]*=[ \t]*['\"]?(?P<value>[A-Za-z0-9_.]+)")
_ERROR = re.compile(r"(?m)^(?P<type>[A-Z]\w*(?:Error|Exception|Warning|Exit))(?:: (?P<message>[^\n]+))?$")
_ISSUE = re.compile(r"\b(?P<repository>[\w.-]+/[\w.-]+)(?:/issues/|#)(?P<number>\d{1,9})\b")
_APIS = re.compile(
    r"\b(?:paddle\.)?(?:jit\.(?:save|load)|static\.(?:save|load)_inference_model|inference\.\w+|create_predictor)\b"
)
ROUTES = {"jit.load": "jit", "load_inference_model": "static", "create_predictor": "predictor"}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a report says, as far as it can be read; empty where it says nothing."""

    title: str
    issue: str
    versions: tuple[str, ...]
    unknown: tuple[str, ...]
    flags: tuple[tuple[str, str], ...]
    apis: tuple[str, ...]
    error: str
    message: str
    code: str

    @property
    def routes(self) -> tuple[str, ...]:
        """The standard routes whose call the report shows."""
        return tuple(route for word, route in ROUTES.items() if any(api.endswith(word) for api in self.apis))


def read(report: str, releases: Collection[str]) -> Draft:
    """Read a report; `releases` are the versions the catalogue knows, others are told apart."""
    text = clean(report, LONGEST)
    blocks = [(found["language"].lower(), found["body"]) for found in _FENCE.finditer(text)]
    code = [body for language, body in blocks if language in ("python", "py") or "import paddle" in body]
    seen = tuple(dict.fromkeys(found["version"] for found in _VERSION.finditer(text)))
    errors = list(_ERROR.finditer(text))
    issue = _ISSUE.search(text)
    return Draft(
        title=_title(text),
        issue=f"{issue['repository'].removeprefix('github.com/')}#{issue['number']}" if issue else "",
        versions=tuple(one for one in seen if one in releases),
        unknown=tuple(one for one in seen if one not in releases),
        flags=tuple(dict.fromkeys((found["name"], found["value"]) for found in _FLAG.finditer(text))),
        apis=tuple(dict.fromkeys(found[0].removeprefix("paddle.") for found in _APIS.finditer(text))),
        error=errors[-1]["type"] if errors else "",
        message=(errors[-1]["message"] or "")[:SAID] if errors else "",
        code=max(code, key=len, default="").strip("\n"),
    )


def _title(text: str) -> str:
    """The first line that says something, without the marks of a heading."""
    lines = (line.lstrip("# \t").strip() for line in text.splitlines())
    return next((line for line in lines if line and not line.startswith(("```", "---", "|"))), "")[:SAID]


def gaps(draft: Draft) -> tuple[str, ...]:
    """What a person has to decide, because the report does not say it."""
    missing = {
        "which release saved the model and which loaded it": True,
        "a release the catalogue knows": not draft.versions,
        f"what is meant by {', '.join(draft.unknown)}": bool(draft.unknown),
        "what error is expected": not draft.error,
        "whether the flags the report names are a cure or the cause": bool(draft.flags),
        "the code: inputs(rng) and save(prefix, inputs)": True,
        "the code: load(prefix) and infer(handle, inputs)": not draft.routes,
    }
    return tuple(what for what, open_ in missing.items() if open_)


def skeleton(draft: Draft) -> str:
    """The text of a scenario: its header from the report, its functions still to be written."""
    lines = [
        "# /// script",
        '# requires-python = ">=3.8"',
        '# dependencies = ["paddlepaddle", "numpy"]',
        "#",
        "# [tool.lab]",
    ]
    lines += [
        f"# summary = {_toml(draft.title or MARK)}  # {MARK}: what fails, in one line",
        f"# issue = {_toml(draft.issue)}",
    ]
    lines += [f"# routes = [{', '.join(_toml(route) for route in draft.routes)}]"] if draft.routes else []
    lines += ["#", *_expectation(draft), "# ///", _about(draft), "", ""]
    lines += ["def inputs(rng):", *_open('inputs, such as {"x": rng.rand(2, 3).astype("float32")}'), "", ""]
    lines += ["def save(prefix, inputs):", *_open("build the model, save it as prefix, return its outputs by name")]
    if not draft.routes:
        lines += ["", "", "def load(prefix):", *_open("open what save wrote"), "", ""]
        lines += ["def infer(handle, inputs):", *_open("run it, return its outputs by name")]
    if draft.code:
        lines += ["", "", "# The report's own code, to be taken apart into the functions above:"]
        lines += [f"# | {line}".rstrip() for line in draft.code.splitlines()]
    return "\n".join(lines) + "\n"


def _expectation(draft: Draft) -> list[str]:
    saver, loader = (draft.versions[0], draft.versions[-1]) if draft.versions else (MARK, MARK)
    named = ", ".join(draft.versions) or "none that the catalogue knows"
    lines = [f"# [[tool.lab.expect]]  # {MARK}: who saved, who loaded? The report names, in this order: {named}"]
    lines += [f"# saver = {_toml(saver)}", f"# loader = {_toml(loader)}"]
    if draft.error:
        lines += ['# outcome = "py_exception"', f"# type = {_toml(draft.error)}"]
    if draft.message:
        lines.append(f"# message = {_toml(re.escape(draft.message))}")
    for name, value in draft.flags:
        lines.append(
            f"# # {MARK}: the report names {name}={value}; if it is a cure: loader_env = {{ {name} = {_toml(value)} }}"
        )
    return lines


def _about(draft: Draft) -> str:
    calls = f" The report calls {', '.join(draft.apis)}." if draft.apis else ""
    return f'"""{MARK}: what this shows, and how.{calls}"""'


def _open(what: str) -> list[str]:
    return [f"    raise NotImplementedError({MARK + ': ' + what!r})"]


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "")
