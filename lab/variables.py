"""Names of environment variables with a rule of their own: what nobody may set for a guest, and what engines add unasked."""

import re

# The loader's, the interpreter's and the guest's own: set, they would run other code than the one that is examined.
_FORBIDDEN = "LD_|PYTHON|GLIBC_TUNABLES$|PATH$|HOME$"
# By its bare name the loader finds a library of the system alone: that is a known cure, and no one's own code.
_SYSTEM_LIBRARY = re.compile(r"lib[A-Za-z0-9_+.-]{1,80}\.so(\.\d+)*")
_SETTABLE = re.compile(rf"(?!{_FORBIDDEN})[A-Za-z_][A-Za-z0-9_]{{0,80}}")

PROXIES = tuple(
    name for word in ("http", "https", "ftp", "all", "no") for name in (f"{word}_proxy", f"{word}_proxy".upper())
)
"""What command-line clients and Podman's service give every container from their own configuration, passwords and all."""
REFUSED = (
    "PATH, HOME, LD_*, PYTHON* and GLIBC_TUNABLES are the guest's own (LD_PRELOAD takes a system library: libz.so.1)"
)
"""For the remedy of whoever refuses a name."""


def settable(name: str, value: str) -> bool:
    """Whether a user, a header or a bundle may set this variable for a guest: one rule for all of them."""
    if name == "LD_PRELOAD":
        return _SYSTEM_LIBRARY.fullmatch(value) is not None
    return _SETTABLE.fullmatch(name) is not None
