"""The import contract of pyproject.toml: arrows point downwards, doors are where they belong."""

import ast
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from lab import model
from lab.cli.app import VERBS

ROOT = Path(__file__).parents[2]
LAYERS: dict[str, int] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["lab"]["imports"]
PURE = 1
OUTSIDE = {"guest"}


def modules() -> Iterator[tuple[str, ast.Module, Path]]:
    """Every module of the lab with its dotted path below the package; a room's own `__init__` goes by the room's name."""
    for path in sorted((ROOT / "lab").rglob("*.py")):
        parts = path.relative_to(ROOT / "lab").with_suffix("").parts
        if parts[0] in {"__init__", "__main__"} | OUTSIDE:
            continue
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), ast.parse(path.read_text()), path


MODULES = {name: (tree, path) for name, tree, path in modules()}


def imported(tree: ast.Module) -> Iterator[str]:
    """The lab's modules that a module imports: the module itself where a module is named, else the one a name comes from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (f"{node.module}.").startswith("lab."):
            base = (node.module or "").removeprefix("lab").removeprefix(".")
            for alias in node.names:
                whole = f"{base}.{alias.name}" if base else alias.name
                if whole in MODULES or base in MODULES:
                    yield whole if whole in MODULES else base
        elif isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("lab.") for alias in node.names if alias.name.startswith("lab."))


def entry(module: str) -> str:
    """The longest dotted path of the contract that a module lies under; empty where there is none."""
    parts = module.split(".")
    return next((one for size in range(len(parts), 0, -1) if (one := ".".join(parts[:size])) in LAYERS), "")


def layer(module: str) -> int:
    return LAYERS[entry(module)]


def allowed(module: str, other: str) -> bool:
    """Downwards, or inside one room on one layer."""
    same = module.split(".", maxsplit=1)[0] == other.split(".", maxsplit=1)[0]
    return layer(other) < layer(module) or (same and layer(other) == layer(module))


def docstring_only(tree: ast.Module) -> bool:
    return all(isinstance(node, ast.Expr) for node in tree.body)


def test_every_module_has_a_layer() -> None:
    assert [name for name, (tree, _) in MODULES.items() if not entry(name) and not docstring_only(tree)] == []


def test_no_layer_names_a_room_that_is_gone() -> None:
    assert set(LAYERS) <= {entry(name) for name in MODULES}


def test_imports_point_only_downwards() -> None:
    upward = [
        f"{path.relative_to(ROOT)} imports {other}"
        for name, (tree, path) in MODULES.items()
        for other in imported(tree)
        if entry(name) and entry(other) and not allowed(name, other)
    ]
    assert upward == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    TopologicalSorter({name: set(imported(tree)) for name, (tree, _) in MODULES.items()}).prepare()


def test_pure_modules_never_touch_the_outside() -> None:
    forbidden = {"subprocess", "docker", "socket", "requests"}
    seen = [
        f"{path.relative_to(ROOT)} imports {name}"
        for module, (tree, path) in MODULES.items()
        if entry(module) and (layer(module) <= PURE or module.startswith("report"))
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
    callers = {name for name, (tree, _) in MODULES.items() if "subprocess" in set(third_party(tree))}
    assert callers == {"machine.process"}


def test_container_words_live_in_one_room() -> None:
    speakers = {name for name, (tree, _) in MODULES.items() if "docker" in set(third_party(tree))}
    assert speakers
    assert all(name.startswith("engine.docker") for name in speakers)


def test_only_one_room_knows_the_library_of_fleets() -> None:
    library = {"distributed", "dask", "tornado", "cryptography"}
    speakers = {name for name, (tree, _) in MODULES.items() if library & set(third_party(tree))}
    assert speakers
    assert all(name.startswith("fleet.") for name in speakers)


def test_without_a_fleet_nothing_of_its_library_is_loaded() -> None:
    verbs = ", ".join(f"lab.cli.{one.name}" for one in VERBS)
    asked = f"import sys, {verbs}; print(sorted({{'distributed', 'dask', 'cryptography'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_only_the_door_prints() -> None:
    printers = {
        name.split(".")[0]
        for name, (tree, _) in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert printers <= {"cli"}


def test_the_guest_imports_nothing_of_the_lab() -> None:
    for path in (ROOT / "lab" / "guest").glob("*.py"):
        assert "lab" not in set(third_party(ast.parse(path.read_text()))), path


def test_a_class_name_exists_once() -> None:
    trees = [ast.parse(path.read_text()) for path in (ROOT / "lab").rglob("*.py")]
    names = Counter(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert {name: count for name, count in names.items() if count > 1} == {}


def test_no_verb_is_another_verbs_library() -> None:
    verbs = {f"cli.{one.name}" for one in VERBS}
    assert verbs <= set(MODULES)
    seen = [
        f"{path.relative_to(ROOT)} imports {other}"
        for name, (tree, path) in MODULES.items()
        for other in imported(tree)
        if other in verbs and name != other
    ]
    assert seen == []


def test_every_option_is_defined_in_one_module() -> None:
    makers: dict[str, int] = {}
    begun: dict[str, int] = {}  # with what Tab offers, and no option yet
    for name, (tree, _) in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in {"Option", "Argument"}:
                makers[name] = makers.get(name, 0) + 1
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "partial" and len(node.args) == 1:
                begun[name] = begun.get(name, 0) + ("typer." in ast.unparse(node.args[0]))
    assert {name for name, count in makers.items() if count > begun.get(name, 0)} == {"cli.options", "cli.app"}


def test_a_noun_of_every_room_comes_from_lab_model_and_one_of_a_verb_from_its_own_module() -> None:
    shared = set(model.__all__)
    astray = [
        f"{path.relative_to(ROOT)}: {alias.name} of {node.module}"
        for path in sorted((ROOT / "lab").rglob("*.py"))
        if path.parent.name != "model"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lab.model")
        for alias in node.names
        if (node.module == "lab.model") != (alias.name in shared)
    ]
    assert astray == []


def test_functions_are_short_and_modules_are_small() -> None:
    long = []
    for path in sorted((ROOT / "lab").rglob("*.py")):
        text = path.read_text()
        if text.count("\n") > 300:
            long.append(f"{path.name}: {text.count(chr(10))} lines")
        long += [
            f"{path.name}:{node.name}"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.body[0].lineno >= 40
        ]
    assert long == []
