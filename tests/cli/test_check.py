"""`lab check`, `lab stamp` and `lab convert` as a user meets them, with real model files and the toy engine."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.check import excite
from lab.engine.protocol import Job, JobResult
from lab.run.step import read_step
from lab.storage import seal
from tests.cli.given import MODELS, Model, listing
from tests.conftest import Answer, Cli
from tests.unit.formats_files import varint

FAST = ("--rounds", "0")


def words(answer: Answer) -> str:
    """What was printed, without its line breaks."""
    return " ".join(answer.out.split())


def found(answer: Answer) -> Any:
    assert answer.out, answer.err
    return json.loads(answer.out)


def skewed(toy: Any, release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on this release computes something else."""
    run = toy.run

    def wrong(job: Job) -> JobResult:
        skew = {"TOY_PADDLE_SKEW": "1"} if job.image.environment.startswith(release) else {}
        return run(replace(job, env={**job.env, **skew}))  # type: ignore[no-any-return]

    monkeypatch.setattr(toy, "run", wrong)


def with_variables(toy: Any, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every release finds these variables."""
    run = toy.run
    monkeypatch.setattr(toy, "run", lambda job: run(replace(job, env={**job.env, **variables})))


def given_inputs(bench: Path, run: str) -> Any:
    """The numbers that the ways of a check were given."""
    (path,) = (bench / "results" / "runs" / run).glob("saves/*/out/inputs.npz")
    with np.load(path) as stored:
        return stored["a0000"]


def test_inputs_that_excite_a_dull_model_are_found_taken_and_told(
    lab: Cli, toy: Any, model: Model, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_variables(toy, {"TOY_PADDLE_DULL_BELOW": "3"}, monkeypatch)
    folder = model("3.0.0")
    answer = lab("check", str(folder), "--to", "3.3.1", *FAST)
    assert answer.code == 0, answer.out + answer.err
    assert "inputs are made up (seed 0; pixels from 0 to 255, integers 0 and 1): image float32 [2, 1, 8, 8]" in words(
        answer
    )
    assert "pixels from 0 to 255 are the first with every output at least as wide as 1/1000 of the widest" in words(
        answer
    )
    assert "pixels from 0 to 255 (1)" in words(answer)
    assert "real inputs (--inputs x.npz) say more than any of these" in words(answer)
    made = found(lab("check", str(folder), "--to", "3.3.1", *FAST, "--json"))
    assert given_inputs(bench, made["run"]).max() > 200
    assert made["feeds"][0]["draw"] == "pixels"
    assert made["excited"]["draw"] == "pixels"


def test_a_check_that_ends_while_inputs_are_chosen_leaves_no_step_that_is_not_what_it_was(
    lab: Cli, toy: Any, model: Model, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_variables(toy, {"TOY_PADDLE_DULL_BELOW": "3"}, monkeypatch)
    folder, copy, calls = str(model("3.0.0")), excite._copy, 0

    def pressed(*args: Any) -> None:
        nonlocal calls
        calls -= 1
        copy(*args)
        if not calls:
            raise KeyboardInterrupt

    monkeypatch.setattr(excite, "_copy", pressed)
    for last in range(1, 9):
        calls = last
        answer = lab("check", folder, "--to", "3.3.1", *FAST, "--fresh")
        if calls > 0:
            break
        assert answer.code == 130, answer.err
        damaged = [seal.damage(one.parent / "out", read_step(one.parent).files) for one in bench.rglob("step.json")]
        assert not any(damaged)
    assert last > 1


def test_all_ways_of_a_release_and_all_kinds_of_inputs_cost_one_start_of_a_container(
    lab: Cli, toy: Any, model: Model
) -> None:
    folder = str(model("3.0.0"))
    made = found(lab("check", folder, "--to", "3.3.1", *FAST, "--json"))
    assert len(made["attempts"]) == 8
    assert made["answers"][0]["lines"]
    assert [job.image.environment for job in toy.jobs] == ["3.0.0-cpu-py311", "3.3.1-cpu-py311"]


def test_the_usual_inputs_are_taken_where_the_model_is_not_dull(lab: Cli, model: Model, bench: Path) -> None:
    made = found(lab("check", str(model("3.0.0")), "--to", "3.3.1", *FAST, "--json"))
    assert made["excited"]["draw"] == "uniform"
    assert given_inputs(bench, made["run"]).max() < 1


def test_a_kind_of_inputs_that_kills_the_model_is_left_out(
    lab: Cli, toy: Any, model: Model, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_variables(toy, {"TOY_PADDLE_DIES_ABOVE": "100"}, monkeypatch)
    answer = lab("check", str(model("3.0.0")), "--to", "3.3.1", *FAST)
    assert answer.code == 0, answer.out + answer.err
    assert "floats from 0 to 1, integers 0 and 1" in words(answer)


def test_a_stamp_keeps_the_inputs_that_were_taken_and_a_check_draws_them_again(
    lab: Cli, toy: Any, model: Model, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_variables(toy, {"TOY_PADDLE_DULL_BELOW": "3"}, monkeypatch)
    folder = model("3.0.0")
    assert lab("stamp", str(folder)).code == 0
    kept = json.loads((folder / "net.lab.json").read_text(encoding="utf-8"))
    assert kept["feeds"][0]["draw"] == "pixels"
    made = found(lab("check", str(folder), "--to", "3.3.1", *FAST, "--json"))
    assert made["stamp"]
    assert given_inputs(bench, made["run"]).max() > 200


def test_inputs_of_the_users_own_are_the_only_ones_that_are_tried(lab: Cli, model: Model, tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", image=np.ones((1, 1, 8, 8), "float32"), size=np.ones(1, "int64"))
    made = found(
        lab("check", str(model("3.0.0")), "--to", "3.3.1", *FAST, "--inputs", str(tmp_path / "x.npz"), "--json")
    )
    assert made.get("excited") is None


def scaled(toy: Any, factors: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on these releases give outputs of another size."""
    run = toy.run

    def sized(job: Job) -> JobResult:
        factor = next((one for release, one in factors.items() if job.image.environment.startswith(release)), "1")
        return run(replace(job, env={**job.env, "TOY_PADDLE_SCALE": factor}))  # type: ignore[no-any-return]

    monkeypatch.setattr(toy, "run", sized)


@pytest.mark.parametrize("factor", ["1e-9", "4e-9"])
def test_small_outputs_that_are_half_or_twice_as_large_in_the_new_release_are_not_safe(
    lab: Cli, toy: Any, model: Model, monkeypatch: pytest.MonkeyPatch, factor: str
) -> None:
    scaled(toy, {"3.0.0": "2e-9", "3.3.1": factor}, monkeypatch)
    answer = lab("check", str(model("3.0.0")), "--to", "3.3.1", *FAST)
    assert answer.code == 1, answer.out + answer.err
    assert words(answer).startswith("NOT SAFE")
    assert "100 % of the elements differ" in words(answer) or "83.3 % of the elements differ" in words(answer)


def test_a_model_whose_outputs_are_all_zero_is_never_said_to_be_safe(
    lab: Cli, toy: Any, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    scaled(toy, {"3": "0"}, monkeypatch)
    answer = lab("check", str(model("3.0.0")), "--to", "3.3.1", *FAST)
    assert answer.code == 3, answer.out + answer.err
    assert words(answer).startswith("NOT KNOWN")
    assert "show nothing with these inputs (output out0: every element is zero)" in words(answer)
    assert "--inputs" in answer.out
    assert "same numbers" not in answer.out


def test_an_old_model_is_safe_another_way_and_the_lines_to_use_are_told(lab: Cli, model: Model) -> None:
    folder = model("2.6.2")
    before = listing(folder)
    answer = lab("check", str(folder), *FAST)
    assert answer.code == 9, answer.err
    assert words(answer).startswith(
        "SAFE ANOTHER WAY: net from 2.6.2 to 3.3.1. As it is, it fails by jit.load: ValueError"
    )
    assert 'os.environ["FLAGS_enable_pir_api"] = "False" import paddle path =' in words(answer)
    assert "layer = paddle.jit.load(path)" in words(answer)
    assert "PaddlePaddle/Paddle#71996" in words(answer)
    assert "net.pdiparams.info holds pickle" in words(answer)
    assert "image is given as [2, 1, 8, 8], the model says [?, 1, 8, 8]" in words(answer)
    assert "numbers are held against 2.6.2 by jit" in words(answer)
    assert listing(folder) == before, "the user's own files are only read"


def test_safe_another_way_is_exit_code_0_where_a_change_is_accepted(lab: Cli, model: Model) -> None:
    folder = str(model("2.6.2"))
    assert "exit code 9, because" in words(lab("check", folder, *FAST))
    answer = lab("check", folder, *FAST, "--accept-change")
    assert answer.code == 0
    assert "exit code 9" not in words(answer)
    told = found(lab("check", folder, *FAST, "--accept-change", "--json"))
    assert (told["verdict"], told["exit_code"]) == ("SAFE ANOTHER WAY", 0)


def test_a_new_model_is_safe_unchanged(lab: Cli, model: Model) -> None:
    answer = lab("check", str(model("3.0.0")), "--to", "3.1.1..3.3.1", *FAST)
    assert answer.code == 0, answer.err
    assert "SAFE: net from 3.0.0 to 3.1.1, 3.2.0, 3.2.1, 3.2.2, 3.3.0 and 3.3.1. What worked works" in words(answer)
    assert answer.out.count("paddle.jit.load(path)") == 1
    assert "bit for bit" in words(answer)


def test_a_downgrade_that_nothing_reads_is_not_safe(lab: Cli, model: Model) -> None:
    answer = lab("check", str(model("3.3.1")), "--to", "2.6.2", *FAST, "--json")
    assert answer.code == 1
    told = found(answer)
    assert told["answers"][0]["verdict"] == "NOT SAFE"
    assert "predictor: SIGSEGV" in " ".join(told["answers"][0]["lost"])
    assert told["paragraph"].startswith("NOT SAFE: net from 3.3.1 to 2.6.2")


def test_other_numbers_without_a_message_are_not_safe(
    lab: Cli, model: Model, toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    skewed(toy, "3.3.1", monkeypatch)
    answer = lab("check", str(model("3.0.0")), *FAST)
    assert answer.code == 1
    assert "NOT SAFE" in words(answer)
    assert "other numbers than before" in words(answer)


def test_a_release_that_cannot_be_had_is_not_called_safe(lab: Cli, model: Model, toy: Any) -> None:
    toy.unbuildable = ("3.3.1-cpu-py311",)
    answer = lab("check", str(model("3.0.0")), *FAST)
    assert answer.code == 5
    assert "NOT KNOWN" in words(answer)
    assert "Nothing could be tried there (build_failure)" in words(answer)


def test_an_old_release_that_could_not_be_built_is_not_replaced_by_a_newer_one(
    lab: Cli, model: Model, toy: Any
) -> None:
    path = model("3.0.0")
    toy.unbuildable = ("3.0.0-cpu-py311",)
    answer = lab("check", str(path), *FAST)
    assert answer.code == 5
    assert "the reference by 3.0.0 by" in answer.err
    toy.unbuildable = ()
    assert found(lab("check", str(path), *FAST, "--json"))["reference"].startswith("3.0.0 by")


def test_a_model_that_runs_nowhere_is_not_known_and_its_made_up_inputs_are_named(
    lab: Cli, model: Model, toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = toy.run
    broken = {"FLAGS_enable_pir_api": "0"}  # the toy then looks for a .pdmodel by every API but the predictor
    monkeypatch.setattr(toy, "run", lambda job: run(replace(job, env={**job.env, **broken, "OMP_NUM_THREADS": "x"})))
    answer = lab("check", str(model("3.0.0")), *FAST)
    assert answer.code == 3
    assert "NOT KNOWN: net from 3.0.0 to 3.3.1. Neither of them runs it" in words(answer)
    assert "--inputs, --dim" in words(answer)


def test_pickles_can_be_left_out(lab: Cli, model: Model, bench: Path) -> None:
    told = found(lab("check", str(model("2.6.2")), *FAST, "--no-pickle", "--json"))
    assert {one["name"] for one in told["files"]} == {"net.pdiparams", "net.pdmodel"}
    assert not list((bench / "results" / "runs" / told["run"]).glob("saves/*/out/model/*.info"))


def test_times_are_compared_within_one_api(lab: Cli, model: Model) -> None:
    told = found(lab("check", str(model("3.0.0")), "--rounds", "1", "--json"))
    new = [one for one in told["attempts"] if one["release"] == "3.3.1"]
    assert all(one["call"]["seconds"] > 0 and one["load"]["good"] > 0 for one in new)
    assert "Against the same API in 3.0.0, a call takes" in told["paragraph"]


def test_the_same_question_again_runs_nothing(lab: Cli, model: Model, toy: Any) -> None:
    folder = model("3.0.0")
    assert lab("check", str(folder), *FAST).code == 0
    started = len(toy.jobs)
    again = lab("check", str(folder), *FAST, "--json")
    assert (again.code, len(toy.jobs)) == (0, started)
    assert found(again)["reference"] == "3.0.0 by jit"
    assert lab("check", str(folder), *FAST, "--fresh").code == 0
    assert len(toy.jobs) > started


def test_a_check_is_a_run_like_any_other(lab: Cli, model: Model, bench: Path) -> None:
    run = found(lab("check", str(model("2.6.2")), *FAST, "--json"))["run"]
    shown = lab("runs", "show", run)
    assert "2.6.2-cpu-py311" in shown.out
    assert "ValueError in load" in shown.out
    assert "SAFE ANOTHER WAY  the check of net from 2.6.2 to 3.3.1" in shown.out
    assert "NO VERDICT" not in shown.out
    assert "SAFE ANOTHER WAY: net from 2.6.2 to 3.3.1; 1" in words(lab("runs", "list"))
    scenario = next((bench / "results" / "runs" / run).glob("*.py")).read_text(encoding="utf-8")
    assert "given as files" in scenario
    names: dict[str, Any] = {}
    exec(scenario, names)  # noqa: S102 - it was written by the lab
    drawn = names["inputs"](np.random.RandomState(0))
    with np.load(next((bench / "results" / "runs" / run).glob("saves/*/out/inputs.npz"))) as kept:
        assert np.array_equal(kept["a0000"], drawn["image"])
        assert np.array_equal(kept["a0001"], drawn["length"])


def test_dimensions_and_inputs_are_the_users_to_choose(lab: Cli, model: Model, tmp_path: Path) -> None:
    folder = model("3.0.0")
    told = found(lab("check", str(folder), *FAST, "--dim", "batch=3", "--dim", "length:0=1", "--json"))
    assert {one["name"]: one["shape"] for one in told["feeds"]} == {"image": [3, 1, 8, 8], "length": [1, 1]}
    arrays: dict[str, Any] = {"image": np.zeros((1, 1, 8, 8), "float32"), "length": np.ones((1, 1), "int64")}
    np.savez(tmp_path / "x.npz", **arrays)
    told = found(lab("check", str(folder), *FAST, "--inputs", str(tmp_path / "x.npz"), "--json"))
    assert told["feeds"] == []
    assert any("x.npz" in one for one in told["assumed"])


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"image": np.zeros((1, 1, 8, 8), "float64"), "length": np.ones((1, 1), "int64")}, "takes float32"),
        ({"image": np.zeros((1, 3, 8, 8), "float32"), "length": np.ones((1, 1), "int64")}, "[?, 1, 8, 8]"),
        ({"image": np.zeros((1, 1, 8, 8), "float32")}, "the model takes image, length"),
        ({"image": np.array([{}]), "length": np.ones((1, 1), "int64")}, "plain arrays"),
    ],
)
def test_inputs_that_do_not_fit_are_refused_before_anything_runs(
    lab: Cli, model: Model, toy: Any, tmp_path: Path, arrays: dict[str, Any], said: str
) -> None:
    np.savez(tmp_path / "x.npz", **arrays)
    answer = lab("check", str(model("3.0.0")), "--inputs", str(tmp_path / "x.npz"))
    assert (answer.code, answer.out, toy.jobs) == (2, "", [])
    assert said in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--dim", "batch"), "NAME=VALUE"),
        (("--dim", "image:1=3"), "fixed to 1"),
        (("--dim", "colour=3"), "fits no open dimension"),
        (("--dim", "batch=0"), "no length"),
        (("--to", "9.9"), "9.9"),
        (("--from", "2.6.3"), "2.6.2"),
        (("--inputs", "nowhere.npz"), "there is no file nowhere.npz"),
    ],
)
def test_bad_words_get_one_sentence_and_start_nothing(
    lab: Cli, model: Model, toy: Any, words: tuple[str, ...], said: str
) -> None:
    answer = lab("check", str(model("3.0.0")), *words)
    assert (answer.code, answer.out, toy.jobs) == (2, "", [])
    assert said in answer.err


def cut(folder: Path) -> None:
    os.truncate(folder / "net.pdiparams", (folder / "net.pdiparams").stat().st_size - 100)


def flipped(folder: Path) -> None:
    data = bytearray((folder / "net.pdmodel").read_bytes())
    data[0] ^= 0xFF
    (folder / "net.pdmodel").write_bytes(data)


def alone(folder: Path) -> None:
    (folder / "net.pdmodel").unlink()
    (folder / "net.pdiparams.info").unlink()


def several(folder: Path) -> None:
    shutil.copyfile(folder / "net.pdmodel", folder / "other.pdmodel")


def stale(folder: Path) -> None:
    shutil.copyfile(MODELS / "3.3.1" / "net.json", folder / "net.json")
    os.utime(folder / "net.pdmodel", (1_000_000_000, 1_000_000_000))


def pickled(folder: Path) -> None:
    shutil.copyfile(MODELS / "2.6.2" / "net.pdparams", folder / "net.pdiparams")


def other_json(folder: Path) -> None:
    for path in list(folder.iterdir()):
        path.unlink()
    (folder / "config.json").write_text('{"hidden": 8}', encoding="utf-8")


def emptied(folder: Path) -> None:
    for path in list(folder.iterdir()):
        path.unlink()


def apart(folder: Path) -> None:
    shutil.copyfile(MODELS / "2.6.2" / "net.pdparams", folder / "net.pdparams")
    (folder / "net.pdiparams").unlink()
    (folder / "net.pdiparams.info").unlink()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (cut, "not safe with any release: net.pdiparams: truncated: tensor 9"),
        (flipped, "net.pdmodel: "),
        (alone, "only parameters"),
        (several, "holds 2 models: net, other"),
        (stale, "net.json is the newer one"),
        (pickled, "a pickle, as paddle.save writes it, lies where the parameters"),
        (other_json, "config.json is no program of Paddle"),
        (emptied, "is empty"),
        (apart, "lie in net.pdparams, a pickle for paddle.load"),
    ],
)
def test_files_that_cannot_be_run_are_named_in_one_sentence(
    lab: Cli, model: Model, toy: Any, spoil: Callable[[Path], None], said: str
) -> None:
    folder = model("2.6.2")
    spoil(folder)
    answer = lab("check", str(folder))
    assert (answer.code, answer.out, toy.jobs) == (2, "", [])
    assert said in answer.err
    assert "try:" in answer.err


def test_a_choice_that_is_offered_works(lab: Cli, model: Model) -> None:
    folder = model("2.6.2")
    several(folder)
    stale(folder)
    assert lab("check", str(folder), "--prefix", "other", *FAST).code == 2, "it has no parameters"
    assert "from 2.6.2 to" in lab("check", str(folder / "net.pdmodel"), *FAST).out
    assert "from 3.3.1 to" in lab("check", str(folder / "net.json"), "--to", "3.0.0", *FAST).out


def test_a_model_whose_feeds_cannot_be_guessed_asks_for_inputs(lab: Cli, model: Model, toy: Any) -> None:
    folder = model("3.0.0")
    text = (folder / "net.json").read_text(encoding="utf-8")
    place = text.index('"1.data"')
    (folder / "net.json").write_text(text[:place] + text[place:].replace("t_f32", "t_bf16", 1), encoding="utf-8")
    answer = lab("check", str(folder))
    assert (answer.code, toy.jobs) == (2, [])
    assert "inputs of type bfloat16" in answer.err
    assert "--inputs x.npz" in answer.err


def test_links_of_a_model_are_followed_and_said_and_others_are_not_read(lab: Cli, model: Model, tmp_path: Path) -> None:
    folder = model("3.0.0")
    (folder / "net.pdiparams").rename(tmp_path / "blob")
    (folder / "net.pdiparams").symlink_to(tmp_path / "blob")
    (folder / "notes.txt").symlink_to("/etc/passwd")
    answer = lab("check", str(folder), *FAST)
    assert answer.code == 0, answer.err
    assert f"net.pdiparams is a link to {tmp_path / 'blob'}: followed" in words(answer)
    assert "notes.txt" not in answer.out
    (tmp_path / "blob").unlink()
    answer = lab("check", str(folder), *FAST)
    assert answer.code == 2
    assert "the parameters are missing" in answer.err


def test_a_folder_that_may_only_be_read_is_enough(lab: Cli, model: Model) -> None:
    folder = model("3.0.0")
    folder.chmod(0o555)
    try:
        assert lab("check", str(folder), *FAST).code == 0
    finally:
        folder.chmod(0o755)


def test_a_huge_folder_is_not_searched(lab: Cli, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.formats.find.MAX_ENTRIES", 3)
    folder = model("2.6.2")
    (folder / "more").touch()
    answer = lab("check", str(folder))
    assert answer.code == 2
    assert "has more than 3 entries" in answer.err


def test_damaged_files_are_run_where_the_user_insists(lab: Cli, model: Model, toy: Any) -> None:
    folder = model("3.0.0")
    cut(folder)
    answer = lab("check", str(folder), *FAST, "--anyway")
    assert answer.code == 1
    assert "NOT SAFE: net from 3.0.0 to 3.3.1. The files are damaged: net.pdiparams: truncated" in words(answer)
    assert "opens them without a word" in words(answer), "the toy does not mind, and neither does Paddle"
    assert "to use in" not in words(answer)
    assert toy.jobs


def test_a_model_from_nowhere_is_tried_in_the_first_release_that_reads_it(lab: Cli, model: Model) -> None:
    folder = model("2.6.2")
    data = (folder / "net.pdmodel").read_bytes()
    number = varint(2_006_002)
    assert data.count(b"\x08" + number) == 1
    (folder / "net.pdmodel").write_bytes(data.replace(b"\x08" + number, b"\x08\x80\x80\x00"))
    answer = lab("check", str(folder), *FAST)
    assert "old release: 2.6.2: the file does not say what wrote it" in words(answer)


def stamped(lab: Cli, folder: Path, *words: str) -> Any:
    answer = lab("stamp", str(folder), *words)
    assert answer.code == 0, answer.err
    return json.loads((folder / "net.lab.json").read_text(encoding="utf-8"))


def test_a_stamp_says_what_saved_the_model_and_what_it_answered(lab: Cli, model: Model) -> None:
    folder = model("2.6.2")
    stamp = stamped(lab, folder)
    assert (stamp["schema"], stamp["release"], stamp["way"]["route"]) == (2, "2.6.2", "jit")
    assert {one["name"] for one in stamp["files"]} == {"net.pdiparams", "net.pdiparams.info", "net.pdmodel"}
    assert stamp["operators"]["elementwise_add"] == 2
    assert [one["name"] for one in stamp["inputs"]] == ["image", "length"]
    assert stamp["outputs"][0]["data"]
    assert sorted(path.name for path in folder.iterdir() if "lab" in path.name) == ["net.lab.json"]
    again = lab("stamp", str(folder))
    assert again.code == 2
    assert "--force" in again.err
    assert lab("stamp", str(folder), "--force").code == 0


def test_a_stamped_model_is_held_to_its_stamp_without_the_old_release(lab: Cli, model: Model, toy: Any) -> None:
    folder = model("3.0.0")
    stamped(lab, folder)
    toy.unbuildable = ("3.0.0-cpu-py311",)
    toy.built.clear()
    answer = lab("check", str(folder), "--to", "3.3.1", *FAST)
    assert answer.code == 0, answer.err
    assert "numbers are held against the stamp of" in words(answer)


def test_answers_that_differ_from_the_stamp_are_not_safe(
    lab: Cli, model: Model, toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = model("3.0.0")
    stamped(lab, folder)
    skewed(toy, "3.", monkeypatch)
    answer = lab("check", str(folder), "--to", "3.3.1", *FAST)
    assert answer.code == 11, answer.out
    assert "NOT AS STAMPED: its answers by jit in 3.0.0 are not those of its stamp" in words(answer)
    assert "SAFE: net" not in words(answer).replace("NOT SAFE: net", "")


def test_a_file_that_changed_since_the_stamp_is_named(lab: Cli, model: Model) -> None:
    folder = model("3.0.0")
    stamped(lab, folder)
    data = bytearray((folder / "net.pdiparams").read_bytes())
    data[-1] ^= 1
    (folder / "net.pdiparams").write_bytes(data)
    answer = lab("check", str(folder), *FAST)
    assert answer.code == 11
    assert "NOT AS STAMPED: net.pdiparams has changed since it was stamped (the same" in words(answer)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"schema": 99}', "has schema 99; this lab reads up to 2"),
        ("{", "is damaged"),
        ("{}", "no schema number"),
        ('{"schema": 0}', "has schema 0"),
        ('{"schema": -1}', "has schema -1"),
        ('{"a":' * 100_000, "nested too deep"),
    ],
)
def test_a_stamp_that_cannot_be_read_is_told_in_one_sentence(lab: Cli, model: Model, text: str, said: str) -> None:
    folder = model("3.0.0")
    (folder / "net.lab.json").write_text(text, encoding="utf-8")
    answer = lab("check", str(folder))
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def test_large_arrays_are_kept_as_hash_and_summary_and_still_verified(lab: Cli, model: Model) -> None:
    folder = model("3.0.0")
    stamp = stamped(lab, folder, "--dim", "batch=1000")
    assert stamp["inputs"][0]["data"] is None
    assert stamp["inputs"][0]["summary"]["max"]
    answer = lab("check", str(folder), "--to", "3.3.1", *FAST)
    assert answer.code == 0, answer.err
    assert "numbers are held against the stamp of" in words(answer)


def test_no_way_back_from_json_and_why(lab: Cli, model: Model, toy: Any, tmp_path: Path) -> None:
    answer = lab("convert", str(model("3.0.0")), "--into", "pdmodel", "-o", str(tmp_path / "out"))
    assert (answer.code, toy.jobs) == (2, [])
    assert "no way leads from a .json to a .pdmodel" in answer.err
    assert "json_to_pdmodel" in answer.err
    assert not (tmp_path / "out").exists()


def test_a_conversion_that_fails_leaves_nothing_behind(
    lab: Cli, model: Model, toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_variables(toy, {"TOY_PADDLE_CANNOT_CONVERT": "1"}, monkeypatch)
    answer = lab("convert", str(model("2.6.2")), "--into", "json", "-o", str(tmp_path / "out"))
    assert answer.code == 4
    assert "3.3.1 cannot convert it: the toy cannot convert" in answer.err
    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--into", "onnx"), "there is no format 'onnx'"),
        (("--into", "pdmodel"), "is a .pdmodel already"),
        (("--into", "json", "--release", "2.6.2"), "2.6.2 cannot turn a .pdmodel into a .json"),
        (("--into", "json", "-o", "."), "is there already"),
    ],
)
def test_a_conversion_that_makes_no_sense_starts_nothing(
    lab: Cli, model: Model, toy: Any, words: tuple[str, ...], said: str
) -> None:
    answer = lab("convert", str(model("2.6.2")), *words)
    assert (answer.code, answer.out, toy.jobs) == (2, "", [])
    assert said in answer.err


def test_a_given_model_that_does_not_fit_into_a_bundle_is_refused_before_anything_is_replayed(
    lab: Cli, model: Model, toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab("check", str(model("2.6.2")), *FAST)
    started = len(toy.jobs)
    monkeypatch.setattr("lab.bundle.gather.LARGE", 10)
    answer = lab("bundle", "last")
    assert (answer.code, len(toy.jobs)) == (8, started)
    assert "was given as files: without them nothing could make it again" in answer.err


def killed(times: int, run: Callable[[Job], JobResult]) -> Callable[[Job], JobResult]:
    """An engine whose first containers are killed from outside, as an administrator or a restart does."""
    left = [times]

    def once(job: Job) -> JobResult:
        if left[0]:
            left[0] -= 1
            return JobResult(exit_code=137)
        return run(job)

    return once


def test_a_container_that_was_killed_once_is_started_again_and_decides_nothing(
    lab: Cli, model: Model, toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toy, "run", killed(1, toy.run))
    told = found(lab("check", str(model("3.0.0")), *FAST, "--json"))
    assert told["reference"].startswith("3.0.0 by")


def test_where_the_reference_cannot_be_made_nothing_is_settled_and_the_next_check_is_as_if_it_had_not_been(
    lab: Cli, model: Model, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = model("3.0.0")
    with monkeypatch.context() as patch:
        patch.setattr(
            toy, "run", killed(4, toy.run)
        )  # the two that are forked, and the own start of the first way twice
        answer = lab("check", str(path), *FAST)
    assert answer.code == 7
    assert "the reference by 3.0.0 by" in answer.err
    assert "nothing is settled" in answer.err
    assert "--from 3.3.1" in answer.err
    assert not list((bench / "results").rglob("reference.json"))
    assert found(lab("check", str(path), *FAST, "--json"))["reference"].startswith("3.0.0 by")
