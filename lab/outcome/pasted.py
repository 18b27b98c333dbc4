"""Pieces that are printed to be pasted: each complete, in one language, with all that it needs in it."""

import json
from collections.abc import Mapping, Sequence

from lab import shell
from lab.model.cure import Cure

YOURS = 'path = "model/net"  # your model: its folder and name, without an ending'
"""Stands where nobody knows which model will be opened: a scenario's cure is for any."""
_IMPORTS = ("import ", "from ")
# Read by the dynamic loader when a process starts, so no program can set them for itself.
_LOADER = "LD_"


def named(path: str) -> str:
    """The statement that gives `path` a model's own path, whatever its name consists of."""
    return f"path = {json.dumps(path, ensure_ascii=False) if path.isprintable() else ascii(path)}"


def piece(code: str, *, env: Mapping[str, str], packages: Sequence[str] = (), path: str = "") -> str:
    """Code with what must be set and installed for it, ready to run; `path` is the statement that `named` made.

    Without code it is shell. With code it is Python, which sets the variables before it imports Paddle; only what no program
    can do for itself, installing and what the dynamic loader reads, makes it a line of shell that starts Python.
    """
    installs = [shell.join(["python3", "-m", "pip", "install", *packages])] if packages else []
    if not code:
        return "\n".join([*(f"export {name}={shell.quote(value)}" for name, value in sorted(env.items())), *installs])
    if not packages and not any(name.startswith(_LOADER) for name in env):
        return _program(code, env, path)
    sets = [f"{name}={shell.quote(value)}" for name, value in sorted(env.items())]
    return "\n".join([*installs, " ".join([*sets, "python3 - <<'END'"]), _program(code, {}, path), "END"])


def of_cures(cures: Sequence[Cure]) -> str:
    """What to paste for cures that help together: one piece, whose code is that of the one that has any."""
    env = {name: value for one in cures for name, value in one.env.items()}
    code = next((one.code for one in cures if one.code), "")
    return piece(code, env=env, packages=[line for one in cures for line in one.packages])


def language(text: str) -> str:
    """What a piece is written in, as a fence of Markdown names it."""
    return "python" if text.startswith(_IMPORTS) else "sh"


def _program(code: str, env: Mapping[str, str], path: str) -> str:
    """A program in Python: variables, then imports, then the model's path, then the rest."""
    lines = code.strip("\n").splitlines()
    first = next((place for place, line in enumerate(lines) if not line.startswith(_IMPORTS)), len(lines))
    imports, rest = lines[:first] or ["import paddle"], lines[first:]
    sets = [f"os.environ[{json.dumps(name)}] = {json.dumps(value)}" for name, value in sorted(env.items())]
    before = ["import os", *sets] if sets else []
    known = any(line.startswith("path = ") for line in rest)
    return "\n".join([*before, *imports, *([] if known else [path or YOURS]), *rest])
