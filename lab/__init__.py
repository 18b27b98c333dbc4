"""paddle-repro-lab: reproduce, compare and time PaddlePaddle releases in clean containers.

In a notebook: `from lab import check, repro, load_run` (`lab.api` says what each takes).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.api import check, load_run, repro

__version__ = "0.1.0"
__all__ = ["__version__", "check", "load_run", "repro"]


def __getattr__(name: str) -> Any:
    """The functions for notebooks, loaded when they are first asked for: the command line needs none of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lab import api  # noqa: PLC0415

    return getattr(api, name)
