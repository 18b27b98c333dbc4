"""A Python exception as data, with the exceptions that led to it."""

import errno
import os
import traceback

CAP = 64 << 10
CAUSE_CAP, MOST_CAUSES = 8 << 10, 20
HERE = os.path.dirname(os.path.abspath(__file__))


def described(error):
    """An exception as data: type, message, traceback and frames, without the guest's own outermost frames; then its causes."""
    trace = error.__traceback__
    inner = trace
    while inner is not None and os.path.dirname(inner.tb_frame.f_code.co_filename) == HERE:
        inner = inner.tb_next
    trace = inner or trace
    found = linked(error, trace, CAP)
    found["traceback"] = capped("".join(traceback.format_exception(type(error), error, trace)), CAP)
    found["errno"] = errno.errorcode.get(error.errno) if isinstance(error, OSError) else None
    found["causes"] = [linked(cause, cause.__traceback__, CAUSE_CAP) for cause in causes(error)]
    return found


def linked(error, trace, cap):
    """One exception of a chain."""
    frames = [{"file": f.filename, "line": f.lineno, "function": f.name} for f in traceback.extract_tb(trace)]
    return {
        "type": type(error).__name__,
        "module": type(error).__module__,
        "message": capped(said(error), cap),
        "frames": frames[-100:],
    }


def causes(error):
    """What led to an exception, as a traceback shows it: the next one first, the root last; at most so many."""
    found = [error]
    while len(found) <= MOST_CAUSES:
        last = found[-1]
        led = last.__cause__ if last.__cause__ is not None or last.__suppress_context__ else last.__context__
        if led is None or any(led is one for one in found):
            break
        found.append(led)
    return found[1:]


def capped(text, cap):
    """At most so many bytes of a text, its beginning and its end."""
    half = cap // 2 - 32
    return text if len(text.encode("utf-8", "replace")) <= cap else text[: half // 4] + "\n[...]\n" + text[-half // 4 :]


def said(error):
    """The message of an exception; one that cannot be made says why."""
    try:
        return str(error)
    except Exception as why:
        return "unknown ({}: {})".format(type(why).__name__, why)
