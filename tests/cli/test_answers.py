"""One JSON document from every verb, whatever comes out; one word and one code; files in the format of their names."""

import json
from pathlib import Path
from typing import Any

import pytest

from lab.cli.app import VERBS
from lab.outcome.exits import EXITS
from tests import commands
from tests.cli.given import Model
from tests.cli.scenario_text import OLD_READER_FAILS, text
from tests.conftest import Answer, Cli
from tests.unit.test_cli_commands import every_verb

HEAD = ("schema", "verb", "verdict", "exit_code")
PAIR = ("--savers", "3.0.0", "--loaders", "3.0.0")
KEYS = {
    ("repro", "toy", "--rounds", "0"): "trials",
    ("repro", "toy", "--dry-run"): "images",
    ("repro", "--all", "toy"): "scenarios",
    ("repro", "--all", "toy", "--dry-run"): "scenarios",
    ("run", "toy", *PAIR): "trials",
    ("run", "toy", *PAIR, "--dry-run"): "images",
    ("matrix", "toy", *PAIR): "grids",
    ("matrix", "toy", *PAIR, "--dry-run"): "scenarios",
    ("bisect", "toy", "--good", "3.1.0", "--bad", "3.1.1", "--dry-run"): "rows",
    ("cure", "toy", "--at", "3.1.1", "--dry-run", "--saver", "3.0.0"): "cures",
    ("isolate", "toy", "--good", "release=3.0.0", "--bad", "release=3.1.1", "--dry-run", "--saver", "3.0.0"): "axes",
    ("explain", "toy", "--at", "2.6.2", "--good", "3.0.0", "--dry-run"): "fails",
    ("locate", "tests/golden/models/3.0.0", "--dry-run"): "inputs",
    ("runs", "list"): "runs",
    ("scenarios", "list"): "scenarios",
    ("scenarios", "show", "toy"): "expectations",
    ("images", "list", "2.6.2"): "environments",
    ("images", "prune", "--dry-run"): "images",
    ("track", "list"): "rows",
    ("doctor", "--noise"): "score",
    ("report",): "index",
}


@pytest.fixture
def place(bench: Path, lab: Cli) -> Path:
    (bench / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    return bench


def document(answer: Answer) -> dict[str, Any]:
    found = json.loads(answer.out)
    assert isinstance(found, dict)
    return found


def test_a_stamp_is_answered_as_one_document(lab: Cli, model: Model) -> None:
    folder = model("3.0.0")
    answer = lab("stamp", str(folder), "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["path"] == str(folder / "net.lab.json")


def test_more_threads_than_cores_are_not_used_and_that_is_said_once(
    lab: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    monkeypatch.setattr("lab.machine.host.cores", lambda: 2)
    words = ("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "--threads", "64")
    toy.dies_after = 1
    told = lab(*words)
    assert told.err.count("--threads 64: this machine has 2 core(s), so it is 2") == 1
    toy.dies_after = 10**6
    again = lab(*words, "--resume", "last", "--json")
    assert again.code == 0, again.err
    assert {job.env["OMP_NUM_THREADS"] for job in toy.jobs} == {"2"}


@pytest.mark.parametrize("words", KEYS, ids=" ".join)
def test_every_verb_prints_one_document_that_begins_alike(lab: Cli, place: Path, words: tuple[str, ...]) -> None:
    answer = lab(*words, "--json")
    found = document(answer)
    assert tuple(found)[:4] == HEAD
    assert found["verb"] == commands.verb_of(words)
    assert found["exit_code"] == answer.code == 0, answer.err
    assert EXITS[found["verdict"]] == answer.code
    assert KEYS[words] in found
    assert (found["verdict"] == "PLANNED") == ("--dry-run" in words)
    assert lab(*words, "--format", "json").out[:20] == answer.out[:20]


@pytest.mark.parametrize("words", KEYS, ids=" ".join)
def test_every_verb_answers_in_every_form_its_help_names_and_in_files_too(
    lab: Cli, place: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    command, _ = commands.command_of(commands.verb_of(words).split())
    for form in command.formats:
        printed = lab(*words, "--format", form)
        assert (printed.code, bool(printed.out.strip())) == (0, True), printed.err
        if words == ("report",):
            continue  # its --output is the folder of the site
        written = tmp_path / f"answer.{form}"
        assert lab(*words, "--format", form, "-o", str(written)).code == 0
        kept = written.read_text(encoding="utf-8")
        assert kept.strip()
        assert kept == kept.rstrip("\n") + "\n"


def test_every_verb_that_has_a_dry_run_answers_it_in_json() -> None:
    dry = {verb for verb in every_verb() if "--dry-run" in commands.options_of(verb)}
    assert dry == {commands.verb_of(words) for words in KEYS if "--dry-run" in words}


def test_every_verb_answers_in_json() -> None:
    assert [verb for verb in every_verb() if "--json" not in commands.options_of(verb)] == []


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("new", "fresh"), "scenario"),
        (("new", "REPORT", "--name", "told"), "scenario"),
        (("init", "FOLDER"), "folder"),
        (("images", "build", "3.0.0,3.3.1"), "images"),
        (("images", "fetch", "3.0.0"), "environments"),
        (("images", "context", "3.0.0", "FOLDER"), "folder"),
        (("images", "render", "--check"), "stale"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else one,
)
def test_what_is_made_is_told_to_a_program_too(
    lab: Cli, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], key: str
) -> None:
    monkeypatch.setattr("lab.environment.prepare.Preparer.lay_out", lambda *_: None)
    (tmp_path / "report.md").write_text("It worked in 2.6.2 and fails in 3.0.0: ValueError: no such model\n")
    names = {"REPORT": str(tmp_path / "report.md"), "FOLDER": str(tmp_path / "folder")}
    answer = lab(*(names.get(word, word) for word in words), "--json")
    found = document(answer)
    assert (answer.code, tuple(found)[:4], found["verb"]) == (0, HEAD, commands.verb_of(words)), answer.err
    assert key in found


@pytest.mark.parametrize("asked", [("--json",), ("--format", "json"), ("--format=json",), ("-f", "json"), ("-fjson",)])
@pytest.mark.parametrize(
    ("words", "verb", "code"),
    [
        (("repro", "nosuch"), "repro", 2),
        (("repro", "toy", "--rounds", "99"), "repro", 2),
        (("runs", "show", "nosuch"), "runs show", 2),
        (("matrix-check", "nosuch"), "repro", 2),
        (("run", "toy", "--save", "9.9", "--load", "3.0.0"), "run", 2),
        (("run", "toy", "--savers", "3.0.0", "--loaders", "9.9", "--git-bisect-exit"), "run", 128),
    ],
)
def test_a_verb_that_ends_with_an_error_says_so_in_json_too(
    lab: Cli, place: Path, words: tuple[str, ...], verb: str, code: int, asked: tuple[str, ...]
) -> None:
    answer = lab(*words, *asked)
    found = document(answer)
    assert tuple(found) == (*HEAD, "error")
    assert (found["verb"], found["verdict"], found["exit_code"], answer.code) == (verb, "MISTAKEN", code, code)
    assert f"lab: {found['error']['what']}\n" in answer.err
    assert f"try: {found['error']['remedy']}\n" in answer.err


@pytest.mark.parametrize("verb", [*every_verb()])
def test_no_verb_answers_words_that_are_wrong_by_anything_but_a_document(cli: Cli, verb: str) -> None:
    answer = cli(*verb.split(), "--json", "--no-such-option")
    found = document(answer)
    assert tuple(found) == (*HEAD, "error")
    assert (found["verb"], found["verdict"], found["exit_code"], answer.code) == (verb, "MISTAKEN", 2, 2)
    assert "no-such-option" in found["error"]["what"]


def test_without_json_an_error_leaves_stdout_empty(lab: Cli, place: Path) -> None:
    assert lab("repro", "nosuch").out == ""


def test_an_answer_that_is_also_an_error_is_one_document_with_both(lab: Cli, place: Path) -> None:
    answer = lab("bisect", "toy", "--good", "3.1.0", "--bad", "3.1.1", "--json")
    found = document(answer)
    assert (answer.code, found["exit_code"], found["verdict"]) == (4, 4, "ENDS WRONG")
    assert found["strips"]
    assert "3.1.1 does not fail" in found["error"]["what"]
    assert f"lab: {found['error']['what']}\n" in answer.err


def test_a_runs_own_verdict_goes_first_and_its_schema_is_that_of_the_stored_run(lab: Cli, place: Path) -> None:
    printed = document(lab("repro", "toy", "--rounds", "0", "--json"))
    (path,) = (place / "results" / "runs").glob("*/run.json")
    stored = json.loads(path.read_text())
    assert stored.items() <= printed.items()
    assert set(printed) - set(stored) == {"verb", "exit_code"}


def test_git_bisects_codes_stand_in_the_document(lab: Cli, place: Path) -> None:
    (place / "scenarios" / "toy.py").write_text(text(load=OLD_READER_FAILS), encoding="utf-8")
    answer = lab("run", "toy", "--savers", "3.0.0", "--loaders", "2.6.2", "--git-bisect-exit", "--json")
    assert (answer.code, document(answer)["exit_code"]) == (1, 1)


def test_files_are_written_in_the_format_of_their_names_and_stdout_stays_text(
    lab: Cli, place: Path, tmp_path: Path
) -> None:
    names = ("a.md", "a.html", "a.json", "a.txt", "plain")
    answer = lab("matrix", "toy", *PAIR, *(word for name in names for word in ("-o", str(tmp_path / name))))
    assert answer.code == 0, answer.err
    written = {name: (tmp_path / name).read_text() for name in names}
    assert written["a.md"] == written["plain"]
    assert written["a.md"].startswith("#")
    assert written["a.html"].startswith("<!")
    assert json.loads(written["a.json"])["verb"] == "matrix"
    assert written["a.txt"] in answer.out
    assert [line for line in answer.out.splitlines() if line.startswith("written ")] == [
        f"written {tmp_path / name}" for name in names
    ]


def test_what_is_told_line_by_line_is_whole_in_a_file_and_told_once(lab: Cli, place: Path, tmp_path: Path) -> None:
    text_, page = tmp_path / "all.txt", tmp_path / "all.md"
    answer = lab("repro", "--all", "toy", "-o", str(text_), "-o", str(page))
    assert answer.out.count("REPRODUCED") == 1
    assert text_.read_text() == answer.out.partition("written ")[0]
    assert page.read_text().startswith("- **REPRODUCED** toy: 2 of 2 pairs as expected")
    doctor = lab("doctor", "-o", str(text_))
    assert text_.read_text() == doctor.out.partition("written ")[0]
    assert "ok    " in text_.read_text()


def test_a_format_is_printed_alone(lab: Cli, place: Path) -> None:
    assert lab("matrix", "toy", *PAIR, "--format", "html").out.startswith("<!")
    assert lab("run", "toy", *PAIR, "--format", "markdown").out.startswith("#")


def test_json_stays_alone_on_stdout_where_a_file_is_written_too(lab: Cli, place: Path, tmp_path: Path) -> None:
    answer = lab("matrix", "toy", *PAIR, "--json", "-o", str(tmp_path / "page.html"))
    assert document(answer)["verb"] == "matrix"
    assert (tmp_path / "page.html").read_text().startswith("<!")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("runs", "list", "--format", "markdown"), "does not answer as markdown"),
        (("run", "toy", *PAIR, "-o", "page.html"), "page.html: this command does not answer as html"),
        (("run", "toy", *PAIR, "-o", "no/such/folder/x.md"), "cannot be written"),
    ],
)
def test_a_format_or_file_that_cannot_be_is_said_before_anything_runs(
    lab: Cli, place: Path, toy: Any, words: tuple[str, ...], said: str
) -> None:
    answer = lab(*words)
    assert (answer.code, toy.jobs) == (2, [])
    assert said in answer.err


def test_old_spellings_work_and_are_said_once(lab: Cli, place: Path) -> None:
    answer = lab("run", "toy", "--save", "3.0.0", "--load", "3.0.0")
    assert answer.code == 0
    assert answer.err.count("is now") == 2
    assert "--save is now --savers" in answer.err
    old = lab("matrix-check", "toy")
    assert (old.code, old.err.count("is now")) == (0, 1)


def test_help_has_parts_and_each_verb_once(lab: Cli) -> None:
    said = lab("--help").out
    for part in ("My model:", "A problem:", "Releases:", "Hand over:", "This machine:"):
        assert part in said
    for verb in VERBS:
        assert sum(line.split()[:1] == [verb.name] for line in said.splitlines()) == 1
        assert " ".join(lab(verb.name, "--help").out.split()).count(verb.help) == 1


@pytest.mark.parametrize(
    ("words", "forms"),
    [
        (("runs", "list"), "[text|json]"),
        (("runs", "show"), "[text|markdown|json]"),
        (("issue",), "[text|markdown|json]"),
        (("inspect",), "[text|json]"),
        (("matrix",), "[text|markdown|html|json]"),
    ],
)
def test_the_help_of_a_verb_names_the_forms_that_it_answers_in(lab: Cli, words: tuple[str, ...], forms: str) -> None:
    assert f"--format {forms}" in " ".join(lab(*words, "--help").out.split())


@pytest.mark.parametrize("group", [one.name for one in VERBS if one.group])
def test_the_help_of_a_group_cuts_no_sentence(lab: Cli, group: str) -> None:
    assert "..." not in lab(group, "--help").out.partition("Commands:")[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("matrix", "--threads", "x"), "lab: --threads: a whole number is needed\n"),
        (("matrix", "--threads", "0"), "lab: --threads: at least 1 is needed\n"),
        (("sweep", "--net-time", "x"), "lab: --net-time: a number is needed\n"),
        (("issue", "--lang", "foo"), "lab: --lang: 'foo' is not one of 'en', 'zh', 'both'\n"),
        (("lab",), "lab: lab has no command 'lab'\n"),
        (("repro", "a", "b"), "  try: lab repro --all a b\n"),
        (("repro", "nosuch"), "  try: lab scenarios list\n"),
        (("inspect", "nosuch"), "  try: name a model's folder, its prefix"),
    ],
)
def test_words_that_are_wrong_get_a_plain_sentence_and_a_remedy_that_helps(
    lab: Cli, place: Path, words: tuple[str, ...], said: str
) -> None:
    answer = lab(*words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
