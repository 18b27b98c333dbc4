"""How many threads Paddle may use on this machine."""

import typer

from lab.cli import speak


def clipped(context: typer.Context, threads: int) -> int:
    """As many threads as this machine has cores, where more were asked for: no engine gives more, and times would lie."""
    from lab.machine import host  # noqa: PLC0415 - the help needs none of it

    most = host.cores()
    if threads > most and context.parent is not None:  # a stored command that is only compared with this one has none
        speak.err(f"lab: --threads {threads}: this machine has {most} core(s), so it is {most}")
    return min(threads, most)
