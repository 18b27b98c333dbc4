"""`lab cure --symptom slower|leak` over toy releases: what it accepts, what it refuses, and the price it tells."""

import functools
import json
from pathlib import Path
from typing import Any

import pytest

from lab.bench import BlockSettings
from tests.cli.scenario_text import text
from tests.cli.test_cure import DNN, IR, PLACEBO, entry, flag, statuses
from tests.cli.test_measured_bisect import kept_blocks, sleeps_once
from tests.conftest import Answer, Cli

LEAK = ("--at", "3.3.0", "--good", "3.2.2", "--symptom", "leak", "--repeat", "2")
SLOW = ("--at", "3.3.0", "--good", "3.2.2", "--perf", "infer:150%", "--repeat", "1")
KEEP = 'globals().setdefault("KEPT", []).append(b"x" * (2 << 20))'
BAD = 'os.environ["TOY_PADDLE_VERSION"] in ("3.3.0", "3.3.1")'


def leaks(unless: str = "", *, releases: str = BAD) -> str:
    """Memory is kept with each call, except where NAME is set to 0."""
    return f'if {releases} and os.environ.get("{unless}") != "0": {KEEP}'


def lasts(unless: str = "NEVER", *, releases: str = BAD) -> str:
    """Calls take ten times as long, except where NAME is set to 0; they sleep, so that a busy machine matters little."""
    return f'time.sleep(0.06 if {releases} and os.environ.get("{unless}") != "0" else 0.006)'


def write(bench: Path, *cures: str, **words: str) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(**words), encoding="utf-8")
    (bench / "scenarios" / "cures.toml").write_text("".join(cures), encoding="utf-8")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few short values: these tests are about what is done with them, not about the machine they run on."""
    monkeypatch.setattr(
        "lab.search.measured_sides.BlockSettings", functools.partial(BlockSettings, pairs=4, value_s=0.004)
    )
    monkeypatch.setattr("lab.search.symptoms.Leaks.least_calls", 4)


def tried(answer: Answer, name: str) -> dict[str, Any]:
    return next(one for one in json.loads(answer.out)["tried"] if one["names"] == [name])


def test_a_flag_that_ends_a_leak_is_accepted_and_others_are_not(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), flag("dnn", DNN), PLACEBO, infer=leaks(IR))
    answer = cli("cure", "toy", *LEAK)
    assert answer.code == 0, answer.err
    assert "what 3.3.0 saved, loaded by 3.3.0: leaks, " in answer.out
    assert "old: proved, 2 of 2 times" in answer.out
    assert f"export {IR}=0" in answer.out
    assert "0 of 3 processes grew to their end" in answer.out
    assert "no effect      dnn" in answer.out
    assert "FLAGS_json_format_model is not registered" in answer.out
    assert "no effect      another release (3.3.1, the newest, still shows it" in answer.out


def test_the_first_release_without_the_leak_is_a_cure(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("dnn", DNN), infer=leaks(releases=BAD.replace('"3.3.1"', '"3.2.9"')))
    answer = cli("cure", "toy", *LEAK)
    assert answer.code == 0, answer.err
    assert "3.3.1: proved" in answer.out
    assert 'pip install "paddlepaddle==3.3.1"' in answer.out
    assert "is the first release after 3.3.0 in which it is gone" in answer.out


def test_where_nothing_helps_the_exit_code_is_1_and_nothing_known_is_measured_again(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench, flag("dnn", DNN), PLACEBO, infer=leaks("NEVER"))
    answer = cli("cure", "toy", *LEAK, "--json")
    assert answer.code == 1
    assert statuses(answer) == {"dnn": "no effect", "placebo": "unsupported", "another release": "no effect"}
    started = len(toy.jobs)
    assert cli("cure", "toy", *LEAK).code == 1
    assert len(toy.jobs) == started


RESAVED = f'if os.environ.get("{IR}") == "0" and np.load(prefix + ".npy")[0] != 7: raise ValueError("new file")'
SAVES = ('np.ones(3, "float32")', f'np.full(3, 7.0 if os.environ.get("{IR}") else 1.0)')


def test_a_cure_with_wrong_numbers_is_refused(cli: Cli, toy: Any, bench: Path) -> None:
    wrong = f'if os.environ.get("{IR}") == "0": inputs["x"][0, 0] += 1'
    write(bench, flag("old", IR), infer=f"{leaks(IR)}\n    {wrong}")
    assert statuses(cli("cure", "toy", *LEAK, "--json"))["old"] == "wrong numbers"


def test_a_cure_whose_saver_and_loader_agree_on_wrong_numbers_is_refused_too(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR))
    source = text(infer=leaks(IR), load=RESAVED).replace(*SAVES)
    source = source.replace('inputs["x"] * 2', f'inputs["x"] * (3 if os.environ.get("{IR}") else 2)')
    (bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")
    found = tried(cli("cure", "toy", *LEAK, "--json"), "old")
    assert found["status"] == "wrong numbers"
    assert "y is not as from 3.2.2" in found["why"]


def test_a_cure_that_needs_the_model_saved_again_says_so(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR))
    source = text(infer=leaks(IR), load=RESAVED).replace(*SAVES)
    (bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")
    answer = cli("cure", "toy", *LEAK)
    assert answer.code == 0, answer.err
    assert "old: proved, 2 of 2 times (the model must be saved again with this set)" in answer.out
    fixed = cli("cure", "toy", *LEAK, "--saver", "3.3.0", "--json")
    assert tried(fixed, "old")["status"] == "other failure"


def test_a_cure_that_makes_another_failure_is_not_measured(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), infer=leaks(IR), load=f'if os.environ.get("{IR}") == "0": os.abort()')
    assert statuses(cli("cure", "toy", *LEAK, "--json"))["old"] == "other failure"
    assert not any(job.cpuset and IR in job.env for job in toy.jobs)


def test_a_leak_that_is_halved_is_not_enough(cli: Cli, toy: Any, bench: Path) -> None:
    less = f'if {BAD}: globals().setdefault("KEPT", []).append(b"x" * ((2 if os.environ.get("{IR}") else 8) << 20))'
    write(bench, flag("old", IR), infer=f"time.sleep(0.002)\n    {less}")
    assert statuses(cli("cure", "toy", *LEAK, "--json"))["old"] == "not enough"


def test_a_control_that_helps_makes_the_whole_search_worthless(cli: Cli, toy: Any, bench: Path) -> None:
    control = entry("control", 'env = { SOME_WORD = "0" }\ncontrol = true')
    write(bench, control, infer=leaks("SOME_WORD"))
    answer = cli("cure", "toy", *LEAK)
    assert (answer.code, answer.out) == (3, "")
    assert "control" in answer.err


def test_slow_calls_are_cured_by_a_flag_with_gain_and_price(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), flag("dnn", DNN), infer=lasts(IR, releases=BAD.replace('"3.3.1"', '"3.2.9"')))
    answer = cli("cure", "toy", *SLOW)
    assert answer.code == 0, answer.err
    assert "loaded by 3.3.0: infer x" in answer.out
    assert "of 3.2.2" in answer.out
    assert "old: proved, 1 of 1 times" in answer.out
    assert "  gain   infer x0.1" in answer.out
    assert "  price  infer x" in answer.out
    assert "no effect      dnn" in answer.out
    assert "3.3.1: proved" in answer.out
    block = cli("cure", "toy", *SLOW, "--format", "markdown").out
    assert "- gain infer x0.1" in block


@pytest.mark.parametrize(
    ("infer", "said"),
    [
        ("pass", "3.3.0 shows no memory leak beside 3.2.2"),
        (leaks(releases="True"), "3.2.2 is not steady itself"),
    ],
)
def test_what_is_not_confirmed_ends_with_exit_code_4(cli: Cli, toy: Any, bench: Path, infer: str, said: str) -> None:
    write(bench, flag("old", IR), infer=infer)
    answer = cli("cure", "toy", *LEAK)
    assert (answer.code, answer.out) == (4, "")
    assert said in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--at", "3.3.0", "--good", "3.3.0", "--symptom", "leak"), "same release"),
        (("--at", "2.3.0", "--symptom", "leak"), "no release before 2.3.0"),
        (("--at", "3.3.0", "--symptom", "slow"), "no symptom 'slow'"),
        (("--at", "9.9", "--symptom", "leak"), "9.9"),
    ],
)
def test_bad_words_get_one_sentence_and_start_nothing(
    cli: Cli, toy: Any, bench: Path, words: tuple[str, ...], said: str
) -> None:
    write(bench, flag("old", IR))
    answer = cli("cure", "toy", *words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert toy.jobs == []


def test_the_stable_release_before_is_the_good_one_where_nobody_names_another(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR))
    answer = cli("cure", "toy", "--at", "3.0.0", "--symptom", "leak", "--dry-run")
    assert "# good: 2.6.2-cpu-py311 -> 2.6.2-cpu-py311" in answer.out
    assert "# memory leak: 3.0.0-cpu-py311 -> 3.0.0-cpu-py311" in answer.out


def test_a_block_that_the_machine_slept_through_is_measured_again_and_never_remembered(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bench, flag("dnn", DNN), infer=leaks("NEVER"))
    sleeps_once(monkeypatch, block=5)
    answer = cli("cure", "toy", *LEAK, "--json")
    assert answer.code == 1
    kept = kept_blocks(bench)
    assert kept
    assert {one.slept for one in kept} == {0.0}
    assert sum("it was thrown away and measured again" in one for one in notes(bench)) == 1


def notes(bench: Path) -> list[str]:
    return list(json.loads(next((bench / "results" / "runs").glob("*/run.json")).read_text())["notes"])
