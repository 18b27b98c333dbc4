"""What the child can say about the place it runs in: versions, device, CPU, and flags this build does not know."""

import os
import platform
import sys

BUILT_IN, SHARED = "built in", "a module of its own"
"""How this Python has zlib: built in, it is there before Paddle, and Paddle 2.6 cannot break it."""
ISA = ("sse4", "avx", "fma", "f16c", "amx", "asimd", "sve", "bf16", "i8mm")


def gather(paddle, numpy):
    """The facts of one process; a fact that cannot be had says why in its own place."""
    cpu, isa = processor()
    return {
        "versions": {
            "paddle": said(lambda: str(paddle.__version__)),
            "commit": said(lambda: str(paddle.version.commit)),
            "python": platform.python_version(),
            "numpy": numpy.__version__,
            "protobuf": installed("protobuf"),
            "pyperf": installed("pyperf"),
            "glibc": said(lambda: os.confstr("CS_GNU_LIBC_VERSION").split()[-1]),
        },
        "device": said(lambda: str(paddle.get_device())),
        "cuda_compiled": said(lambda: bool(paddle.is_compiled_with_cuda())),
        "cpu": cpu,
        "isa": isa,
        "flags_missing": missing_flags(paddle),
        "zlib": BUILT_IN if "zlib" in sys.builtin_module_names else SHARED,
    }


def said(question):
    """The answer, or why there is none; a missing fact must not end a trial."""
    try:
        return question()
    except Exception as error:
        return "unknown ({}: {})".format(type(error).__name__, error)


def installed(name):
    """The version of an installed distribution without importing it, empty where it is absent."""
    from importlib import metadata  # noqa: PLC0415 - not on the way of every import

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def registered_flags(paddle):
    """Names of all flags this build knows, or None where it does not tell."""
    core = getattr(getattr(paddle, "base", None), "core", None)
    if core is None:  # up to 2.4 the package had another name
        core = getattr(getattr(paddle, "fluid", None), "core", None)
    if core is None or not hasattr(core, "globals"):
        return None
    return set(core.globals().keys())


def missing_flags(paddle):
    """FLAGS_* of the environment that this build ignores without a word."""
    known = registered_flags(paddle)
    if known is None:
        return []
    return sorted(name for name in os.environ if name.startswith("FLAGS_") and name not in known)


def processor():
    """(model name, instruction sets that matter for numbers and speed) as the kernel tells them."""
    model, sets = platform.machine(), set()
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                name, _colon, value = line.partition(":")
                if name.strip() == "model name":
                    model = value.strip()
                if name.strip() in ("flags", "Features"):
                    sets = {word for word in value.split() if word.startswith(ISA)}
                    break
    except OSError as error:
        print("no CPU facts: {}".format(error), file=sys.stderr)
    return model, sorted(sets)
