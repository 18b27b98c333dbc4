"""Files of saved models -> what they say of themselves; the files are only read, and nothing in them is run."""

from lab.formats.look import inspect

__all__ = ["inspect"]
