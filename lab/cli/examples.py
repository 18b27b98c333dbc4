"""What the help of a verb shows beside its words: commands that are typed as they stand, and what each option takes."""

import re
from typing import Any

EXAMPLES: dict[str, tuple[str, ...]] = {
    "inspect": ("lab inspect mymodel",),
    "check": ("lab check mymodel --to 3.3.1", "lab check mymodel --inputs x.npz --expect y.npz"),
    "stamp": ("lab stamp mymodel",),
    "convert": ("lab convert mymodel --into json",),
    "repro": ("lab repro jit_load_pir", "lab repro --all"),
    "run": (
        "lab run jit_load_pir --savers 2.6.2 --loaders 3.0.0,3.3.1",
        "lab run jit_load_pir --savers 2.6.2 --loaders 3.3.1 --flag FLAGS_enable_pir_api=False",
    ),
    "bisect": (
        "lab bisect jit_load_pir --good 2.6.2 --bad 3.3.1",
        "lab bisect jit_load_pir --good 2.6.2 --bad 3.3.1 --perf infer:10%",
    ),
    "isolate": ("lab isolate jit_load_pir --good release=2.6.2 --bad release=3.3.1,threads=2",),
    "locate": ("lab locate mymodel --bad 3.3.1", "lab locate last"),
    "reduce": ("lab reduce last -o reduced",),
    "cure": ("lab cure jit_load_pir --at 3.3.1",),
    "explain": ("lab explain jit_load_pir", "lab explain mymodel"),
    "new": ("lab new my_problem", "lab new report.md"),
    "scenarios show": ("lab scenarios show jit_load_pir",),
    "matrix": ("lab matrix jit_load_pir --savers 2.6.2,3.3.1 --loaders 2.6.2,3.3.1",),
    "sweep": ("lab sweep --op relu --savers 2.6.2 --loaders 3.3.1",),
    "bench": ("lab bench jit_load_pir --releases 2.6.2,3.0.0 --budget 1m",),
    "track list": ("lab track list --scenario jit_load_pir",),
    "runs show": ("lab runs show last", "lab runs show last --format markdown"),
    "report": ("lab report",),
    "bundle": ("lab bundle last", "lab bundle last --list"),
    "replay": ("lab replay NAME.repro.tgz", "lab replay NAME.repro.tgz --loader newest"),
    "issue": ("lab issue last -o issue.md",),
    "doctor": ("lab doctor", "lab doctor --noise"),
    "images list": ("lab images list --why",),
    "images build": ("lab images build 3.3.1",),
    "images add": ("lab images add 3.4.0",),
    "init": ("lab init mylab",),
}
"""By verb: mymodel is a model's folder or prefix; the rest stands in every workspace."""

TAKES = {
    "--to": "RELEASES", "--from": "RELEASE", "--readers": "RELEASES", "--release": "RELEASE", "--releases": "SIDES", "--against": "SIDE",
    "--savers": "RELEASES", "--loaders": "RELEASES", "--saver": "RELEASE", "--loader": "RELEASE", "--at": "RELEASE",
    "--flag": "NAME=VALUE", "--save-flag": "NAME=VALUE", "--also": "NAME=VALUE", "--with": "PACKAGE==VERSION", "--python": "VERSION",
    "--inputs": "FILE", "--expect": "FILE", "--output": "FILE", "--junit": "FILE", "--stored": "FILE", "--file": "FILE", "--bundle": "FILE",
    "--workspace": "FOLDER", "--resume": "RUN", "--route": "ROUTE", "--metric": "METRICS", "--perf": "METRIC:SHARE", "--budget": "TIME",
    "--signature": "PATTERN", "--dim": "NAME=SIZE", "--since": "DAY", "--until": "DAY", "--prefix": "NAME", "--name": "NAME",
    "--fleet": "PLACE", "--on": "LABEL", "--label": "WORD", "--ticket": "FILE", "--url": "ADDRESS", "--index": "INDEX", "--op": "NETS",
    "--trial": "TRIAL", "--scenario": "SCENARIO", "--issue": "ISSUE", "--summary": "SENTENCE", "--accept": "ROUTE", "--among": "BUILDS",
    "--net-time": "SECONDS",
}  # fmt: skip
"""What an option is given, in one word; a number is N, and what is not here is a WORD."""
_OWN = {("bisect", "--good"): "RELEASE", ("bisect", "--bad"): "RELEASE", ("isolate", "--good"): "PLACE"}
_OWN |= {("isolate", "--bad"): "PLACE", ("convert", "--output"): "FOLDER", ("reduce", "--output"): "FOLDER"}
_OWN |= {("convert", "--into"): "FORMAT", ("report", "--output"): "FOLDER", ("track", "--since"): "DAY"}


def named(verb: str, one: Any) -> None:
    """Say in words of the lab what an option takes, and of an argument only its name."""
    if one.param_type_name == "argument":
        one.display_type_rich = lambda **_: ""
        return
    if one.is_flag or one.count or one.metavar:
        return
    kind, shown = one.type_descriptor, one.display_type
    if kind.is_choice:
        one.display_type_rich = lambda ctx: re.sub(r"^<(?:list\[)?|\]?>$", "", shown(ctx))
        return
    long = max(one.opts, key=len)
    number = kind.is_ranged or kind.annotation in (int, float)
    plain = "RELEASE" if long in ("--good", "--bad") else "N" if number else "WORD"
    word = _OWN.get((verb, long)) or TAKES.get(long, plain)
    one.display_type_rich = lambda **_: word
