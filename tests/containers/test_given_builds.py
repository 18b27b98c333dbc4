"""A wheel's file and an image that were handed over, with real Paddle: run, checked, bundled and replayed."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.engine.docker.build import BuildOrder, run_build
from lab.engine.protocol import Teller
from tests.conftest import ROOT, Cli

pytestmark = pytest.mark.containers

SERVING = "lab-test-serving:2026-11"
QUIET = Teller(say=lambda _: None, passing=lambda _: None)
PIR_OFF = ("--flag", "FLAGS_enable_pir_api=False", "--save-flag", "FLAGS_enable_pir_api=False")


def built(engine: Any, tag: str, base: str, lines: str, folder: Path) -> None:
    """An image as a user has one: built on another, with an entry point that must not be started."""
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text(f"ARG BASE\nFROM ${{BASE}}\n{lines}", encoding="utf-8")
    order = BuildOrder(context=folder, tag=tag, base=base, labels={}, online=False)
    done = run_build(engine._address, order, folder / "log", QUIET)
    assert done.ok, done.tail()


@pytest.fixture
def serving(engine: Any, image: str, tmp_path: Path) -> Iterator[str]:
    """The newest release in an image of one's own: no pyperf, and an entry point that fails."""
    site = "/opt/paddle/lib/python3.11/site-packages"
    lines = f"USER root\nRUN rm -rf {site}/pyperf {site}/pyperf-*\n"
    lines += 'ENV GREETING=hello\nENTRYPOINT ["/bin/sh", "-c", "exit 9"]\n'
    built(engine, SERVING, image, lines, tmp_path / "serving")
    yield f"image:{SERVING}"
    engine._client.images.remove(SERVING, force=True)


@pytest.fixture
def stored_wheel(real: Path, image: str) -> Path:
    """The newest release's own wheel, as the wheel store has it."""
    lock = (ROOT / "images" / "3.3.1-cpu-py311" / "requirements.txt").read_text()
    digest = next(line for line in lock.splitlines() if line.startswith("paddlepaddle==")).rpartition("sha256:")[2]
    cache = Path.home() / ".cache" / "paddle-repro-lab"
    (found,) = (cache / "wheels" / digest).glob("*.whl")
    return found


def jit_load(real: Path) -> None:
    for name in ("jit_load_pir.py", "known.toml", "cures.toml"):
        (real / "scenarios" / name).write_bytes((ROOT / "scenarios" / name).read_bytes())


def test_an_image_of_ones_own_is_an_environment_on_both_sides(cli: Cli, real: Path, serving: str) -> None:
    jit_load(real)
    words = ("--savers", f"2.6.2,{serving}", "--loaders", serving, *PIR_OFF, "--engine", "docker", "--rounds", "1")
    answer = cli("run", "jit_load_pir", *words)
    assert answer.code == 0, answer.out + answer.err
    (path,) = (real / "results" / "runs").glob("*/run.json")
    run = json.loads(path.read_text())
    (build,) = run["builds"]
    first, second = run["trials"]
    assert build["name"] == SERVING
    assert first["load"]["image"] == f"sha256:{build['sha256']}"
    assert first["outcome"]["kind"] == second["outcome"]["kind"] == "ok"
    assert {"glibc", "numpy", "libstdc++"} <= set(build["facts"])
    assert first["load"]["versions"]["commit"] in answer.out.replace("\n", "")
    assert first["outcome"]["warnings"] == []
    assert {one["metric"] for one in first["measurements"]} == {"load", "first", "infer"}  # though it has no pyperf


def test_an_image_of_ones_own_keeps_what_is_the_labs_own_apart(cli: Cli, engine: Any, serving: str) -> None:
    """It was built on an image of the lab, whose label it has; `lab images prune` must never take it away."""
    del serving
    assert not [one.tag for one in engine.images() if one.tag.startswith("lab-test-serving")]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "USER root\nRUN rm -rf /opt/paddle/lib/python3.11/site-packages/paddle*\n",
            "has no Paddle that its Python 3.11",
        ),
        ("USER root\nENV PATH=/nowhere\n", "has no Python that python3 or python on its PATH starts"),
        (
            (
                "USER root\nRUN printf '#!/bin/sh\\necho hello\\n' > /usr/local/bin/python3"
                " && cp /usr/local/bin/python3 /usr/local/bin/python && chmod 755 /usr/local/bin/python*\n"
                "ENV PATH=/usr/local/bin:/usr/bin:/bin\n"
            ),
            "has no Python that tells of itself: python3 ended with exit code 0, and left no answer",
        ),
    ],
)
def test_an_image_without_python_or_paddle_is_one_sentence(
    cli: Cli, engine: Any, image: str, real: Path, tmp_path: Path, lines: str, said: str
) -> None:
    tag = "lab-test-bad:1"
    built(engine, tag, image, lines, tmp_path / "bad")
    try:
        answer = cli("images", "add", f"image:{tag}", "--engine", "docker")
    finally:
        engine._client.images.remove(tag, force=True)
    assert answer.code == 2
    assert said in answer.err


def test_what_a_script_sets_before_it_starts_the_python_holds_for_every_step(
    cli: Cli, engine: Any, image: str, real: Path, tmp_path: Path
) -> None:
    """The script is the cure: without it, the newest release does not load what 2.6.2 saved."""
    jit_load(real)
    tag = "lab-test-wrapper:1"
    script = '#!/bin/sh\\nexport FLAGS_enable_pir_api=False\\nexec /opt/paddle/bin/python3 "$@"\\n'
    lines = f"USER root\nRUN printf '{script}' > /usr/local/bin/python3 && chmod 755 /usr/local/bin/python3\n"
    built(engine, tag, image, f"{lines}ENV PATH=/usr/local/bin:/usr/bin:/bin\n", tmp_path / "wrapper")
    try:
        words = ("--savers", "2.6.2", "--loaders", f"image:{tag}", "--engine", "docker")
        answer = cli("run", "jit_load_pir", *words)
    finally:
        engine._client.images.remove(tag, force=True)
    assert answer.code == 0, answer.out + answer.err
    (path,) = (real / "results" / "runs").glob("*/run.json")
    run = json.loads(path.read_text())
    assert run["trials"][0]["outcome"]["kind"] == "ok"
    assert run["builds"][0]["facts"]["wrapper"] == "/usr/local/bin/python3"


def test_a_bundle_of_a_wheel_is_replayed_by_its_hash(cli: Cli, real: Path, stored_wheel: Path) -> None:
    jit_load(real)
    answer = cli("run", "jit_load_pir", "--savers", "2.6.2", "--loaders", str(stored_wheel), "--engine", "docker")
    assert answer.code == 1, answer.out + answer.err
    target = real / "w.repro.tgz"
    assert cli("bundle", "last", "--repeat", "1", "-o", str(target), "--engine", "docker").code == 0
    assert cli("replay", str(target), "--yes", "--engine", "docker").code == 0


def recipe() -> str:
    """The lines of docs/bisect.md, as they are printed."""
    page = (ROOT / "docs" / "bisect.md").read_text(encoding="utf-8")
    (found,) = [block for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if "git bisect run" in block]
    return str(found)


def test_git_bisect_run_finds_the_planted_commit_by_the_lines_of_the_page(
    real: Path, stored_wheel: Path, tmp_path: Path
) -> None:
    """Six commits whose build hands over 2.6.2 or, from the fourth on, 3.3.1: real wheels, in containers."""
    jit_load(real)
    (old,) = (Path.home() / ".cache" / "paddle-repro-lab" / "wheels").glob("*/paddlepaddle-2.6.2-cp311-*x86_64.whl")
    programs, tree = tmp_path / "bin", tmp_path / "paddle"
    programs.mkdir()
    tree.mkdir()
    (programs / "lab").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m lab "$@"\n', encoding="utf-8")
    (programs / "lab").chmod(0o755)
    who = {f"GIT_{side}_{word}": "a@b.c" for side in ("AUTHOR", "COMMITTER") for word in ("NAME", "EMAIL")}
    env = {
        **os.environ,
        **who,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "LAB_WORKSPACE": str(real),
    }

    def shell(lines: str) -> str:
        done = subprocess.run(["sh", "-ec", lines], cwd=tree, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    shell("git init -q && echo dist > .gitignore && git add .gitignore")
    for number in range(1, 7):
        wheel = old if number < 4 else stored_wheel
        build = f"rm -rf dist && mkdir dist && cp {shlex.quote(str(wheel))} dist/\n"
        (tree / "build.sh").write_text(f"# {number}\n{build}", encoding="utf-8")
        shell(f"git add build.sh && git commit -qm 'commit {number}' && git tag v{number}.0")
    said = shell(recipe())
    assert f"{shell('git rev-parse v4.0').strip()} is the first bad commit" in said
