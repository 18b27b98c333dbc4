"""The skeleton of a scenario that was read from a report: what is open is marked, and a marked one is not run."""

import json

from lab.model import Kind
from lab.scenario.draft import Draft
from lab.scenario.marks import MARK, OWN
from lab.scenario.reading import places

_MOST_LINES = 400


def skeleton(draft: Draft, *, pattern: str = "", phase: str = "") -> str:
    """The text of a scenario: its header from the report, its functions still to be written.

    `pattern` and `phase` are those of a known problem that the report shows; without them its own message counts.
    """
    lines = [
        "# /// script",
        '# requires-python = ">=3.8"',
        '# dependencies = ["paddlepaddle", "numpy"]',
        "#",
        "# [tool.lab]",
        f"# summary = {_toml(draft.title or MARK)}  # {MARK}: what fails, in one line",
        f"# issue = {_toml(draft.issue)}",
    ]
    routes = [one for one in draft.routes if one != "state_dict"]
    lines += [f"# routes = [{', '.join(_toml(route) for route in routes)}]"] if routes else []
    lines += ["#", *_failing(draft, pattern, phase), *_working(draft), "# ///", _about(draft), "", ""]
    lines += ["def inputs(rng):", *_open('inputs, such as {"x": rng.rand(2, 3).astype("float32")}'), "", ""]
    lines += ["def save(prefix, inputs):", *_open("build the model, save it as prefix, return its outputs by name")]
    if not routes:
        lines += ["", "", "def load(prefix):", *_open("open what save wrote"), "", ""]
        lines += ["def infer(handle, inputs):", *_open("run it, return its outputs by name")]
    return "\n".join([*lines, *_own_code(draft)]) + "\n"


def _failing(draft: Draft, pattern: str, phase: str) -> list[str]:
    """The pairs that fail, with what the report says happens."""
    named = ", ".join(draft.versions) or "none that the catalogue knows"
    lines = [
        f"# [[tool.lab.expect]]  # {MARK}: who saved, who loaded? The report names, in this order: {named}",
        f"# saver = {_toml(draft.saver or MARK)}",
        f"# loader = {_several(draft.failing or (MARK,))}",
    ]
    if draft.outcome is not None:
        lines.append(f"# outcome = {_toml(draft.outcome.value)}")
        lines += [f"# phase = {_toml(phase)}"] if phase else []
        lines += [f"# type = {_toml(draft.error)}"] if draft.error else []
        message = pattern or places.pattern(draft.message)
        lines += [f"# message = {_toml(message)}"] if message and draft.outcome is Kind.PY_EXCEPTION else []
    for name, value in draft.flags:
        told = f"the report names {name}={value}; if it is a cure: loader_env = {{ {name} = {_toml(value)} }}"
        lines.append(f"# # {MARK}: {told}")
    return lines


def _working(draft: Draft) -> list[str]:
    """The pairs that work, where the report names a release in which it does."""
    good = tuple(one for one in draft.good if one not in draft.failing)
    if not good:
        return []
    told = f"# [[tool.lab.expect]]  # {MARK}: the report says that it works here"
    return ["#", told, f"# saver = {_toml(draft.saver)}", f"# loader = {_several(good)}"]


def _about(draft: Draft) -> str:
    calls = f" The report calls {', '.join(draft.apis)}." if draft.apis else ""
    places_ = f" It speaks of {', '.join(draft.setting)}." if draft.setting else ""
    return f'"""{MARK}: what this shows, and how.{calls}{places_}"""'


def _own_code(draft: Draft) -> list[str]:
    if not draft.code:
        return []
    lines = ["", "", "# The report's own code, to be taken apart into the functions above:"]
    for block in draft.code:
        lines.append(f"# | ({block.language})")
        lines += [f"{OWN}{line}".rstrip() for line in block.body.split("\n")]
    return lines[:_MOST_LINES]


def _open(what: str) -> list[str]:
    return [f"    raise NotImplementedError({MARK + ': ' + what!r})"]


def _several(words: tuple[str, ...]) -> str:
    return _toml(words[0]) if len(words) == 1 else f"[{', '.join(_toml(word) for word in words)}]"


def _toml(text: str) -> str:
    """A text of the report in the header: the marks are the skeleton's own."""
    plain = text if text == MARK else text.replace(MARK, MARK.lower())
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "")
