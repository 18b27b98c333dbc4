"""The import contract of pyproject.toml: arrows point downwards, doors are where they belong."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAYERS: dict[str, int] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["lab"]["imports"]
PURE = 1
OUTSIDE = {"guest"}


def modules() -> Iterator[tuple[str, ast.Module, Path]]:
    for path in sorted((ROOT / "lab").rglob("*.py")):
        parts = path.relative_to(ROOT / "lab").with_suffix("").parts
        if parts[0] in {"__init__", "__main__", "workspace_data"} | OUTSIDE:
            continue
        yield parts[0], ast.parse(path.read_text()), path


def rooms_imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "lab":
            yield from (name.name for name in node.names if not name.name.startswith("__"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lab."):
            yield (node.module or "").split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (name.name.split(".")[1] for name in node.names if name.name.startswith("lab."))


def test_every_room_has_a_layer() -> None:
    assert {room for room, _, _ in modules()} <= set(LAYERS)


def test_no_layer_names_a_room_that_is_gone() -> None:
    assert set(LAYERS) <= {room for room, _, _ in modules()}


def test_imports_point_only_downwards() -> None:
    upward = [
        f"{path.relative_to(ROOT)} imports {other}"
        for room, tree, path in modules()
        for other in rooms_imported(tree)
        if other != room and LAYERS[other] >= LAYERS[room]
    ]
    assert upward == []


def test_pure_rooms_never_touch_the_outside() -> None:
    forbidden = {"subprocess", "docker", "socket", "requests"}
    seen = [
        f"{path.relative_to(ROOT)} imports {name}"
        for room, tree, path in modules()
        if LAYERS[room] <= PURE
        for name in third_party(tree)
        if name in forbidden
    ]
    assert seen == []


def third_party(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


def test_subprocess_has_one_caller() -> None:
    callers = {str(path.relative_to(ROOT)) for _, tree, path in modules() if "subprocess" in set(third_party(tree))}
    assert callers == {"lab/process.py"}


def test_container_words_live_in_one_room() -> None:
    speakers = {str(path.relative_to(ROOT)) for _, tree, path in modules() if "docker" in set(third_party(tree))}
    assert speakers
    assert all(name.startswith("lab/engine/docker/") for name in speakers)


def test_only_the_door_prints() -> None:
    printers = {
        room
        for room, tree, _ in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert printers <= {"cli"}


def test_the_guest_imports_nothing_of_the_lab() -> None:
    for path in (ROOT / "lab" / "guest").glob("*.py"):
        assert "lab" not in set(third_party(ast.parse(path.read_text()))), path


def test_functions_are_short_and_modules_are_small() -> None:
    long = []
    for path in sorted((ROOT / "lab").rglob("*.py")):
        text = path.read_text()
        if text.count("\n") > 300:
            long.append(f"{path.name}: {text.count(chr(10))} lines")
        long += [
            f"{path.name}:{node.name}"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 40
        ]
    assert long == []
