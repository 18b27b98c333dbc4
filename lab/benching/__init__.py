"""Benchmarks: sides measured in turns, block by block, and the report that follows from the blocks."""

from lab.benching.block import Manner
from lab.benching.session import Measured, Reported, perform
from lab.benching.sides import SideWord, planned, read_sides
from lab.benching.state import BenchRequest, cores, memory_cap

__all__ = [
    "BenchRequest",
    "Manner",
    "Measured",
    "Reported",
    "SideWord",
    "cores",
    "memory_cap",
    "perform",
    "planned",
    "read_sides",
]
