"""Archives are judged by what is in them, without unpacking them and without being made to take memory or time."""

import io
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from lab import formats
from lab.formats import archive
from lab.model.inspection import Inspection, InspectLevel

EVIL = b"cos\nsystem\n(S'true'\ntR."


def looked(folder: Path, members: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Inspection:
    path = folder / "net.pdparams"
    with zipfile.ZipFile(path, "w", how) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return formats.inspect(path)


def warnings(found: Inspection) -> list[str]:
    return [one.what for one in found.findings if one.level is InspectLevel.WARNING]


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_pickle_in_an_archive_is_judged(tmp_path: Path, how: int) -> None:
    found = looked(tmp_path, {"m/data.pkl": EVIL, "m/data/0": np.ones(40, "float32").tobytes()}, how)
    assert found.broken
    assert warnings(found) == [
        "net.pdparams, m/data.pkl: loading it would import os.system, which Paddle does not write"
    ]


def test_an_archive_of_plain_data_brings_no_warning(tmp_path: Path) -> None:
    found = looked(tmp_path, {"data.pkl": pickle.dumps({"w": np.ones(3)}, 2), "readme": b"hello"})
    assert warnings(found) == []
    assert [one.harmless for one in found.pickles] == [True]


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_could_fill_the_memory_is_not_opened_and_said(tmp_path: Path, how: int) -> None:
    assert "could be looked at (a.pkl)" in warnings(looked(tmp_path, {"a.pkl": EVIL}, how))[0]


def test_a_bomb_is_read_only_so_far(tmp_path: Path) -> None:
    bomb = b"B" + (200 << 20).to_bytes(4, "little") + bytes(200 << 20) + b"0" + EVIL
    assert "could be looked at (a.pkl)" in warnings(looked(tmp_path, {"a.pkl": bomb}))[0]


def test_an_archive_inside_an_archive_is_said(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as made:
        made.writestr("a.pkl", EVIL)
    assert "could be looked at (inner.zip)" in warnings(looked(tmp_path, {"inner.zip": inner.getvalue()}))[0]


def test_more_than_the_limits_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 2)
    assert "2 members" in warnings(looked(tmp_path, {str(at): b"x" for at in range(4)}))[0]
    monkeypatch.setattr(archive, "MAX_DIRECTORY", 40)
    assert "its list of members" in warnings(looked(tmp_path, {str(at): b"x" for at in range(4)}))[0]


def test_a_damaged_archive_is_said(tmp_path: Path) -> None:
    path = tmp_path / "net.pdparams"
    path.write_bytes(b"PK\x03\x04" + b"nothing more")
    assert "not everything in it could be looked at" in warnings(formats.inspect(path))[0]
