"""Searches that run trials: since when it fails, and what cures it."""
