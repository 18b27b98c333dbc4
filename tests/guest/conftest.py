"""Runs the real supervisor on small scenarios, with the numpy toy in the place of Paddle."""

import importlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUEST = ROOT / "lab" / "guest"

TRACE = "C++ Traceback (most recent call last):\n0   paddle::F::Run(int)\n1   paddle::G::Load(int)\n"
# As Paddle does when it is imported: a handler of its own on every signal of a crash, which prints to stdout and lets it die.
TAKES_OVER = """

import ctypes, os
_libc = ctypes.CDLL(None)
_libc.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]

@ctypes.CFUNCTYPE(None, ctypes.c_int)
def _died(number):
    os.write(1, {trace!r}.encode())
    _libc.signal(number, None)
    os.kill(os.getpid(), number)

for _number in (4, 6, 7, 8, 11):
    _libc.signal(_number, ctypes.cast(_died, ctypes.c_void_p))
"""


class Guest:
    """A place to run requests in; every request gets a folder of its own."""

    def __init__(self, home):
        self.home = home
        self.count = 0

    def scenario(self, source):
        path = self.home / f"scenario_{self.count}.py"
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        return path

    def request(self, source, mode, **more):
        """A request as a file; `source` is the scenario's text or its path."""
        self.count += 1
        out = self.home / f"out_{self.count}"
        out.mkdir()
        path = source if isinstance(source, Path) else self.scenario(source)
        asked = {"protocol": 1, "nonce": secrets.token_hex(8), "mode": mode, "scenario": str(path), "out": str(out)}
        asked.update(route="own", model=str(out / "model"), inputs=None, seed=0, env={})
        asked.update({key: str(value) if isinstance(value, Path) else value for key, value in more.items()})
        file = self.home / f"request_{self.count}.json"
        file.write_text(json.dumps(asked), encoding="utf-8")
        return file, out

    def environment(self, **more):
        return {**os.environ, "PYTHONPATH": str(ROOT / "tests" / "fakes"), "TMPDIR": str(self.scratch()), **more}

    def scratch(self):
        folder = self.home / "tmp"
        folder.mkdir(exist_ok=True)
        return folder

    def start(self, file, **env):
        command = [sys.executable, str(GUEST / "supervisor.py"), str(file)]
        return subprocess.Popen(command, env=self.environment(**env), stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, source, mode="load", env=None, **more):
        """The outcome of one request, and its folder; the supervisor itself must end well."""
        file, out = self.request(source, mode, **more)
        with self.start(file, **(env or {})) as process:
            stdout, stderr = process.communicate(timeout=60)
        assert (process.returncode, stdout, stderr) == (0, b"", b"")
        assert list(self.scratch().iterdir()) == []
        return json.loads((out / "outcome.json").read_text(encoding="utf-8")), out

    def body(self, lines, phase="load"):
        """The text of a scenario whose load (or infer) is these lines."""
        text = textwrap.indent(textwrap.dedent(lines).strip() or "pass", "    ")
        load = f"def load(prefix):\n{text}\n" if phase == "load" else "def load(prefix):\n    return None\n"
        infer = (
            f"def infer(handle, inputs):\n{text}\n"
            if phase == "infer"
            else "def infer(handle, inputs):\n    return {'y': np.ones(2)}\n"
        )
        return "import ctypes, os, signal, sys, time\nimport numpy as np\n\n" + load + "\n" + infer


@pytest.fixture
def guest(tmp_path):
    return Guest(tmp_path)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A guest whose folders live as long as a test module, for models that many tests open."""
    return Guest(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def module(monkeypatch):
    """Imports one file of the guest as the guest does, and forgets it afterwards."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(GUEST))
    for path in GUEST.glob("*.py"):
        monkeypatch.delitem(sys.modules, path.stem, raising=False)
    yield importlib.import_module
    for path in GUEST.glob("*.py"):
        sys.modules.pop(path.stem, None)


@pytest.fixture
def paddle(guest):
    """A Paddle that takes the signals over, as the path to import it from."""
    home = guest.home / "site"
    shutil.copytree(ROOT / "tests" / "fakes" / "paddle", home / "paddle", ignore=shutil.ignore_patterns("__pycache__"))
    with (home / "paddle" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write(TAKES_OVER.format(trace=TRACE))
    return {"PYTHONPATH": str(home)}
