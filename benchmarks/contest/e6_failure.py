"""E6: 3.0.0 cannot load what 2.6.2 saved: what each tool keeps of that failure."""

import json
from collections.abc import Iterator
from pathlib import Path

from asv_side import Asv
from place import NAME, Row, Setting, lab

SAVER, LOADER = "2.6.2", "3.0.0"
CLUE = "to load model not exists"


def run(setting: Setting) -> Iterator[Row]:
    """The lab's run and issue text, then asv on the same saved model."""
    done = lab(setting, "run", NAME, "--savers", SAVER, "--loaders", LOADER)
    home = max((setting.workspace / "results" / "runs").glob(f"*-{NAME}-*"))
    outcome = json.loads((home / "run.json").read_text(encoding="utf-8"))["trials"][0]["outcome"]
    issue = lab(setting, "issue", "last")
    yield Row(
        experiment="E6", question=f"{LOADER} loads what {SAVER} saved", tool="lab run, then lab issue",
        answer=f"exit {done.code}; keeps {outcome['kind']} in {outcome['phase']}, {outcome['type']}, message {_has(CLUE in outcome['message'])}, "
        f"signature {_has(bool(outcome['signature']))}, {_logs(home)} log file(s); text for the tracker with the message: {_has(CLUE in issue.out)} ({issue.seconds:.1f} s)",
        target="message, signature and log kept", met=CLUE in outcome["message"] and bool(outcome["signature"]) and CLUE in issue.out,
        seconds=done.seconds + issue.seconds,
    )  # fmt: skip
    saved = next(home.glob("saves/*/out/model"))
    asv = Asv(setting=setting, name="e6")
    asv.prepare([LOADER], commits=1)
    run = asv.run(bench="Failing", env={"CONTEST_OLD_MODEL": str(saved.resolve() / "net")})
    kept = "".join(one.read_text(encoding="utf-8") for one in (asv.home / "results").rglob("*.json"))
    value = next(
        (one["results"].get("body.Failing.time_load") for path in (asv.home / "results").glob("*/*-virtualenv-*.json") if (one := json.loads(path.read_text(encoding="utf-8")))),
        "nothing",
    )  # fmt: skip
    yield Row(
        experiment="E6", question=f"{LOADER} loads what {SAVER} saved", tool="asv run",
        answer=f"exit {run.code}; keeps {json.dumps(value[0] if isinstance(value, list) else value)}; message on the terminal: {_has(CLUE in run.out)}, "
        f"message in its results: {_has(CLUE in kept)}", seconds=run.seconds,
    )  # fmt: skip


def _has(there: object) -> str:
    return "yes" if there else "no"


def _logs(home: Path) -> int:
    return sum(1 for one in home.rglob("*") if one.is_file() and one.suffix in (".log", ".txt"))
