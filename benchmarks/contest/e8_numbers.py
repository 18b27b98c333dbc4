"""E8: outputs that differ by 0.001: only the lab looks at numbers; asv times calls and never sees what they return."""

import json
from collections.abc import Iterator

from place import NAME, Row, Setting, lab

GOOD = ("ok",)


def run(setting: Setting) -> Iterator[Row]:
    """The same pair with and without the drift."""
    seconds, kinds = 0.0, []
    for words in ((), ("--flag", "LAB_DRIFT=0.001")):
        done = lab(setting, "run", NAME, "--savers", "3.0.0", "--loaders", "3.0.0", *words)
        home = max((setting.workspace / "results" / "runs").glob(f"*-{NAME}-*"))
        kinds.append(json.loads((home / "run.json").read_text(encoding="utf-8"))["trials"][0]["outcome"]["kind"])
        seconds += done.seconds
    yield Row(
        experiment="E8", question="an output that differs by 0.001", tool="lab run", answer=f"without: {kinds[0]}; with: {kinds[1]}",
        target="only the second is an alarm", met=kinds[0] in GOOD and kinds[1] not in GOOD, seconds=seconds,
    )  # fmt: skip
    yield Row(
        experiment="E8",
        question="an output that differs by 0.001",
        tool="asv",
        answer="out of its scope: it does not compare outputs",
    )
