"""Searches over plain items: where a row of verdicts turns, and which of several parts are needed. Nothing runs here."""

from lab.search.bisect import Answer, Ask, Seen, Sort, bisect
from lab.search.isolate import Blame, Change, Isolated, isolate
from lab.search.minimal import Minimal, Try, ddmin

__all__ = [
    "Answer", "Ask", "Blame", "Change", "Isolated", "Minimal", "Seen", "Sort", "Try", "bisect", "ddmin", "isolate",
]  # fmt: skip
