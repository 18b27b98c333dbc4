"""Guests of the toy engine as forks of one Python that has numpy in it already; see tests/fakes/warm_python.py."""

import array
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from lab.machine import process

SERVER = Path(__file__).parent / "fakes" / "warm_python.py"
LOOK_S = 0.002


class WarmChild:
    """One guest, as far as the lab looks at a child: its id, whether it has ended, and how."""

    stdin = stdout = stderr = None

    def __init__(self, reply: int) -> None:
        self.returncode: int | None = None
        self._reply = open(reply, "rb", buffering=0)  # noqa: SIM115 - closed when its end was read
        self._said, self._one_at_a_time = b"", threading.Lock()
        while b"\n" not in self._said:
            self._hear()
        self.pid = int(self._said.split(b"\n")[0])
        if self.returncode is None:  # one that ended at once has told it all, and this pipe is closed
            os.set_blocking(reply, False)

    def _hear(self) -> None:
        more = self._reply.read(64)
        if more == b"":
            raise EOFError("the warm Python has ended")
        self._said += more or b""
        if self._said.count(b"\n") > 1:
            self.returncode = int(self._said.split(b"\n")[1])
            self._reply.close()

    def poll(self) -> int | None:
        """How it ended; None while it lives. Never waits, whichever thread asks."""
        with self._one_at_a_time:
            if self.returncode is None:
                self._hear()
        return self.returncode

    def wait(self) -> int:
        """How it ended, once it has."""
        while (code := self.poll()) is None:
            time.sleep(LOOK_S)
        return code


class WarmPython:
    """The process that is forked; it ends with whoever holds this."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LC_CTYPE") if name in os.environ}
        words = [sys.executable, str(SERVER), str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                words, pass_fds=(theirs.fileno(),), start_new_session=True, env={**kept, "OPENBLAS_NUM_THREADS": "1"}
            )

    def close(self) -> None:
        """Let it end."""
        self._ours.close()
        self._process.wait(30)

    def started(self, argv: Sequence[str], *, env: Mapping[str, str]) -> AbstractContextManager[Any]:
        """A guest that was started, as `process.started` gives one."""
        words, cpus = list(argv), []
        if words[:2] == ["taskset", "--cpu-list"]:
            cpus, words = [int(one) for one in words[2].split(",")], words[3:]
        asked = {"script": words[1:], "env": dict(env), "cwd": str(Path.cwd()), "cpus": cpus, "lab": os.getpid()}
        return self._asked(asked)

    @contextmanager
    def _asked(self, asked: Mapping[str, object]) -> Iterator[Any]:
        reader, writer = os.pipe()
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [writer]))]
        self._ours.sendmsg([json.dumps(asked).encode()], rights)
        os.close(writer)
        child: Any = WarmChild(reader)
        with process.held(child):
            yield child
