"""What a report must not tell: models of the user's own, and where anything lies on this machine."""

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from lab.site import own_places
from lab.storage.workspace import Workspace
from tests import report_data as data
from tests.cli.given import Model
from tests.cli.scenario_text import FAILING, text
from tests.conftest import Cli

HOST = "builder-17.example.net"


def put_where_it_failed(*texts: str) -> str:
    """A load that fails with these texts in its message and in its log."""
    return f"print({' '.join(texts)!r}, file=sys.stderr); raise ValueError('does not exist: ' + {' '.join(texts)!r})"


def told(folder: Path) -> dict[str, str]:
    """Every file of a report as text."""
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8", errors="replace")
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def somebody(tmp_path: Path, bench: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a name and a home of its own, whose user stands in a folder of the workspace."""
    home, system = tmp_path / "home of 某人", os.uname()
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(os, "uname", lambda: os.uname_result((system[0], HOST, *system[2:])))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch space"))
    (tmp_path / "scratch space").mkdir()
    (bench / "notes").mkdir()
    monkeypatch.chdir(bench / "notes")
    return home


def test_no_file_of_a_report_says_where_anything_lies_on_this_machine(
    lab: Cli, toy: Any, model: Model, bench: Path, somebody: Path, tmp_path: Path
) -> None:
    places = (str(somebody), str(bench), str(tmp_path / "scratch space"))
    seen = [f"{one}/deep/net.pdmodel" for one in places] + [HOST]
    (bench / "scenarios" / "toy.py").write_text(text(load=put_where_it_failed(*seen), more=FAILING), encoding="utf-8")
    assert lab("repro", str(bench / "scenarios" / "toy.py"), "--rounds", "0").code == 1
    assert lab("check", str(model("3.0.0")), "--to", "3.3.1", "--rounds", "0").code in {0, 1, 3}
    data.keep(bench, data.lines()[0])
    data.append(bench, data.lines()[0], b"{")
    (bench / "results" / "history" / "x-matrix.json").write_text("{", encoding="utf-8")
    answer = lab("report", "--with-checks", "-o", str(bench / "out"))
    assert answer.code == 0, answer.err
    files = told(bench / "out")
    kept = files["scenario/toy.html"]
    assert "~/deep/net.pdmodel" in kept
    assert "…/deep/net.pdmodel" in kept
    assert "results/history/x-matrix.json" in files["index.html"]
    assert "lab check &#39;…/my model 模型 3.0.0&#39;" in "".join(files.values())
    private = (*places, str(tmp_path), str(Path.cwd()), tempfile.gettempdir(), HOST, somebody.name)
    assert [(name, one) for name, page in files.items() for one in private if one in page] == []


def test_checks_of_models_of_ones_own_stay_out_unless_they_are_asked_for(
    lab: Cli, toy: Any, model: Model, bench: Path
) -> None:
    folder = model("3.0.0")
    for verb in (("check", str(folder), "--to", "3.3.1"), ("cure", str(folder), "--at", "3.0.0")):
        lab(*verb, "--rounds", "0")
    damaged = bench / "results" / "runs" / "20260101-000000-check-secret_model-0000"
    damaged.mkdir(parents=True)
    (damaged / "run.json").write_text("{", encoding="utf-8")
    (bench / "scenarios" / "check-list.py").write_text(text(more=FAILING), encoding="utf-8")
    lab("repro", "check-list", "--rounds", "0")
    names = [one.name for one in (bench / "results" / "runs").iterdir()]
    own = [one for one in names if "check-list" not in one]
    assert len(own) == len(names) - 1 >= 3
    answer = lab("report", "-o", str(bench / "out"))
    assert answer.code == 0, answer.err
    assert f"{len(own)} runs of models of your own left out; --with-checks takes them in" in answer.out
    pages = "".join(told(bench / "out").values())
    assert "check-list" in pages
    assert [one for one in (*own, "secret_model", folder.name, "check-net", "model-net") if one in pages] == []
    answer = lab("report", "-o", str(bench / "out"), "--with-checks")
    assert "left out;" not in answer.out
    assert "lab bench check-net" not in (bench / "out" / "scenario" / "check-net.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("lab check /data/models/net --to 3.3.1", "lab check …/net --to 3.3.1"),
        ("lab check '/data/my models/net a' --inputs=/x/y.npz", "lab check '…/net a' --inputs=…/y.npz"),
        ("lab bench net --releases file:///srv/w/p.whl,3.0.0", "lab bench net --releases …/p.whl,3.0.0"),
        ("lab repro net --pattern 'a/b'", "lab repro net --pattern 'a/b'"),
        ("it's no command /data/x", "it's no command /data/x"),
    ],
)
def test_a_command_keeps_its_words_and_loses_the_folders_of_its_files(typed: str, shown: str) -> None:
    assert own_places.command(typed) == shown


def test_a_path_that_only_begins_like_a_folder_of_ours_is_left_alone() -> None:
    mine = Workspace(root=Path("/srv/lab"), cache=Path("/srv/lab-cache"))
    places = own_places.of(mine)
    assert places.text("/srv/lab/results/x, /srv/labrador/x, /srv/lab, /srv/lab-cache/w") == (
        "results/x, /srv/labrador/x, ., …/w"
    )
