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


@pytest.mark.parametrize(
    ("variable", "folder"),
    [("LAB_HOME", ""), ("XDG_DATA_HOME", "paddle-repro-lab"), ("HOME", ".local/share/paddle-repro-lab")],
)
def test_where_there_is_none_the_package_serves_and_results_go_to_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, folder: str
) -> None:
    for name in ("LAB_WORKSPACE", "LAB_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(tmp_path / "mine"))
    (tmp_path / "elsewhere").mkdir()
    found = workspace.find(tmp_path / "elsewhere")
    assert found.results == tmp_path / "mine" / folder / "results"
    assert found.root.is_dir()
    assert (found.images / "releases.toml").is_file()
    assert not found.images.is_relative_to(tmp_path)
    assert (found.scenarios / "jit_load_pir.py").is_file()


def test_nothing_is_written_into_what_the_package_carries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_WORKSPACE", raising=False)
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    with pytest.raises(UsageError, match="lab init DIR"):
        workspace.find(tmp_path).require_own("lab new")


def test_a_workspace_of_ones_own_may_be_written(laid_out: Path) -> None:
    workspace.find(laid_out).require_own("lab new")


def test_a_chosen_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a lab workspace"):
        workspace.find(chosen=str(tmp_path))


def test_the_cache_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "c"))
    assert workspace.cache_folder() == tmp_path / "c"
