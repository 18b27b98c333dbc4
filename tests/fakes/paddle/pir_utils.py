import contextlib

from paddle import _files


@contextlib.contextmanager
def DygraphOldIrGuard():  # noqa: N802 - the name of Paddle's own
    _files.GUARDED.append(True)
    try:
        yield
    finally:
        _files.GUARDED.pop()


OldIrGuard = DygraphOldIrGuard
