"""What the lab says, in another language: its sentences stand in the code once, in English, and in a catalogue beside it."""

from lab.language.choice import check, chosen
from lab.language.translate import Translator, translator

__all__ = ["Translator", "check", "chosen", "translator"]
