"""What the supervisor can see from outside the child: its logs, its process tree, its files and the kernel's kills."""

import os
import signal
import time

MARK_BYTES = 128
"""Room kept in a capped log for the line that says how much was dropped."""
LAST_BYTES = 256 << 10
"""What is kept of a log's end, for the record."""


class Clock:
    """Seconds in which this process itself was at work: while its container, engine or machine stood still, it does too.

    `tick` must be called often; what is longer than GAP_S between two calls was no work of ours.
    """

    GAP_S = 5.0

    def __init__(self, real=time.monotonic):
        self._real = real
        self._seen = real()
        self.now = 0.0
        self.stalled = 0.0

    def tick(self):
        """Let it go on, and return the time."""
        seen = self._real()
        gone = seen - self._seen
        self._seen = seen
        self.now += min(gone, self.GAP_S)
        self.stalled += max(0.0, gone - self.GAP_S)
        return self.now


class CappedLog:
    """A file that keeps the first and the last half of a stream in `cap` bytes, whatever flows through.

    Memory stays below `cap`; the first half is on disk as soon as it was seen.
    """

    def __init__(self, path, cap):
        self._file = open(path, "w+b", buffering=0)  # noqa: SIM115 - lives as long as the child
        self._half = max(0, (cap - MARK_BYTES) // 2)
        self._head_left = self._half
        self._tail = bytearray()
        self.bytes = 0
        self.dropped = 0
        self.last = b""

    def write(self, data):
        """Take the next bytes of the stream."""
        self.bytes += len(data)
        head = data[: self._head_left]
        if head:
            self._file.write(head)
            self._head_left -= len(head)
        self._tail += data[len(head) :]
        if len(self._tail) > 2 * self._half:
            self._forget()

    def close(self):
        """Write the line about dropped bytes, where there are any, and the last half."""
        self._forget()
        if self.dropped:
            self._file.write(b"\n[... %d bytes dropped here ...]\n" % self.dropped)
        self._file.write(bytes(self._tail))
        # By the file itself: what lies at its path by now may be something else, put there by the child.
        self.last = os.pread(self._file.fileno(), LAST_BYTES, max(0, self._file.tell() - LAST_BYTES))
        self._file.close()

    def facts(self):
        """How much came, and how much of it is not in the file."""
        return {"bytes": self.bytes, "dropped": self.dropped}

    def _forget(self):
        extra = len(self._tail) - self._half
        if extra > 0:
            del self._tail[:extra]
            self.dropped += extra


class Tree:
    """All descendants of this process, also those that left the child's session (see `adopt`); `spared` ones do not count."""

    def __init__(self, spared=()):
        self._spared = frozenset(spared)

    def pids(self):
        """Process ids of every descendant that is alive or waits to be reaped."""
        return [pid for pid, _cpu, _rss in self._rows()]

    def cpu_ticks(self):
        """CPU used so far by the living descendants and the children they have reaped, in clock ticks."""
        return sum(cpu for _pid, cpu, _rss in self._rows())

    def memory(self):
        """Resident memory of all descendants, in bytes (shared pages count once for each)."""
        return sum(rss for _pid, _cpu, rss in self._rows()) * os.sysconf("SC_PAGE_SIZE")

    def kill(self, patience_s=5.0):
        """End every descendant with SIGKILL and reap it; a kill can race with a fork, so look again until none is left."""
        end = time.monotonic() + patience_s
        while True:
            reap()
            pids = self.pids()
            if not pids or time.monotonic() > end:
                return
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.005)

    def _rows(self):
        table = {}
        for name in os.listdir("/proc"):
            if name.isdigit():
                row = stat(name)
                if row is not None:
                    table[int(name)] = row
        kin = {os.getpid()}
        grew = True
        while grew:
            more = {pid for pid, row in table.items() if row[0] in kin} - kin
            kin |= more
            grew = bool(more)
        kin -= self._spared | {os.getpid()}
        return [(pid, table[pid][1], table[pid][2]) for pid in sorted(kin)]


def stat(pid):
    """(parent, CPU ticks, resident pages) of one process, or None when it is gone."""
    try:
        with open("/proc/{}/stat".format(pid), "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return int(fields[1]), sum(int(ticks) for ticks in fields[11:15]), int(fields[21])


def reap():
    """Collect ended orphans, so that they do not stay as zombies."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def folder_size(*roots):
    """Bytes of all plain files below the roots; what vanishes meanwhile counts as nothing."""
    total = 0
    folders = list(roots)
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except OSError:
            continue
    return total


def oom_kills():
    """How often the kernel killed for memory in this control group (v2 or v1), 0 where it does not say."""
    for path in _memory_files():
        try:
            with open(path, encoding="ascii") as file:
                rows = dict(line.split(None, 1) for line in file if " " in line)
        except OSError:
            continue
        if "oom_kill" in rows:
            return int(rows["oom_kill"])
    return 0


def _memory_files():
    """Where the counter may be: by the group's own path on a host, at the mount itself inside a container."""
    try:
        with open("/proc/self/cgroup", encoding="utf-8") as file:
            groups = [line.rstrip("\n").split(":", 2) for line in file]
    except OSError:
        return
    for _number, controllers, path in groups:
        if controllers == "":
            yield "/sys/fs/cgroup{}/memory.events".format(path.rstrip("/"))
            yield "/sys/fs/cgroup/memory.events"
        if controllers == "memory":
            yield "/sys/fs/cgroup/memory{}/memory.oom_control".format(path.rstrip("/"))
            yield "/sys/fs/cgroup/memory/memory.oom_control"
