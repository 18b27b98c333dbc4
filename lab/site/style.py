"""The colours and tables that pages outside of the site share with it."""

from importlib import resources


def shared_style() -> str:
    """The base style sheet, to stand inside a page that needs nothing else."""
    return (resources.files("lab.site") / "assets" / "base.css").read_text(encoding="utf-8")
