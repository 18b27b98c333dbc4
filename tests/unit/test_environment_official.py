"""Paddle's own images by release and device."""

from pathlib import Path

import pytest

from lab.environment import load, official
from lab.errors import UsageError
from tests.conftest import ROOT, Cli

IMAGES = ROOT / "images"


def test_a_release_is_its_own_image_and_a_device_has_its_own_tag() -> None:
    assert official.image(IMAGES, "3.0.0") == "paddlepaddle/paddle:3.0.0"
    assert official.image(IMAGES, "3.0.0-gpu-cu126") == "paddlepaddle/paddle:3.0.0-gpu-cuda12.6-cudnn9.5-trt10.5"


def test_every_official_image_is_of_a_release_and_a_device_that_the_catalogue_knows() -> None:
    catalogue = load(IMAGES)
    _, tags = official._read(IMAGES / official.FILE)
    for release, devices in tags.items():
        assert catalogue.release(release).version == release
        assert set(devices) <= set(catalogue.devices)
        assert all(tag == release or tag.startswith(f"{release}-") for tag in devices.values())


@pytest.mark.parametrize(
    ("word", "said"),
    [("1.8.5", "has no official image of '1.8.5'"), ("3.0.0-gpu-cu999", "of 3.0.0 for 'gpu-cu999'")],
)
def test_what_there_is_no_image_of_is_said_with_what_there_is(word: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        official.image(IMAGES, word)
    assert said in caught.value.what
    assert caught.value.remedy.startswith("it has ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        'repository = "A B"\n[tags]\n',
        'repository = "a"\n[tags."3.0.0"]\ncpu = "x y"\n',
        'repository = "a"\ntags = 3\n',
    ],
)
def test_a_file_that_is_wrong_is_a_usage_error(tmp_path: Path, text: str) -> None:
    (tmp_path / official.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="official"):
        official.image(tmp_path, "3.0.0")


def test_an_official_image_needs_an_engine_with_containers(cli: Cli, bench: Path) -> None:
    answer = cli("run", "jit_load_pir", "--savers", "2.6.2", "--loaders", "official:3.0.0", "--engine", "local")
    assert answer.code == 2
    assert "the image 'paddlepaddle/paddle:3.0.0' needs an engine with containers" in answer.err
