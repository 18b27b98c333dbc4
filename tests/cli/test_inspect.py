import json
import os
import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, Cli

MODELS = ROOT / "tests" / "golden" / "models"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MODELS / "2.6.2", tmp_path / "my model 模型"))


def test_a_model_is_told_without_a_workspace(cli: Cli, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(old)
    monkeypatch.delenv("LAB_WORKSPACE", raising=False)
    answer = cli("inspect", "net")
    assert answer.code == 0, answer.err
    assert "2.6.2 (program version 2006002" in answer.out
    assert "image float32 [?, 1, 8, 8]; length int64 [?, 1]" in answer.out
    assert "9 (float32), 344 B in net.pdiparams" in answer.out
    assert "with FLAGS_enable_pir_api=0" in answer.out
    assert "nothing in it that Paddle does not write" in answer.out


def test_a_folder_and_a_file_are_told_the_same_way(cli: Cli, old: Path) -> None:
    assert cli("inspect", str(old)).out == cli("inspect", str(old / "net.pdmodel")).out


def test_json_is_one_whole_document(cli: Cli, old: Path) -> None:
    answer = cli("inspect", str(old), "--json", "--hash")
    found = json.loads(answer.out)
    assert found["programs"][0]["writer"]["releases"] == "2.6.2"
    assert found["programs"][0]["operators"]["elementwise_add"] == 2
    assert found["streams"][0]["tensors"][-1]["name"] == "linear_0.w_0"
    assert {len(one["sha256"]) for one in found["files"]} == {64}
    assert {one["release"] for one in found["readers"]} == {"2.6.2", "3.0.0", "3.1.1", "3.2.2", "3.3.1"}


def test_a_damaged_file_is_named_and_the_exit_code_is_2(cli: Cli, old: Path) -> None:
    os.truncate(old / "net.pdiparams", 468)
    answer = cli("inspect", str(old))
    assert answer.code == 2
    assert "broken: net.pdiparams: truncated: tensor 9" in answer.out
    assert "try:" in answer.out
    assert "whole, it would be read by" in answer.out
    assert cli("inspect", str(old), "--json").code == 2


def test_several_models_ask_for_a_prefix_on_stderr(cli: Cli, old: Path) -> None:
    shutil.copyfile(old / "net.pdmodel", old / "other.pdmodel")
    answer = cli("inspect", str(old))
    assert (answer.code, answer.out) == (2, "")
    assert "holds 2 models: net, other" in answer.err
    assert cli("inspect", str(old), "--prefix", "net").code == 0


def test_what_is_not_there_is_one_sentence(cli: Cli, tmp_path: Path) -> None:
    answer = cli("inspect", str(tmp_path / "nothing"))
    assert answer.code == 2
    assert "there is no file, folder or prefix" in answer.err


def test_readers_that_differ_have_columns_of_their_own_and_reasons(cli: Cli) -> None:
    answer = cli("inspect", str(MODELS / "3.3.1"))
    assert "3.1.1 to 3.3.1" in answer.out
    assert "of 3.0.0: pool2d: ValueError" in answer.out
    assert "warning: net.json: output 'length'" in answer.out


def test_no_text_of_a_file_reaches_the_terminal_uncleaned(cli: Cli, tmp_path: Path) -> None:
    data = (MODELS / "2.6.2" / "net.pdmodel").read_bytes().replace(b"image", b"\x1b[31m")
    (tmp_path / "net.pdmodel").write_bytes(data)
    shutil.copyfile(MODELS / "2.6.2" / "net.pdiparams", tmp_path / "net.pdiparams")
    answer = cli("inspect", str(tmp_path))
    assert "\x1b" not in answer.out + answer.err


def test_a_pickle_that_executes_is_told_from_one_that_does_not(cli: Cli, tmp_path: Path) -> None:
    """shared/faults/hostile/b_pop.pdparams: names that are pushed and taken away again hide what is imported."""
    short = [
        b"\x8c" + bytes([len(text)]) + text for text in (b"os", b"system", b"numpy.core.multiarray", b"_reconstruct")
    ]
    path = tmp_path / "b_pop.pdparams"
    path.write_bytes(b"\x80\x04" + b"".join(short) + b"00\x93\x8c\x04true\x85R.")
    answer = cli("inspect", str(path))
    assert "imports os.system: not what Paddle writes: do not load it" in answer.out
    assert "warning: b_pop.pdparams: loading it would import os.system, which Paddle does not write" in answer.out
    told = json.loads(cli("inspect", str(path), "--json").out)
    assert [one["harmless"] for one in told["pickles"]] == [False]


GIVEN = ROOT / "tests" / "golden" / "given"


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("upsample-2.6.2", "RuntimeError: json.exception.parse_error.101, attempting to parse an empty input"),
        ("upsample-2.6.2", "ValueError: The ``path`` to load model not exists"),
        ("leaky_relu-3.3.1", "ValueError: The ``path`` to load model not exists"),
        (
            "leaky_relu-3.3.1",
            "ValueError: (InvalidArgument) Type of attribute ... is not pir::FloatAttribute, or is not right",
        ),
    ],
)
def test_in_chinese_paddles_message_is_its_own_to_the_letter(
    cli: Cli, model: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "300")
    said = cli("inspect", str(GIVEN / model)).out
    assert [line for line in said.splitlines() if line.endswith(message)]


@pytest.mark.parametrize("model", ["upsample-2.6.2", "leaky_relu-3.3.1", "branch_resize-2.6.2", "quantised-3.0.0"])
def test_in_chinese_no_word_of_the_labs_own_is_left_in_english(
    cli: Cli, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "300")
    said = cli("inspect", str(GIVEN / model)).out
    ours = re.sub(r"\w+Error: [^\n]*", "", said)
    assert not re.findall(r"\b(?:with|of|in|to|as|and|more|else|where|format)\b", ours)
    assert "在 net.pdiparams 中占" in said


@pytest.mark.parametrize("model", ["upsample-2.6.2", "leaky_relu-3.3.1", "nearest_2-3.0.0"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_so_many_operators_are_counted_as_are_named(
    cli: Cli, model: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_LANG", language)
    monkeypatch.setenv("COLUMNS", "300")
    said = cli("inspect", str(GIVEN / model)).out
    counted, named = re.search(r"(?:operators|算子) +(\d+): (.+)", said).groups()  # type: ignore[union-attr]
    assert int(counted) == sum(int(one.partition(" x")[2] or 1) for one in named.strip().split(", "))
