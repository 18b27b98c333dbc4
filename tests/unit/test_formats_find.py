import os
import shutil
from pathlib import Path

import pytest

from lab.errors import UsageError
from lab.formats import find as rules
from lab.formats.find import find
from tests.unit.formats_files import NEW, OLD


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "models"
    made.mkdir()
    return made


def put(folder: Path, name: str, source: Path) -> Path:
    return Path(shutil.copyfile(source, folder / name))


def refusal(path: Path, prefix: str = "") -> UsageError:
    with pytest.raises(UsageError) as caught:
        find(path, prefix)
    return caught.value


def names(found: rules.ModelPlace) -> list[str]:
    return [path.name for path in found.files]


def test_a_folder_with_one_model_is_that_model(folder: Path) -> None:
    shutil.copytree(NEW, folder, dirs_exist_ok=True)
    (folder / "README.md").touch()
    (folder / "config.json").write_text('{"name": "no model"}')
    found = find(folder)
    assert (found.prefix, names(found)) == ("net", ["net.json", "net.pdiparams"])


def test_a_folder_with_several_models_asks_for_a_prefix_and_lists_them(folder: Path) -> None:
    put(folder, "one.json", NEW / "net.json")
    put(folder, "two.pdmodel", OLD / "net.pdmodel")
    error = refusal(folder)
    assert "holds 2 models: one, two" in error.what
    assert "--prefix one" in error.remedy
    assert names(find(folder, "two")) == ["two.pdmodel"]


def test_a_prefix_that_is_not_there_names_those_that_are(folder: Path) -> None:
    put(folder, "one.json", NEW / "net.json")
    assert "has no model ones" in refusal(folder, "ones").what
    assert "has: one" in refusal(folder, "ones").remedy
    assert "has: one" in refusal(folder / "on").remedy


def test_an_empty_folder_is_one_sentence(folder: Path) -> None:
    assert refusal(folder).what == f"{folder} is empty"


def test_a_folder_without_files_of_paddle_says_so(folder: Path) -> None:
    (folder / "notes.txt").touch()
    assert "holds no file that Paddle writes" in refusal(folder).what


def test_a_folder_whose_json_files_are_something_else_says_so(folder: Path) -> None:
    (folder / "config.json").write_text("{}")
    assert "holds no model: config.json is no program of Paddle" in refusal(folder).what
    (folder / "tokens.json").write_text("{}")
    assert "config.json, tokens.json are no program of Paddle" in refusal(folder).what
    assert names(find(folder / "config.json")) == ["config.json"]


def test_only_parameters_are_found_too(folder: Path) -> None:
    put(folder, "net.pdiparams", NEW / "net.pdiparams")
    assert names(find(folder)) == ["net.pdiparams"]


def test_several_parameter_files_without_a_program_ask_for_a_prefix(folder: Path) -> None:
    put(folder, "a.pdiparams", NEW / "net.pdiparams")
    put(folder, "b.pdiparams", NEW / "net.pdiparams")
    assert "holds 2 sets of files without a program: a, b" in refusal(folder).what


def test_a_prefix_may_have_dots_spaces_and_chinese(folder: Path) -> None:
    put(folder, "模型 v2.1.pdmodel", OLD / "net.pdmodel")
    put(folder, "模型 v2.1.pdiparams", OLD / "net.pdiparams")
    assert names(find(folder / "模型 v2.1")) == ["模型 v2.1.pdiparams", "模型 v2.1.pdmodel"]


def test_a_named_program_brings_its_parameters_and_no_other_program(folder: Path) -> None:
    shutil.copytree(NEW, folder, dirs_exist_ok=True)
    put(folder, "net.pdmodel", OLD / "net.pdmodel")
    assert names(find(folder / "net.pdmodel")) == ["net.pdiparams", "net.pdmodel"]
    assert names(find(folder / "net.pdiparams")) == ["net.json", "net.pdiparams", "net.pdmodel"]


def test_the_names_of_1_x_are_one_model(folder: Path) -> None:
    put(folder, "__model__", OLD / "net.pdmodel")
    put(folder, "__params__", OLD / "net.pdiparams")
    assert names(find(folder)) == ["__model__", "__params__"]


def test_a_link_out_of_the_folder_is_not_followed_and_said(folder: Path, tmp_path: Path) -> None:
    put(folder, "net.pdmodel", OLD / "net.pdmodel")
    outside = put(tmp_path, "elsewhere.pdiparams", OLD / "net.pdiparams")
    (folder / "net.pdiparams").symlink_to(outside)
    found = find(folder)
    assert names(found) == ["net.pdmodel"]
    assert "net.pdiparams is a link that leads out of the folder" in found.findings[0].what


def test_a_link_inside_the_folder_and_a_link_named_by_the_user_are_followed(folder: Path, tmp_path: Path) -> None:
    put(folder, "real.pdmodel", OLD / "net.pdmodel")
    (folder / "net.pdmodel").symlink_to("real.pdmodel")
    assert names(find(folder, "net")) == ["net.pdmodel"]
    (tmp_path / "mine.pdmodel").symlink_to(folder / "real.pdmodel")
    assert names(find(tmp_path / "mine.pdmodel")) == ["mine.pdmodel"]


def test_a_link_to_itself_is_not_followed(folder: Path) -> None:
    (folder / "net.pdmodel").symlink_to("net.pdmodel")
    assert "leads out of the folder, or to nothing" in refusal(folder).what


def test_a_huge_folder_is_not_listed_to_its_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_ENTRIES", 3)
    for number in range(4):
        (folder / f"{number}.pdmodel").touch()
    assert "more than 3 entries" in refusal(folder).what


def test_a_read_only_folder_is_fine(folder: Path) -> None:
    put(folder, "net.pdmodel", OLD / "net.pdmodel")
    folder.chmod(0o555)
    try:
        assert names(find(folder)) == ["net.pdmodel"]
    finally:
        folder.chmod(0o755)


@pytest.mark.parametrize("name", ["a" * 300, "a\0b"])
def test_a_name_no_file_can_have_is_one_sentence(folder: Path, name: str) -> None:
    assert "cannot be looked at" in refusal(folder / name).what


def test_what_does_not_exist_is_one_sentence(folder: Path) -> None:
    assert "there is no file, folder or prefix" in refusal(folder / "net").what
    assert "there is no file, folder or prefix" in refusal(folder / "gone" / "net").what


def test_a_name_that_is_no_text_does_not_reach_the_terminal(folder: Path) -> None:
    (folder / os.fsdecode(b"a\xff\x1b[31m.pdmodel")).touch()
    (folder / "b.pdmodel").touch()
    assert "\x1b" not in refusal(folder).what
    assert refusal(folder).what.isprintable()
