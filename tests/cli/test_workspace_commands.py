import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.scenario import read
from tests.cli.scenario_text import text
from tests.conftest import ROOT, Cli


def test_a_new_scenario_is_valid_and_says_what_to_do_next(cli: Cli, bench: Path) -> None:
    answer = cli("new", "my_model", "--summary", "It breaks.", "--issue", "PaddlePaddle/Paddle#1")
    assert answer.code == 0
    assert "lab repro my_model" in answer.out
    made = read(bench / "scenarios" / "my_model.py")
    assert (made.summary, made.issue) == ("It breaks.", "PaddlePaddle/Paddle#1")


def test_a_scenario_is_never_overwritten(cli: Cli, bench: Path) -> None:
    path = bench / "scenarios" / "mine.py"
    path.write_text("precious", encoding="utf-8")
    answer = cli("new", "mine")
    assert (answer.code, path.read_text()) == (2, "precious")


@pytest.mark.parametrize("name", ["../escape", "with space", "1st", "_hidden", "名"])
def test_a_name_that_is_no_scenario_name_is_refused(cli: Cli, bench: Path, name: str) -> None:
    assert cli("new", name).code == 2


def test_scenarios_are_listed_and_shown(cli: Cli, bench: Path) -> None:
    shutil.copyfile(ROOT / "scenarios" / "jit_load_pir.py", bench / "scenarios" / "jit_load_pir.py")
    assert "PaddlePaddle/Paddle#71996" in cli("scenarios", "list").out
    assert "2.6.2 -> 3.0.0: py_exception load ValueError" in cli("scenarios", "show", "jit_load_pir").out
    assert json.loads(cli("scenarios", "list", "--json").out)["scenarios"][0]["name"] == "jit_load_pir"


def test_images_are_listed_with_the_reason_why_one_does_not_exist(cli: Cli, bench: Path) -> None:
    answer = cli("images", "list", "2.6.2", "--device", "cpu", "--why")
    assert answer.code == 0
    assert "no cp313 wheel before 3.0.0" in answer.out
    found = json.loads(cli("images", "list", "2.6.1", "--json").out)["environments"]
    assert [one["device"] for one in found] == ["gpu"]


def test_an_unknown_device_is_answered_with_those_that_exist(cli: Cli, bench: Path) -> None:
    answer = cli("images", "list", "--device", "gpuu")
    assert answer.code == 2
    assert "gpu-cu126" in answer.err


def test_checked_in_dockerfiles_are_what_the_template_gives(cli: Cli, bench: Path) -> None:
    assert cli("images", "render", "--check").code == 0


def test_a_workspace_is_laid_out_and_works(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_WORKSPACE", raising=False)
    target = tmp_path / "new place"
    answer = cli("init", str(target))
    assert answer.code == 0, answer.err
    assert (target / "Makefile").is_file()
    monkeypatch.chdir(target / "scenarios")
    assert "jit_load_pir" in cli("scenarios", "list").out


def test_init_never_touches_a_folder_that_holds_something(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    answer = cli("init", str(tmp_path))
    assert answer.code == 2
    assert [one.name for one in tmp_path.iterdir()] == ["mine"]


def test_a_workspace_is_laid_out_in_the_folder_one_stands_in(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAB_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    answer = cli("init", ".")
    assert answer.code == 0, answer.err
    assert answer.out.endswith("next: lab repro jit_load_pir\n")
    assert "jit_load_pir" in cli("scenarios", "list").out
    assert sorted(one.name for one in tmp_path.iterdir()) == ["Makefile", "images", "results", "scenarios"]


def test_update_adds_and_renews_and_keeps_what_is_the_users(cli: Cli, tmp_path: Path) -> None:
    lab = tmp_path / "lab"
    assert cli("init", str(lab)).code == 0
    record = lab / "images" / ".laid-out.json"
    older = json.loads(record.read_text())
    for name in ("scenarios/cond_and_while.py", "Makefile"):  # as an older lab laid them out
        (lab / name).write_text("# older\n")
        older["files"][name] = hashlib.sha256(b"# older\n").hexdigest()
    del older["files"]["scenarios/jit_load_pir.py"]  # which an older lab did not have
    (lab / "scenarios" / "jit_load_pir.py").unlink()
    older["files"]["scenarios/gone.py"] = hashlib.sha256(b"x").hexdigest()
    (lab / "scenarios" / "gone.py").write_text("x")
    record.write_text(json.dumps(older))
    (lab / "scenarios" / "cures.toml").write_text("# mine\n")
    (lab / "scenarios" / "known.toml").unlink()
    (lab / "scenarios" / "my_own.py").write_text("# mine\n")

    done = json.loads(cli("init", str(lab), "--update", "--json").out)
    assert done["new"] == ["scenarios/jit_load_pir.py"]
    assert sorted(done["renewed"]) == ["Makefile", "scenarios/cond_and_while.py"]
    assert (done["kept"], done["gone"]) == (["scenarios/cures.toml"], ["scenarios/known.toml"])
    assert done["left"] == ["scenarios/gone.py"]
    assert (lab / "scenarios" / "cures.toml").read_text() == "# mine\n"
    assert (lab / "scenarios" / "my_own.py").read_text() == "# mine\n"
    assert not (lab / "scenarios" / "known.toml").exists()
    assert (lab / "scenarios" / "cond_and_while.py").read_bytes() == (
        ROOT / "scenarios" / "cond_and_while.py"
    ).read_bytes()
    again = cli("init", str(lab), "--update")
    assert "kept, yours           scenarios/cures.toml" in again.out
    assert "removed by you        scenarios/known.toml" in again.out
    assert again.out.endswith("nothing to write: the workspace is up to date\n")


@pytest.mark.parametrize("where", ["empty", "clone"])
def test_update_refuses_what_is_no_workspace_of_a_user(cli: Cli, tmp_path: Path, where: str) -> None:
    answer = cli("init", str({"empty": tmp_path, "clone": ROOT}[where]), "--update")
    assert answer.code == 2
    assert {"empty": "is no workspace", "clone": "where the lab's own files lie"}[where] in answer.err
    assert list(tmp_path.iterdir()) == []


class InterruptedAfter(list[str]):
    """Ctrl-C behind the last of these."""

    def __iter__(self) -> Iterator[str]:
        yield from super().__iter__()
        raise KeyboardInterrupt


def test_init_that_ends_halfway_leaves_no_half_of_a_workspace(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as halfway:
        halfway.setattr("lab.storage.laid_out.PARTS", InterruptedAfter(["images"]))
        assert cli("init", str(tmp_path / "lab")).code == 130
    assert list(tmp_path.iterdir()) == []
    assert cli("init", str(tmp_path / "lab")).code == 0


def test_init_that_cannot_move_its_parts_leaves_an_empty_folder_empty(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.rename

    def full(path: Path, target: Path) -> Path:
        if target == tmp_path / "scenarios":
            raise OSError(28, "No space left on device")
        return whole(path, target)

    monkeypatch.setattr(Path, "rename", full)
    assert cli("init", str(tmp_path)).code == 7
    assert list(tmp_path.iterdir()) == []


def test_doctor_answers_every_question_and_names_a_mend_for_each_that_is_not_good(cli: Cli, bench: Path) -> None:
    answer = cli("doctor", "--json")
    findings = json.loads(answer.out)["findings"]
    assert {"engine", "disk", "memory", "index", "CA and proxy", "GPU", "clock noise"} <= {
        one["question"] for one in findings
    }
    assert all(one["mend"] for one in findings if one["level"] != "good")
    assert answer.code == (6 if any(one["level"] == "bad" for one in findings) else 0)


def test_doctor_names_a_ca_file_that_does_not_exist(cli: Cli, bench: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/bundle.pem")
    answer = cli("doctor", "--json")
    (found,) = [one for one in json.loads(answer.out)["findings"] if one["question"] == "CA and proxy"]
    assert found["level"] == "bad"
    assert "SSL_CERT_FILE" in found["answer"]
    assert answer.code == 6


def test_help_names_every_command_and_is_quick_to_read(cli: Cli) -> None:
    answer = cli("--help")
    assert answer.code == 0
    for verb in ("repro", "run", "images", "scenarios", "runs", "doctor", "init"):
        assert verb in answer.out


def test_the_version_is_printed(cli: Cli) -> None:
    assert cli("--version").out.startswith("paddle-repro-lab ")


def test_a_remedy_is_a_command_that_helps(cli: Cli, bench: Path, toy: Any) -> None:
    """What was said once was no help: a run called last, a new folder, free disk space, "nothing yet", a bare list."""
    (bench / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    run = json.loads(cli("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "--json").out)["id"]
    said = {
        "runs rm last": f"lab runs rm {run}",
        f"init {bench}": f"lab init --update {bench}",
        "report -o /proc/nope": "name a folder that you may write to: lab report -o DIR",
        "track list --scenario nope": "measure first: lab bench SCENARIO",
        "run toy --savers nonsense --loaders 3.0.0": "a release is a number such as 3.0.0, or newest",
    }
    for typed, remedy in said.items():
        answer = cli(*typed.split())
        assert answer.code == 2, typed
        assert remedy in answer.err, typed
