"""`lab bisect --perf` and `--symptom leak` over toy releases: what they find, refuse, keep, and say without an answer."""

import functools
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lab.bench import BlockSettings
from lab.bench.block_files import blocks as stored
from lab.model.bench import Block
from tests.cli.scenario_text import text
from tests.conftest import Answer, Cli

RELEASES = ("3.0.0", "3.1.0", "3.1.1", "3.2.0", "3.2.1", "3.2.2", "3.3.0", "3.3.1")
SHORT = ("--good", "3.1.0", "--bad", "3.2.1")  # 3.1.1 and 3.2.0 lie between
LEAK = ("--symptom", "leak")


def leaks(*releases: str) -> str:
    """Two mebibytes are kept with each call of these releases, in processes that measure."""
    keep = 'globals().setdefault("KEPT", []).append(b"x" * (2 << 20))'
    return f'if os.environ["TOY_PADDLE_VERSION"] in {releases!r}: {keep}'


def slow(*releases: str) -> str:
    """These releases take ten times as long; they sleep, so that a busy machine matters little."""
    return f'time.sleep(0.06 if os.environ["TOY_PADDLE_VERSION"] in {releases!r} else 0.006)'


def from_(release: str) -> tuple[str, ...]:
    return RELEASES[RELEASES.index(release) :]


def write(bench: Path, **words: str) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(**words), encoding="utf-8")


def document(answer: Answer) -> dict[str, Any]:
    found = json.loads(answer.out)
    assert isinstance(found, dict)
    return found


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few short values: these tests are about what is done with them, not about the machine they run on."""
    monkeypatch.setattr(
        "lab.search.measured_sides.BlockSettings", functools.partial(BlockSettings, pairs=4, value_s=0.004)
    )
    monkeypatch.setattr("lab.search.symptoms.Leaks.least_calls", 4)


def measured(toy: Any) -> int:
    """How many containers were started to be measured: only those are pinned to a core."""
    return sum(bool(job.cpuset) for job in toy.jobs)


def test_the_first_release_that_leaks_is_found_with_what_each_call_keeps(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, infer=leaks(*from_("3.2.0")))
    answer = cli("bisect", "toy", *SHORT, *LEAK)
    assert answer.code == 0, answer.err
    assert "first bad is 3.2.0 (last good 3.1.1)" in answer.out
    assert "memory leak, each release loading what it saved itself" in answer.out
    assert "compare/v3.1.1...v3.2.0" in answer.out
    assert "3 of 3 processes grew to their end" in answer.out
    assert measured(toy) == 4 * 3
    run = json.loads(next((bench / "results" / "runs").glob("*/run.json")).read_text())
    assert run["status"] == "finished"
    assert any(note.startswith("3.2.0 bad: ") for note in run["notes"])


def test_a_leak_that_ended_is_found_from_the_bad_release_on(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, infer=leaks("3.2.0", "3.2.1", "3.2.2"))
    answer = cli("bisect", "toy", "--good", "3.1.0", "--bad", "3.2.1", *LEAK, "--find-fix")
    assert answer.code == 0, answer.err
    assert "gone in 3.3.0 (last seen bad 3.2.2)" in answer.out


def test_a_leak_that_is_still_there_is_not_fixed_and_the_exit_code_1(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, infer=leaks(*from_("3.2.0")))
    answer = cli("bisect", "toy", "--good", "3.1.0", "--bad", "3.3.0", *LEAK, "--find-fix")
    assert "not fixed: 3.3.1, the newest release of the row, still shows it" in answer.out
    assert answer.code == 1


def test_nothing_that_was_measured_is_measured_again_until_it_is_asked_for(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, infer=leaks(*from_("3.2.0")))
    cli("bisect", "toy", *SHORT, *LEAK)
    started = len(toy.jobs)
    answer = cli("bisect", "toy", *SHORT, *LEAK, "--json")
    assert document(answer)["strips"][0]["suspects"] == ["3.2.0"]
    assert len(toy.jobs) == started
    assert cli("bisect", "toy", *SHORT, *LEAK, "--fresh").code == 0
    assert measured(toy) == 2 * 4 * 3


@pytest.mark.parametrize("again", [(), ("--resume", "last")])
def test_an_interrupted_search_says_how_to_go_on_and_measures_only_the_rest(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch, again: tuple[str, ...]
) -> None:
    write(bench, infer=leaks(*from_("3.2.0")))
    with monkeypatch.context() as patched:
        patched.setattr("lab.search.bisect_measured.told_of", interrupt)
        answer = cli("bisect", "toy", *SHORT, *LEAK)
    assert answer.code == 130
    assert "try: lab bisect toy --good 3.1.0 --bad 3.2.1 --symptom leak --resume last\n" in answer.err
    assert measured(toy) == 3
    command = "lab bisect toy --good 3.1.0 --bad 3.2.1 --symptom leak --resume "
    assert f"go on  {command}" in cli("runs", "show", "last").out
    assert cli("bisect", "toy", *SHORT, *LEAK, *again).code == 0
    shown = cli("runs", "show", "last").out
    assert "\nits answer  lab bisect toy --good 3.1.0 --bad 3.2.1 --symptom leak\n" in shown
    assert "lab" not in shown.partition("NO VERDICT")[2].partition("╰")[0]
    assert measured(toy) == 4 * 3
    assert len(list((bench / "results" / "runs").iterdir())) == (1 if again else 2)


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_release_that_cannot_be_built_or_does_not_work_is_a_hole(cli: Cli, toy: Any, bench: Path) -> None:
    broken = 'if os.environ["TOY_PADDLE_VERSION"] == "3.2.0": raise ValueError("no such model")'
    write(bench, infer=leaks(*from_("3.2.0")), load=broken)
    toy.unbuildable = ("3.1.1-cpu-py311",)
    answer = cli("bisect", "toy", *SHORT, *LEAK)
    assert answer.code == 3
    assert "first bad is one of {3.1.1, 3.2.0, 3.2.1}: 3.2.1 is the first one seen bad" in answer.out
    assert "3.1.1 could not be tested. 3.2.0 does not work at all." in answer.out


def test_a_side_that_ends_before_it_gives_a_value_is_a_hole(cli: Cli, toy: Any, bench: Path) -> None:
    dies = 'if os.environ["TOY_PADDLE_VERSION"] == "3.2.0" and globals().setdefault("N", []).append(1) is None and len(N) > 1: os.abort()'
    write(bench, infer=f"{dies}\n    {leaks(*from_('3.2.0'))}")
    answer = cli("bisect", "toy", "--good", "3.1.1", "--bad", "3.2.1", *LEAK, "--json")
    (strip,) = document(answer)["strips"]
    hole = next(one for one in strip["row"] if one["release"] == "3.2.0")
    assert (hole["sort"], strip["suspects"]) == ("skip", ["3.2.0", "3.2.1"])
    assert "SIGABRT" in hole["why"]


@pytest.mark.parametrize(
    ("infer", "said"),
    [
        (leaks(), "no regression in this range: 3.2.1 shows no memory leak beside 3.1.0"),
        (leaks(*RELEASES), "3.1.0 is not steady itself"),
    ],
)
def test_ends_that_do_not_differ_are_said_with_what_was_seen(
    cli: Cli, toy: Any, bench: Path, infer: str, said: str
) -> None:
    write(bench, infer=infer)
    answer = cli("bisect", "toy", *SHORT, *LEAK)
    assert answer.code == 4
    assert said in answer.err
    assert "of 3 processes" in answer.err
    assert measured(toy) <= 6, "the search goes on although its ends are wrong"


def test_a_good_release_that_does_not_work_cannot_be_measured_against(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, load='if os.environ["TOY_PADDLE_VERSION"] == "3.1.0": raise ValueError("no such model")')
    answer = cli("bisect", "toy", *SHORT, *LEAK)
    assert answer.code == 4
    assert "3.1.0 cannot be measured, because it does not work: py_exception in load" in answer.err


def test_the_first_slower_release_is_found_and_measured_beside_its_neighbour(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, infer=slow(*from_("3.2.0")))
    answer = cli("bisect", "toy", "--good", "3.1.1", "--bad", "3.2.1", "--perf", "infer:150%", "--json")
    assert answer.code == 0, answer.err
    found = document(answer)
    (strip,) = found["strips"]
    assert (strip["suspects"], strip["last"]) == (["3.2.0"], "3.1.1")
    assert found["symptom"] == {"metric": "infer", "share": 1.5}
    assert (strip["edge"]["release"], strip["edge"]["sort"]) == ("3.2.0", "bad")
    reading = strip["edge"]["reading"]
    assert reading["against"] == "3.1.1"
    assert "the second session saw" in reading["confirmed"]
    assert reading["blocks"] == 12
    said = cli("bisect", "toy", "--good", "3.1.1", "--bad", "3.2.1", "--perf", "infer:150%").out
    assert "infer slower by more than 150%, each release loading what it saved itself: first bad is 3.2.0" in said
    assert "the neighbours: 3.2.0 bad: infer x" in said
    homes = [path for path in (bench / "results" / "runs").glob("*/perf/*") if "-3.2.1-" in path.name]
    assert {block.session for block in stored(homes[0])} == {1, 2}


def test_a_saver_that_is_named_saves_for_all(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, infer=leaks(*from_("3.2.0")))
    answer = cli("bisect", "toy", "--good", "3.1.1", "--bad", "3.2.0", *LEAK, "--saver", "3.0.0")
    assert answer.code == 0, answer.err
    assert "loading what 3.0.0 saved" in answer.out
    assert "3.0.0-cpu-py311 -> 3.2.0-cpu-py311" in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--perf", "speed:10%"), "names no metric"),
        (("--perf", "infer:1%"), "between 5%"),
        (("--symptom", "sluggish"), "no symptom 'sluggish'"),
        ((*LEAK, "--axis", "both"), "--axis is for failures"),
        ((*LEAK, "--repeat", "3"), "--repeat is for failures"),
        ((*LEAK, "--signature", "any"), "--signature is for failures"),
        ((*LEAK, "--loader", "3.0.0"), "--loader is for failures"),
        ((*LEAK, "--resume", "last"), "no interrupted run"),
    ],
)
def test_bad_words_get_one_sentence_and_start_nothing(
    cli: Cli, toy: Any, bench: Path, words: tuple[str, ...], said: str
) -> None:
    write(bench)
    answer = cli("bisect", "toy", *SHORT, *words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert toy.jobs == []


def test_a_scenario_that_says_its_calls_are_no_measure_is_not_measured(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, limits="\n# timed = false\n#")
    answer = cli("bisect", "toy", *SHORT, *LEAK)
    assert answer.code == 2
    assert "timed = false" in answer.err


def test_a_dry_run_of_a_measured_search_starts_nothing(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    answer = cli("bisect", "toy", *SHORT, *LEAK, "--dry-run")
    assert "each loads what it saved itself: 4 releases" in answer.out
    assert "3.2.0-cpu-py311 -> 3.2.0-cpu-py311" in answer.out
    assert (answer.code, toy.jobs) == (0, [])


def test_nothing_is_built_while_a_block_is_measured(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bench, infer=leaks(*from_("3.2.0")))
    build, run = toy.build, toy.run
    built: list[tuple[float, float]] = []
    timed: list[tuple[float, float]] = []

    def slowly(*words: Any) -> Any:
        start = time.monotonic()
        time.sleep(0.5)
        image = build(*words)
        built.append((start, time.monotonic()))
        return image

    def watched(job: Any) -> Any:
        start = time.monotonic()
        ended = run(job)
        if job.cpuset:
            timed.append((start, time.monotonic()))
        return ended

    monkeypatch.setattr(toy, "build", slowly)
    monkeypatch.setattr(toy, "run", watched)
    assert cli("bisect", "toy", *SHORT, *LEAK).code == 0
    assert len(built) == 4
    assert len(timed) == 4 * 3
    assert not [one for one in built for other in timed if one[0] < other[1] and other[0] < one[1]]


def sleeps_once(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """The machine sleeps two minutes during the block with this number, counted over everything that is measured."""
    asked: list[None] = []

    def asleep() -> float:  # it is asked before and after each block
        asked.append(None)
        return 120.0 if len(asked) >= 2 * block else 0.0

    monkeypatch.setattr("lab.machine.noise.asleep", asleep)


def kept_blocks(bench: Path) -> list[Block]:
    """Every block in any run."""
    return [one for path in bench.glob("results/runs/*/perf/*/blocks.jsonl") for one in stored(path.parent)]


def test_a_block_that_the_machine_slept_through_is_measured_again_and_never_remembered(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bench, infer=leaks(*from_("3.2.0")))
    sleeps_once(monkeypatch, block=2)
    answer = cli("bisect", "toy", *SHORT, *LEAK)
    assert answer.code == 0, answer.err
    said = "the machine slept for 120 s in block 2: it was thrown away and measured again"
    assert said in answer.err
    assert measured(toy) == 4 * 3 + 1
    assert [one.slept for one in kept_blocks(bench)] == [0.0] * 4 * 3
    run = json.loads(next((bench / "results" / "runs").glob("*/run.json")).read_text())
    assert said in run["notes"]


def test_a_slept_block_that_an_older_lab_kept_is_not_taken_over(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, infer=leaks(*from_("3.2.0")))
    cli("bisect", "toy", *SHORT, *LEAK)
    path = min(bench.glob("results/runs/*/perf/*/blocks.jsonl"))
    first, *rest = stored(path.parent)
    lines = [msgspec.json.encode(one) for one in (replace(first, slept=90.0), *rest)]
    path.unlink()
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    started = measured(toy)
    assert cli("bisect", "toy", *SHORT, *LEAK).code == 0
    assert measured(toy) == started + 1
