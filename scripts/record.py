"""Record the terminal as an SVG that plays itself: `python scripts/record.py OUT.svg COMMAND ...` (each one word for a shell).

Every line is what the command printed when it was recorded, in the order in which it came; a reader who asked for less
motion sees all of it at once.
"""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

COLUMNS = 100
LINE_S = 0.12
"""How long a line waits for the one before it."""
PAUSE_S = 1.2
"""How long the end of a command is looked at before the next one is typed."""
SHOWN = 14
"""So many lines of each command: what is left out is said."""
STYLE = """
@keyframes shown {{ to {{ opacity: 1 }} }}
@media (prefers-reduced-motion: no-preference) {{ {rules} }}
"""


def main() -> int:
    """Run, draw, write."""
    target, commands = Path(sys.argv[1]), sys.argv[2:]
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    times, now = [], 0.0
    for command in commands:
        for text in [Text(f"$ {command}", style="bold"), *printed(command), Text("")]:
            console.print(text, crop=False, soft_wrap=True)
            times.append(now)
            now += LINE_S
        now += PAUSE_S
    title = "paddle-repro-lab"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(playing(console.export_svg(title=title, theme=MONOKAI, unique_id="lab"), times), encoding="utf-8")
    print(f"{target}: {len(times)} lines, {now:.0f} s")
    return 0


def printed(command: str) -> list[Text]:
    """What a command says on stdout, coloured, as wide as the recording; a failure of the lab is a failure here."""
    env = {**os.environ, "COLUMNS": str(COLUMNS), "FORCE_COLOR": "1"}
    done = subprocess.run(["sh", "-c", command], env=env, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(f"{command}: {done.stderr}")
    lines = [Text.from_ansi(line) for line in done.stdout.rstrip("\n").split("\n")]
    if len(lines) > SHOWN:
        lines = [*lines[:SHOWN], Text(f"... {len(lines) - SHOWN} more lines", style="dim")]
    return lines


def playing(svg: str, times: list[float]) -> str:
    """The picture with each line appearing at its time; what a machine's fonts are is left to the reader's."""
    rules = " ".join(
        f'[clip-path="url(#lab-line-{number})"] {{ opacity: 0; animation: shown 0s {at:.2f}s forwards }}'
        for number, at in enumerate(times)
    )
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("font-family: Fira Code", "font-family: ui-monospace, monospace")
    return svg.replace("</style>", f"{STYLE.format(rules=rules)}</style>", 1)


if __name__ == "__main__":
    sys.exit(main())
