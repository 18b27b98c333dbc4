"""Runs -> text for people and machines; one file a format, all from the same rows."""
