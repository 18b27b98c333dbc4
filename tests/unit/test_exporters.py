"""Every way out of the lab leads through the one door of `lab.redaction`: held by the code itself, not by a list of verbs."""

import ast
from collections.abc import Iterator

from tests.unit.test_imports import MODULES

# What the lab makes to run itself, for this machine: nobody is handed it as it is.
OWN = {
    "cli.new": "a new scenario, from the user's own report",
    "cli.images": "Dockerfiles, rendered from checked-in data",
}
OUTER = ("cli", "site", "report")
WRITERS = {"write_text", "write_bytes", "write"}


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def outer() -> Iterator[tuple[str, ast.Module]]:
    return ((name, tree) for name, (tree, _) in MODULES.items() if name.split(".")[0] in OUTER)


def test_one_module_prints_and_it_asks_the_door_first() -> None:
    printing = {name for name, (tree, _) in MODULES.items() for call in calls(tree) if name_of(call) == "print"}
    assert printing == {"cli.speak"}
    for function in functions(MODULES["cli.speak"][0]):
        for call in calls(function):
            if name_of(call) == "print":
                assert ast.unparse(call.args[0]).startswith("door."), ast.unparse(call)


def test_a_console_is_written_to_by_the_screen_alone_and_with_masked_text() -> None:
    users = {name for name, tree in outer() for call in calls(tree) if name_of(call) == "Console"}
    assert users == {"cli.screen"}
    for call in calls(MODULES["cli.screen"][0]):
        if name_of(call) == "self._console.print":
            assert "door.shown" in ast.unparse(call.args[0])
        if name_of(call) == "self._bar.update":
            said = next((one.value for one in call.keywords if one.arg == "description"), None)
            assert said is not None
            assert "door.shown" in ast.unparse(said)
    (show,) = (one for one in functions(MODULES["cli.screen"][0]) if one.name == "show")
    assert [name_of(one) for one in calls(show)][-1] == "caught.get"
    assert "speak.out(caught.get()" in ast.unparse(show)


def test_what_is_written_for_others_is_written_by_the_hand_over() -> None:
    allowed = {
        "handover.write",
        "self.write",  # the buffer of a formatter of help
        "formatter.write",  # the same buffer
        "make.write",
    }  # a bundle is made of masked texts, and refused where one cannot be masked
    strangers = {
        f"{name}: {name_of(call)}"
        for name, tree in outer()
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITERS and name not in OWN
        if name_of(call) not in allowed
    }
    # The second is a fixed sentence, said where nothing else works any more.
    assert strangers == {"site.put: path.write_bytes", "cli.ending: os.write"}
    (said,) = (one for one in calls(MODULES["cli.ending"][0]) if name_of(one) == "os.write")
    assert isinstance(said.args[1], ast.Constant)
    (fill,) = (one for one in functions(MODULES["site.put"][0]) if one.name == "_fill")
    assert "data = handover.public(name, raw)" in ast.unparse(fill)


def test_every_document_is_encoded_through_the_door() -> None:
    """In the rooms that keep and show; the site's pages are masked as they are put in their place."""
    rooms = ("storage", "cli", "bench.block_files")
    makers = {"msgspec.json.encode", "store.encoded", "encoded"}
    naked = {
        f"{name}: {name_of(call)}"
        for name, (tree, _) in MODULES.items()
        if name.startswith(rooms)
        for call in calls(tree)
        if name_of(call) in makers and f"door.json({ast.unparse(call)}" not in ast.unparse(tree)
    }
    # What makes the bytes for the door, and the parts of an answer, which are put together to one document for it.
    assert naked == {"storage.store: msgspec.json.encode", "cli.answer: store.encoded"}
    (maker,) = (one for one in functions(MODULES["storage.store"][0]) if one.name == "encoded")
    inside = [call for call in calls(maker) if name_of(call) == "msgspec.json.encode"]
    everywhere = [call for call in calls(MODULES["storage.store"][0]) if name_of(call) == "msgspec.json.encode"]
    assert len(inside) == len(everywhere)


def test_what_a_guest_says_is_masked_as_it_is_read() -> None:
    for name in ("run.step", "run.net_records"):
        readers = [call for call in calls(MODULES[name][0]) if name_of(call) == "json.loads"]
        assert any(ast.unparse(call).startswith("json.loads(door.json(") for call in readers), name


def test_a_stored_file_is_a_masked_document_or_is_said_to_be_the_lab_s_own() -> None:
    """What lies in a run's folder and is no document: scenarios and pointers that the lab made itself, and bundles.

    Beside it the files of the workspace that a user owns: locks, Dockerfiles, new scenarios, and the mark of a ready environment.
    """
    masked = ("store.pretty(",)
    bare = {
        f"{name}: {ast.unparse(call.args[1])}"
        for name, (tree, _) in MODULES.items()
        for call in calls(tree)
        if name_of(call) == "store.write" and not ast.unparse(call.args[1]).startswith(masked)
    }
    assert bare == {
        "engine.local: f'{recipe.environment.key}\\n{python}\\n'.encode()",
        "environment.locks: rendered.encode()",
        "environment.locks: text.encode()",
        "cli.images: text.encode()",
        "cli.new: skeleton.small(summary, issue).encode()",
        "cli.new: made.encode()",
        "bundle.make: made.data",
        "check.adopt: words.encode()",
        "run.candidates: _TEXT.encode()",
        "fleet.host: parcel.text",
        "fleet.whole_verb: blob.data or b''",
        "fleet.whole_verb: parcel.text",
        "fleet.kept_answers: wire.packed(answer)",
        "run.inbox: beside.as_read(Path(scenario.path).parent, file)",
        "run.timings: context.folder.name.encode()",
        "storage.laid_out: source.read_bytes()",
        "storage.handover: _answer(ending, readable(text).encode('utf-8', 'replace'))",
        "sweep.sweep: request.text.encode()",
    }
