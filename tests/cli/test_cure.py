"""`lab cure` over toy releases: what it accepts, what it refuses, and what it says where nothing helps."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.conftest import ROOT, Answer, Cli

AT = ("--at", "3.3.1", "--saver", "2.6.2", "--rounds", "0", "--repeat", "2")
BROKEN = 'raise ValueError("no such model")'
HEAD = """
[[cure]]
name = "{name}"
kind = "{kind}"
layer = {layer}
does = "something"
risk = "little"
source = "a test"
{more}
"""
# The toy build registers these two; every other flag is unknown to it.
IR, DNN = "FLAGS_enable_pir_api", "FLAGS_use_mkldnn"


def entry(name: str, more: str, kind: str = "env", layer: int = 1) -> str:
    return HEAD.format(name=name, kind=kind, layer=layer, more=more)


def flag(name: str, variable: str, value: str = "0", **words: Any) -> str:
    return entry(name, f'env = {{ {variable} = "{value}" }}', **words)


PLACEBO = entry("placebo", 'env = { FLAGS_json_format_model = "0" }\ncontrol = true', layer=6)


def unless(*conditions: str) -> str:
    """The toy fails except under all of the conditions, each NAME=VALUE."""
    pairs = [one.split("=") for one in conditions]
    good = " and ".join(f'os.environ.get("{name}") == "{value}"' for name, value in pairs)
    return f'if os.environ["TOY_PADDLE_VERSION"] == "3.3.1" and not ({good}): {BROKEN}'


def write(bench: Path, *cures: str, **words: str) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(**words), encoding="utf-8")
    (bench / "scenarios" / "cures.toml").write_text("".join(cures), encoding="utf-8")


def statuses(answer: Answer) -> dict[str, str]:
    return {"+".join(one["names"]): one["status"] for one in json.loads(answer.out)["tried"]}


def test_a_flag_that_helps_every_time_is_accepted_with_the_line_to_paste(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), flag("other", DNN), PLACEBO, load=unless(f"{IR}=0"))
    answer = cli("cure", "toy", *AT)
    assert answer.code == 0, answer.err
    assert "old: proved, 2 of 2 times" in answer.out
    assert f"export {IR}=0" in answer.out
    assert "no effect      other" in answer.out
    assert "FLAGS_json_format_model is not registered" in answer.out


def test_nothing_that_helps_is_exit_code_1(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), flag("dnn", DNN), PLACEBO, load=unless("NEVER=1"))
    answer = cli("cure", "toy", *AT, "--json")
    assert statuses(answer) == {
        "old": "no effect",
        "dnn": "no effect",
        "placebo": "unsupported",
        "old+dnn": "no effect",
    }
    assert answer.code == 1


def test_a_cure_with_wrong_numbers_is_refused(cli: Cli, toy: Any, bench: Path) -> None:
    wrong = f'if os.environ.get("{IR}") == "0": inputs["x"][0, 0] += 1'
    write(bench, flag("old", IR), load=unless(f"{IR}=0"), infer=wrong)
    answer = cli("cure", "toy", *AT, "--json")
    assert statuses(answer) == {"old": "wrong numbers"}
    assert answer.code == 1


def test_a_cure_that_makes_another_failure_is_told_from_one_without_effect(cli: Cli, toy: Any, bench: Path) -> None:
    crash = f'if os.environ.get("{IR}") == "0": os.abort()\n    {unless("NEVER=1")}'
    write(bench, flag("old", IR), flag("dnn", DNN), load=crash)
    assert {"old": "other failure", "dnn": "no effect"}.items() <= statuses(cli("cure", "toy", *AT, "--json")).items()


def test_a_flag_the_build_does_not_know_is_never_accepted_even_where_the_run_works(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench, flag("unknown", "FLAGS_no_such_thing"), PLACEBO, load=unless("FLAGS_no_such_thing=0"))
    answer = cli("cure", "toy", *AT, "--json")
    assert set(statuses(answer).values()) == {"unsupported"}
    assert answer.code == 1


def test_a_control_that_helps_makes_the_whole_search_worthless(cli: Cli, toy: Any, bench: Path) -> None:
    control = entry("control", 'env = { SOME_WORD = "1" }\ncontrol = true')
    write(bench, control, load=unless("SOME_WORD=1"))
    answer = cli("cure", "toy", *AT)
    assert answer.code == 3
    assert "control" in answer.err
    assert "proved" not in answer.out


def test_what_only_helps_together_is_reduced_to_what_is_needed(cli: Cli, toy: Any, bench: Path) -> None:
    parts = [flag(f"part{n}", f"PART_{n}", "1") for n in range(5)]
    write(bench, *parts, PLACEBO, load=unless("PART_1=1", "PART_3=1"))
    answer = cli("cure", "toy", *AT)
    assert answer.code == 0
    assert "part1 + part3: proved, 2 of 2 times" in answer.out
    assert "without any part of it the same failure is back" in answer.out
    assert "export PART_1=1" in answer.out


def test_parts_that_hide_different_failures_are_not_called_proved(cli: Cli, toy: Any, bench: Path) -> None:
    second = 'if os.environ.get("PART_1") and not os.environ.get("PART_2"): raise KeyError("behind the first")'
    parts = [flag(f"part{n}", f"PART_{n}", "1") for n in (1, 2)]
    write(bench, *parts, load=f"{unless('PART_1=1')}\n    {second}")
    answer = cli("cure", "toy", *AT)
    assert answer.code == 1
    assert "unproved       part1 + part2 (it works together, but without part2: other failure)" in answer.out


def test_a_cure_that_helps_only_now_and_then_is_flaky(cli: Cli, toy: Any, bench: Path, tmp_path: Path) -> None:
    helped = f'os.environ.get("{IR}") == "0" and not os.path.exists("{tmp_path}/x") and not open("{tmp_path}/x", "w").close()'
    write(bench, flag("old", IR), load=f'if os.environ["TOY_PADDLE_VERSION"] == "3.3.1" and not ({helped}): {BROKEN}')
    answer = cli("cure", "toy", *AT, "--json")
    assert statuses(answer) == {"old": "flaky"}
    assert answer.code == 1


def test_a_failure_that_is_flaky_itself_cannot_be_cured(cli: Cli, toy: Any, bench: Path, tmp_path: Path) -> None:
    once = f'mark = "{tmp_path}/y"; again = os.path.exists(mark); open(mark, "w").close()'
    write(
        bench,
        flag("old", IR),
        load=f'if "3.3.1" in os.environ["TOY_PADDLE_VERSION"]:\n        {once}\n        if again: {BROKEN}',
    )
    answer = cli("cure", "toy", *AT)
    assert answer.code == 3
    assert "1 of 2 times" in answer.err


@pytest.mark.parametrize(
    ("load", "said", "more"),
    [
        ("pass", "3.3.1 does not fail on files of 2.6.2 by its own code", ()),
        (BROKEN, "2.6.2 is no good release", ("--good", "2.6.2")),
    ],
)
def test_what_does_not_fail_or_was_wrongly_called_good_is_said_with_exit_code_4(
    cli: Cli, toy: Any, bench: Path, load: str, said: str, more: tuple[str, ...]
) -> None:
    write(bench, flag("old", IR), load=load)
    answer = cli("cure", "toy", *AT, *more)
    assert (answer.code, answer.out) == (4, "")
    assert said in answer.err


def test_a_release_that_cannot_be_built_is_not_said_to_work(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), load=unless(f"{IR}=0"))
    toy.unbuildable = ("3.3.1-cpu-py311",)
    answer = cli("cure", "toy", *AT)
    assert answer.code == 5
    assert "could not be built" in answer.err


def test_a_cure_for_other_releases_and_advice_are_listed_and_not_run(cli: Cli, toy: Any, bench: Path) -> None:
    later = flag("later", IR).replace('risk = "little"', 'risk = "little"\nreleases = "<3"')
    advice = entry("pin", 'code = "pip install something"', kind="advice")
    write(bench, later, advice, load=unless("NEVER=1"))
    answer = cli("cure", "toy", "--at", "3.3.1", "--saver", "3.0.0", "--rounds", "0", "--json")
    assert statuses(answer) == {"later": "unsupported", "pin": "advice"}
    assert not any(IR in job.env for job in toy.jobs)


def test_a_standard_route_is_no_cure_for_a_scenario_that_saves_no_standard_model(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench, entry("predictor", 'route = "predictor"', kind="route"), load=unless("NEVER=1"))
    assert statuses(cli("cure", "toy", *AT, "--json")) == {"predictor": "unsupported"}


def test_the_header_names_the_saver_where_nobody_else_does(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), load=OLD_READER_FAILS, more=FAILING)
    found = json.loads(cli("cure", "toy", "--at", "2.6.2", "--rounds", "0", "--json").out)
    assert (found["saver"], found["good"], found["at"]) == ("3.0.0", "3.0.0", "2.6.2")


def test_the_price_of_a_cure_stands_beside_the_good_release(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), load=unless(f"{IR}=0"))
    answer = cli("cure", "toy", "--at", "3.3.1", "--saver", "2.6.2", "--rounds", "1", "--repeat", "1")
    assert "of the good release, 1 processes each: noisy" in answer.out
    assert "peak memory" in answer.out


def test_times_that_were_taken_in_different_sessions_are_never_compared(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), load=unless(f"{IR}=0"))
    words = ("cure", "toy", "--saver", "2.6.2", "--rounds", "1", "--repeat", "1", "--at", "3.3.1")
    assert cli(*words).code == 0
    started = len(toy.jobs)
    assert cli(*words).code == 0
    assert len(toy.jobs) == started, "times of one session serve again"
    assert cli("run", "toy", "--savers", "2.6.2", "--loaders", "2.6.2,3.0.0", "--rounds", "1").code == 0
    started = len(toy.jobs)
    assert cli(*words).code == 0
    assert len(toy.jobs) == started + 2, "the good release was timed anew elsewhere, so both are timed anew"


def test_the_same_question_again_runs_nothing(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), PLACEBO, load=unless(f"{IR}=0"))
    cli("cure", "toy", *AT)
    started = len(toy.jobs)
    assert cli("cure", "toy", *AT).code == 0
    assert len(toy.jobs) == started


def test_the_reported_problem_is_cured_by_flag_and_guard_and_the_predictor_only_replaces_the_call(
    cli: Cli, toy: Any, bench: Path
) -> None:
    for name in ("jit_load_pir.py", "cures.toml"):
        shutil.copyfile(ROOT / "scenarios" / name, bench / "scenarios" / name)
    answer = cli("cure", "jit_load_pir", "--at", "newest", "--rounds", "0", "--repeat", "1", "--json")
    found = statuses(answer)
    good = {name for name, status in found.items() if status == "accepted"}
    assert good == {"old-ir", "old-ir-guard"}
    assert (found["predictor"], found["predictor-no-onednn"]) == ("replacement", "placebo")
    assert found["placebo"] == "unsupported"
    block = cli("cure", "jit_load_pir", "--at", "newest", "--rounds", "0", "--repeat", "1", "--format", "markdown").out
    assert "DygraphOldIrGuard" in block
    assert "export FLAGS_enable_pir_api=False" in block


@pytest.mark.parametrize(
    ("cures", "said"),
    [
        ("[[cure]]\nname = 3\n", "name"),
        ("[[cure\n", "TOML"),
        (flag("a", IR) + flag("a", DNN), "twice"),
        (entry("a", "", kind="magic"), "magic"),
        (entry("a", "", kind="env"), "env is empty"),
        (flag("a", IR) + "colour = 1\n", "colour"),
    ],
)
def test_a_broken_catalogue_is_named_with_its_entry(cli: Cli, toy: Any, bench: Path, cures: str, said: str) -> None:
    write(bench, cures)
    answer = cli("cure", "toy", *AT)
    assert answer.code == 2
    assert said in answer.err
    assert "cures.toml" in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--at", "9.9", "--saver", "2.6.2"), "9.9"),
        (("--at", "3.3.1"), "--saver"),
        (("--at", "3.3.1", "--saver", "2.6.3"), "2.6.2"),
        (("--at", "3.3.1", "--saver", "2.6.2", "--good", "2.6.9"), "2.6.2"),
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


def test_a_workspace_without_a_catalogue_is_told_how_to_get_one(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    (bench / "scenarios" / "cures.toml").unlink()
    assert "lab init" in cli("cure", "toy", *AT).err


def test_a_dry_run_lists_the_cures_and_starts_nothing(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR))
    answer = cli("cure", "toy", *AT, "--dry-run")
    assert "2.6.2-cpu-py311 -> 3.3.1-cpu-py311" in answer.out
    assert "old" in answer.out
    assert (answer.code, toy.jobs) == (0, [])
    found = json.loads(cli("cure", "toy", *AT, "--dry-run", "--json").out)
    assert "old" in [one["name"] for one in found["cures"]]
