"""`lab new REPORT`: what it says, what it writes, and that its next commands work as they are printed."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from lab.scenario import marks
from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.conftest import ROOT, Cli

REPORTS = ROOT / "tests" / "reports"
LEFT = re.compile(r"(\d+) FILL IN left, line (\d+)")


def commands(said: str) -> list[list[str]]:
    """The commands of the lines that begin with `next:`, as they are printed."""
    found = re.findall(r"^next: .*?\blab (\S.*)$", said, re.MULTILINE)
    return [shlex.split(one) for one in found]


@pytest.fixture
def library(bench: Path) -> Path:
    """A workspace with the known problems and the scenarios that prove two of them."""
    for name in ("known.toml", "jit_load_pir.py", "static_load_pir.py"):
        shutil.copyfile(ROOT / "scenarios" / name, bench / "scenarios" / name)
    return bench


def test_new_says_what_a_report_says(cli: Cli, library: Path) -> None:
    answer = cli("new", str(REPORTS / "jit_load_zh.md"))
    assert answer.code == 0, answer.err
    for line in (
        "versions 3.0.0, 2.6.2",
        "good     2.6.2",
        "bad      3.0.0",
        "outcome  py_exception ValueError",
        "flags    FLAGS_enable_pir_api=0",
        "routes   jit",
        "setting  Hygon",
    ):
        assert line in answer.out
    assert "known    PaddlePaddle/Paddle#71996: " in answer.out
    assert "somebody" not in answer.out + (library / "scenarios" / "jit_load_zh.py").read_text(encoding="utf-8")


def test_new_names_what_is_open(cli: Cli, bench: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.md"
    report.write_text("Paddle 2.4 on Windows is fine, 3.0.0.dev20250301 is slow and dies\n", encoding="utf-8")
    said = cli("new", str(report)).out
    for gap in (
        "open     what is meant by 3.0.0.dev20250301",
        "open     which patch is meant by 2.4 (read as 2.4.2)",
        "open     whether it needs Windows",
        "open     time: no outcome of a pair says that, measure it with lab bench",
        "does not exist: CPU wheels of releases before 2.6.2 were removed",
    ):
        assert gap in said


def test_a_report_of_a_known_problem_leads_to_the_scenario_that_proves_it(cli: Cli, library: Path, toy: object) -> None:
    said = cli("new", str(REPORTS / "jit_load_zh.md")).out
    first, second = commands(said)
    assert first == ["repro", "jit_load_pir"]
    assert cli(*first, "--dry-run").code == 0
    assert second == ["repro", "jit_load_zh"]


def test_the_known_problem_that_is_not_in_this_workspace_is_no_next_command(cli: Cli, library: Path) -> None:
    (library / "scenarios" / "jit_load_pir.py").unlink()
    said = cli("new", str(REPORTS / "jit_load_zh.md")).out
    assert "known    PaddlePaddle/Paddle#71996" in said
    assert commands(said) == [["repro", "jit_load_zh"]]


def test_an_unfilled_skeleton_is_refused_with_its_marks_and_runs_once_it_is_filled_in(
    cli: Cli, bench: Path, toy: object, tmp_path: Path
) -> None:
    report = tmp_path / "old-reader.md"
    report.write_text(
        "2.6.2 cannot load it, ValueError: path does not exist\nIt was saved with paddle 3.0.0 and loads there.\n",
        encoding="utf-8",
    )
    said = cli("new", str(report)).out
    (after,) = commands(said)
    refused = cli(*after)
    path = bench / "scenarios" / "old_reader.py"
    assert refused.code == 2
    told, printed = LEFT.search(refused.err), LEFT.search(said)
    assert told is not None
    assert printed is not None
    assert told[0] == printed[0]
    lines = path.read_text(encoding="utf-8").split("\n")
    assert int(told[1]) == "\n".join(lines).count("FILL IN")
    assert "FILL IN" in lines[int(told[2]) - 1]
    assert "FILL IN" not in "\n".join(lines[: int(told[2]) - 1])

    header = re.sub(r"  # FILL IN[^\n]*", "", "\n".join(lines[: lines.index("# ///") + 1]))
    body = text(load=OLD_READER_FAILS).partition("# ///\nimport")[2]
    path.write_text(f"{header}\nimport{body}", encoding="utf-8")
    done = cli(*after)
    assert done.code == 0, done.out + done.err
    assert "REPRODUCED" in done.out


@pytest.mark.parametrize(
    "words",
    [
        ("repro", "x"),
        ("repro", "--all", "x"),
        ("repro", "--all"),
        ("run", "x", "--savers", "3.0.0", "--loaders", "3.0.0"),
        ("bisect", "x", "--good", "2.6.2", "--bad", "3.0.0"),
        ("cure", "x", "--at", "3.0.0"),
        ("explain", "x", "--at", "3.0.0"),
        ("matrix", "x", "--savers", "3.0.0", "--loaders", "3.0.0"),
        ("bench", "x", "--releases", "2.6.2,3.0.0"),
    ],
)
def test_every_verb_that_runs_refuses_what_is_not_filled_in(
    words: tuple[str, ...], cli: Cli, bench: Path, toy: object, tmp_path: Path
) -> None:
    report = tmp_path / "x.md"
    report.write_text("paddle 3.0.0 fails\n", encoding="utf-8")
    cli("new", str(report))
    answer = cli(*words)
    assert answer.code == 2
    assert LEFT.search(answer.err)
    assert not list((bench / "results").glob("runs/*"))


def test_what_only_reads_scenarios_shows_a_skeleton(cli: Cli, bench: Path, tmp_path: Path) -> None:
    report = tmp_path / "x.md"
    report.write_text("paddle 3.0.0 fails\n", encoding="utf-8")
    cli("new", str(report))
    assert cli("scenarios", "list").code == 0
    assert "3.0.0 -> 3.0.0" in cli("scenarios", "show", "x").out


def test_a_scenario_without_marks_is_run_as_before(cli: Cli, bench: Path, toy: object) -> None:
    (bench / "scenarios" / "y.py").write_text(text(load=OLD_READER_FAILS, more=FAILING), encoding="utf-8")
    assert marks.left(text()) == ()
    assert cli("repro", "y").code == 0


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("x.md", bytes(range(256)) * 40, "is no text"),
        ("x.md", b" \n\t\n", "is empty"),
        ("x.md", b"a" * (2 * 1024**2 + 1), "has more than"),
        ("报告.md", b"paddle 3.0.0 fails", "cannot be a scenario's name"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence_and_nothing_is_written(
    name: str, raw: bytes, told: str, cli: Cli, bench: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(raw)
    answer = cli("new", str(tmp_path / name))
    assert answer.code == 2
    assert told in answer.err
    assert "try: " in answer.err
    assert list((bench / "scenarios").iterdir()) == []


def test_a_report_in_chinese_bytes_is_read(cli: Cli, bench: Path, tmp_path: Path) -> None:
    report = tmp_path / "gbk.md"
    report.write_bytes("升级到 3.0.0 后段错误，2.6.2 正常".encode("gb18030"))
    said = cli("new", str(report)).out
    assert "good     2.6.2\nbad      3.0.0" in said
    assert "outcome  native_crash SIGSEGV" in said


def test_what_a_report_holds_for_a_terminal_does_not_reach_it(cli: Cli, bench: Path, tmp_path: Path) -> None:
    report = tmp_path / "esc.md"
    report.write_bytes(b"\x1b[31mpaddle 3.0.0 fails\x1b[0m \x1b]0;title\x07\n\nValueError: \x1b[2Jgone\x9b3m\n")
    answer = cli("new", str(report))
    assert "\x1b" not in answer.out + (bench / "scenarios" / "esc.py").read_text(encoding="utf-8")
    assert "message  gone" in answer.out
