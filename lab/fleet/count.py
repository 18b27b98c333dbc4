"""How a driver's work on a fleet stands."""

import threading
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Count:
    """How a driver's work stands, for its one line of progress."""

    running: int = 0
    timing: int = 0
    done: int = 0
    retried: int = 0
    refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, **changes: int) -> None:
        """Change some of the numbers."""
        with self.lock:
            for name, by in changes.items():
                setattr(self, name, getattr(self, name) + by)
