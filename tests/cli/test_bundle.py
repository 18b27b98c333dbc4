import ast
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.bundle import archive, gather, manifest
from lab.bundle import replay as bundle_replay
from lab.model import Kind, Outcome, Phase
from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.conftest import ROOT, Answer, Cli

FAKES = ROOT / "tests" / "fakes"
OTHER_EVERY_TIME = 'import random; raise ValueError("".join(random.choices("abcdefgh", k=12)))'
CRASHES = "os.abort()"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the run that most tests start from is kept, so that it runs once."""
    return tmp_path_factory.mktemp("kept") / "results"


@pytest.fixture
def failing(cli: Cli, toy: Any, bench: Path, kept: Path) -> Path:
    """A finished run in which 2.6.2 cannot read what 3.0.0 wrote; gives the folder bundles go to."""
    (bench / "scenarios" / "toy.py").write_text(text(load=OLD_READER_FAILS, more=FAILING), encoding="utf-8")
    if not kept.exists():
        assert cli("repro", "toy", "--rounds", "1").code == 0
        shutil.copytree(bench / "results", kept)
        toy.jobs.clear()
    else:
        shutil.copytree(kept, bench / "results")
    return bench


def run_of(cli: Cli, bench: Path, source: str) -> None:
    (bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")
    cli("repro", "toy", "--rounds", "0")


def bundled(cli: Cli, bench: Path, *words: str) -> tuple[Answer, Path]:
    target = bench / "x.repro.tgz"
    return cli("bundle", "last", "-o", str(target), *words), target


def unpacked(path: Path) -> Path:
    folder = path.with_name(f"unpacked-{len(list(path.parent.iterdir()))}")
    archive.unpack(path, folder)
    return folder


def altered(path: Path, changes: Mapping[str, Any], others: Mapping[str, bytes] | None = None) -> Path:
    """The bundle with other claims and a manifest that fits them, as somebody else could make it; without its proof."""
    folder = unpacked(path)
    files = {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
    claims = {**json.loads(files["results.json"]), **changes}
    files["results.json"] = json.dumps(claims).encode()
    files |= others or {}
    files.pop("PROOF.json", None)
    files.pop(manifest.NAME)
    target = path.with_name("altered.repro.tgz")
    target.write_bytes(archive.pack("x", files))
    return target


def test_a_bundle_is_replayed_before_it_is_written(cli: Cli, toy: Any, failing: Path) -> None:
    answer, path = bundled(cli, failing)
    assert answer.code == 0, answer.err
    assert "replayed 3/3, same signature" in answer.out
    assert len(toy.jobs) == 3
    folder = unpacked(path)
    assert "3/3, same signature" in (folder / "README.md").read_text(encoding="utf-8")
    assert "3/3 times" in (folder / "ISSUE.md").read_text(encoding="utf-8")
    assert json.loads((folder / "PROOF.json").read_bytes())["times"] == 3


def test_a_bundle_has_a_telling_name_where_none_is_given(
    cli: Cli, failing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("bundle", "last", "--no-proof").code == 0
    (path,) = tmp_path.glob("*.repro.tgz")
    assert re.fullmatch(r"toy-3\.0\.0-2\.6\.2-[0-9a-f]{6}\.repro\.tgz", path.name)
    assert subprocess.run(["git", "check-ignore", "-q", path.name], cwd=ROOT, check=False).returncode == 0
    with tarfile.open(path) as found:
        tops = {name.partition("/")[0] for name in found.getnames()}
    assert tops == {path.name.removesuffix(".repro.tgz")}


def test_a_bundle_for_a_folder_lies_in_it_by_its_own_name(cli: Cli, failing: Path, tmp_path: Path) -> None:
    target = tmp_path / "for the tracker"
    target.mkdir()
    answer = cli("bundle", "last", "-o", str(target), "--no-proof")
    assert answer.code == 0, answer.err
    (made,) = target.iterdir()
    assert made.name.endswith(".repro.tgz")
    assert str(made) in answer.out


def test_a_word_that_ends_as_a_folder_is_one_and_what_cannot_be_written_is_said(
    cli: Cli, failing: Path, tmp_path: Path
) -> None:
    answer = cli("bundle", "last", "-o", f"{tmp_path / 'new'}/", "--no-proof")
    assert answer.code == 0, answer.err
    (made,) = (tmp_path / "new").iterdir()
    assert made.name.startswith("toy-3.0.0-2.6.2-")
    (tmp_path / "file").touch()
    refused = cli("bundle", "last", "-o", str(tmp_path / "file" / "x.tgz"), "--no-proof")
    assert (refused.code, "is no folder" in refused.err) == (2, True)


def test_the_read_me_names_the_archive_as_it_is_called_and_every_file_beside_it(cli: Cli, failing: Path) -> None:
    _, path = bundled(cli, failing, "--no-proof")
    folder = unpacked(path)
    told = (folder / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"lab replay (\S+\.tgz)", told)) == {"x.repro.tgz"}
    tops = {one.name for one in folder.iterdir() if one.is_file()}
    assert tops == set(re.findall(r"^- `([^`/]+)`:", told, re.MULTILINE))


def test_two_bundles_of_one_run_are_byte_equal(cli: Cli, failing: Path) -> None:
    _, path = bundled(cli, failing)
    first = path.read_bytes()
    bundled(cli, failing)
    assert path.read_bytes() == first


def test_sha256sum_finds_the_manifest_right(cli: Cli, failing: Path) -> None:
    _, path = bundled(cli, failing, "--no-proof")
    done = subprocess.run(["sha256sum", "-c", manifest.NAME], cwd=unpacked(path), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_does_not_replay_is_refused_with_the_difference(cli: Cli, toy: Any, bench: Path) -> None:
    run_of(cli, bench, text(load=OTHER_EVERY_TIME))
    answer, path = bundled(cli, bench)
    assert answer.code == 8
    assert "does not do what it claims" in answer.err
    assert "promised py_exception in load (ValueError); seen now" in answer.err
    assert not path.exists()


def test_times_and_outputs_of_a_case_that_worked_are_in_it(cli: Cli, failing: Path) -> None:
    _, path = bundled(cli, failing, "--no-proof", "--trial", "1")
    folder = unpacked(path)
    assert {one["metadata"]["name"] for one in json.loads((folder / "cases/1/timings.json").read_bytes())["benchmarks"]}
    assert (folder / "cases" / "1" / "outputs.npz").is_file()
    assert json.loads((folder / "env" / "machine.json").read_bytes())["arch"]


def test_without_proof_the_bundle_says_so(cli: Cli, toy: Any, failing: Path) -> None:
    answer, path = bundled(cli, failing, "--no-proof")
    assert answer.code == 0
    assert toy.jobs == []
    folder = unpacked(path)
    assert "**not** replayed" in (folder / "README.md").read_text(encoding="utf-8")
    assert not (folder / "PROOF.json").exists()


def test_files_beside_a_scenario_are_in_its_bundle_are_shown_and_are_there_again_when_it_is_replayed(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bench / "scenarios" / "beside").mkdir()
    (bench / "scenarios" / "beside" / "said.py").write_text('WORDS = "no such path"\n', encoding="utf-8")
    fails = "from beside.said import WORDS; raise ValueError(WORDS)"
    run_of(cli, bench, text(load=fails).replace("# issue =", '# files = ["beside/said.py"]\n# issue =', 1))
    answer, path = bundled(cli, bench, "--trial", "1")
    assert answer.code == 0, answer.err
    assert (unpacked(path) / "beside" / "said.py").read_text(encoding="utf-8") == 'WORDS = "no such path"\n'
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda _: False)
    assert "beside/said.py, which would run:" in cli("replay", str(path)).out
    shutil.rmtree(bench / "scenarios" / "beside")
    again = cli("replay", str(path), "--yes")
    assert again.code == 0, again.out


def test_list_writes_and_runs_nothing(cli: Cli, toy: Any, failing: Path) -> None:
    answer, path = bundled(cli, failing, "--list")
    assert answer.code == 0
    assert "saved/inputs.npz" in answer.out
    assert "scenario.py" in answer.out
    assert toy.jobs == []
    assert not path.exists()


def test_a_run_without_a_failure_needs_a_trial_named(cli: Cli, toy: Any, bench: Path) -> None:
    run_of(cli, bench, text())
    answer, path = bundled(cli, bench)
    assert answer.code == 2
    assert "--trial" in answer.err
    answer, path = bundled(cli, bench, "--trial", "2")
    assert answer.code == 0, answer.err
    assert cli("replay", str(path), "--yes").code == 0


@pytest.mark.parametrize(("word", "said"), [("99", "no trial"), ("x -> y", "no trial")])
def test_an_unknown_trial_is_named_with_what_there_is(cli: Cli, failing: Path, word: str, said: str) -> None:
    answer, _ = bundled(cli, failing, "--trial", word)
    assert answer.code == 2
    assert said in answer.err
    assert "3.0.0-cpu-py311 -> 2.6.2-cpu-py311" in answer.err


def test_trials_of_several_loaders_make_several_bundles(cli: Cli, failing: Path) -> None:
    answer, _ = bundled(cli, failing, "--trial", "1", "--trial", "3")
    assert answer.code == 2
    assert "one saver and one loader" in answer.err


def test_a_failed_save_is_nothing_a_bundle_can_show(cli: Cli, toy: Any, bench: Path) -> None:
    run_of(cli, bench, text().replace("np.save(prefix", "raise RuntimeError('no')\n    np.save(prefix"))
    answer, _ = bundled(cli, bench, "--trial", "1")
    assert answer.code == 2
    assert "nothing a bundle could show" in answer.err


def test_a_replay_says_same_and_exits_0(cli: Cli, failing: Path) -> None:
    _, path = bundled(cli, failing)
    answer = cli("replay", str(path), "--yes", "--repeat", "2")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("same")
    assert "2x py_exception in load (ValueError)" in answer.out


def test_with_another_release_a_replay_says_fixed_and_exits_4(cli: Cli, failing: Path) -> None:
    _, path = bundled(cli, failing, "--no-proof")
    answer = cli("replay", str(path), "--yes", "--loader", "newest", "--json")
    assert answer.code == 4, answer.err
    told = json.loads(answer.out)
    assert (told["exit_code"], told["replayed"][0]["changes"]) == (4, ["fixed"])
    assert told["replayed"][0]["label"].endswith(", loaded by 3.3.1-cpu-py311 instead")


def test_a_bundle_that_claims_something_else_is_told_as_changed(cli: Cli, failing: Path) -> None:
    _, path = bundled(cli, failing)
    claims = json.loads((unpacked(path) / "results.json").read_bytes())
    claims["cases"][0]["trial"]["outcome"]["signature"] = "load:ValueError:000000000000"
    answer = cli("replay", str(altered(path, claims)), "--yes")
    assert answer.code == 1
    assert answer.out.startswith("changed failure")


def test_nobody_is_asked_where_there_is_no_terminal_and_nothing_runs(
    cli: Cli, toy: Any, failing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = bundled(cli, failing, "--no-proof")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    answer = cli("replay", str(path))
    assert answer.code == 2
    assert "--yes" in answer.err
    assert toy.jobs == []


def test_a_person_sees_claims_files_and_code_and_may_say_no(
    cli: Cli, toy: Any, failing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = bundled(cli, failing, "--no-proof")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda _: False)
    answer = cli("replay", str(path))
    assert answer.code == 130
    assert "def load(prefix)" in answer.out
    assert "saved/inputs.npz" in answer.out
    assert "claims    loaded by 2.6.2-cpu-py311" in answer.out
    assert toy.jobs == []


def test_a_foreign_bundle_never_runs_outside_containers(
    cli: Cli, toy: Any, failing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = bundled(cli, failing, "--no-proof")
    monkeypatch.setattr(toy, "isolated", False)
    answer = cli("replay", str(path), "--yes")
    assert answer.code == 2
    assert "only in containers" in answer.err
    assert toy.jobs == []


PICKLED = 'import json as j; j.load(open(prefix + ".pdparams")) and None\n    raise RuntimeError("the problem itself")'


def test_files_that_can_hold_pickle_stay_out_unless_they_are_allowed(cli: Cli, toy: Any, bench: Path) -> None:
    source = text(load=PICKLED).replace(
        "np.save(prefix", 'open(prefix + ".pdparams", "w").write("[1]")\n    np.save(prefix'
    )
    run_of(cli, bench, source)
    answer, path = bundled(cli, bench)
    assert answer.code == 0, answer.err
    answer = cli("replay", str(path), "--yes")
    assert answer.code == 3
    assert answer.out.startswith("files left out")
    assert "--allow-pickle" in answer.err
    assert cli("replay", str(path), "--yes", "--allow-pickle").code == 0


CURED_WITH_PICKLE = """if os.environ["TOY_PADDLE_VERSION"].startswith("2."):
        if os.environ.get("FLAGS_use_mkldnn") != "1": raise ValueError("path does not exist")
        open(prefix + ".pdparams").close()"""
WITH_ITS_CURE = """# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "2.6.2"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "not exist"
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "2.6.2"
# loader_env = { FLAGS_use_mkldnn = "1" }
# outcome = "ok"
"""


def test_a_cure_that_needs_files_which_are_left_out_is_tried_by_a_way_that_needs_none(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = text(load=CURED_WITH_PICKLE, more=WITH_ITS_CURE).replace(
        "np.save(prefix", 'open(prefix + ".pdparams", "w").write("[1]")\n    np.save(prefix'
    )
    run_of(cli, bench, source)
    answer, path = bundled(cli, bench, "--no-proof")
    assert answer.code == 0, answer.err
    tried: list[str] = []
    loaded = bundle_replay._loaded

    def seen(session: Any, folder: Path, number: int, saved: Path, route: str = "") -> Any:
        tried.append(route)
        return loaded(session, folder, number, saved) if not route else Outcome(kind=Kind.OK, phase=Phase.INFER)

    monkeypatch.setattr(bundle_replay, "_loaded", seen)
    answer = cli("replay", str(path), "--yes")
    assert answer.code == 0, answer.out + answer.err
    lines = answer.out.splitlines()
    assert [one.split()[0] for one in lines] == ["same", "files", "same"]
    assert "FLAGS_use_mkldnn=1 by static, without the files left out: promised ok" in lines[2]
    assert tried == ["", "", "static"]
    tried.clear()
    assert cli("replay", str(path), "--yes", "--allow-pickle").code == 0
    assert tried == ["", ""]


def test_a_crash_of_a_foreign_model_points_to_the_security_contact(cli: Cli, toy: Any, bench: Path) -> None:
    run_of(cli, bench, text(load=CRASHES))
    _, path = bundled(cli, bench, "--no-proof")
    answer = cli("replay", str(path), "--yes", "--format", "markdown")
    assert answer.code == 2
    assert answer.out == ""
    assert "SECURITY.md" in answer.err
    assert "--public" in answer.err
    answer = cli("replay", str(path), "--yes", "--format", "markdown", "--public")
    assert answer.code == 0
    assert "SIGABRT" in answer.out


WEIGHTS = 'np.save(prefix + "big.npy", np.random.RandomState(1).bytes(300000))'


def test_weights_that_do_not_fit_are_made_again(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LARGEST", 100_000)
    run_of(
        cli,
        bench,
        text(load=OLD_READER_FAILS, more=FAILING).replace("np.save(prefix", WEIGHTS + "\n    np.save(prefix"),
    )
    answer, path = bundled(cli, bench)
    assert answer.code == 0, answer.err
    assert "did not fit" in answer.out
    assert path.stat().st_size <= 100_000
    folder = unpacked(path)
    assert not (folder / "saved" / "model").exists()
    claims = json.loads((folder / "results.json").read_bytes())
    assert {one["name"] for one in claims["model"]} == {"net.npy", "netbig.npy"}
    assert all(len(one["sha256"]) == 64 for one in claims["model"])
    assert "did not fit" in (folder / "README.md").read_text(encoding="utf-8")
    answer = cli("replay", str(path), "--yes")
    assert answer.code == 0, answer.err
    assert "makes them again" in answer.err


def test_a_bundle_that_cannot_be_small_enough_is_refused(
    cli: Cli, failing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LARGEST", 1_000)
    answer, path = bundled(cli, failing, "--no-proof")
    assert answer.code == 8
    assert "its largest file is" in answer.err
    assert not path.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"arch": "sparc"}, "made on sparc"),
        ({"loader": "9.9.9-cpu-py311"}, "9.9.9"),
        ({"loader": "2.6.2-cpu-py313"}, "2.6.2"),
        ({"loader": "2.6.2-tpu-py311"}, "tpu"),
    ],
)
def test_what_this_machine_cannot_be_is_said_in_one_sentence(
    cli: Cli, toy: Any, failing: Path, changes: dict[str, str], said: str
) -> None:
    _, path = bundled(cli, failing, "--no-proof")
    answer = cli("replay", str(altered(path, changes)), "--yes")
    assert answer.code == 2
    assert said in answer.err
    assert toy.jobs == []


def test_a_damaged_bundle_is_refused_and_nothing_runs(cli: Cli, toy: Any, failing: Path) -> None:
    _, path = bundled(cli, failing, "--no-proof")
    path.write_bytes(path.read_bytes()[:-20])
    answer = cli("replay", str(path), "--yes")
    assert answer.code == 8
    assert "nothing of it was run" in answer.err
    assert toy.jobs == []


def test_arrays_that_are_a_bomb_cost_nothing_and_are_named(cli: Cli, toy: Any, bench: Path) -> None:
    """The host itself reads the reference outputs, so they are hostile data too."""
    run_of(cli, bench, text())
    _, path = bundled(cli, bench, "--trial", "1", "--no-proof")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as sink:
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": (10**9,)})
        sink.writestr("a0000.npy", head.getvalue() + bytes(1 << 20))
    answer = cli("replay", str(altered(path, {}, {"saved/outputs.npz": bomb.getvalue()})), "--yes")
    assert answer.code in (2, 7, 8)
    assert "outputs.npz" in answer.err


def test_a_proof_of_other_files_is_refused(cli: Cli, failing: Path) -> None:
    _, path = bundled(cli, failing)
    folder = unpacked(path)
    files = {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
    files["scenario.py"] += b"# another\n"
    files.pop(manifest.NAME)
    path.write_bytes(archive.pack("x", files))
    answer = cli("replay", str(path), "--yes")
    assert answer.code == 8
    assert "made of other files" in answer.err


def test_offline_builds_nothing(cli: Cli, toy: Any, failing: Path) -> None:
    _, path = bundled(cli, failing, "--no-proof")
    toy.built.clear()
    answer = cli("replay", str(path), "--yes", "--offline")
    assert answer.code == 5
    assert "lab images load" in answer.err
    assert toy.built == []


def test_a_bundle_made_by_hand_as_the_format_tells_is_replayed(cli: Cli, failing: Path) -> None:
    """The commands stand in docs/bundle-format.md; this runs them as they stand there."""
    _, path = bundled(cli, failing, "--no-proof")
    unpacked(path).rename(failing / "x")
    path.unlink()
    (failing / "x" / manifest.NAME).unlink()
    told = (ROOT / "docs" / "bundle-format.md").read_text(encoding="utf-8")
    commands = told.partition("## By hand")[2].partition("```sh")[2].partition("```")[0]
    made = commands.replace("lab replay x.repro.tgz", "")
    subprocess.run(["sh", "-ec", made], cwd=failing, check=True)
    answer = cli("replay", str(path), "--yes")
    assert answer.code == 0, answer.err


SECRETS = {
    "MY_ACCESS_TOKEN": "tok-3f1c9a77e2",
    "PIP_INDEX_URL": "https://alice:hunter2hunter2@wheels.corp.example/simple",
    "HTTPS_PROXY": "http://bob:s3cr3ts3cr3t@proxy.corp.example:3128",
}
VALUES = (
    "tok-3f1c9a77e2",
    "hunter2hunter2",
    "s3cr3ts3cr3t",
    "wheels.corp.example",
    "proxy.corp.example",
    "conf.corp.example",
)


def test_planted_secrets_are_nowhere_in_a_bundle_a_log_or_a_run(
    cli: Cli, toy: Any, bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = tmp_path / "pip.conf"
    conf.write_text("[global]\nindex-url = https://conf.corp.example/simple\n")
    for name, value in {**SECRETS, "PIP_CONFIG_FILE": str(conf)}.items():
        monkeypatch.setenv(name, value)
    leak = "print(sorted(os.environ.items())); raise ValueError(str(sorted(os.environ)))"
    run_of(cli, bench, text(load=leak))
    answer, path = bundled(cli, bench)
    assert answer.code == 0, answer.err
    written = [one for one in (*unpacked(path).rglob("*"), *(bench / "results").rglob("*")) if one.is_file()]
    assert any(one.name == "run.json" for one in written)
    assert any(one.suffix == ".log" for one in written)
    for one in written:
        data = one.read_bytes()
        assert not [value for value in VALUES if value.encode() in data], one


def test_a_secret_inside_the_scenario_stops_the_bundle(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_of(cli, bench, text(load='raise ValueError("tok-" + "3f1c9a77e2")  # tok-3f1c9a77e2'))
    monkeypatch.setenv("MY_ACCESS_TOKEN", "tok-3f1c9a77e2")
    answer, path = bundled(cli, bench, "--no-proof")
    assert answer.code == 8
    assert "scenario.py" in answer.err
    assert "tok-3f1c9a77e2" not in answer.err
    assert not path.exists()


@pytest.mark.parametrize("lang", ["en", "zh", "both"])
def test_issue_prints_text_that_no_message_breaks_out_of(cli: Cli, toy: Any, bench: Path, lang: str) -> None:
    run_of(cli, bench, text(load='raise ValueError("```\\n@everybody </details> \\x1b[31m")'))
    answer = cli("issue", "last", "--lang", lang)
    assert answer.code == 0, answer.err
    assert "\x1b" not in answer.out
    assert (
        "@everybody" not in answer.out.replace(text(load='raise ValueError("```\\n@everybody'), "").split("```", 3)[0]
    )
    assert "PaddlePaddle/Paddle#71996" in answer.out
    assert "lab run toy --savers 3.0.0-cpu-py311" in answer.out


def test_issue_opens_the_tracker_where_asked(cli: Cli, failing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def open_page(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr("webbrowser.open", open_page)
    assert cli("issue", "last", "--browser").code == 0
    assert opened[0].startswith("https://github.com/PaddlePaddle/Paddle/issues/new?template=1_bug-report.yml&title=")


def repro_py(folder: Path, release: str, *words: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(FAKES), "TOY_PADDLE_VERSION": release}
    argv = [sys.executable, "repro.py", *words]
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("release", "code", "word"), [("2.6.2", 0, "same"), ("3.3.1", 4, "gone")])
def test_repro_py_replays_without_the_lab(cli: Cli, failing: Path, release: str, code: int, word: str) -> None:
    _, path = bundled(cli, failing, "--no-proof")
    done = repro_py(unpacked(path), release, "check")
    assert done.returncode == code, done.stderr
    assert done.stdout.startswith(word)
    assert f"with paddle {release}" in done.stdout


@pytest.mark.parametrize(
    "load",
    ["import ctypes; ctypes.string_at(0)", "sys.exit(3)", "raise MemoryError()", "os.kill(os.getpid(), 9)", "pass"],
)
def test_repro_py_tells_each_end_as_the_lab_does(cli: Cli, toy: Any, bench: Path, load: str) -> None:
    infer = "" if load != "pass" else 'inputs["x"][0, 0] += float(os.environ["TOY_PADDLE_VERSION"].startswith("3.3"))'
    run_of(cli, bench, text(load=load, infer=infer or "pass"))
    answer, path = bundled(cli, bench, "--no-proof", *(["--trial", "1"] if load != "pass" else []))
    assert answer.code == 0, answer.err
    release = "3.0.0" if load != "pass" else "3.3.1"
    done = repro_py(unpacked(path), release, "check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_repro_py_saves_again_and_checks_what_it_saved(cli: Cli, failing: Path) -> None:
    _, path = bundled(cli, failing, "--no-proof")
    folder = unpacked(path)
    shutil.rmtree(folder / "saved" / "model")
    done = repro_py(folder, "2.6.2", "check")
    assert done.returncode == 1
    assert "python repro.py save" in done.stderr
    assert repro_py(folder, "3.0.0", "save", "made").returncode == 0
    assert repro_py(folder, "2.6.2", "check", "made").returncode == 0


def test_run_sh_is_good_shell(cli: Cli, failing: Path) -> None:
    _, path = bundled(cli, failing, "--no-proof")
    done = subprocess.run(["sh", "-n", "run.sh"], cwd=unpacked(path), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_repro_py_needs_runs_on_the_oldest_python() -> None:
    for path in (gather.REPRO, gather.ROUTES):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_new_writes_a_skeleton_and_never_over_another_scenario(cli: Cli, bench: Path, tmp_path: Path) -> None:
    report = tmp_path / "some-report.md"
    report.write_text("paddlepaddle==3.0.0 cannot paddle.jit.load a model of paddle 2.6.2\n")
    answer = cli("new", str(report))
    assert answer.code == 0, answer.err
    assert "versions 3.0.0, 2.6.2" in answer.out
    assert "open     which release saved the model" in answer.out
    assert (bench / "scenarios" / "some_report.py").is_file()
    assert cli("new", str(report)).code == 2
    assert cli("new", str(tmp_path / "gone.md")).code == 2


def test_an_issue_mentions_the_bundle_that_was_made_of_its_run_while_it_lies_there(
    cli: Cli, toy: Any, failing: Path
) -> None:
    before = cli("issue", "last", "--lang", "en")
    assert "is attached" not in before.out
    assert re.search(r"goes with no bundle yet: lab bundle \S+ makes one", before.err)
    _, path = bundled(cli, failing)
    after = cli("issue", "last", "--lang", "en")
    with tarfile.open(path) as packed:
        (folder,) = {name.partition("/")[0] for name in packed.getnames()}
    assert f"{path.name} is attached; it needs only Docker or Podman:" in after.out
    assert f"tar xf {path.name}\nsh {folder}/run.sh" in after.out
    assert "replayed 3/3 times" in after.out
    assert "attach " in after.err
    works = cli("issue", "last", "--lang", "en", "--trial", "1")
    assert "is attached" not in works.out  # that bundle is about another trial
    path.unlink()
    assert "is attached" not in cli("issue", "last", "--lang", "en").out
