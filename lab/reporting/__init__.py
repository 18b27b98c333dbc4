"""A report from what lies in results/: gathered scenario by scenario, rendered, and put in place whole or not at all."""

from lab.reporting.gather import Shelf, gather
from lab.reporting.place import Written, put, refuse

__all__ = ["Shelf", "Written", "gather", "put", "refuse"]
