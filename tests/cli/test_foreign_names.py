"""Models in folders whose names are not UTF-8 (GBK from archives made in China) or hold what moves a cursor."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.given import MODELS
from tests.conftest import ROOT, Cli

FOLDER = "我的模型 v1".encode("gbk")
SHOWN = r"\xce\xd2\xb5\xc4\xc4\xa3\xd0\xcd v1"
PREFIX = "网络".encode("gbk")
PREFIX_SHOWN = r"\xcd\xf8\xc2\xe7"
COLOURED = b"\x1b[31mred\x1b]0;title\x07\x9b2J"


def laid(tmp_path: Path, folder: bytes, prefix: bytes = b"net", release: str = "3.0.0") -> bytes:
    """A copy of a real model under names of any bytes."""
    target = os.fsencode(tmp_path) + b"/" + folder
    Path(os.fsdecode(target)).mkdir(parents=True)
    for path in (MODELS / release).glob("net.*"):
        if path.suffix != ".pdparams":
            shutil.copyfile(os.fsencode(path), target + b"/" + prefix + os.fsencode(path.name).removeprefix(b"net"))
    return target


@dataclass(frozen=True)
class Told:
    code: int
    out: str
    err: str


def typed(*words: bytes | str, language: str = "C.UTF-8", **env: str) -> Told:
    """The real program in a process of its own; what it writes must be UTF-8 and end in no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "lab", *words], capture_output=True, check=False, cwd=ROOT,
        env={**os.environ, "LANG": language, "LC_ALL": language, "COLUMNS": "200", **env},
    )  # fmt: skip
    told = Told(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in told.err
    assert "\\udc" not in told.out + told.err
    assert "\x1b" not in told.out + told.err
    return told


@pytest.mark.parametrize("language", ["C.UTF-8", "C"])
def test_inspect_reads_a_model_whose_names_are_gbk(tmp_path: Path, language: str) -> None:
    folder = laid(tmp_path, FOLDER, PREFIX)
    for place in (folder, folder + b"/" + PREFIX, folder + b"/" + PREFIX + b".json"):
        told = typed("inspect", place, language=language)
        assert told.code == 0, told.err
        assert f"{PREFIX_SHOWN}.pdiparams" in told.out
        assert f"{SHOWN}/{PREFIX_SHOWN} is not UTF-8; in GB18030 it reads" in told.out
    assert "我的模型 v1/网络" in typed("inspect", folder).out


def test_its_json_is_utf8_and_whole(tmp_path: Path) -> None:
    found = json.loads(typed("inspect", laid(tmp_path, FOLDER, PREFIX), "--json", "--hash").out)
    assert found["path"].endswith(SHOWN)
    assert {one["name"] for one in found["files"]} == {f"{PREFIX_SHOWN}.json", f"{PREFIX_SHOWN}.pdiparams"}


@pytest.mark.parametrize("verb", ["inspect", "check", "stamp", "replay", "new", "matrix", "repro", "bundle"])
def test_what_is_not_there_is_one_readable_sentence(tmp_path: Path, verb: str) -> None:
    told = typed(verb, os.fsencode(tmp_path) + b"/" + FOLDER + b"/x.py", LAB_WORKSPACE=str(ROOT))
    assert told.code == 2
    assert SHOWN in told.err
    assert told.err.count("lab: ") == 1


@pytest.mark.parametrize("verb", [("matrix",), ("repro",), ("bundle",), ("runs", "show")])
def test_a_name_that_nobody_has_is_one_readable_sentence(verb: tuple[str, ...]) -> None:
    told = typed(*verb, PREFIX, LAB_WORKSPACE=str(ROOT))
    assert told.code == 2
    assert f"'{PREFIX_SHOWN}'" in told.err


def test_a_prefix_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    told = typed("inspect", laid(tmp_path, FOLDER, PREFIX), "--prefix", b"\xff")
    assert told.code == 2
    assert r"has no model \xff" in told.err
    assert PREFIX_SHOWN in told.err


@pytest.mark.parametrize("verb", ["inspect", "check", "repro"])
def test_escapes_in_a_name_reach_no_terminal(tmp_path: Path, verb: str) -> None:
    told = typed(verb, laid(tmp_path, COLOURED) + b"/nothing.py", LAB_WORKSPACE=str(ROOT))
    assert told.code == 2
    assert "red" in told.err


def test_a_model_in_a_folder_with_escapes_is_told_without_them(tmp_path: Path) -> None:
    folder = laid(tmp_path, COLOURED, b"\x1b[7mnet")
    assert typed("inspect", folder).code == 0
    assert "\\u001b" not in typed("inspect", folder, "--json").out


def test_a_workspace_in_such_a_folder_is_made_and_its_command_can_be_typed(tmp_path: Path) -> None:
    place = os.fsencode(tmp_path) + b"/" + FOLDER + b"/it's"
    told = typed("init", place)
    assert told.code == 0, told.err
    command = told.out.split("next: ")[1].split(" && ")[0]
    gone = subprocess.run(["bash", "-c", f"{command} && pwd"], capture_output=True, check=True).stdout
    assert gone == place + b"\n"


@pytest.mark.parametrize("folder", [FOLDER, COLOURED], ids=["gbk", "escapes"])
def test_a_model_is_checked_and_the_run_kept_and_found_again(
    lab: Cli, bench: Path, toy: Any, tmp_path: Path, folder: bytes
) -> None:
    del toy
    place = os.fsdecode(laid(tmp_path, folder, PREFIX))
    answer = lab("check", place, "--to", "3.3.1", "--rounds", "0")
    assert answer.code == 0, answer.err
    assert not {"\x1b", "\udcc4"} & set(answer.out + answer.err)
    stored = next((bench / "results" / "runs").glob("*-check-*/run.json")).read_bytes()
    assert json.loads(stored.decode())["command"].startswith("lab check $'")
    answer = lab("check", place, "--to", "3.3.1", "--rounds", "0", "--json")
    assert json.loads(answer.out.encode().decode())["verdict"]
    assert lab("runs", "list").code == 0
    assert lab("runs", "show", "last", "--format", "markdown").code == 0


def test_a_stamp_is_written_beside_such_a_model_and_read_again(lab: Cli, toy: Any, tmp_path: Path) -> None:
    del toy
    place = laid(tmp_path, FOLDER, PREFIX)
    answer = lab("stamp", os.fsdecode(place))
    assert answer.code == 0, answer.err
    assert Path(os.fsdecode(place + b"/" + PREFIX + b".lab.json")).is_file()
    assert lab("check", os.fsdecode(place), "--to", "3.3.1", "--rounds", "0").code == 0


def test_variables_and_a_home_that_are_not_utf8_stop_nothing() -> None:
    odd = os.fsdecode(PREFIX)
    told = typed(
        "inspect", str(MODELS / "3.0.0"), "--prefix", "net", MY_TOKEN=f"{odd}abcdefgh", HOME=f"/{odd}", http_proxy=odd
    )
    assert told.code == 0, told.err
    told = typed("inspect", f"/{odd}abcdefgh", MY_TOKEN=f"{odd}abcdefgh")
    assert told.code == 2
    assert "abcdefgh" not in told.err
