from pathlib import Path

import pytest

from lab.errors import UsageError
from lab.storage import workspace


@pytest.fixture
def laid_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("LAB_WORKSPACE", raising=False)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "releases.toml").touch()
    (tmp_path / "scenarios" / "deep").mkdir(parents=True)
    return tmp_path


def test_the_workspace_is_found_from_any_folder_below(laid_out: Path) -> None:
    assert workspace.find(laid_out / "scenarios" / "deep").root == laid_out


def test_a_chosen_workspace_wins(laid_out: Path) -> None:
    assert workspace.find(Path("/"), chosen=str(laid_out)).root == laid_out


def test_the_environment_names_a_workspace(laid_out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_WORKSPACE", str(laid_out))
    assert workspace.find(Path("/")).root == laid_out


def test_where_there_is_none_the_message_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_WORKSPACE", raising=False)
    with pytest.raises(UsageError, match="lab init DIR"):
        workspace.find(tmp_path)


def test_a_chosen_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a lab workspace"):
        workspace.find(chosen=str(tmp_path))


def test_the_cache_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "c"))
    assert workspace.cache_folder() == tmp_path / "c"
