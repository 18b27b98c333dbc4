"""Benchmarks: sides measured in turns, block by block, and the report that follows from the blocks."""

from lab.bench.benchmark import Measured, Reported, perform
from lab.bench.block import BlockSettings
from lab.bench.session import BenchRequest, cores, memory_cap
from lab.bench.sides import SideWord, planned, read_sides

__all__ = [
    "BenchRequest",
    "BlockSettings",
    "Measured",
    "Reported",
    "SideWord",
    "cores",
    "memory_cap",
    "perform",
    "planned",
    "read_sides",
]
