"""The guest's files as steps get them: one copy a run, which each step's inbox only links to, and one hash over all."""

import shutil
import threading
from pathlib import Path

from lab import scratch
from lab.storage import store

GUEST = Path(__file__).parents[1] / "guest"
FILES = tuple(sorted(path.name for path in GUEST.glob("*.py")))
_ONE_AT_A_TIME = threading.Lock()


def staged(run: Path) -> Path:
    """The guest's files in a run's folder, readable by whoever a container runs as; made on first use."""
    home = run / "guest"
    with _ONE_AT_A_TIME:
        if not home.is_dir():
            run.mkdir(parents=True, exist_ok=True)
            with scratch.folder_beside(home) as room:
                fresh = room / "whole"
                fresh.mkdir()
                fresh.chmod(0o755)
                for name in FILES:
                    shutil.copyfile(GUEST / name, fresh / name)
                    (fresh / name).chmod(0o444)
                fresh.rename(home)
    return home


def guest_digest() -> str:
    """One hash over the guest's files: another guest is another measurement."""
    return store.key_of({name: (GUEST / name).read_text(encoding="utf-8") for name in FILES})
