"""What an image holds that somebody handed over: its Python, and the Paddle in it, told without importing Paddle."""

import ctypes
import json
import os
import platform
import re
import shutil
import sys

PACKAGES = ("paddlepaddle", "paddlepaddle-gpu", "paddlepaddle-xpu", "paddlepaddle-dcu", "paddlepaddle-npu")
BESIDE = ("protobuf", "pyperf")


def look(name, path):
    """Every fact of this interpreter that an environment needs, started as `name` on the PATH `path`; `paddle` is empty where there is none."""
    package, version = paddle()
    wrapper = wrapped(name, path)
    return {
        "python": platform.python_version(),
        "interpreter": wrapper or sys.executable,
        "machine": platform.machine(),
        "package": package,
        "paddle": version,
        "closed": closed(),
        "facts": {
            "python": "{} ({})".format(platform.python_version(), platform.python_compiler()),
            "glibc": glibc(),
            "libstdc++": libstdcxx(),
            "cuda": os.environ.get("CUDA_VERSION", ""),
            "wrapper": wrapper,
            "numpy": numpy(),
            **{name: installed(name) for name in BESIDE},
        },
    }


def wrapped(name, path):
    """The program that was started, where it is another one that starts this Python: what it sets must be set for every step too."""
    started = shutil.which(name, path=path) or ""
    return started if started and os.path.realpath(started) != os.path.realpath(sys.executable) else ""


def numpy():
    """The version of numpy that is installed, and what is imported in its place where that is something else."""
    version, other = installed("numpy"), in_place_of("numpy", "numpy")
    return "{} (not imported: {} comes first)".format(version, other) if other else version


def paddle():
    """The package that holds Paddle and its version; a build that was never packaged, or that is found first, says it in its own files."""
    for name in PACKAGES:
        version = installed(name)
        if version and not in_place_of(name, "paddle"):
            return name, version
    from importlib.util import find_spec  # noqa: PLC0415

    spec = find_spec("paddle")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = os.path.join(folder, "version", "__init__.py")
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                found = re.search(r"^full_version\s*=\s*['\"]([^'\"]+)['\"]", file.read(1 << 16), re.MULTILINE)
            return "paddlepaddle", found.group(1) if found else ""
    return "", ""


def closed():
    """Folders that a Python is looked for in, or that this one looks into, and that whoever runs this may not use."""
    found = []
    programs = [os.path.join(folder, "python3") for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    for path in programs + [folder for folder in sys.path if folder]:
        try:
            os.stat(path)
        except PermissionError:
            found.append(path)
            continue
        except OSError:
            continue
        if not os.access(path, os.R_OK | os.X_OK if os.path.isdir(path) else os.X_OK):
            found.append(path)
    return found


def installed(name):
    """The version of an installed distribution, empty where it is absent or this Python cannot tell."""
    try:
        from importlib import metadata  # noqa: PLC0415 - new in Python 3.8
    except ImportError:
        return ""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def in_place_of(distribution, module):
    """The path that an import of `module` takes, where the distribution has it elsewhere; empty where both are one."""
    from importlib.util import find_spec  # noqa: PLC0415

    spec = find_spec(module)
    if not installed(distribution) or spec is None:
        return ""
    from importlib import metadata  # noqa: PLC0415

    mine = str(metadata.distribution(distribution).locate_file(module))
    first = (list(spec.submodule_search_locations or ()) or [spec.origin or ""])[0]
    return first if os.path.exists(mine) and os.path.realpath(first) != os.path.realpath(mine) else ""


def glibc():
    """The version of the C library."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION").split()[-1]
    except (ValueError, AttributeError, OSError):
        return ""


def libstdcxx():
    """The file that the C++ library of this system is."""
    try:
        ctypes.CDLL("libstdc++.so.6")
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
            paths = {line.split()[-1] for line in file if "libstdc++" in line}
    except OSError:
        return ""
    return os.path.basename(min(paths)) if paths else ""


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as target:
        json.dump(look(*sys.argv[2:4]), target)
