"""The scripts behind the figures of the docs still load: what they take from the lab is there under the name they use."""

import importlib.util
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

IN_CONTAINERS = {"body_agree.py", "body_asv.py", "body_pyperf.py", "drive.py", "judge_asv.py", "contest_net.py"}
"""They run where Paddle, asv or a scenario is, and take nothing from the lab but its guest."""
SCENARIOS = ROOT / "benchmarks" / "reduce"
SCRIPTS = [
    path
    for path in sorted((ROOT / "benchmarks").rglob("*.py"))
    if path.name not in IN_CONTAINERS and SCENARIOS not in path.parents
]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_behind_a_figure_loads(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(path.parent), *sys.path])
    monkeypatch.setattr(sys, "argv", [str(path)])
    for name in {one.stem for one in SCRIPTS} & sys.modules.keys():
        monkeypatch.delitem(sys.modules, name)
    spec = importlib.util.spec_from_file_location(f"script_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
