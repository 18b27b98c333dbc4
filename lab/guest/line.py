"""How the child tells the supervisor what it does: a pipe of its own, one JSON object a line."""

import json
import os
import time


class SupervisorLine:
    """The way to the supervisor: one JSON object a line, each with the nonce, so that stray writes are told apart."""

    def __init__(self, fd, nonce):
        os.set_inheritable(fd, False)
        self._fd, self._nonce = fd, nonce
        self.spent = {}

    def instead(self, fd, nonce):
        """The line of a fork, in the place of this one."""
        os.close(self._fd)
        return SupervisorLine(fd, nonce)

    def tell(self, event, **fields):
        """Send one event, whole."""
        data = (json.dumps(dict(fields, nonce=self._nonce, event=event)) + "\n").encode("utf-8")
        while data:
            data = data[os.write(self._fd, data) :]

    def phase(self, name):
        """Say which phase begins."""
        self.tell("phase", name=name, t=time.monotonic(), cpu=time.process_time())

    def timed(self, name, work, *args):
        """Run one phase and say what it took; its result is handed back."""
        self.phase(name)
        start, cpu = time.perf_counter(), time.process_time()
        result = work(*args)
        self.spent[name] = {"wall": time.perf_counter() - start, "cpu": time.process_time() - cpu}
        self.tell("spent", name=name, seconds=self.spent[name]["wall"], cpu=self.spent[name]["cpu"])
        return result
