"""Which Paddle environments exist, which one a person means, and why one does not exist."""

from lab.environment.caps import caps
from lab.environment.catalogue import Catalogue, load

__all__ = ["Catalogue", "caps", "load"]
