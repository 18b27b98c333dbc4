"""The table of one-operator nets: read from its file with every line checked, and rendered as the module that the guest runs."""

from lab.operators.read import FILE, choose, read
from lab.operators.render import render

__all__ = ["FILE", "choose", "read", "render"]
