"""Benchmarks: sides measured in turns, block by block, and the report that follows from the blocks."""

from lab.bench.benchmark import perform
from lab.bench.block import BlockSettings
from lab.bench.session import BenchRequest, cores, memory_cap
from lab.bench.sides import SideWord, planned, read_sides

__all__ = [
    "BenchRequest",
    "BlockSettings",
    "SideWord",
    "cores",
    "memory_cap",
    "perform",
    "planned",
    "read_sides",
]
