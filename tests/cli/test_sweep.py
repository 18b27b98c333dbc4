import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lab.cli.sweep import _ending
from lab.model.sweep import Sweep
from lab.outcome.exits import Ending
from lab.sweep import request
from tests.conftest import Cli

TABLE = """[good]
relu = {{ layer = "nn.ReLU()", x = "float32 2x3", numpy = "np.maximum(x, 0)", probe = true }}
dense = {{ layer = "nn.Linear(3, 2)", x = "float32 2x3", probe = true }}
flat = {{ layer = "nn.Flatten()", x = "float32 2x3x2", probe = true }}
last = {{ layer = "nn.ReLU()", x = "float32 2x3" }}

[bad]
{bad}
"""
SKEW = 'skewed = { layer = "nn.Trap(\'skew\')", x = "float32 2x3", numpy = "x" }'
CRASH = 'crashed = { layer = "nn.Trap(\'crash\')", x = "float32 2x3" }'
EATS = 'eats = { layer = "nn.Trap(\'eat\')", x = "float32 2x3" }'
NEW = ("--savers", "3.0.0", "--loaders", "3.0.0,3.3.1", "--also", "")


def table(bench: Path, *bad: str) -> None:
    folder = bench / "scenarios" / "sweep"
    folder.mkdir(exist_ok=True)
    (folder / "operators.toml").write_text(TABLE.format(bad="\n".join(bad)), encoding="utf-8")


def swept(cli: Cli, *words: str) -> Sweep:
    answer = cli("sweep", *words, "--json")
    assert answer.code == 0, answer.err
    return msgspec.json.decode(answer.out.encode(), type=Sweep)


def test_a_silent_change_is_found_looked_at_again_and_the_wrong_side_is_named(cli: Cli, toy: Any, bench: Path) -> None:
    table(bench, SKEW)
    sweep = swept(cli, *NEW, "--route", "jit")
    assert [(one.loader[:5], one.counts) for one in sweep.cells] == [
        ("3.0.0", {"exact": 4, "mismatch": 1}),
        ("3.3.1", {"exact": 4, "mismatch": 1}),
    ]
    (found,) = sweep.cells[0].found
    assert (found.nets, found.blame, found.witness, found.second) == (("skewed",), "opened", "numpy", "same")
    assert sweep.loads == 10


def test_a_sweep_in_which_no_net_could_be_opened_is_no_answer(cli: Cli, toy: Any, bench: Path) -> None:
    table(bench)
    whole = swept(cli, *NEW, "--route", "jit")
    assert _ending(whole) is Ending.FOUND
    for nothing in ((), tuple(replace(one, counts={"unsupported": 4}) for one in whole.cells)):
        assert _ending(replace(whole, cells=nothing)) is Ending.UNTRIED
    broken = tuple(replace(one, counts={"infra_error": 4}) for one in whole.cells)
    assert _ending(replace(whole, cells=broken)) is Ending.BROKEN


def test_a_crash_costs_its_own_net_in_every_route(cli: Cli, toy: Any, bench: Path) -> None:
    table(bench, CRASH)
    sweep = swept(cli, *NEW, "--route", "jit,static,predictor")
    assert [one.route for one in sweep.cells[:3]] == ["jit", "static", "predictor"]
    assert all(one.counts == {"exact": 4, "native_crash": 1} for one in sweep.cells)
    assert sweep.cells[0].found[0].outcome.type == "SIGSEGV"


def test_a_net_that_is_too_much_for_a_containers_memory_says_so_with_the_limit_and_costs_only_itself(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toy, "isolated", False)
    monkeypatch.setattr(request, "LIMITS", replace(request.LIMITS, memory=500 << 20))
    table(bench, EATS)
    answer = cli("sweep", "--savers", "3.0.0", "--loaders", "3.0.0", "--also", "", "--route", "jit", "--json")
    (one,) = msgspec.json.decode(answer.out.encode(), type=Sweep).cells
    assert one.counts == {"exact": 4, "oom": 1}
    assert "limit 0.49 GiB" in one.found[0].outcome.message
    assert answer.code == 7  # whether the net works is not known


def test_a_net_has_three_tenths_of_its_time_on_the_processor(cli: Cli, toy: Any, bench: Path) -> None:
    table(bench, CRASH)
    swept(cli, "--savers", "3.0.0", "--loaders", "3.0.0", "--also", "", "--route", "jit", "--net-time", "20")
    plans = [
        json.loads(path.read_text())["sweep"] for path in sorted((bench / "results").glob("runs/*/**/in/request.json"))
    ]
    assert {(one["net_s"], one["busy_s"]) for one in plans} == {(20.0, 6.0)}


def test_a_format_that_is_refused_is_one_finding_and_is_tried_again_with_the_flag(
    cli: Cli, toy: Any, bench: Path
) -> None:
    table(bench, SKEW)
    sweep = swept(cli, "--savers", "2.6.2", "--loaders", "3.0.0", "--route", "jit,predictor")
    cells = {(one.route, bool(one.loader_env)): one for one in sweep.cells}
    assert set(cells) == {("jit", False), ("predictor", False), ("jit", True)}
    assert cells["jit", False].closed
    assert cells["jit", False].counts == {"py_exception": 3}
    assert cells["jit", True].counts == {"exact": 4, "mismatch": 1}
    assert not cells["predictor", False].closed


def test_a_saver_that_the_flag_changes_is_swept_twice_and_one_that_it_does_not_change_once(
    cli: Cli, toy: Any, bench: Path
) -> None:
    table(bench, SKEW)
    sweep = swept(cli, "--savers", "2.6.2,3.0.0", "--loaders", "2.6.2", "--route", "jit")
    seen = [(one.saver[:5], bool(one.saver_env), one.formats) for one in sweep.saves]
    assert seen == [("2.6.2", False, (".pdmodel",)), ("3.0.0", False, (".json",)), ("3.0.0", True, (".pdmodel",))]


def test_one_container_serves_all_nets_and_the_same_sweep_again_starts_none(cli: Cli, toy: Any, bench: Path) -> None:
    table(bench, CRASH)
    swept(cli, *NEW, "--route", "jit,static")
    assert len(toy.jobs) == 1 + 2
    swept(cli, *NEW, "--route", "jit,static")
    assert len(toy.jobs) == 1 + 2


def test_an_interrupted_sweep_goes_on_where_it_stopped(cli: Cli, toy: Any, bench: Path) -> None:
    table(bench, CRASH)
    toy.dies_after = 2
    assert cli("sweep", *NEW, "--route", "jit").code == 7
    toy.dies_after = 10**6
    done = len(toy.jobs)
    swept(cli, *NEW, "--route", "jit")
    assert len(toy.jobs) == done + 1


def test_a_release_that_cannot_be_built_costs_only_its_own_cells(cli: Cli, toy: Any, bench: Path) -> None:
    table(bench, CRASH)
    toy.unbuildable = ("3.3.1-cpu-py311",)
    answer = cli("sweep", *NEW, "--route", "jit", "--json")
    sweep = msgspec.json.decode(answer.out.encode(), type=Sweep)
    assert answer.code == 7
    assert [one.counts for one in sweep.cells] == [{"exact": 4, "native_crash": 1}, {"build_failure": 5}]


def test_what_is_kept_can_be_shown_again_in_both_languages(cli: Cli, toy: Any, bench: Path, tmp_path: Path) -> None:
    table(bench, SKEW)
    history, page, html = (tmp_path / name for name in ("h.json", "p.md", "p.html"))
    first = cli("sweep", *NEW, "--route", "jit", "-o", str(history), "-o", str(page), "-o", str(html))
    assert first.code == 0, first.err
    assert "skewed" in first.out
    started = len(toy.jobs)
    chinese = tmp_path / "zh.md"
    again = cli("sweep", "--stored", str(history), "-o", str(chinese), "--lang", "zh")
    assert (again.code, len(toy.jobs)) == (0, started)
    assert page.read_text().startswith("# The operator sweep")
    assert chinese.read_text().startswith("# 算子扫描")
    assert "<script" not in html.read_text()
    assert json.loads(history.read_text())["schema"] == 1


def test_the_run_can_be_seen_among_the_others(cli: Cli, toy: Any, bench: Path) -> None:
    table(bench, SKEW)
    cli("sweep", *NEW, "--route", "jit")
    assert "sweep" in cli("runs", "list").out
    assert cli("runs", "show", "last").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--op", "nothing"), "no operator is called 'nothing'"),
        (("--route", "own"), "there is no route 'own'"),
        (("--lang", "both"), "a page has one language"),
        (("--savers", "9.9"), "9.9"),
        (("--also", "x y"), "is not NAME=VALUE"),
        (("-o", "/no/such/folder/x.md"), "cannot be written"),
        (("--stored", "/no/such/file"), "cannot be read"),
    ],
)
def test_bad_words_are_said_in_one_sentence_before_anything_starts(
    cli: Cli, toy: Any, bench: Path, words: tuple[str, ...], said: str
) -> None:
    table(bench, SKEW)
    answer = cli("sweep", *words)
    assert (answer.code, toy.jobs) == (2, [])
    assert said in answer.err.splitlines()[0]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": 99}', '{"schema": 1}', '{"schema": 0}', "[" * 100_000, "not json"]
)
def test_a_file_that_is_no_sweep_is_refused(cli: Cli, bench: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    answer = cli("sweep", "--stored", str(path))
    assert answer.code == 2
    assert str(path) in answer.err
