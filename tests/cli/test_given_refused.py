"""A word that should be a build and is none, after every option that takes a release: one sentence, and nothing is begun."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.given import MODELS
from tests.cli.scenario_text import FAILING, text
from tests.conftest import ROOT, Cli
from tests.wheel_files import wheel

NAME = "paddlepaddle-3.4.0-cp311-cp311-manylinux1_x86_64.whl"
LINES = (
    "run toy --savers WORD --loaders 3.3.1",
    "run toy --savers 3.3.1 --loaders 3.0.0,WORD",
    "matrix toy --savers WORD --loaders 3.3.1",
    "matrix toy --savers 3.3.1 --loaders WORD",
    "sweep --savers WORD --loaders 3.3.1",
    "sweep --savers 3.3.1 --loaders WORD",
    "check MODEL --from WORD --to 3.3.1",
    "check MODEL --to WORD",
    "convert MODEL --into json --from WORD",
    "convert MODEL --into json --release WORD",
    "convert MODEL --into json --readers WORD",
    "stamp MODEL --from WORD",
    "bisect toy --good WORD --bad 3.3.1",
    "bisect toy --good 3.0.0 --bad WORD",
    "bisect toy --good 3.0.0 --bad 3.3.1 --saver WORD",
    "bisect toy --good 3.0.0 --bad 3.3.1 --axis saver --loader WORD",
    "bisect toy --good 3.0.0 --bad 3.3.1 --among WORD",
    "cure toy --at WORD",
    "cure toy --at 3.3.1 --good WORD",
    "cure toy --at 3.3.1 --saver WORD",
    "explain toy --at WORD --good 3.0.0",
    "explain toy --at 3.3.1 --good WORD",
    "isolate toy --good release=WORD --bad release=3.3.1",
    "isolate toy --good release=3.0.0,numpy=1.26.4 --bad release=WORD,numpy=2.0.1",
    "isolate toy --good release=3.0.0 --bad release=3.3.1 --saver WORD",
    "bench toy --releases WORD,3.3.1",
    "bench toy --releases WORD+FLAGS_enable_pir_api=0,3.3.1",
    "bench toy --releases 3.0.0,3.3.1 --against WORD",
    "bench toy --releases 3.0.0,3.3.1 --saver WORD",
    "replay BUNDLE --yes --loader WORD",
    "images build WORD",
    "images lock WORD",
    "images add WORD",
    "images prune --keep WORD",
)


@pytest.fixture
def words(tmp_path: Path) -> Mapping[str, str]:
    """Each word with what is said of it."""
    home = tmp_path / "wheels"
    for name in ("whole", "cut", "two", "folder", "empty", "other"):
        (home / name).mkdir(parents=True)
    whole = wheel(home / "whole", version="3.4.0")
    (home / "cut" / NAME).write_bytes(whole.read_bytes()[:200])
    (home / "folder" / NAME).mkdir()
    (home / "empty" / NAME).touch()
    wheel(home / "two", version="3.4.0", without="RECORD")
    wheel(home / "two", version="3.4.1", without="RECORD")
    return {
        f"{home}/none/{NAME}": "there is no wheel",
        f"{home}/folder/{NAME}": "there is no wheel",
        f"{home}/empty/{NAME}": "it may be cut off",
        f"{home}/cut/{NAME}": "it may be cut off",
        f"{home}/two/{NAME}": "is no whole wheel: it has no RECORD",
        f"{home}/paddlepaddle-3.4.0.tar.gz": "a source package must be built first",
        f"{home}/none/*.whl": "no file fits",
        str(wheel(home / "other", package="pandas")): "is no Paddle: it holds pandas",
        str(wheel(home / "other", tags="cp36-cp36m-manylinux1_x86_64")): "is for cp36",
        str(wheel(home / "other", tags="cp311-cp311-win_amd64")): "is for win_amd64",
        str(wheel(home / "other", version="3.4.2", said="3.3.1")): "says of itself",
        f"{home}/other/paddle.whl": "there is no wheel",
        "image:": "",
        "image:No Such": "",
        "official:9.9.9": "",
        "3.4.0_0123456789ab": "which was handed over",
        "9.9.9": "",
    }


@pytest.mark.parametrize("line", LINES)
def test_a_word_that_is_no_build_is_refused_in_one_sentence(
    cli: Cli, bench: Path, tmp_path: Path, words: Mapping[str, str], line: str
) -> None:
    shutil.copytree(MODELS / "2.6.2", tmp_path / "model")
    for name in ("cures.toml", "known.toml"):
        shutil.copyfile(ROOT / "scenarios" / name, bench / "scenarios" / name)
    (bench / "scenarios" / "toy.py").write_text(text(more=FAILING), encoding="utf-8")
    before = sorted(bench.rglob("*"))
    for word, said in words.items():
        if "--among" in line and Path(word).is_dir():
            continue  # a folder is what that option wants
        if "BUNDLE" in line and word[0].isdigit():
            continue  # whether there is a bundle comes first
        typed = [one.replace("WORD", word).replace("MODEL", str(tmp_path / "model")) for one in line.split(" ")]
        answer = cli(*typed)
        assert (answer.code, answer.out) == (2, ""), (word, answer.err)
        assert answer.err.startswith("lab: "), (word, answer.err)
        assert answer.err.count("\n") == 2, (word, answer.err)
        assert said in answer.err, (word, answer.err)
    assert sorted(bench.rglob("*")) == before
