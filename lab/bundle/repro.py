#!/usr/bin/env python3
"""Replays this bundle in the Python it is started with; needs paddle, numpy and the standard library.

python repro.py check         every case in a fresh process, against what results.json claims of it
python repro.py load          only load and infer, in this process: for a debugger
python repro.py save FOLDER   write the model again, with the saver's Paddle

Exit codes: 0 as claimed, 1 something else happens, 2 wrong words, 4 the problem is gone.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import functools
import importlib
import importlib.util
import json
import os
import re
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
SUMMARY = "Error Message Summary:"
SHOWN = 400
WIDTH = 110
GROWN = 4 << 20
TEXT = 4000
TICK_S = 0.02
EXHAUSTED = re.compile(r"ResourceExhausted|Out of memory error on|std::bad_alloc|CUDA out of memory")


def masked(text: str) -> str:
    """Take out of a message what differs from machine to machine (paths, numbers, addresses); at most 400 characters."""
    told = text.partition(SUMMARY)[2].lstrip("-\n") if SUMMARY in text else text
    words = ("<path>" if "/" in word or "\\" in word else _numbers(word) for word in told[:TEXT].split())
    return " ".join(words)[:SHOWN]


def _numbers(word: str) -> str:
    return re.sub(r"0x[0-9a-fA-F]+|[0-9]+", "<n>", word)


class ParentLine:
    """The way from the child to its parent: one JSON object a line."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def tell(self, **said: object) -> None:
        """Send one line; all of them together fit into the pipe, so nothing waits."""
        os.write(self._fd, (json.dumps(said) + "\n").encode())


def bring_in() -> tuple[Any, Any, Any]:
    """The scenario, numpy and paddle; what the scenario imports comes first, in its own order, as it did in the lab."""
    module = scenario()
    paddle = importlib.import_module("paddle")
    return module, importlib.import_module("numpy"), paddle


def scenario() -> Any:
    """The scenario's module, from the file beside this one."""
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location("scenario", HERE / "scenario.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(HERE / "scenario.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["scenario"] = module
    spec.loader.exec_module(module)
    return module


def keep(numpy: Any, stem: Path, arrays: dict[str, Any]) -> None:
    """Write arrays as STEM.npz with keys a0000, a0001, ..., and their names and dtypes as STEM.json."""
    keys = [f"a{number:04d}" for number in range(len(arrays))]
    numpy.savez(str(stem) + ".npz", **dict(zip(keys, arrays.values())))
    about = {"names": list(arrays), "dtypes": [str(array.dtype) for array in arrays.values()]}
    Path(str(stem) + ".json").write_text(json.dumps(about), encoding="utf-8")


def fetch(numpy: Any, stem: Path) -> dict[str, Any]:
    """Arrays by name from STEM.npz and STEM.json, without pickle."""
    names = json.loads(Path(str(stem) + ".json").read_text(encoding="utf-8"))["names"]
    with numpy.load(str(stem) + ".npz", allow_pickle=False) as stored:
        return {name: stored[f"a{number:04d}"] for number, name in enumerate(names)}


def thinned(stem: Path, outputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs with only the elements that a stamp kept, where the saved ones are a stamp's (STEM.json says which)."""
    samples = json.loads(Path(str(stem) + ".json").read_text(encoding="utf-8")).get("samples", {})
    picked = {name: outputs[name].reshape(-1)[:: one["step"]] for name, one in samples.items() if name in outputs}
    return {**outputs, **picked}


def save(folder: Path) -> None:
    """Let the scenario write its model into FOLDER/model, with the inputs and outputs that go with it."""
    module, numpy, paddle = bring_in()
    (folder / "model").mkdir(parents=True, exist_ok=True)
    inputs = module.inputs(numpy.random.RandomState(0))
    paddle.seed(0)
    outputs = module.save(str(folder / "model" / "net"), inputs)
    keep(numpy, folder / "inputs", inputs)
    keep(numpy, folder / "outputs", outputs)


def load(case: dict[str, Any], saved: Path, line: ParentLine) -> dict[str, Any]:
    """Load and infer one case in this process; gives what is told of the numbers."""
    line.tell(phase="prepare")
    module, numpy, paddle = bring_in()
    line.tell(paddle=str(paddle.__version__))
    ways = importlib.import_module("routes").standard(case["trial"]["route"], paddle) or (module.load, module.infer)
    inputs = fetch(numpy, saved / "inputs")
    line.tell(phase="load")
    handle = ways[0](str(saved / "model" / "net"))
    line.tell(phase="infer")
    outputs = thinned(saved / "outputs", ways[1](handle, inputs))
    line.tell(phase="compare")
    closeness = importlib.import_module("closeness")
    found = dict(closeness.compared(numpy, fetch(numpy, saved / "outputs"), outputs, case["trial"]["diffs"]))
    growth = case["trial"].get("growth")
    if growth and found["kind"] == "ok":
        line.tell(phase=growth["of"])
        handle = None if growth["of"] == "load" else handle
        again = lambda: ways[1](ways[0](str(saved / "model" / "net")) if handle is None else handle, inputs)  # noqa: E731
        found["kind"] = "leak" if leaks(growth["calls"], again) else "ok"
    return found


def leaks(calls: int, again: Callable[[], object]) -> bool:
    """Whether memory grows by 4 MiB or more over so many loads or calls, after the first ones, and goes on growing."""
    seen = []
    for _ in range(calls + calls // 3 + 1):
        again()
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        seen.append(pages * os.sysconf("SC_PAGE_SIZE"))
    seen = seen[calls // 3 :]
    half = len(seen) // 2
    return seen[-1] - seen[0] >= GROWN and seen[-1] - seen[half] >= (seen[half] - seen[0]) / 2


def child(case: dict[str, Any], saved: Path, fd: int) -> None:
    """What the forked process does: its environment first, because flags count only before paddle is imported."""
    os.environ.update(case["trial"]["loader_env"])
    line = ParentLine(fd)
    faulthandler.enable()
    try:
        found = load(case, saved, line)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
        traceback.print_exc()
        said = f"{type(error).__name__}: {error}"
        memory = isinstance(error, MemoryError) or EXHAUSTED.search(said)
        found = {"kind": "oom" if memory else "py_exception", "type": type(error).__name__, "text": str(error)[:TEXT]}
    line.tell(**found)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def attempt(case: dict[str, Any], saved: Path, wall_s: float) -> dict[str, Any]:
    """Run one case in a process of its own and say how it ended."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        child(case, saved, writing)
    os.close(writing)
    end = time.monotonic() + wall_s
    late = False
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end and not late:
            late = True
            os.kill(pid, signal.SIGKILL)
        time.sleep(TICK_S)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        lines = [json.loads(line) for line in pipe.read().splitlines()]
    found: dict[str, Any] = {"phase": "prepare", "type": "", "text": "", "kind": "", "paddle": ""}
    for one in lines:
        found.update(one)
    if late:
        return {**found, "kind": "timeout"}
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        return {**found, "kind": "native_crash", "type": name}
    return found if found["kind"] else {**found, "kind": "py_exception", "type": "SystemExit"}


def same(case: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether what happened is what the case claims."""
    claimed = case["trial"]["outcome"]
    kind = {"drift": "differs", "numeric_mismatch": "differs"}.get(claimed["kind"], claimed["kind"])
    if kind == "oom" and found["type"] == "SIGKILL":  # no process can see why the kernel killed another
        return True
    seen_kind = found["kind"]
    if (
        kind == "py_exception" and seen_kind == "oom"
    ):  # it says memory, and this process cannot see whether that was short
        seen_kind = kind
    if kind != seen_kind:
        return False
    if kind == "py_exception":
        heard = found["text"]  # the name of the machine it was made on is not in a bundle
        said = {masked(heard), masked(heard.replace(os.uname().nodename, "<redacted>"))}
        return (found["phase"], found["type"]) == (claimed["phase"], claimed["type"]) and case["said"] in said
    return kind != "native_crash" or (found["phase"], found["type"]) == (claimed["phase"], claimed["type"])


def tell(text: object) -> None:
    """One line of the answer."""
    sys.stdout.write(f"{text}\n")


def words(kind: str, phase: str, what: str) -> str:
    """An outcome in a few words."""
    return "ok" if kind == "ok" else f"{what or kind} in {phase}"


def check(claims: dict[str, Any], saved: Path) -> int:
    """Every case against its claim; gives the exit code."""
    answers = []
    for case in claims["cases"]:
        trial = case["trial"]
        sys.stdout.flush()
        found = attempt(case, saved, claims["limits"]["wall_s"])
        answers.append("same" if same(case, found) else "gone" if found["kind"] == "ok" else "changed")
        claimed = trial["outcome"]
        tell(f"{answers[-1]:<8} {trial['label']}")
        said = words(claimed["kind"], claimed["phase"], claimed["type"])
        seen = words(found["kind"], found["phase"], found["type"])
        tell(f"         claimed {said}; seen {seen} with paddle {found['paddle'] or '(no import)'}")
    if set(answers) == {"same"}:
        return 0
    return 4 if answers[0] == "gone" else 1


def where(claims: dict[str, Any], chosen: str) -> Path:
    """The folder of the saved model: as asked, the one that came with the bundle, or the one made here."""
    folder = Path(chosen) if chosen else HERE / ("saved" if claims["carried"] else "made")
    if not (folder / "model").is_dir():
        raise SystemExit(
            f"repro.py: {folder}/model is not there; with Paddle of {claims['saver']}: python repro.py save {folder}"
        )
    return folder


def main() -> int:
    """Read the words and do the verb."""
    # Without a width argparse asks the terminal, by a module that brings in zlib: nothing may come before Paddle.
    shape = functools.partial(argparse.RawDescriptionHelpFormatter, width=WIDTH)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("verb", choices=("save", "load", "check"))
    parser.add_argument("folder", nargs="?", default="", help="where a saved model lies, or (save) is to be written")
    parser.add_argument("--case", type=int, default=1, help="for load: which case, counted from 1")
    given = parser.parse_args()
    claims = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
    over = claims["cases"][0]["trial"].get("over")
    if given.verb == "save" and over:
        raise SystemExit(
            f"repro.py: this model was saved over what {over} left: use saved/, nothing makes it again here"
        )
    if given.verb == "save":
        save(Path(given.folder or HERE / "made"))
        return 0
    if given.verb == "check":
        return check(claims, where(claims, given.folder))
    case = claims["cases"][given.case - 1]
    os.environ.update(case["trial"]["loader_env"])
    with contextlib.closing(os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")) as nowhere:
        tell(load(case, where(claims, given.folder), ParentLine(nowhere.fileno())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
