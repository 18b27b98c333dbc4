import hashlib
import os
import shutil
from pathlib import Path

import pytest

from lab.errors import UsageError
from lab.formats import inspect
from lab.formats.rules import pdmodel_writer, pir_writer
from lab.model.inspection import FileKind, Inspection, InspectLevel, Reads
from lab.redaction import door
from tests.unit.formats_files import FIRST, NEW, OLD, program, tensor, variable


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLD, tmp_path / "old"))


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return Path(shutil.copytree(NEW, tmp_path / "new"))


def said(found: Inspection, level: InspectLevel) -> list[str]:
    return [one.what for one in found.findings if one.level is level]


def cell(found: Inspection, api: str, release: str) -> Reads:
    return next(one.reads for one in found.readers if (one.api, one.release) == (api, release))


@pytest.mark.parametrize(("folder", "releases"), [(OLD, "2.6.2"), (FIRST, "3.0.0"), (NEW, "3.3")])
def test_a_real_model_says_who_wrote_it_and_is_whole(folder: Path, releases: str) -> None:
    found = inspect(folder)
    assert found.programs[0].writer.releases.startswith(releases)
    assert not found.broken
    assert found.streams[0].named_by == found.programs[0].file
    assert found.streams[0].tensors[-1].name == "linear_0.w_0"


def test_an_old_program_is_read_by_3_x_with_the_flag_and_by_every_predictor() -> None:
    found = inspect(OLD)
    assert cell(found, "jit.load", "2.6.2") is Reads.YES
    assert cell(found, "jit.load", "3.3.1") is Reads.WITH
    assert cell(found, "predictor", "3.3.1") is Reads.YES
    assert {one.setting for one in found.readers if one.reads is Reads.WITH} == {"FLAGS_enable_pir_api=0"}


def test_pooling_written_by_3_3_is_refused_by_3_0_and_pooling_written_by_3_0_is_not() -> None:
    assert cell(inspect(NEW), "jit.load", "3.0.0") is Reads.FAILS
    assert cell(inspect(NEW), "jit.load", "3.1.1") is Reads.YES
    assert cell(inspect(FIRST), "jit.load", "3.0.0") is Reads.YES
    assert cell(inspect(NEW), "predictor", "2.6.2") is Reads.DIES


def test_every_statement_about_a_reader_has_its_source() -> None:
    for folder in (OLD, FIRST, NEW):
        assert all(one.source for one in inspect(folder).readers)


def test_the_lost_addition_is_a_warning() -> None:
    assert any("drops `x + constant`" in what for what in said(inspect(NEW), InspectLevel.WARNING))


@pytest.mark.parametrize(
    ("version", "definitions", "releases"),
    [(3000000, 74, "3.0.0b2"), (3000000, 78, "3.0.0"), (2005001, 60, "2.5.1"), (0, 0, ""), (None, 0, ""), (77, 1, "")],
)
def test_the_program_version_names_the_release(version: int | None, definitions: int, releases: str) -> None:
    assert pdmodel_writer(version, definitions).releases == releases


def test_a_format_newer_than_known_is_not_guessed() -> None:
    assert pir_writer(99).releases == ""
    assert "newer than any" in pir_writer(99).evidence


def test_parameters_cut_by_100_bytes_are_broken_and_the_program_is_still_told(old: Path) -> None:
    path = old / "net.pdiparams"
    os.truncate(path, path.stat().st_size - 100)
    found = inspect(old)
    assert said(found, InspectLevel.BROKEN) == [
        "net.pdiparams: truncated: tensor 9 (float32 [18, 3]) lacks 100 of 216 bytes (at byte 352)"
    ]
    assert found.programs[0].writer.releases == "2.6.2"


def test_parameters_cut_between_two_tensors_do_not_fit_the_program(old: Path) -> None:
    os.truncate(old / "net.pdiparams", 32)
    assert said(inspect(old), InspectLevel.BROKEN) == [
        "net.pdiparams does not fit net.pdmodel: it holds 1 tensors, the program asks for 9"
    ]


def test_parameters_of_another_model_do_not_fit_and_the_first_difference_is_named(tmp_path: Path) -> None:
    (tmp_path / "m.pdmodel").write_bytes(program([variable("w", "float32", (2, 3))]))
    (tmp_path / "m.pdiparams").write_bytes(tensor("float16", (2, 3)))
    (what,) = said(inspect(tmp_path), InspectLevel.BROKEN)
    assert what.endswith("tensor 1 is float16 [2, 3], but w is float32 [2, 3]")


def test_a_missing_parameter_file_is_broken(old: Path) -> None:
    for name in ("net.pdiparams", "net.pdiparams.info", "net.pdparams"):
        (old / name).unlink()
    assert "there is no net.pdiparams" in said(inspect(old), InspectLevel.BROKEN)[0]


def test_only_parameters_say_so(new: Path) -> None:
    (new / "net.json").unlink()
    found = inspect(new)
    assert "only parameters" in said(found, InspectLevel.NOTE)[0]
    assert len(found.streams[0].tensors) == 9
    assert not found.broken


def test_a_stale_program_beside_a_new_one_is_a_warning_with_its_age(new: Path) -> None:
    shutil.copyfile(OLD / "net.pdmodel", new / "net.pdmodel")
    stamp = (new / "net.json").stat().st_mtime - 3 * 86400
    os.utime(new / "net.pdmodel", (stamp, stamp))
    found = inspect(new)
    assert len(found.programs) == 2
    assert any(
        "two programs" in what and "net.pdmodel is older by 3 days" in what
        for what in said(found, InspectLevel.WARNING)
    )


def test_a_pickle_where_parameters_belong_is_named_and_not_loaded(old: Path) -> None:
    shutil.copyfile(old / "net.pdparams", old / "net.pdiparams")
    found = inspect(old)
    assert "a pickle, as paddle.save writes it" in said(found, InspectLevel.BROKEN)[0]


def test_a_pickle_that_imports_what_paddle_does_not_write_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "w.pdparams").write_bytes(b"\x80\x04cos\nsystem\n.")
    found = inspect(tmp_path)
    assert "would import os.system" in said(found, InspectLevel.WARNING)[0]
    assert found.pickles[0].unusual == ("os.system",)


def test_pir_json_under_the_name_of_a_protobuf_program_is_read_and_said(new: Path) -> None:
    (new / "net.json").rename(new / "net.pdmodel")
    found = inspect(new)
    assert found.programs[0].version == 4
    assert any("holds PIR JSON" in what for what in said(found, InspectLevel.WARNING))


@pytest.mark.parametrize(
    ("data", "words", "kind"),
    [
        (b"", "the file is empty", FileKind.EMPTY),
        (b"PK\x03\x04rest", "a zip archive", FileKind.FOREIGN),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer", FileKind.FOREIGN),
        (b'{"layers": []}', "this is JSON, but no Paddle program", FileKind.JSON),
        (b"\x07nonsense", "damaged", FileKind.PROGRAM),
    ],
)
def test_a_file_that_is_no_program_is_named(tmp_path: Path, data: bytes, words: str, kind: FileKind) -> None:
    path = tmp_path / "net.pdmodel"
    path.write_bytes(data)
    found = inspect(path)
    assert found.files[0].kind is kind
    assert words in said(found, InspectLevel.BROKEN)[0]


def test_a_file_of_any_name_is_known_by_its_content(tmp_path: Path) -> None:
    for source, kind in (("net.pdmodel", FileKind.PROGRAM), ("net.pdiparams", FileKind.TENSORS)):
        path = Path(shutil.copyfile(OLD / source, tmp_path / f"{source[4:]} backup"))
        assert inspect(path).files[0].kind is kind


def test_a_file_that_says_nothing_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "notes").write_bytes(b"\x01\x02hello")
    assert "no file that Paddle writes" in said(inspect(tmp_path / "notes"), InspectLevel.BROKEN)[0]


@pytest.mark.parametrize("name", ["passwd", "net.pdmodel", "net.pdiparams", "secret"])
@pytest.mark.parametrize("data", ["passwd: hunter2\n", "笔记" * 3000, "one, two\r\n\tthree"])
def test_a_text_file_is_called_one_and_no_name_makes_that_a_secret(tmp_path: Path, name: str, data: str) -> None:
    (tmp_path / name).write_text(data, encoding="utf-8")
    (what,) = said(inspect(tmp_path / name), InspectLevel.BROKEN)
    assert door.shown(what) == f"{name} is a text file, and Paddle writes none such"


def test_hashes_are_made_only_when_asked_for() -> None:
    assert {one.sha256 for one in inspect(NEW).files} == {""}
    hashes = {one.name: one.sha256 for one in inspect(NEW, hashed=True).files}
    assert hashes["net.json"] == hashlib.sha256((NEW / "net.json").read_bytes()).hexdigest()


def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "net.pdmodel")
    with pytest.raises(UsageError, match="not a regular file"):
        inspect(tmp_path / "net.pdmodel")
