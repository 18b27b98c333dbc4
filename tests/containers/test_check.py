"""A user's own model in real containers: checked, stamped, converted."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Cli
from tests.containers.conftest import left_behind

pytestmark = pytest.mark.containers

MODELS = ROOT / "tests" / "golden" / "models"


@pytest.fixture
def lab(real: Path, cli: Cli) -> Cli:
    for name in ("cures.toml", "known.toml"):
        shutil.copyfile(ROOT / "scenarios" / name, real / "scenarios" / name)
    return cli


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "我的 model"
    return Path(shutil.copytree(MODELS / "2.6.2", folder, ignore=shutil.ignore_patterns("*.pdparams")))


def alone(engine: Any, environment: str, piece: str, model: Path) -> bytes:
    """What a printed piece says where it is run as it stands, in a container that knows nothing of the lab."""
    (image,) = [tag for one in engine._client.images.list() for tag in one.tags if f"/{environment}:" in tag][:1]
    mounts = {str(model): {"bind": str(model), "mode": "ro"}}
    command = ["python", "-c", f"{piece}\nprint('done')"]
    output: bytes = engine._client.containers.run(
        image, command, entrypoint=[], volumes=mounts, network_mode="none", remove=True
    )
    return output


def test_a_model_of_2_6_is_safe_by_the_flag_by_the_guard_and_by_the_predictor(
    lab: Cli, old: Path, real: Path, engine: Any
) -> None:
    answer = lab("check", str(old), "--to", "3.0.0", "--rounds", "1", "--engine", "docker", "--json")
    assert answer.code == 9, answer.err  # safe, but not without a change
    told = json.loads(answer.out)
    assert (told["old"], told["reference"], told["answers"][0]["release"]) == ("2.6.2", "2.6.2 by jit", "3.0.0")
    good = {(one["route"], *one["env"].values()) for one in told["answers"][0]["good"]}
    assert good == {
        ("predictor",),
        ("predictor_no_onednn",),
        ("jit_old_ir",),
        ("jit", "False"),
        ("static", "False"),
    }
    assert told["answers"][0]["lost"] == [
        "jit.load: ValueError in load",
        "static.load_inference_model: RuntimeError in load",
    ]
    for piece in {one["lines"] for one in told["snippets"]}:
        done = alone(engine, "3.0.0-cpu-py311", piece, old)
        assert done.decode().strip().endswith("done"), done
    assert "Against the same API in 2.6.2" in told["paragraph"]
    assert left_behind(engine, real) == []
    assert not list(old.glob("*.lab.json")), "nothing is written into the user's folder"


def test_a_json_of_3_3_is_not_safe_in_3_0_and_is_in_3_1(lab: Cli, tmp_path: Path) -> None:
    answer = lab("check", str(MODELS / "3.3.1"), "--to", "3.0.0,3.1.1", "--rounds", "0", "--engine", "docker", "--json")
    assert answer.code == 1, answer.err
    told = json.loads(answer.out)
    assert {one["release"]: one["verdict"] for one in told["answers"]} == {
        "3.0.0": "NOT SAFE",
        "3.1.1": "WRONG BEFORE AND AFTER",  # both predictors fail in 3.3.1 already: two outputs named length
    }


def test_a_stamp_holds_a_model_to_its_answers_in_another_release(lab: Cli, old: Path) -> None:
    answer = lab("stamp", str(old), "--engine", "docker")
    assert answer.code == 0, answer.err
    stamp = json.loads((old / "net.lab.json").read_text(encoding="utf-8"))
    assert (stamp["release"], stamp["versions"]["paddle"]) == ("2.6.2", "2.6.2")
    told = json.loads(lab("check", str(old), "--to", "3.3.1", "--rounds", "0", "--engine", "docker", "--json").out)
    assert told["reference"].startswith("the stamp of ")
    assert (told["changed"], told["answers"][0]["verdict"]) == ([], "SAFE ANOTHER WAY")
    data = bytearray((old / "net.pdiparams").read_bytes())
    data[-1] ^= 0x40
    (old / "net.pdiparams").write_bytes(data)
    answer = lab("check", str(old), "--to", "3.3.1", "--rounds", "0", "--engine", "docker")
    assert answer.code == 11
    assert "net.pdiparams has changed since it was stamped" in answer.out


def test_an_operator_that_a_release_lacks_is_named(lab: Cli, old: Path) -> None:
    data = (old / "net.pdmodel").read_bytes()
    (old / "net.pdmodel").write_bytes(data.replace(b"\x1a\x04relu", b"\x1a\x04relv"))
    answer = lab("check", str(old), "--to", "3.0.0", "--rounds", "0", "--engine", "docker")
    assert answer.code == 3
    assert "relv" in answer.out


def test_a_model_with_two_feeds_is_converted_and_answers_as_before(lab: Cli, old: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    answer = lab(
        "convert", str(old), "--into", "json", "-o", str(out), "--release", "3.0.0", "--engine", "docker", "--json"
    )
    assert answer.code == 0, answer.err
    made = json.loads(answer.out)
    assert {one["route"]: one["good"] for one in made["proved"]}["jit"]
    assert sorted(path.name for path in out.iterdir()) == ["net.json", "net.pdiparams"]
    told = json.loads(lab("inspect", str(out), "--json").out)
    assert [one["name"] for one in told["programs"][0]["inputs"]] == ["image", "length"]
