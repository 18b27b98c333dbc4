"""The Python of a scenario, looked at and never run: its functions, its imports, and whether old interpreters can read it."""

import ast
import sys
import threading
from collections.abc import Collection, Sequence
from pathlib import Path

from lab.errors import UsageError
from lab.model import ScenarioFile
from lab.scenario import beside
from lab.scenario.expect import STANDARD_ROUTES
from lab.scenario.header import CONTRACT

OLDEST = (3, 8)
"""The oldest Python a scenario must run on: that of the oldest release in the catalogue."""

_PARSING = threading.Lock()
"""CPython counts the depth of a tree for all threads together: two that parse at once end in a SystemError (gh-106905)."""
ARGUMENTS = {"inputs": ("rng",), "save": ("prefix", "inputs"), "load": ("prefix",), "infer": ("handle", "inputs")}


def functions(path: Path, text: str, routes: tuple[str, ...], files: Sequence[ScenarioFile] = ()) -> tuple[str, ...]:
    """The contract's functions that a scenario defines, in the contract's order; UsageError where one is missing or wrong.

    Modules beside the scenario keep the same rules as its own text: `files` are what it brings along.
    """
    tree = _tree(path, text)
    own = beside.modules(files)
    _imports(path, tree, own)
    for one in files:
        if one.name.endswith(".py"):
            at = path.parent / one.name
            _imports(at, _tree(at, beside.as_read(path.parent, one).decode("utf-8-sig", "replace")), own)
    defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    standard = all(route in STANDARD_ROUTES for route in routes)
    for name in ("inputs", "save") if standard else tuple(ARGUMENTS):
        if name not in defined:
            raise UsageError(f"{path}:1: there is no function {_shape(name)}", CONTRACT)
    for name in set(ARGUMENTS) & set(defined):
        _takes(path, defined[name])
    return tuple(name for name in ARGUMENTS if name in defined)


def _tree(path: Path, text: str) -> ast.Module:
    try:
        with _PARSING:
            ast.parse(text)
    except (RecursionError, MemoryError) as error:
        raise UsageError(f"{path}:1: this is nested deeper than Python reads", "write it in smaller steps") from error
    except (SyntaxError, ValueError) as error:
        raise _syntax(path, error, "is not Python", "mend that line") from error
    try:
        with _PARSING:
            return ast.parse(text, feature_version=OLDEST)
    except SyntaxError as error:
        oldest = ".".join(map(str, OLDEST))
        raise _syntax(path, error, f"is not Python {oldest}", f"write it so that {oldest} can read it") from error


def _syntax(path: Path, error: SyntaxError | ValueError, what: str, remedy: str) -> UsageError:
    line = getattr(error, "lineno", None) or 1
    return UsageError(f"{path}:{line}: this {what}: {getattr(error, 'msg', error)}", remedy)


def _imports(path: Path, tree: ast.Module, own: Collection[str]) -> None:
    """Refuse what is not in every image, and does not come along."""
    for node in ast.walk(tree):
        for name in _imported(node):
            root = name.partition(".")[0]
            if root not in ("paddle", "numpy", *own) and root not in sys.stdlib_module_names:
                what = f"{path}:{node.lineno}: imports {name or 'a neighbour'}"  # type: ignore[attr-defined]
                remedy = "a scenario imports only paddle, numpy, the standard library and modules among its `files`"
                raise UsageError(what, remedy)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return ["" if node.level else str(node.module)]
    return []


def _takes(path: Path, node: ast.FunctionDef) -> None:
    """Refuse a function that cannot be called with the contract's arguments by position."""
    given, args = len(ARGUMENTS[node.name]), node.args
    positional = len(args.posonlyargs) + len(args.args)
    least = positional - len(args.defaults)
    most = given if args.vararg else positional
    needed = [arg for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True) if default is None]
    if not least <= given <= most or needed:
        raise UsageError(
            f"{path}:{node.lineno}: {node.name} is called as {_shape(node.name)}", f"write {_shape(node.name)}"
        )


def _shape(name: str) -> str:
    return f"{name}({', '.join(ARGUMENTS[name])})"
