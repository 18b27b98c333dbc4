"""The siege of guests that misbehave: every kind of thing in the place of every file the host reads, over the toy engine.

Not part of the tests of every day: `pytest tests/siege`. The smallest case of each kind is in tests/cli/test_hostile_guest.py.
Each case must hold: no byte of the host's is read, nothing hangs, the run comes to its end, and the same run works again.
"""

import itertools
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scenario_text import text
from tests.cli.test_hostile_guest import MARK, OUT, everything
from tests.cli.test_repro import document, write
from tests.conftest import Cli

PLACES = (
    "outcome.json", "outputs.npz", "outputs.json", "inputs.npz", "inputs.json", "stdout.log", "stderr.log", "timings.json",
    "model/net.npy", "model",
)  # fmt: skip

KINDS = {
    "pipe": "os.mkfifo(P)",
    "link": "os.symlink(HOST, P)",
    "link to a folder": "os.symlink(os.path.dirname(HOST), P)",
    "link to itself": "os.symlink(os.path.basename(P), P)",
    "link to its folder": "os.symlink('.', P)",
    "link to nothing": "os.symlink('/nothing/there', P)",
    "link to a device": "os.symlink('/dev/zero', P)",
    "second name": "os.link(HOST, P)",
    "socket": "os.chdir(os.path.dirname(P)); socket.socket(socket.AF_UNIX).bind(os.path.basename(P))",
    "device": "os.mknod(P, 0o666 | stat.S_IFCHR, os.makedev(1, 5))",
    "folder": "os.mkdir(P)",
    "sparse": "open(P, 'wb').truncate(1 << 30)",
    "huge": "open(P, 'wb').write(b'{' * (40 << 20))",
    "empty": "open(P, 'wb').close()",
    "garbage": "open(P, 'wb').write(os.urandom(1 << 16))",
    "forged": "open(P, 'w').write(json.dumps({'protocol': 1, 'status': 'ok', 'names': ['y'], 'dtypes': ['float32']}))",
    "nested": "open(P, 'w').write('[' * 200000)",
    "deep": "deep(P)",
    "shut": "open(P, 'wb').write(b'x'); os.chmod(P, 0)",
    "a crowd": "os.mkdir(P); [os.symlink(HOST, os.path.join(P, str(n))) for n in range(3000)]",
}

SPOIL = """
import atexit, json, shutil, socket, stat

HOST = {host!r}


def deep(path):
    os.mkdir(path)
    os.chdir(path)
    for _ in range(2000):
        os.mkdir("d")
        os.chdir("d")


def spoil():
    P = os.path.join(OUT, {place!r})
    if "3.3.1" not in os.environ["TOY_PADDLE_VERSION"] and {loading!r}:
        return
    os.makedirs(os.path.dirname(P), exist_ok=True)
    shutil.rmtree(P) if os.path.isdir(P) and not os.path.islink(P) else os.path.lexists(P) and os.remove(P)
    {do}


atexit.register(spoil)
"""


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("place", "kind"), tuple(itertools.product(PLACES, KINDS)), ids=lambda word: str(word).replace("/", "-")
)
def test_a_guest_that_misbehaves_harms_nobody_but_itself(
    cli: Cli, toy: Any, bench: Path, tmp_path: Path, place: str, kind: str
) -> None:
    host = tmp_path / "host" / "secret.txt"
    host.parent.mkdir()
    host.write_text(MARK)
    loading = place in ("outcome.json", "outputs.npz", "outputs.json", "stdout.log", "stderr.log", "timings.json")
    source = text().replace("import numpy as np\n", f"import numpy as np\n\n{OUT}\n", 1)
    write(bench, source + SPOIL.format(host=str(host), place=place, loading=loading, do=KINDS[kind]))
    for _ in range(2):
        answer = cli("repro", "toy", "--rounds", "1" if place == "timings.json" else "0", "--json")
        assert document(answer)["status"] == "finished"
        assert "Traceback" not in answer.err
        if loading:
            assert document(answer)["trials"][0]["outcome"]["kind"] == "ok"
    assert MARK not in cli("issue", "last", "--trial", "1").out
    cli("bundle", "last", "-o", str(bench / "x.repro.tgz"), "--no-proof")
    assert host.read_text() == MARK
    assert host.stat().st_mode & 0o200
    (bench / "scenarios" / "toy.py").unlink()
    assert MARK.encode() not in everything(bench).replace(str(host).encode(), b"")
