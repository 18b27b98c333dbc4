"""`lab isolate` over toy places: what it blames, what it clears, what it leaves open, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.scenario_text import text
from tests.conftest import Answer, Cli

GOOD, BAD = ("--good", "release=2.6.2"), ("--bad", "release=3.1.1")
BROKEN = 'raise ValueError("no such model")'
NEW = 'os.environ["TOY_PADDLE_VERSION"] >= "3"'


def write(bench: Path, load: str = f"if {NEW}: {BROKEN}") -> None:
    (bench / "scenarios" / "toy.py").write_text(text(load=load), encoding="utf-8")


def isolate(cli: Cli, good: str, bad: str, *words: str) -> Answer:
    return cli("isolate", "toy", "--good", good, "--bad", bad, "--saver", "2.6.2", *words)


def rows(answer: Answer) -> str:
    """What was said, with one blank between cells and words."""
    return " ".join(answer.out.split())


def document(answer: Answer) -> dict[str, Any]:
    found = json.loads(answer.out)
    assert isinstance(found, dict)
    return found


def statuses(answer: Answer) -> dict[str, str]:
    return {one["name"]: one["status"] for one in document(answer)["axes"]}


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, must=False, **__: {} if must else None)


@pytest.fixture
def no_qemu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.engine.emulation.find", lambda: None)


@pytest.fixture
def qemu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the place of qemu: it says which processor it plays, and starts what it is given."""
    script = tmp_path / "qemu"
    script.write_text('#!/bin/sh\nexport TOY_CPU="$2"\nshift 2\nexec "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr("lab.engine.emulation.find", lambda: script)
    monkeypatch.setattr("lab.engine.emulation.version", lambda: "toy qemu 1")
    monkeypatch.setattr("lab.engine.emulation.models", lambda _: frozenset({"Dhyana", "Haswell"}))
    return script


def test_the_release_is_blamed_and_everything_else_is_shown_not_to_matter(
    cli: Cli, toy: Any, bench: Path, qemu: Path
) -> None:
    write(bench)
    good = "release=2.6.2,device=cpu,python=3.11,cpu=host"
    answer = isolate(cli, good, "release=3.1.1,python=3.9,threads=2,cpu=Dhyana,FLAGS_use_mkldnn=1", "--json")
    assert document(answer)["cause"] == ["release"]
    others = {name: status for name, status in statuses(answer).items() if name != "release"}
    assert others == dict.fromkeys(["FLAGS_use_mkldnn", "python", "threads", "cpu"], "does not matter")
    assert answer.code == 0
    said = isolate(cli, good, "release=3.1.1,python=3.9,cpu=Dhyana").out
    assert "release alone matters: release 2.6.2 -> 3.1.1 turns good into bad." in said
    assert "Dhyana emulated*" in said
    assert "changed alone: good; changed back: bad" in said


def test_a_processor_is_emulated_by_a_prefix_to_the_child_that_imports_paddle(
    cli: Cli, toy: Any, bench: Path, qemu: Path
) -> None:
    write(bench, f'if os.environ.get("TOY_CPU") == "Dhyana" and {NEW}: {BROKEN}')
    answer = isolate(cli, "release=2.6.2", "release=3.1.1,cpu=Dhyana", "--json")
    found = document(answer)
    assert found["cause"] == ["release", "cpu"]
    emulated = [one for one in found["trials"] if one["cpu"]]
    assert {one["cpu"] for one in emulated} == {"cpu=Dhyana(emulated)"}
    assert {one["load"]["cpu"] for one in emulated} == {"Dhyana, emulated by toy qemu 1"}
    assert all("cpu=Dhyana(emulated)" in one["label"] for one in emulated)
    assert not any(one["measurements"] for one in found["trials"]), "an emulated processor was timed"


def test_a_failure_of_the_emulator_itself_is_no_failure_of_paddle(cli: Cli, toy: Any, bench: Path, qemu: Path) -> None:
    write(bench, f'if os.environ.get("TOY_CPU") or {NEW}: {BROKEN}')
    answer = isolate(cli, "release=2.6.2", "release=3.1.1,cpu=Dhyana", "--json")
    found = document(answer)
    assert (found["cause"], statuses(answer)["cpu"]) == (["release"], "not tested")
    assert "the good place fails as well" in next(one["why"] for one in found["axes"] if one["name"] == "cpu")
    assert answer.code == 0


def test_without_qemu_the_processor_is_left_out_with_the_remedy_and_the_rest_goes_on(
    cli: Cli, toy: Any, bench: Path, no_qemu: None
) -> None:
    write(bench)
    answer = isolate(cli, "release=2.6.2", "release=3.1.1,threads=2,cpu=Dhyana")
    assert "release alone matters" in answer.out
    assert "cpu host Dhyana not tested" in rows(answer)
    assert "apt-get install qemu-user-static" in answer.out
    assert answer.code == 0


def test_without_qemu_nothing_can_be_said_where_only_the_processor_differs(
    cli: Cli, toy: Any, bench: Path, no_qemu: None
) -> None:
    write(bench)
    answer = isolate(cli, "release=3.1.1", "release=3.1.1,cpu=Dhyana")
    assert answer.code == 3
    assert "qemu-user-static" in answer.err


def test_a_cap_on_instructions_is_set_as_variables_and_needs_no_emulator(
    cli: Cli, toy: Any, bench: Path, no_qemu: None
) -> None:
    write(bench, f'if os.environ.get("ONEDNN_MAX_CPU_ISA") == "AVX2" and {NEW}: {BROKEN}')
    answer = isolate(cli, "release=2.6.2", "release=3.1.1,cpu=avx2", "--json")
    assert document(answer)["cause"] == ["release", "cpu"]
    assert {job.env.get("MKL_CBWR") for job in toy.jobs} == {None, "AVX2"}


def test_two_axes_that_matter_only_together_are_both_named(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, f'if {NEW} and os.environ.get("FLAGS_use_mkldnn") == "1": {BROKEN}')
    answer = isolate(cli, "release=2.6.2,FLAGS_use_mkldnn=0", "release=3.1.1,threads=2,FLAGS_use_mkldnn=1")
    assert "release and FLAGS_use_mkldnn together matter" in answer.out
    assert "threads 1 2 does not matter" in rows(answer)
    assert answer.code == 0


def test_a_combination_that_cannot_exist_is_visible_and_guessed_at_by_nobody(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    answer = isolate(cli, "release=2.6.2,python=3.11", "release=3.0.0,python=3.13")
    assert "SKIP" in answer.out
    assert "no cp313 wheel" in answer.out
    assert "python 3.11 3.13 half shown" in rows(answer)
    assert "release alone matters" in answer.out
    assert answer.code == 0


def test_an_axis_that_exists_only_with_the_other_release_is_held_still(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    answer = isolate(cli, "release=2.6.2,python=3.8", "release=3.1.1,python=3.9")
    assert (
        "release alone matters: release 2.6.2 -> 3.1.1 turns good into bad, with python=3.9 on both sides."
        in answer.out
    )
    assert "python 3.8 3.9 not to blame changed alone: good; changed back: skip" in rows(answer)
    assert answer.code == 0


def test_a_release_that_has_both_wheels_stands_in_for_one_that_has_not(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    answer = isolate(cli, "release=2.6.1,device=gpu", "release=3.0.0,device=cpu")
    assert "2.6.2 works there too, and stands in for it" in answer.out
    assert (
        "release alone matters: release 2.6.2 -> 3.0.0 turns good into bad, with device=cpu on both sides."
        in answer.out
    )
    assert answer.code == 0


def test_axes_that_only_exist_together_are_not_told_apart(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    answer = isolate(cli, "release=2.6.2,python=3.8", "release=3.1.1,python=3.13")
    assert "3.0.0 cannot stand in for it" in answer.out
    assert "NOT SEPARABLE here: release and python" in answer.out
    assert answer.code == 3


def test_a_place_whose_image_cannot_be_made_costs_only_the_axis_that_needs_it(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    toy.unbuildable = ("2.6.2-cpu-py310",)
    answer = isolate(cli, "release=2.6.2,python=3.10", "release=3.1.1,python=3.11")
    assert "python 3.10 3.11 not tested python=3.10 cannot be had here" in rows(answer)
    assert "release alone matters" in answer.out
    assert answer.code == 0


def test_a_release_that_cannot_be_built_at_all_is_a_build_failure(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    toy.unbuildable = ("3.1.1-cpu-py311",)
    answer = isolate(cli, "release=2.6.2", "release=3.1.1,threads=2")
    assert answer.code == 5
    assert "the bad place could not be tested" in answer.err


def test_an_axis_that_changes_the_failure_is_said(cli: Cli, toy: Any, bench: Path) -> None:
    other = 'if os.environ.get("FLAGS_use_mkldnn") == "1" and os.environ["OMP_NUM_THREADS"] == "1": raise KeyError("w")'
    write(bench, f"{other}\n    if {NEW}: {BROKEN}")
    answer = isolate(cli, "release=2.6.2", "release=3.1.1,FLAGS_use_mkldnn=1,threads=2")
    assert "OTHER" in answer.out
    assert "INTERPLAY" in answer.out
    assert answer.code == 3


def test_a_numpy_that_the_release_forbids_is_unsupported_and_one_it_allows_is_an_environment_of_its_own(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, **__: {})
    write(bench)
    answer = isolate(cli, "release=2.6.2", "release=3.1.1,numpy=2.1.0")
    assert "needs numpy<2" in answer.out
    assert any(job.image.environment == "3.1.1-cpu-py311-numpy2.1.0" for job in toy.jobs)


def test_another_numpy_is_blamed_with_the_version_that_stands_for_as_locked(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, **__: {})
    write(bench, f'if "numpy" not in os.environ["TOY_ENVIRONMENT"]: {BROKEN}')
    answer = isolate(cli, "release=3.0.0,numpy=1.26.4", "release=3.1.1")
    assert answer.code == 0, answer.out + answer.err
    assert f"note: numpy as locked is {np.__version__} in 3.1.1\n\nnumpy alone matters" in answer.out


@pytest.mark.parametrize(
    ("load", "good", "bad", "said"),
    [
        ("pass", "release=2.6.2", "release=3.1.1", "both ends work"),
        (BROKEN, "release=2.6.2", "release=3.1.1", "both ends fail"),
        (f"if {NEW}: {BROKEN}", "release=3.1.1", "release=2.6.2", "swap --good and --bad"),
    ],
)
def test_ends_that_are_not_good_and_bad_are_named_with_what_was_seen(
    cli: Cli, toy: Any, bench: Path, load: str, good: str, bad: str, said: str
) -> None:
    write(bench, load)
    answer = isolate(cli, good, bad)
    assert answer.code == 4
    assert said in answer.err


def test_an_end_that_fails_only_now_and_then_is_a_wrong_end(cli: Cli, toy: Any, bench: Path, tmp_path: Path) -> None:
    once = f'mark = "{tmp_path}/seen"; again = os.path.exists(mark); open(mark, "w").close()'
    write(bench, f"if {NEW}:\n        {once}\n        if again: {BROKEN}")
    answer = isolate(cli, "release=2.6.2", "release=3.1.1")
    assert answer.code == 4
    assert "failed 1 of 2 times" in answer.err


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("release=3.0.0", "release=3.0.0", "same place"),
        ("release=3.0.0,python=3.11", "release=3.0.0", "same place"),
        ("release=2.6.3", "release=3.0.0", "2.6.2"),
        ("device=gpu", "device=cpu", "names a release"),
        ("release=2.6.2,colour=red", "release=3.0.0", "colour"),
        ("release=2.6.2,release=3.0.0", "release=3.0.0", "twice"),
        ("release=2.6.2,python=3.99", "release=3.0.0", "3.99"),
        ("release=2.6.2,device=tpu", "release=3.0.0", "tpu"),
        ("release=2.6.2,threads=many", "release=3.0.0", "threads"),
        ("release=2.6.2,numpy=new", "release=3.0.0", "numpy"),
        ("release=2.6.2,cpu=Dyhana", "release=3.0.0", "Dyhana"),
        ("release", "release=3.0.0", "axis"),
    ],
)
def test_bad_words_get_one_sentence_and_start_nothing(
    cli: Cli, toy: Any, bench: Path, qemu: Path, good: str, bad: str, said: str
) -> None:
    write(bench)
    answer = isolate(cli, good, bad)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert toy.jobs == []


def test_a_pattern_or_a_saver_that_is_none_starts_nothing(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    assert isolate(cli, "release=2.6.2", "release=3.0.0", "--signature", "(").code == 2
    assert cli("isolate", "toy", *GOOD, *BAD, "--saver", "9.9").code == 2
    assert "--saver" in cli("isolate", "toy", *GOOD, *BAD).err
    assert toy.jobs == []


def test_a_dry_run_lists_the_places_and_starts_nothing(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    answer = isolate(cli, "release=2.6.1,device=gpu", "release=3.0.0,device=cpu", "--dry-run")
    assert "2 axes differ: release, device" in answer.out
    assert "cannot exist here" in answer.out
    assert "stands in for the good release: 2.6.2" in answer.out
    assert (answer.code, toy.jobs) == (0, [])


def test_the_same_question_again_runs_nothing_and_a_block_for_the_issue_can_be_had(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench)
    isolate(cli, "release=2.6.2", "release=3.1.1,threads=2")
    started = len(toy.jobs)
    answer = isolate(cli, "release=2.6.2", "release=3.1.1,threads=2", "--format", "markdown")
    assert len(toy.jobs) == started
    assert "| threads | 1 | 2 | does not matter |" in answer.out
    assert "<details>" in answer.out


@pytest.mark.parametrize(("word", "meant"), [("Dyhana", "Dhyana"), ("hosst", "host"), ("avx22", "avx2")])
def test_a_misspelt_processor_is_said_before_an_emulator_is_missed(
    cli: Cli, toy: Any, bench: Path, no_qemu: None, monkeypatch: pytest.MonkeyPatch, word: str, meant: str
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    write(bench)
    answer = isolate(cli, "release=2.6.2", f"release=3.1.1,cpu={word}", "--dry-run")
    assert answer.code == 2
    assert f"there is no processor '{word}'" in answer.err
    assert f"did you mean {meant}" in answer.err
