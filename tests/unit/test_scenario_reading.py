"""Reports as people write them, each with what should be read from it: tests/reports/facts.toml."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from lab import pattern, scenario
from lab.knowledge import problems
from lab.model import Kind
from lab.scenario import draft, marks, unfinished
from lab.scenario.draft import Draft
from lab.scenario.reading import blocks, places
from tests.conftest import ROOT

REPORTS = ROOT / "tests" / "reports"
FACTS: dict[str, dict[str, Any]] = tomllib.loads((REPORTS / "facts.toml").read_text(encoding="utf-8"))
TABLES = tomllib.loads((ROOT / "images" / "releases.toml").read_text(encoding="utf-8"))
RELEASES = frozenset(one["version"] for one in TABLES["release"])
KNOWN = problems.read(ROOT / "scenarios" / "known.toml")
LISTS = ("versions", "unknown", "good", "bad", "saved", "apis", "routes", "setting", "measured")


def read(text: str) -> Draft:
    return draft.read(text, RELEASES)


def report(name: str) -> Draft:
    return read((REPORTS / f"{name}.md").read_text(encoding="utf-8"))


def known_of(found: Draft) -> str:
    said = problems.Reported(
        type=found.error, message=found.log, saver=found.saver, loaders=found.failing, routes=found.routes,
        issues=(found.issue,),
    )  # fmt: skip
    one = problems.reported(said, KNOWN)
    return one.issue if one else ""


def test_every_report_has_its_facts_and_every_fact_its_report() -> None:
    assert {path.stem for path in REPORTS.glob("*.md")} == set(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_a_report_is_read_as_a_person_reads_it(name: str) -> None:
    found, wanted = report(name), FACTS[name]
    lists = {key: set(getattr(found, key)) for key in LISTS} | {"flags": {"=".join(one) for one in found.flags}}
    assert lists == {key: set(wanted.get(key, ())) for key in (*LISTS, "flags")}
    told = (found.outcome.value if found.outcome else "", found.error, found.issue, known_of(found))
    assert told == tuple(wanted.get(key, "") for key in ("outcome", "error", "issue", "known"))
    code = "\n".join(block.body for block in found.code)
    for text, part in ((found.message, wanted.get("message", "")), (code, wanted.get("code", ""))):
        assert part in text
        assert bool(part) == bool(text)
    assert wanted.get("without", "\0") not in found.message + code


@pytest.mark.parametrize("name", FACTS)
def test_a_skeleton_is_a_scenario_that_keeps_no_home_folder(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.py"
    path.write_text(unfinished.skeleton(report(name)), encoding="utf-8")
    expected = scenario.read(path).expectations
    assert {one.loader for one in expected} <= RELEASES | {marks.MARK}
    assert "somebody" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name, facts in FACTS.items() if "message" in facts])
def test_the_pattern_of_a_message_fits_the_message(name: str) -> None:
    found = report(name)
    assert pattern.found(places.pattern(found.message), found.log)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("numpy 2.3.1 and protobuf 3.20.2", ()),
        ("CUDA 12.3, cuDNN 9.0, Python 3.10.12, paddleocr 2.7.0, Ubuntu 22.04, driver 535.104", ()),
        ("it took 2.6 s in the loop, 3.0 GB of memory, at 3.1 fps", ()),
        ("torch 2.6.0 is fine\nnetworkx==3.2.1\nurllib3 2.5.0", ()),
        ("see https://example.com/docs/zh/3.0.0/guide and 127.0.0.1:3000", ()),
        ("paddlepaddle>=2.5.2 is required", ()),
        ("### 3.1 How to reproduce", ()),
        ("numpy.__version__\n'2.3.1'\npaddle.__version__\n'3.0.0'", ("3.0.0",)),
        ("Name: paddlepaddle\nVersion: 3.1.1", ("3.1.1",)),
        ("飞桨3.0升级后报错", ("3.0.0",)),
        ("paddle2.6.2正常", ("2.6.2",)),
        ("从 2.6 升级到 3.3", ("2.6.2", "3.3.1")),
        ("PaddlePaddle 版本为3.2.1", ("3.2.1",)),
        ("docker pull paddlepaddle/paddle:3.2.0-gpu-cuda12.6-cudnn9.5", ("3.2.0",)),
        ("https://example.com/whl/paddlepaddle_gpu-3.0.0rc1-cp310-cp310-linux_x86_64.whl", ("3.0.0rc1",)),
        ("paddlepaddle-gpu    3.0.0.post126", ("3.0.0",)),
        ("paddle v3.0.0-beta.2, 3.0.0 rc0 and 3.0b1", ("3.0.0b2", "3.0.0rc0", "3.0.0b1")),
        ('"paddlepaddle": "3.1.0", "numpy": "3.1.1"', ("3.1.0",)),
        ("import paddle; print(paddle.__version__)  # 3.2.2", ("3.2.2",)),
    ],
)
def test_versions_of_paddle_are_told_from_other_numbers(said: str, wanted: tuple[str, ...]) -> None:
    assert read(said).versions == wanted


@pytest.mark.parametrize(
    ("said", "good", "bad"),
    [
        ("It works in 2.6.2 but fails in 3.0.0", ("2.6.2",), ("3.0.0",)),
        ("2.6.2 works and 3.0.0 does not work", ("2.6.2",), ("3.0.0",)),
        ("2.6.2没有问题，3.0.0 不行", ("2.6.2",), ("3.0.0",)),
        ("3.0.0 报错，回退到 2.6.2 后正常", ("2.6.2",), ("3.0.0",)),
        ("paddle 3.0.0 crashes; downgrading to 2.6.2 fixes it", ("2.6.2",), ("3.0.0",)),
        ("Broken since the upgrade from 2.6.2 to 3.3.1.", ("2.6.2",), ("3.3.1",)),
        ("paddle 2.6.2 -> 3.3.1 段错误", ("2.6.2",), ("3.3.1",)),
        ("Upgrading from 3.0.0 to 3.1.1 solved it", ("3.1.1",), ("3.0.0",)),
        ("With 3.0.0, no errors at all. With 3.3.1, it is stuck.", ("3.0.0",), ("3.3.1",)),
        ("Good:\n- 2.6.2\n- 3.0.0\n\nBad:\n- 3.3.1\n", ("2.6.2", "3.0.0"), ("3.3.1",)),
        ("With FLAGS_enable_pir_api=0 set, 3.0.0 works", (), ()),
        ("I use paddle 3.0.0 on my laptop", (), ()),
        ("It cannot be loaded by 2.6.2, 3.0.0 and 3.3.1", (), ("2.6.2", "3.0.0", "3.3.1")),
    ],
)
def test_good_and_bad_releases_are_told_apart(said: str, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    found = read(said)
    assert (found.good, found.bad) == (good, bad)


@pytest.mark.parametrize(
    ("said", "outcome", "error"),
    [
        ("python: exit code 139", Kind.NATIVE_CRASH, "SIGSEGV"),
        ("段错误（核心已转储）", Kind.NATIVE_CRASH, "SIGSEGV"),
        ("FatalError: `Process abort signal` is detected by the operating system.", Kind.NATIVE_CRASH, "SIGABRT"),
        ("FatalError: `Erroneous arithmetic operation` is detected", Kind.NATIVE_CRASH, "SIGFPE"),
        ("Process finished with exit code -1073741819 (0xC0000005)", Kind.NATIVE_CRASH, "SIGSEGV"),
        ("the program simply crashes", Kind.NATIVE_CRASH, ""),
        ("the results are wrong, no error", Kind.NUMERIC_MISMATCH, ""),
        ("结果不一致", Kind.NUMERIC_MISMATCH, ""),
        ("it hangs for ever", Kind.TIMEOUT, ""),
        ("程序卡住不动", Kind.TIMEOUT, ""),
        ("CUDA out of memory", Kind.OOM, ""),
        ("It raises a KeyError.", Kind.PY_EXCEPTION, "KeyError"),
        ("UserWarning: No ccache found", None, ""),
        ("No crash and no ValueError", None, ""),
        ("结果一致，没有报错", None, ""),
    ],
)
def test_what_happened_is_told_by_logs_and_words(said: str, outcome: Kind | None, error: str) -> None:
    found = read(said)
    assert (found.outcome, found.error) == (outcome, error)


def test_an_enforce_error_has_the_name_that_python_gives_it() -> None:
    rule = "-" * 22
    log = f"{rule}\nError Message Summary:\n{rule}\nUnimplementedError: no kernel for this (at /paddle/phi/x.cc:9)"
    assert (read(log).error, read(log).message) == ("NotImplementedError", "no kernel for this")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("see https://github.com/PaddlePaddle/PaddleOCR/issues/14242#issuecomment-1", "PaddlePaddle/PaddleOCR#14242"),
        ("like Paddle#71996", "PaddlePaddle/Paddle#71996"),
        ("fixed by https://github.com/a/b/pull/7, reported in c/d#8", "c/d#8"),
        ("in src/x/a/b#1", ""),
    ],
)
def test_the_report_that_is_referred_to_is_found(said: str, wanted: str) -> None:
    assert read(said).issue == wanted


@pytest.mark.parametrize("home", ["/ho" + "me/", "/Users/", "C:\\Users\\", "c:/Users/"])
def test_home_folders_are_nobodys(home: str) -> None:
    found = read(
        f"# paddle 3.0.0: {home}somebody/m fails\n\n```python\nimport paddle\npaddle.jit.load('{home}somebody/m')\n```\n"
    )
    assert "somebody" not in unfinished.skeleton(found)
    assert f"{home}user" in found.title


def test_a_number_without_a_repository_is_open() -> None:
    found = read("same as #71996")
    assert found.issue == ""
    assert "which repository #71996 is in" in draft.gaps(found)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_report_is_read_in_any_usual_encoding_and_with_any_line_ends(encoding: str) -> None:
    text = "升级到 3.0.0 后报错，2.6.2正常\r\n段错误\r\n"
    raw = text.encode(encoding)
    assert read(blocks.decoded(raw) or "") == read(text)
    assert read(text).good == ("2.6.2",)


def test_what_is_no_text_is_told_apart() -> None:
    assert blocks.decoded(bytes(range(256)) * 40) is None


def test_fences_inside_fences_belong_to_the_outer_one() -> None:
    found = read("````python\nimport paddle\ntext = '''\n```\nnot code\n```\n'''\n````\nafter\n")
    (block,) = found.code
    assert block.body == "import paddle\ntext = '''\n```\nnot code\n```\n'''"


BOMBS = (
    "(" * 150_000,
    "a" * 150_000 + "/",
    "paddle." * 30_000,
    "2.6.2 and 3.0.0, " * 12_000,
    "paddle 2.6.2\n" * 15_000,
    "```\n" * 60_000,
    "|" * 190_000,
    "| 2.6.2 " * 20_000 + "\n|---|\n" + "| ok " * 20_000,
    "\n \n" * 90_000,
    "\x1b[31m" * 40_000,
    "ValueError: " + "x" * 190_000,
    "github.com/" * 18_000,
    "FLAGS_" * 30_000,
    "a_" * 90_000,
    "- 1. " * 40_000,
    "E   " * 50_000,
    "x.y" * 60_000 + "Error",
    "upgraded to " * 16_000,
    "结果" * 90_000,
    "`" * 150_000,
    "#" * 150_000,
    "no " * 60_000,
    "a=b(" * 50_000,
)


@pytest.mark.parametrize("text", BOMBS, ids=range(len(BOMBS)))
def test_a_report_that_is_made_to_hold_the_reader_up_is_read_to_its_end(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text(unfinished.skeleton(read(text)), encoding="utf-8")
    assert scenario.read(path).name == "x"
