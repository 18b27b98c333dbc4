"""`lab inspect`: what a saved model is, who wrote it and who can read it, without Paddle and without unpickling."""

from lab import formats
from lab.cli import answer, options
from lab.cli.command import answers
from lab.cli.options import Format
from lab.cli.screen import show
from lab.model.inspection import Inspection
from lab.outcome.exits import Ending


@answers(Format.TEXT)
def inspect(path: options.ModelArgument, prefix: options.PrefixOption = "", hashed: options.HashOption = False) -> None:
    """Nothing of it is run or unpickled, and no container is needed.

    Exit code 0, or 2 where a file is damaged.
    """
    found = formats.inspect(path, prefix=prefix, hashed=hashed)
    answer.give(found, Ending.DAMAGED if found.broken else Ending.FOUND, text=lambda: _tell(found))


def _tell(found: Inspection) -> None:
    from lab.report import inspect as report_inspect  # noqa: PLC0415 - tables are needed only at the end

    show(report_inspect.render(found))
