"""The operator sweep: every net saved once per saver and opened by every loader and route, and each silent finding looked at again."""

from lab.sweeping.plan import Asked, Side, sides
from lab.sweeping.session import SCHEMA, perform

__all__ = ["SCHEMA", "Asked", "Side", "perform", "sides"]
