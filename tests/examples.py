"""Examples of the documents that show what the lab prints: found where they stand, and held against what it prints now."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SKIPPED = {".git", ".venv", ".hypothesis", "results", "build", "dist"}
BLOCK = re.compile(r"^```(?:console)?\n(\$ .*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
MASKS = (
    (re.compile(r"\b\d{8}-\d{6}-([\w-]+?)-[0-9a-f]{4}\b"), r"<run>-\1"),
    (re.compile(r"\[ *\d+\.\d+s\]"), "[<time>]"),
    (re.compile(r"\b[\d.]+ (?:ns|us|ms|s|min)\b"), "<time>"),
    (re.compile(r"\b\d(?:\.\d+)?e-\d+\b"), "<rounding>"),
    (re.compile(r"\b[\d.]+ (?:B|kB|MB|GB)\b"), "<size>"),
    (re.compile(r"\b[0-9a-f]{12,64}\b"), "<digest>"),
    (re.compile(r"(?<=\S) {2,}"), "  "),
)
"""What is another one each time or on another processor, and the width it takes in a table."""

READ_ONLY = {
    "lab track list --scenario jit_load_pir",
    "lab images list 2.6.2 --why --device cpu",
    "lab images render --check",
    "lab scenarios list",
    "lab scenarios show jit_load_pir",
    "lab run jit_load_pir --savers 2.6.2 --loaders 9.9 --json",
}
"""What only reads this very repository: replayed by tests/cli/test_documents.py, to the letter."""
MADE = {
    'lab new my_case --summary "an LSTM gives other numbers"',
    "lab new report.md --name my_report",
    "lab init my-lab",
    "lab init my-lab --update",
    "lab inspect models/net",
}
"""What needs files beside it, or makes some, and no Paddle: replayed there as well."""
SAME = {"lab repro jit_load_pir": "make repro SCENARIO=jit_load_pir"}
"""A verb, and the verb of make that does it."""
STORY = (
    "lab repro jit_load_pir",
    "lab runs list",
    "lab runs show last --format markdown",
    "lab issue last --lang en",
    "lab bundle last -o x.repro.tgz",
    "lab replay x.repro.tgz --yes --allow-pickle",
    "lab runs diff 13e2 last",
    "lab runs rm beb0",
)
"""One run and what is done with it, in this order: replayed by tests/containers/test_documents.py."""
IN_CONTAINERS = (
    "lab images fetch 2.6.2,3.0.0",
    "lab images build 3.0.0",
    "lab images context 3.3.1 ./ctx",
    "lab images prune --dry-run",
    "lab check model --to 3.0.0",
)
"""What stands for itself: replayed there as well."""
_MINUTES = "takes many minutes, or releases whose images are large downloads"
_MODEL = "its model is not in this repository"
NOT_REPLAYED = {
    "lab images add ./paddlepaddle-3.3.1-cp311-cp311-manylinux1_x86_64.whl": "a wheel of 195 MB; tests/containers/test_given_builds.py takes it in",
    "lab images lock 3.0.0": "says what the index of that day had",
    "lab images save 3.0.0 -o images.tar": "writes a gigabyte",
    "lab doctor": "what one machine has",
    "lab run jit_load_pir --savers 2.6.2 --loaders 2.6.2,3.3.1 --flag FLAGS_enable_pir_api=False": "shows no output",
    "lab bisect jit_load_pir --good 2.6.2 --bad 3.3.1": _MINUTES,
    "lab bisect jit_load_pir --good 2.6.2 --bad 3.3.1 --axis both": _MINUTES,
    "lab bisect jit_load_pir --good 2.6.2 --bad 3.3.1 --find-fix": _MINUTES,
    "lab bisect slow_inference_pir --good 2.6.2 --bad 3.0.0 --symptom leak": _MINUTES,
    "lab bisect slow_inference_pir --good 2.6.2 --bad 3.0.0 --perf infer:10%": _MINUTES,
    "lab bisect slow_inference_pir --good 2.6.2 --bad 3.0.0 --perf infer:10% --find-fix": _MINUTES,
    "lab cure jit_load_pir --at 3.0.0 --rounds 3": _MINUTES,
    "lab cure slow_inference_pir --at 3.0.0 --good 2.6.2 --symptom slower": _MINUTES,
    "lab cure slow_inference_pir --at 3.0.0 --good 2.6.2 --symptom leak": _MINUTES,
    "lab explain jit_load_pir --at 3.0.0 --rounds 3": _MINUTES,
    'lab isolate jit_load_pir --good "release=2.6.1,device=gpu,python=3.11,cpu=host" --bad "release=3.0.0,device=cpu,python=3.9,cpu=Dhyana"': _MINUTES,
    "lab locate tests/golden/given/bilinear_corners-3.0.0 --bad 3.0.0": "tests/containers/test_locate.py finds it with the same file",
    "lab reduce tests/golden/given/bilinear_corners-3.0.0/net --bad 3.0.0 -o out": "tests/containers/test_reduce.py reduces the same file",
    "lab check models/net --rounds 0": _MODEL,
    "lab check models/net --to 3.3.1 --rounds 0": _MODEL,
    "lab check models/resnet18 --rounds 3": _MODEL,
    "lab check models/resnet18 --to 3.0.0..3.2.2 --rounds 0": _MODEL,
    "lab check models/upsample --to 3.2.2 --rounds 0": _MODEL,
    'lab check "two feeds 两个输入" --rounds 0': _MODEL,
    "lab check ocr --rounds 0": _MODEL,
    "lab check models/cut": _MODEL,
    "lab check models/cut --anyway --rounds 0": _MODEL,
    "lab stamp models/net": _MODEL,
    "lab convert ch_ppocr_mobile_v2_cls_infer --into json -o converted --dim height=48 --dim width=192": _MODEL,
    "lab convert ch_PP-OCRv4_det_infer --into json -o converted --dim height=320 --dim width=320": _MODEL,
}
"""What no test replays, each with the reason."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One command of a document, and the lines that stand below it."""

    document: str
    command: str
    lines: tuple[str, ...]


def examples() -> Iterator[Example]:
    """Every fenced command with its output in every document; a block may hold several."""
    for path in sorted(ROOT.rglob("*.md")):
        name = path.relative_to(ROOT)
        if set(name.parts) & SKIPPED or name.parts[:2] == ("tests", "reports"):
            continue
        for block in BLOCK.findall(path.read_text(encoding="utf-8")):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, *lines = part.splitlines()
                yield Example(document=str(name), command=command, lines=tuple(lines))


def masked(line: str) -> str:
    """A line without what is another one each time."""
    for pattern, instead in MASKS:
        line = pattern.sub(instead, line)
    return line.rstrip()


def lost(example: Example, printed: str, alike: Callable[[str], str] = masked) -> str:
    """The first line that the document shows and the lab does not print there; empty where it is as shown.

    A line of three dots stands for any lines, three dots in a line for any text. Without them the output must begin and end as shown.
    Lines are compared by `alike`; `str.rstrip` holds every figure.
    """
    text = "".join(f"{alike(line)}\n" for line in printed.splitlines())
    pattern = ""
    for line in example.lines:
        shown = alike(line)
        pattern += r"(?:.*\n)*?" if shown.strip() == "..." else _any_text(shown) + r"\n"
        if re.match(pattern, text) is None:
            return line
    return "" if re.fullmatch(pattern, text) else "(the end)"


def _any_text(line: str) -> str:
    return r".*?".join(re.escape(part) for part in line.split("..."))
