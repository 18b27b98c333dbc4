"""How long `lab inspect` takes for a parameter file of 2 GB, and how much memory: promised are under 1 s and 100 MB.

usage: python bench/inspect_speed.py [FOLDER]    (FOLDER needs 2 GB if its file system has no sparse files)
"""

import json
import os
import resource
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TENSORS, ROUNDS = 400, 5
DESCRIPTION = bytes((0x08, 5, 0x10, 0x80, 0x08, 0x10, 0x80, 0x0A))  # float32 [1024, 1280]
DATA = 4 * 1024 * 1280


def write(path: Path) -> int:
    header = struct.pack("<IQIi", 0, 0, 0, len(DESCRIPTION)) + DESCRIPTION
    with path.open("wb") as file:
        for number in range(1, TENSORS + 1):
            file.write(header)
            file.truncate(number * (len(header) + DATA))
            file.seek(0, os.SEEK_END)
    return path.stat().st_size


def main() -> None:
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        path = Path(folder) / "big.pdiparams"
        size = write(path)
        seconds = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            ended = subprocess.run(
                [sys.executable, "-m", "lab", "inspect", str(path), "--json"], capture_output=True, check=True
            )
            seconds.append(time.perf_counter() - start)
        assert len(json.loads(ended.stdout)["streams"][0]["tensors"]) == TENSORS
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{size / 1e9:.2f} GB: median {sorted(seconds)[ROUNDS // 2]:.2f} s, "
          f"{(usage.ru_utime + usage.ru_stime) / ROUNDS:.2f} s of CPU, {usage.ru_maxrss / 1024:.0f} MB")  # fmt: skip


main()
