"""What is said where no model was found, or a part of one is missing: what lies there, by content, and what to name."""

import shutil
from pathlib import Path

import pytest

from lab.errors import UsageError
from lab.formats import around, inspect
from lab.model.inspection import InspectLevel
from tests.unit.formats_files import FIRST, OLD, program, tensor, variable


def refused(folder: Path) -> UsageError:
    with pytest.raises(UsageError) as found:
        inspect(folder)
    return found.value


def test_a_folder_of_several_models_names_them_and_one_to_begin_with(tmp_path: Path) -> None:
    shutil.copytree(OLD, tmp_path / "models" / "det")
    shutil.copytree(FIRST, tmp_path / "models" / "rec")
    found = refused(tmp_path)
    assert "2 models lie below it: models/det/net.pdmodel, models/rec/net.json" in found.what
    assert str(tmp_path / "models" / "det" / "net.pdmodel") in found.remedy


def test_links_below_are_not_followed_and_folders_far_below_are_not_searched(tmp_path: Path) -> None:
    shutil.copytree(OLD, tmp_path / "real")
    root = tmp_path / "root"
    (root / "a" / "b" / "c" / "d").mkdir(parents=True)
    shutil.copyfile(OLD / "net.pdmodel", root / "a" / "b" / "c" / "d" / "net.pdmodel")
    (root / "link").symlink_to(tmp_path / "real")
    assert around.models_below(root) == ()


def test_files_without_an_ending_are_told_by_what_they_begin_with(tmp_path: Path) -> None:
    shutil.copyfile(OLD / "net.pdmodel", tmp_path / "program")
    shutil.copyfile(OLD / "net.pdiparams", tmp_path / "weights")
    (tmp_path / "notes").write_text("nothing of Paddle", encoding="utf-8")
    found = refused(tmp_path)
    assert "program (program (protobuf)), weights (parameters (tensor stream))" in found.what
    assert "notes" not in found.what
    assert inspect(tmp_path / "program").programs


@pytest.mark.parametrize("source", [OLD, FIRST])
def test_missing_parameters_are_broken_also_beside_what_only_names_them(source: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(source, tmp_path / "model", ignore=shutil.ignore_patterns("*.pdparams")))
    (folder / "net.pdiparams").unlink()
    found = inspect(folder)
    (what,) = [one.what for one in found.findings if one.level is InspectLevel.BROKEN]
    assert "the parameters are missing" in what
    assert "asks for 9, and there is no net.pdiparams" in what
    assert ("beside net.pdiparams.info, which holds none" in what) == (source == OLD)


@pytest.fixture
def old_folder(tmp_path: Path) -> Path:
    """A model as releases before 2.0 wrote it: __model__, and each parameter in a file of its own."""
    shapes = {"fc_0.b_0": (3,), "fc_0.w_0": (4, 3)}
    names = [variable(name, "float32", shape) for name, shape in shapes.items()]
    (tmp_path / "__model__").write_bytes(program(names, version=None))
    for name, shape in shapes.items():
        (tmp_path / name).write_bytes(tensor("float32", shape))
    return tmp_path


def test_parameters_of_one_file_each_are_found_and_counted(old_folder: Path) -> None:
    found = inspect(old_folder)
    assert not found.broken
    assert any("one file each, as releases before 2.0 wrote them: 2 of 2" in one.what for one in found.findings)


def test_one_of_many_parameter_files_that_is_gone_or_another_is_named(old_folder: Path) -> None:
    (old_folder / "fc_0.b_0").unlink()
    (old_folder / "fc_0.w_0").write_bytes(tensor("float32", (4, 4)))
    broken = [one.what for one in inspect(old_folder).findings if one.level is InspectLevel.BROKEN]
    assert any("no file fc_0.b_0 lies beside __model__" in what for what in broken)
    assert any("fc_0.w_0: not the tensor that __model__ asks for" in what for what in broken)


def test_a_parameter_named_like_a_path_leads_nowhere(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "w").write_bytes(tensor("float32", (3,)))
    (folder / "__model__").write_bytes(program([variable("../w", "float32", (3,))], version=None))
    found = inspect(folder)
    assert any("the parameters are missing" in one.what for one in found.findings)
