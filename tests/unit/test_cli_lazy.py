import os
import subprocess
import sys

import pytest

from lab.cli.app import VERBS
from lab.cli.lazy import LazyCommands, Verb

HEAVY = {
    "docker",
    "jinja2",
    "msgspec",
    "numpy",
    "pyperf",
    "re2",
    "scipy",
    "lab.language",
    "lab.redaction.door",
    "lab.run.workflow",
    "lab.cli.options",
    "lab.cli.renamed",
    "lab.cli.usage",
}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_of_the_table_can_be_loaded_and_says_what_it_does(verb: Verb) -> None:
    command = verb.load()
    assert command.name == verb.name
    assert command.help
    assert verb.help.endswith(".")


@pytest.mark.parametrize("language", ["", "C.UTF-8", "en_US.UTF-8"])
def test_help_loads_nothing_that_only_a_verb_needs(language: str) -> None:
    code = (
        "import sys; sys.argv = ['lab', '--help']\n"
        "from lab.cli.app import app\n"
        "from lab.cli.ending import run_to_exit_code\n"
        "run_to_exit_code(app)\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "LANG": language}
    )
    assert "repro" in done.stdout
    assert not HEAVY & set(done.stderr.split())


def test_a_name_that_is_no_verb_is_not_on_the_shelf() -> None:
    shelf = LazyCommands(VERBS)
    assert "repro" in shelf
    assert shelf.get("no-such-verb") is None
    assert list(shelf) == [verb.name for verb in VERBS]
