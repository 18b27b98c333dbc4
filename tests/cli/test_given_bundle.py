"""`lab issue` and `lab bundle` of a check: about what the new release breaks, with code that runs, and of any size where private."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.bundle import archive
from tests.cli.given import Model
from tests.cli.test_check import FAST, skewed
from tests.conftest import ROOT, Cli

FAKES = ROOT / "tests" / "fakes"
FENCE = re.compile(r"```python\n(.*?)\n```", re.DOTALL)


@pytest.fixture
def checked(lab: Cli, model: Model, bench: Path) -> Path:
    lab("check", str(model("2.6.2")), *FAST)
    return bench


def bundled(lab: Cli, bench: Path, *words: str) -> Path:
    target = bench / "x.repro.tgz"
    answer = lab("bundle", "last", "-o", str(target), "--no-proof", *words)
    assert answer.code == 0, answer.err
    folder = bench / "unpacked"
    archive.unpack(target, folder)
    return folder


def ran(code: str, folder: Path, release: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{FAKES}{os.pathsep}{ROOT}", "TOY_PADDLE_VERSION": release}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def code_of(lab: Cli, *words: str) -> str:
    answer = lab("issue", "last", "--lang", "en", *words)
    assert answer.code == 0, answer.err
    found = FENCE.search(answer.out)
    assert found, answer.out
    return found[1]


def test_the_issue_of_a_check_is_about_what_the_new_release_breaks(lab: Cli, checked: Path) -> None:
    answer = lab("issue", "last", "--lang", "en")
    assert (
        "\n\nA model that Paddle 2.6.2 saved works there and breaks in Paddle 3.3.1 when it is opened by `paddle.jit.load`: "
        "ValueError in load. " in answer.out
    )
    assert "This looks like PaddlePaddle/Paddle#71996: jit.load of 3.x looks for a .json" in answer.out
    assert "known upstream as PaddlePaddle/Paddle#71996" in answer.err


def test_the_issue_of_a_check_is_run_by_somebody_who_has_pip_and_its_code_imports_what_it_uses(
    lab: Cli, checked: Path
) -> None:
    told = lab("issue", "last", "--lang", "en").out
    assert "paddlepaddle==3.3.1 numpy==" in told
    assert "new/bin/python repro.py  # ValueError in load" in told
    assert "old/bin/python repro.py  # ok" in told
    tree = ast.parse(code_of(lab))
    names = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)}
    imported = {(one.asname or one.name) for node in tree.body if isinstance(node, ast.Import) for one in node.names}
    assert imported <= names


def test_the_chinese_issue_of_a_check_has_no_english_sentence_of_the_lab(lab: Cli, checked: Path) -> None:
    told = re.sub(r"(?s)```.*?```|<details>.*", "", lab("issue", "last", "--lang", "zh").out)
    assert told.startswith("### bug描述\n\n由 Paddle 2.6.2 保存的模型在该版本中正常")
    words = {"given", "saved", "loaded", "works", "opened", "outputs", "host", "with", "pair", "found"}
    assert not words & set(re.findall(r"[a-z]+", re.sub(r"`[^`]*`|The .*", "", told)))


@pytest.mark.parametrize(("lang", "said"), [("en", "The model was given as files"), ("zh", "模型是以文件形式给出的")])
def test_it_names_no_command_that_needs_a_scenario_nobody_has(lab: Cli, checked: Path, lang: str, said: str) -> None:
    answer = lab("issue", "last", "--lang", lang)
    assert said in answer.out
    assert "lab run" not in answer.out
    assert not re.search(r";\s*$", answer.out, re.MULTILINE)


def test_its_code_fails_in_the_new_release_as_the_check_says_and_works_in_the_old(lab: Cli, checked: Path) -> None:
    code, folder = code_of(lab), bundled(lab, checked)
    new, old = ran(code, folder, "3.3.1"), ran(code, folder, "2.6.2")
    assert new.returncode == 1
    assert "ValueError: The ``path`` (saved/model/net) to load model not exists" in new.stderr
    assert old.returncode == 0, old.stderr
    assert old.stdout.startswith("out0 float32 (2, 3)")


@pytest.mark.parametrize("route", ["jit_old_ir", "static", "predictor", "predictor_no_onednn"])
def test_the_code_of_every_way_runs(lab: Cli, checked: Path, route: str) -> None:
    flags = " FLAGS_enable_pir_api=False" if route == "static" else ""
    label = f"2.6.2-cpu-py311 -> 3.3.1-cpu-py311{flags} by {route}"
    code, folder = code_of(lab, "--trial", label), bundled(lab, checked, "--trial", label)
    done = ran(code, folder, "3.3.1")
    assert done.returncode == 0, done.stderr + code
    assert done.stdout.startswith("out0 float32 (2, 3)")


def test_other_numbers_are_shown_against_what_the_reference_answered(
    lab: Cli, model: Model, bench: Path, toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    skewed(toy, "3.1.1", monkeypatch)
    lab("check", str(model("3.0.0")), "--to", "3.1.1", *FAST)
    code = code_of(lab)
    assert "what 3.0.0 by jit answered" in code
    done = ran(code, bundled(lab, bench), "3.1.1")
    assert done.stdout.startswith("out0 differs by at most 0.0"), done.stderr  # here nothing skews it


def test_inputs_that_were_given_are_read_from_beside_the_code(
    lab: Cli, model: Model, bench: Path, tmp_path: Path
) -> None:
    np.savez(tmp_path / "x.npz", image=np.ones((2, 1, 8, 8), "float32"), length=np.ones((2, 1), "int64"))
    lab("check", str(model("2.6.2")), "--inputs", str(tmp_path / "x.npz"), *FAST)
    code = code_of(lab)
    assert "saved/inputs.npz" in code
    assert ran(code, bundled(lab, bench), "2.6.2").returncode == 0


def test_a_private_bundle_may_have_any_size_and_replays(
    lab: Cli, checked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.bundle.gather.LARGE", 10)
    monkeypatch.setattr("lab.bundle.archive.LARGEST", 10)
    refused = lab("bundle", "last")
    assert refused.code == 8
    assert "--private makes one of any size" in refused.err
    target = checked / "x.repro.tgz"
    answer = lab("bundle", "last", "--private", "-o", str(target))
    assert answer.code == 0, answer.err
    assert "--private" in answer.out
    assert lab("replay", str(target), "--private", "--yes").code == 0
