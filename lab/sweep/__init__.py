"""The operator sweep: every net saved once per saver and opened by every loader and route, and each silent finding looked at again."""

from lab.sweep.request import SweepRequest, SweepSide, sides
from lab.sweep.sweep import SCHEMA, perform

__all__ = ["SCHEMA", "SweepRequest", "SweepSide", "perform", "sides"]
