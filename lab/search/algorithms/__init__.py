"""Searches over plain items: where a row of verdicts turns, and which of several parts are needed. Nothing runs here."""

from lab.search.algorithms.bisect import BisectionResult, NextProbe, ProbeAnswer, ProbeVerdict, bisect
from lab.search.algorithms.ddmin import Minimal, SetTried, ddmin
from lab.search.algorithms.isolate import AxisChange, Blame, Isolated, isolate

__all__ = [
    "AxisChange",
    "BisectionResult",
    "Blame",
    "Isolated",
    "Minimal",
    "NextProbe",
    "ProbeAnswer",
    "ProbeVerdict",
    "SetTried",
    "bisect",
    "ddmin",
    "isolate",
]  # fmt: skip
