"""What marks a place in a skeleton that is still to be filled in; whoever runs a scenario asks, and needs no more than this."""

MARK = "FILL IN"
OWN = "# | "
"""Before each line of the report's own code, whose words are no marks."""


def left(text: str) -> tuple[int, ...]:
    """The lines, from 1, of what is still to be filled in; as many times as a line has it."""
    lines = text.split("\n")
    return tuple(
        at for at, line in enumerate(lines, 1) if not line.startswith(OWN.rstrip()) for _ in range(line.count(MARK))
    )
