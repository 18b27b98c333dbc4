"""Which Paddle environments exist, which one a person means, and why one does not exist."""

from lab.catalogue.book import Catalogue, load
from lab.catalogue.caps import caps

__all__ = ["Catalogue", "caps", "load"]
