"""Debian's Python is linked again with zlib as a module; where that fails, the base is as packaged and says so."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab.engine.docker import base, build, interpreter, words
from lab.machine.process import Completed


def test_the_script_is_one_that_a_shell_reads() -> None:
    done = subprocess.run(["sh", "-n"], input=interpreter.SCRIPT, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_another_way_to_link_makes_another_base(monkeypatch: pytest.MonkeyPatch) -> None:
    device = SimpleNamespace(base="b", apt=("libgomp1",))
    environment: Any = SimpleNamespace(device=device, python="3.11", arch="x86_64")
    engine: Any = SimpleNamespace(kind="docker")
    nothing: Any = None
    data = {"debian": {"3.11": "bookworm"}, "packages": {"include": []}}
    ground = base.Ground(client=nothing, engine=engine, environment=environment, data=data, log=Path(), teller=nothing)
    before = ground.tag
    monkeypatch.setattr(interpreter, "SCRIPT", interpreter.SCRIPT + "\n")
    assert ground.tag != before


@pytest.mark.parametrize(("python", "links"), [("3.11", True), ("3.11", False), ("3.13", True)])
def test_what_cannot_be_linked_is_left_as_packaged_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: str, *, links: bool
) -> None:
    orders: list[build.BuildOrder] = []
    said: list[str] = []
    done: list[tuple[str, ...]] = []

    def built(_engine: object, order: build.BuildOrder, _log: object, _teller: object) -> Completed:
        orders.append(order)
        return Completed(argv=(), returncode=0 if links else 1, stdout="", stderr="")

    monkeypatch.setattr(build, "run_build", built)
    images = SimpleNamespace(get=lambda name: SimpleNamespace(tag=lambda *words: done.append((name, *words))))
    ground: Any = SimpleNamespace(
        client=SimpleNamespace(images=images),
        engine=None,
        environment=SimpleNamespace(python=python),
        data={"shared_zlib": {"pythons": ["3.11"]}},
        tag="lab/base:1",
        log=Path(),
        teller=SimpleNamespace(say=said.append),
    )
    base._linked(ground, "lab/base:1-as-packaged", "debian-bookworm", tmp_path)
    good = links and python == "3.11"
    plain = ("lab/base:1-as-packaged", "lab/base", "1")
    assert done == ([] if good else [plain])
    assert bool(said) != good
    assert [(one.base, one.tag, one.labels[words.LABEL_GROUND]) for one in orders] == [
        ("lab/base:1-as-packaged", "lab/base:1", "debian-bookworm+shared-zlib")
    ] * (python == "3.11")
    for order in orders:
        assert (order.context / "link.sh").read_text(encoding="utf-8") == interpreter.SCRIPT
