"""Whether the index has a newer Paddle than the catalogue, said beside an answer."""

from lab.cli import speak
from lab.environment import Catalogue
from lab.storage.workspace import Workspace


def tell(found: Workspace, catalogue: Catalogue) -> None:
    """Say beside an answer that there is a newer release, where that is known, and have the index asked for next time."""
    from lab.environment import day_zero  # noqa: PLC0415 - slow to load, and only its own verbs need it

    said = day_zero.note(day_zero.heard(found.cache), catalogue)
    if said:
        speak.err(f"lab: {said}")
    day_zero.ask(found.cache, catalogue)
