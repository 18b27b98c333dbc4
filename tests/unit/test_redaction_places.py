"""Where a machine keeps its files: gone at the start of a path, and left alone where the same letters are something else."""

import json
import re
from pathlib import Path

import pytest

from lab.redaction import door, own_folders, places, sources
from lab.redaction.mask import Mask, Secrets
from lab.storage import workspace

HOME = "/root"
ROOT_HOME = Mask(secrets=Secrets(folders=((HOME, "~"), ("/disk 2/cache", "…"))))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("open @/net.json", "open ~/net.json"),
        ('File "@/a.py", line 1', 'File "~/a.py", line 1'),
        ("HOME=@", "HOME=~"),
        ("in @.", "in ~."),
        ("PATH=@/bin:/usr/bin:@/x", "PATH=~/bin:/usr/bin:~/x"),
        ("file://@/x and -I@/include", "file://~/x and -I~/include"),
        ("b'one\\n@/x'", "b'one\\n~/x'"),
        ("/disk 2/cache/envs, file:///disk%202/cache/envs", "…/envs, file://…/envs"),
        ("body=open%20%2Froot%2Fnet.json", "body=open%20~%2Fnet.json"),
    ],
)
def test_a_path_loses_its_beginning(said: str, told: str) -> None:
    assert ROOT_HOME.handed(said.replace("@", HOME)) == told


@pytest.mark.parametrize(
    "said",
    [
        "/chroot@/x", "/srv@", "@fs/x", "@-2/x", "@.d/x", "https:/@/x", "<root>1<@>", "a@/b",
        "~@/x", "…@", ".@/x", "/disk 2/cached", "/x/disk 2/cache",
    ],
)  # fmt: skip
def test_the_same_letters_elsewhere_stay(said: str) -> None:
    told = said.replace("@", HOME)
    assert ROOT_HOME.handed(told) == told


@pytest.mark.parametrize("before", ["", "\n", "\t", "\r\n", '"', "x\n"])
def test_a_document_loses_what_stands_behind_an_escaped_sign(before: str) -> None:
    data = json.dumps({"message": f"{before}{HOME}/net.json", "token": f"{before}ghp_{'a1' * 12}"}).encode()
    clear = json.loads(ROOT_HOME.json(data, handed=True))
    assert clear["message"] == f"{before}~/net.json"
    assert "a1a1" not in clear["token"]
    shown = json.loads(ROOT_HOME.json(data))
    assert shown["message"] == f"{before}{HOME}/net.json", "a program needs paths that commands work with"
    assert "a1a1" not in shown["token"]


def test_every_folder_that_the_lab_works_in_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for one in ("home/work", "real", "here"):
        (tmp_path / one).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path / "here")
    environ = {
        "LAB_CACHE": f"{tmp_path}/link",
        "XDG_DATA_HOME": f"{tmp_path}/home/work",
        "TMPDIR": "/var/tmp",
        "PATH": "",
    }
    found = sources.secrets(environ, tmp_path / "home", tmp_path / "etc", [f"{tmp_path}/asked for"]).folders
    own = {str(tmp_path / one): "…" for one in ("link", "real", "here", "asked for")}
    assert dict(found) == {str(tmp_path / "home"): "~", **own}, "what lies below the home folder loses that alone"


def test_root_is_hidden_as_a_home_and_no_folder_that_every_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/tmp")
    assert places.own({"TMPDIR": "/tmp", "LAB_CACHE": "/"}, Path(HOME)) == ((HOME, "~"),)
    assert places.own({}, Path("/")) == ()


def test_a_workspace_that_a_flag_names_is_known_until_the_next_command(
    bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAB_WORKSPACE")
    door.forget()
    assert str(bench) in door.handed(f"{bench}/results")
    workspace.find(chosen=str(bench))
    assert door.handed(f"{bench}/results") == "…/results"
    door.forget()
    assert own_folders.known() == frozenset()


def test_a_noun_that_is_handed_over_loses_them_in_every_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", HOME)
    door.forget()
    noun = {"image": f"{HOME}/.cache/bin/python", "deep": [{"said": f"x\n{HOME}/net.json"}], "plain": "no path"}
    assert door.handed_noun(noun) == {
        "image": "~/.cache/bin/python",
        "deep": [{"said": "x\n~/net.json"}],
        "plain": "no path",
    }
    assert door.handed_noun(kept := {"image": "sha256:1"}) is kept
    door.forget()


def test_no_module_hands_a_stored_noun_to_a_bundle_as_it_is() -> None:
    source = (Path(sources.__file__).parents[1] / "bundle" / "gather.py").read_text(encoding="utf-8")
    assert re.findall(r"store\.pretty\((?!door\.handed_noun)", source) == []
