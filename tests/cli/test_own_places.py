"""Where a machine keeps its work and what it is called: in no file of a bundle and in no text of an issue."""

import json
import os
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from lab.engine.protocol import Image
from tests.cli.scenario_text import text
from tests.conftest import Cli

HOST = "builder-of-jane.example.net"


@pytest.fixture(params=["a home of its own", "/root"])
def places(
    request: pytest.FixtureRequest, bench: Path, toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, str]:
    """A machine with a name, a home, a cache of its own, and environments in that; one stands beside the workspace."""
    home = Path("/root") if request.param == "/root" else tmp_path / "homes" / "jane doe"
    cache, here = tmp_path / "big disk" / "cache", tmp_path / "secret project"
    for one in (cache, here, *(() if request.param == "/root" else (home,))):
        one.mkdir(parents=True)
    system = os.uname()
    monkeypatch.setattr(os, "uname", lambda: os.uname_result((system[0], HOST, *system[2:])))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LAB_CACHE", str(cache))
    monkeypatch.chdir(here)
    found, build = toy.image, toy.build

    def lying_there(image: Image | None) -> Image | None:
        return image and replace(image, id=f"{cache}/envs/{image.environment}/bin/python")

    monkeypatch.setattr(toy, "image", lambda *words: lying_there(found(*words)))
    monkeypatch.setattr(toy, "build", lambda *words: lying_there(build(*words)))
    return {"home": str(home), "cache": str(cache), "cwd": str(here), "workspace": str(bench), "host": HOST}


@pytest.fixture
def failed(lab: Cli, bench: Path, places: Mapping[str, str], tmp_path: Path) -> Mapping[str, str]:
    """A run whose load tells of all places in its log and in its message, also where a line begins with one.

    By a file, so that no place stands in the scenario itself, which a bundle holds as it is.
    """
    told = [f"{one}/deep/net.json" if one.startswith("/") else f"http://{one}:80/x" for one in places.values()]
    lines = "\n".join([*told, *(f"{name} {one}" for name, one in places.items())])
    seen = tmp_path / "seen.txt"
    seen.write_text(f"told {' and '.join(told)}\n{lines}", encoding="utf-8")
    load = f"said = open({str(seen)!r}, encoding='utf-8').read(); print(said, file=sys.stderr); raise ValueError(said)"
    (bench / "scenarios" / "toy.py").write_text(text(load=load), encoding="utf-8")
    assert lab("repro", "toy", "--rounds", "0").code == 1
    return places


def standing(places: Mapping[str, str], said: str) -> list[str]:
    """Which places stand in a text, as they are, in an address, or as JSON writes them."""
    plain = unquote(said.replace("+", " ")) + said
    return [name for name, one in places.items() if one in plain or json.dumps(one)[1:-1] in plain]


def test_no_file_of_a_bundle_says_where_it_was_made(lab: Cli, failed: Mapping[str, str], tmp_path: Path) -> None:
    target = tmp_path / "b.repro.tgz"
    assert lab("bundle", "last", "--no-proof", "-o", str(target)).code == 0
    with tarfile.open(target) as packed:
        packed.extractall(tmp_path / "unpacked", filter="data")
    files = {str(one): one.read_bytes() for one in (tmp_path / "unpacked").rglob("*") if one.is_file()}
    (claims,) = (json.loads(data) for name, data in files.items() if name.endswith("/results.json"))
    assert len(files) > 15
    assert [
        one for name, data in files.items() for one in standing(failed, f"{Path(name).name} {data.decode('latin-1')}")
    ] == []
    assert any("/deep/net.json" in data.decode("latin-1") for data in files.values()), "the scenario told nothing"
    first = claims["cases"][0]["trial"]
    assert first["load"]["image"].endswith("/bin/python")
    assert first["load"]["image"].startswith("…/envs/")
    assert first["outcome"]["message"].startswith("told ~/deep/net.json and …/deep/net.json and …/deep")


def test_no_text_of_an_issue_says_where_it_was_found(lab: Cli, failed: Mapping[str, str]) -> None:
    said = json.loads(lab("issue", "last", "--json").out)
    assert "~/deep/net.json" in said["body"]
    for one in (said["body"], said["address"], lab("issue", "last").out):
        assert standing(failed, one) == []


def test_a_bundle_without_these_places_claims_the_signatures_of_its_run_and_is_proved(
    lab: Cli, failed: Mapping[str, str], tmp_path: Path
) -> None:
    target = tmp_path / "b.repro.tgz"
    answer = lab("bundle", "last", "-o", str(target))
    assert answer.code == 0, answer.err
    kept = json.loads(lab("runs", "show", "last", "--json").out)
    with tarfile.open(target) as packed:
        (name,) = (one for one in packed.getnames() if one.endswith("/results.json"))
        inside = packed.extractfile(name)
        assert inside is not None
        claims = json.loads(inside.read())
    signatures = [one["outcome"]["signature"] for one in kept["trials"]]
    assert signatures[0]
    assert claims["cases"][0]["trial"]["outcome"]["signature"] in signatures
    assert lab("replay", str(target), "--yes").code == 0
