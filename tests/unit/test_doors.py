"""Only one door opens what a container wrote: every other call that opens a file is listed here with whose file it is."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.unit.test_imports import MODULES

ATTRIBUTES = {
    "open", "read_text", "read_bytes", "load", "ZipFile", "copy", "copy2", "copyfile", "copytree", "move", "link", "hardlink_to",
    "symlink_to", "walk", "glob", "rglob", "iterdir", "scandir", "listdir", "memmap", "fromfile", "sendfile",
}  # fmt: skip
"""Calls that open a file or list a folder by its path, by their last name."""

NOT_FILES = {
    "store.load",
    "kept.load",
    "environment.load",
    "self.load",
    "context.load",
    "webbrowser.open",
    "ast.walk",
    "self.verbs[name].load",
    "Store(root=found.results).load",
}

BLIND = {
    "engine": "builds images and starts containers; it reads nothing below results/",
    "environment": "the catalogue, the wheels and the locks, which no container writes to",
    "machine": "the machine's own files",
    "scenario": "the user's scenarios",
    "formats": "the user's model files, by its own door (formats/source.py)",
    "knowledge": "lists in the workspace and in this package",
}
"""Rooms that are never given a folder of a run."""

OWN = {
    ("storage.outbox", "*"): "the door itself",
    ("storage.cleared", "*"): "removes what is no plain file, and opens none",
    ("storage.copies", "*"): "writes the second file; the first comes by the door",
    ("scratch", "*"): "what the lab itself left unfinished, by its own names",
    ("fleet.private_file", "read"): "a ticket or an authority, opened by rules of its own",
    ("fleet.standing", "forget"): "names of tickets alone",
    ("fleet.depot", "_filled"): "a new file beside its place, which is moved there once its hash is right",
    ("fleet.depot", "_gone_on"): "the beginning of such a file, by its hash",
    ("fleet.depot", "prune"): "the depot, by names that are hashes",
    ("fleet.executor", "_guest"): "the guest's files in this package",
    ("fleet.feeding", "wheels"): "wheels that came by their hash",
    ("fleet.kept_answers", "put"): "answers, by names that are hashes",
    ("fleet.kept_answers", "identities"): "names of answers alone",
    ("fleet.whole_verb", "_laid_out"): "this host's own releases, for a verb's workspace",
    ("cli.moved", "_there"): "the scenario, on its way to a host",
    ("fleet.parcels", "packed"): "the scenario, on its way into a parcel",
    ("storage.store", "write"): "writes a file of the lab's, beside its target",
    ("storage.store", "append"): "a file of the lab's that only grows",
    ("storage.store", "load"): "run.json, which only the lab writes",
    ("storage.store", "ids"): "the list of runs",
    ("storage.store", "decode_result"): "result.json, beside out/, which only the lab writes",
    ("cli.completion", "_scenarios"): "the names of scenarios, which a user owns",
    ("storage.laid_out", "*"): "the package's own files, and what a workspace has of them",
    ("storage.history", "*"): "results/history, which only the lab writes",
    ("run.guest_files", "*"): "the guest's files in this package",
    ("run.inbox", "fill"): "the scenario, on its way into a step",
    ("run.inbox", "handed_over"): "the pipe in the inbox, which a container can only read",
    ("run.forks", "_taken"): "the scenario, on its way beside what a fork left",
    ("run.forks", "_its_own"): "the scenario, on its way to a fork",
    ("run.step", "engines"): "names of folders, and step.json in them by the door",
    ("redaction.sources", "*"): "the user's own settings, where secrets are looked for",
    ("run.ownership", "*"): "locks of runs; pipes are only removed, by name",
    ("run.timings", "timing_session"): "which run took the times, beside out/, which only the lab writes",
    ("run.timings", "measured"): "the folders of the rounds, by name",
    ("bench.block_files", "*"): "blocks.jsonl and report.json, which only the lab writes",
    ("bench.worker", "ready"): "the pipe in the inbox, which a container can only read",
    ("search.reduce_files", "free"): "the folder that the user names",
    ("search.reduce_files", "handed_out"): "what was just written for the user",
    ("search.reduce_slow", "_laid_out"): "the user's model",
    ("report.cut_answers", "lines"): "the answer of a cut, which only the lab writes",
    ("search.reduce_trials", "__post_init__"): "the answers of a search, which only the lab writes",
    ("cut.body", "_put"): "a cut model, beside where it goes",
    ("check.stamp_file", "read"): "the stamp beside the user's model",
    ("check.expected", "_stored"): "the user's outputs",
    ("check.sample_inputs", "stored"): "the user's inputs or outputs",
    ("check.conversions", "*"): "a list in this package",
    ("check.adopt", "laid_out"): "the scenario, on its way into a step",
    ("check.adopt", "copied"): "the user's model",
    ("check.adopt", "out_of"): "the folder of the one save, by name",
    ("check.convert", "_kept"): "what was just written for the user",
    ("run.candidates", "_laid_out"): "the candidate's folder, which only the lab writes",
    ("run.net_records", "_nonce"): "the request in the inbox, which a container can only read",
    ("sweep.operators", "*"): "the table of operators",
    ("bundle.archive", "*"): "archives, by their own rules",
    ("bundle.claims", "_stored"): "an unpacked bundle: plain files by the rules of archive",
    ("bundle.manifest", "*"): "an unpacked bundle: plain files by the rules of archive",
    ("bundle.pickles", "*"): "an unpacked bundle: plain files by the rules of archive",
    ("bundle.repro", "*"): "runs inside a container, as a part of the bundle",
    ("bundle.replay", "_saved"): "an unpacked bundle: plain files by the rules of archive",
    ("bundle.make", "source"): "the page that lab explain wrote",
    ("bundle.make", "refuse_unclean"): "the scenario in the inbox, which a container can only read",
    ("bundle.gather", "_code"): "the scenario in the inbox, which a container can only read",
    ("bundle.gather", "_runnable"): "the scenario in the inbox, and files of this package",
    ("cli.given", "_paths"): "the user's own wheels, by name",
    ("cli.given", "row"): "the user's own wheels, by name",
    ("language.translate", "entries"): "the catalogue in this package",
    ("cli.ending", "_unheard"): "the null device",
    ("cli.ending", "_nobody_reads"): "the null device",
    ("bundle.make", "handed"): "bundle.json, which only the lab writes",
    ("cli.init", "*"): "the workspace this package carries",
    ("cli.new", "_text"): "the user's own code",
    ("cli.replay", "_shown"): "an unpacked bundle: plain files by the rules of archive",
    ("cli.scenarios", "docs"): "a page of this workspace",
    ("sweep.kept", "*"): "sweep.json, which only the lab writes",
    ("site", "*"): "files of this package",
    ("site.put", "*"): "the folder of pages that the lab wrote before",
    ("site.stored_locations", "*"): "locations, which only the lab writes",
    ("site.style", "*"): "files of this package",
    ("site.stored_matrices", "*"): "matrices, which only the lab writes",
    ("site.stored_sweeps", "*"): "sweeps, which only the lab writes",
    ("compare.arrays", "_open"): "an open file that came by the door",
    ("compare.arrays", "_array"): "an open archive that came by the door",
}
"""(module, function) of every other such call, and whose file it opens; `*` stands for a whole module."""

GUEST_FILES = {
    "outcome.json", "outputs.npz", "outputs.json", "inputs.npz", "inputs.json", "stdout.log", "stderr.log", "timings.json",
    "nets.jsonl", "ready.json", "model",
}  # fmt: skip
"""Names of what a container writes: a path that ends in one, made with `/`, goes round the door."""

WRITTEN_BY_THE_LAB = {
    ("run.timings", "_answered"),
    ("cli.one_run", "_tell"),
    ("run.step", "lost"),
    ("bundle.repro", "save"),
    ("bundle.repro", "load"),
    ("bundle.repro", "where"),
    ("run.timings", "measured"),
    ("check.adopt", "laid_out"),
    ("check.adopt", "settled"),
    ("run.candidates", "as_saved"),
    ("run.candidates", "_forked"),
    ("search.locate.whole", "_expected"),
}


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Every node of a module, with the innermost function around it."""

    def walk(node: ast.AST, name: str) -> Iterator[tuple[str, ast.AST]]:
        for child in ast.iter_child_nodes(node):
            inner = child.name if isinstance(child, ast.FunctionDef) else name
            yield inner, child
            yield from walk(child, inner)

    yield from walk(tree, "")


def seeing() -> Iterator[tuple[str, ast.Module]]:
    for module, (tree, _) in MODULES.items():
        if module.split(".")[0] not in BLIND:
            yield module, tree


def opening(node: ast.AST) -> str:
    """The words of a call that opens a file or lists a folder by its path; empty for every other node."""
    if not isinstance(node, ast.Call):
        return ""
    called = node.func
    if isinstance(called, ast.Name):
        return called.id if called.id in {"open", *ATTRIBUTES} and called.id not in {"load", "copy"} else ""
    if not isinstance(called, ast.Attribute) or called.attr not in ATTRIBUTES:
        return ""
    words = ast.unparse(called)
    plain_copy = called.attr == "copy" and not words.startswith("shutil.")  # of an array, a dict, or by the door
    return "" if words in NOT_FILES or plain_copy else words


def test_nothing_but_the_door_opens_what_a_container_wrote() -> None:
    strange = [
        f"lab.{module}: {name}() calls {words}()"
        for module, tree in seeing()
        for name, node in functions(tree)
        if (words := opening(node)) and (module, name) not in OWN and (module, "*") not in OWN
    ]
    assert strange == []


def test_no_path_to_a_containers_file_is_made_by_hand() -> None:
    made = [
        f"lab.{module}: {name}() makes a path to {node.right.value}"
        for module, tree in seeing()
        for name, node in functions(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant)
        if node.right.value in GUEST_FILES and (module, name) not in WRITTEN_BY_THE_LAB
    ]
    assert made == []


def test_the_list_of_other_doors_names_only_what_is_there() -> None:
    calls = {(module, name) for module, tree in seeing() for name, node in functions(tree) if opening(node)}
    modules = {module for module, _ in calls}
    assert [key for key in OWN if key not in calls and not (key[1] == "*" and key[0] in modules)] == []


def test_a_way_round_the_door_would_be_seen() -> None:
    """The rule itself, tried on code that breaks it."""
    broken = "def peek(folder):\n    return (folder / 'out' / 'stderr.log').read_text()\n"
    found = [(name, opening(node)) for name, node in functions(ast.parse(broken)) if opening(node)]
    assert found == [("peek", "(folder / 'out' / 'stderr.log').read_text")]


def test_every_room_that_is_left_out_exists() -> None:
    assert set(BLIND) <= {module.split(".")[0] for module in MODULES}
    assert Path(__file__).parents[2].joinpath("lab", "formats", "source.py").is_file()


def test_second_names_are_given_in_one_place() -> None:
    """A file system that has none must not stop anything: there is one place that knows what to do then."""
    words = ("os.link(", ".hardlink_to(")
    found = {
        name for name, (_, path) in MODULES.items() if any(one in path.read_text(encoding="utf-8") for one in words)
    }
    assert found == {"storage.copies"}
