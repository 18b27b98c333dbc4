"""Searches over plain items: where a row of verdicts turns, and which of several parts are needed. Nothing runs here."""

from lab.search.algorithms.ahead import likely
from lab.search.algorithms.bisect import BisectionResult, NextProbe, ProbeAnswer, Search, bisect
from lab.search.algorithms.ddmin import Minimal, SetTried, ddmin
from lab.search.algorithms.isolate import AxisChange, Isolated, isolate

__all__ = [
    "AxisChange",
    "BisectionResult",
    "Isolated",
    "Minimal",
    "NextProbe",
    "ProbeAnswer",
    "Search",
    "SetTried",
    "bisect",
    "ddmin",
    "isolate",
    "likely",
]  # fmt: skip
