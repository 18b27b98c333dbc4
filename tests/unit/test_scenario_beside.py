"""Files beside a scenario come along as they are, and nothing else can be brought in by naming it."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import scenario
from lab.bundle import claims, gather, manifest
from lab.errors import UsageError
from lab.model import ScenarioFile
from lab.run.inbox import lay_beside
from lab.scenario import beside
from tests.unit.test_scenario import FUNCTIONS, refusal, text, written


def header(*names: str, code: str = FUNCTIONS) -> str:
    return text('summary = "s"', f"files = {list(names)}", code=code)


def laid(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def test_a_scenario_knows_its_files_by_size_and_hash(tmp_path: Path) -> None:
    laid(tmp_path, {"data/words.txt": b"abc", "net.py": b"import numpy\n"})
    read = scenario.read(written(tmp_path, header("data/words.txt", "net.py", code="import net\n" + FUNCTIONS)))
    assert [(one.name, one.size) for one in read.files] == [("data/words.txt", 3), ("net.py", 13)]


def test_the_content_of_a_file_counts_for_what_is_known_of_a_scenario(tmp_path: Path) -> None:
    laid(tmp_path, {"a": b"1", "b": b"2"})
    path = written(tmp_path, header("a", "b"))
    first = scenario.read(path).sha256
    laid(tmp_path, {"a": b"2", "b": b"1"})
    swapped = scenario.read(path).sha256
    laid(tmp_path, {"a": b"1", "b": b"2"})
    assert (first == swapped, first == scenario.read(path).sha256) == (False, True)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../secret", "no plain path"),
        ("/etc/passwd", "no plain path"),
        ("a/../b", "no plain path"),
        (".hidden", "no plain path"),
        ("a//b", "no plain path"),
        ("scenario.py", "the lab's own scenario.py lies"),
        ("Guest/x.py", "the lab's own guest lies"),
        ("README.md", "the lab's own readme.md lies"),
        ("missing", "No such file"),
        ("link", "cannot be brought along"),
        ("linked/inner", "cannot be brought along"),
        ("pipe", "no plain file"),
        ("folder", "cannot be brought along"),
    ],
)
def test_what_cannot_be_brought_along_is_said_with_its_line(tmp_path: Path, name: str, why: str) -> None:
    laid(tmp_path, {"outside/inner": b"x", "folder/x": b"x"})
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "linked").symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / "pipe")
    said, remedy = refusal(tmp_path, header(name))
    assert said.startswith("4: the file ")
    assert why in said
    assert remedy


def test_all_files_together_have_a_largest_size(tmp_path: Path) -> None:
    laid(tmp_path, {"a": bytes(beside.MOST_BYTES), "b": b"x"})
    assert "may have 16,777,216 bytes" in refusal(tmp_path, header("a", "b"))[0]
    assert "names 101 of them" in refusal(tmp_path, header(*(f"f{one}" for one in range(101))))[0]


def test_a_module_beside_a_scenario_keeps_its_rules(tmp_path: Path) -> None:
    laid(tmp_path, {"net.py": b"import torch\n", "new.py": b"match x:\n    case 1: pass\n"})
    path = written(tmp_path, header("net.py"))
    with pytest.raises(UsageError, match=r"net.py:1: imports torch"):
        scenario.read(path)
    with pytest.raises(UsageError, match=r"new.py:2: this is not Python 3.8"):
        scenario.read(written(tmp_path, header("new.py")))
    assert "5: imports net" in refusal(tmp_path, text('summary = "s"', code="import net\n" + FUNCTIONS))[0]


def test_a_file_that_changes_after_it_was_read_is_brought_nowhere(tmp_path: Path) -> None:
    laid(tmp_path, {"a/b": b"1"})
    read = scenario.read(written(tmp_path, header("a/b")))
    room = tmp_path / "room"
    room.mkdir()
    lay_beside(read, room)
    assert (room / "a" / "b").read_bytes() == b"1"
    assert oct((room / "a").stat().st_mode & 0o777) == "0o755"
    laid(tmp_path, {"a/b": b"2"})
    with pytest.raises(UsageError, match="has changed"):
        lay_beside(read, room)


def test_no_file_can_take_the_place_of_what_a_bundle_holds_itself() -> None:
    own = {claims.NAME, claims.PROOF, manifest.NAME, "run.sh", "scenario.py", "saved", "logs", "cases", "env"}
    own |= {"Dockerfile.load", "requirements.save.txt", "README.md", "ISSUE.en.md", "EXPLAIN.md"}
    own |= {path.name for path in (gather.REPRO, gather.CLOSENESS, gather.ROUTES)}
    assert {name for name in own if not beside._refused(name)} == set()


@given(
    st.binary(max_size=20),
    st.lists(
        st.builds(ScenarioFile, name=st.text("ab/", min_size=1), size=st.just(1), sha256=st.text("01", max_size=3))
    ),
)
def test_a_scenario_s_hash_is_that_of_its_text_only_where_nothing_lies_beside_it(
    raw: bytes, files: list[ScenarioFile]
) -> None:
    assert (beside.whole(raw, files) == beside.whole(raw, ())) == (not files)
    assert beside.whole(raw, files) == beside.whole(raw, files[::-1]) or len({one.name for one in files}) < len(files)
