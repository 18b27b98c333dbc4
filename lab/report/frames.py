"""A traceback beside the code it is told with: line numbers of the code that is shown, and none of the lab's own frames."""

import re
from collections.abc import Iterator

_FRAME = re.compile(r'^  File "(?P<path>[^"]*)", line (?P<line>\d+)(?P<rest>.*)$')
_SCENARIO = re.compile(r'(File "[^"]*\bscenario\.py", line )(\d+)')
_GUEST = re.compile(r"(^|/)guest/\w+\.py$")


def told(trace: str, whole: str, shown: str) -> str:
    """The traceback with the line numbers of `shown`, which is the code `whole` without its header.

    Frames of the lab's own loader are left out, and that is said; where the code that is shown has the very statement,
    the frame is told as one of it.
    """
    lines, left = [], 0
    for frame in _frames(trace.splitlines()):
        match = _FRAME.match(frame[0])
        if match is None or not _GUEST.search(match["path"]):
            lines += frame
            continue
        place = _same_statement(frame, shown)
        left += not place
        lines += [f'  File "the code above", line {place}, in <module>', f"    {_statement(frame)}"] if place else []
    if left:
        lines.append(f"({left} frames of the loader's own code are left out)")
    return _renumbered("\n".join(lines), whole, shown)


def _frames(lines: list[str]) -> Iterator[list[str]]:
    """Each frame with the source below it; every other line alone."""
    frame: list[str] = []
    for line in lines:
        if frame and line.startswith("    "):
            frame.append(line)
            continue
        if frame:
            yield frame
            frame = []
        if _FRAME.match(line):
            frame = [line]
        else:
            yield [line]
    if frame:
        yield frame


def _statement(frame: list[str]) -> str:
    """The statement of a frame as the code that is shown writes it."""
    source = frame[1].strip() if len(frame) > 1 else ""
    return source.replace("self._paddle", "paddle").replace("(prefix", "(path").removeprefix("return ")


def _same_statement(frame: list[str], shown: str) -> int:
    """The line of the code that is shown with the frame's statement, counted from 1; 0 where there is none."""
    wanted = _statement(frame)
    for number, line in enumerate(shown.splitlines(), 1):
        if wanted and line.strip().rpartition(" = ")[2] == wanted.rpartition(" = ")[2]:
            return number
    return 0


def _renumbered(trace: str, whole: str, shown: str) -> str:
    """Lines of scenario.py as they are counted in what is shown; a line that is not shown keeps its number and says so."""
    before, after = whole.splitlines(), shown.splitlines()
    skipped = next((at for at in range(len(before) - len(after) + 1) if before[at : at + len(after)] == after), None)

    def counted(match: re.Match[str]) -> str:
        number = int(match[2])
        if skipped is None or not skipped < number <= skipped + len(after):
            return f"{match[1]}{number} of the whole file"
        return f"{match[1]}{number - skipped}"

    return _SCENARIO.sub(counted, trace)
