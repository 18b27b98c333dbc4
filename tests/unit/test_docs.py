"""The documents keep up with the program, with each other, and with what may stand in a public repository."""

import itertools
import re
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import typer
import typer.main

from lab.cli.app import app
from lab.model import Expectation, Kind, Mismatch, Outcome, Phase, Tolerance, TrialResult, Verdict
from lab.model.check_grid import Safety
from lab.model.growth import GrowthPlan
from lab.outcome import verdict
from lab.outcome.exits import EXITS
from lab.scenario import expect

ROOT = Path(__file__).parents[2]
SKIPPED = {".git", ".venv", ".hypothesis", "results", "build", "dist"}
READMES = ("README.md", "README.zh-CN.md")
GUIDES = ("docs/guide.md", "docs/zh/guide.md")
SHOWING = {"README.md", "docs/guide.md", "docs/any-paddle.md", "docs/check.md", "docs/bisect.md", "docs/inspect.md"}
"""Documents that live of what they show."""
CONTRACTS = ("scenarios/README.md", "scenarios/README.zh-CN.md")
BILINGUAL = {"glossary.md", "index.md"}
"""Documents that hold both languages themselves."""
TRANSLATED = (
    *(
        (f"docs/{one.name}", f"docs/zh/{one.name}")
        for one in sorted((ROOT / "docs").glob("*.md"))
        if one.name not in BILINGUAL
    ),
    *(
        (f"{name}.md", f"{name}.zh-CN.md")
        for name in ("README", "CONTRIBUTING", "SECURITY", "images/README", "scenarios/README")
    ),
)
BLOCK = re.compile(r"^```.*?^```[ \t]*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(command: object, words: tuple[str, ...] = ("lab",)) -> Iterator[str]:
    below = getattr(command, "commands", None)
    if not below:
        yield " ".join(words)
        return
    for name, one in below.items():
        yield from commands(one, (*words, name))


def verbs() -> list[str]:
    return re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE)


def lies(below: set[str], path: Path) -> bool:
    return bool(below & set(path.relative_to(ROOT).parts[:-1]))


def ours() -> list[Path]:
    """Every file that git tracks or would track; without git, every file that lies here."""
    argv = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return [path for path in ROOT.rglob("*") if path.is_file() and not lies(SKIPPED, path)]
    named = [ROOT / name for name in done.stdout.decode("utf-8").split("\0") if name]
    return [path for path in named if path.is_file()]


def documents() -> list[Path]:
    return [path for path in ours() if path.suffix == ".md"]


def prose(path: Path) -> str:
    """A document without its code, where brackets mean something else."""
    return CODE.sub("", BLOCK.sub("", path.read_text(encoding="utf-8")))


def anchors(path: Path) -> set[str]:
    """The names of a document's headings as a forge makes them: lower case, no punctuation, dashes for blanks."""
    plain = BLOCK.sub("", path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(plain)}


def broken(document: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return False
    name, _, anchor = link.partition("#")
    target = (document.parent / name).resolve() if name else document
    if not target.exists():
        return True
    return bool(anchor) and target.suffix == ".md" and anchor not in anchors(target)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_command_is_in_the_guide(guide: str) -> None:
    found = list(commands(typer.main.get_command(app)))
    assert "lab repro" in found
    assert [one for one in found if f"`{one}`" not in text(guide)] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_every_make_verb_is_in_the_guide(guide: str) -> None:
    found = verbs()
    assert "repro" in found
    assert [one for one in found if f"`make {one}`" not in text(guide)] == []


@pytest.mark.parametrize("readme", READMES)
def test_the_first_page_is_short_and_has_three_doors_with_real_output(readme: str) -> None:
    assert text(readme).count("\n") <= 120
    assert [block.split()[2:4] for block in BLOCK.findall(text(readme)) if block.startswith("```console")] == [
        ["lab", "check"],
        ["make", "repro"],
        ["lab", "track"],
    ]
    assert "<address" not in text(readme), "a line that is pasted must be a command"


def test_every_link_between_files_leads_somewhere() -> None:
    found = documents()
    assert ROOT / "README.md" in found
    lost = [
        f"{document.relative_to(ROOT)}: {link}"
        for document in found
        for link in LINK.findall(prose(document))
        if broken(document, link)
    ]
    assert lost == []


def test_every_document_stands_once_in_the_menu_of_the_site_and_its_first_page_leads_into_both_languages() -> None:
    listed = re.findall(r"^ +- [^\n]*: (\S+\.md)$", text("mkdocs.yml"), re.MULTILINE)
    docs = [str(path.relative_to(ROOT / "docs")) for path in ours() if path.is_relative_to(ROOT / "docs")]
    assert sorted(listed) == sorted(name for name in docs if name.endswith(".md"))
    assert listed[0] == "index.md"
    assert {"guide.md", "zh/guide.md"} <= set(LINK.findall(text("docs/index.md")))


@pytest.mark.parametrize(("english", "chinese"), TRANSLATED)
def test_both_languages_have_the_same_sections_examples_and_rows_of_tables(english: str, chinese: str) -> None:
    def shape(name: str) -> tuple[list[int], list[int], int]:
        plain = BLOCK.sub("", text(name))
        marks = [len(mark) for mark in re.findall(r"^(#+) ", plain, re.MULTILINE)]
        table = "" if name.startswith("images/") else plain  # the rows of releases stand in one of the two
        rows = re.findall(r"^\| .", table, re.MULTILINE)
        return marks, [block.count("\n") for block in BLOCK.findall(text(name))], len(rows)

    assert shape(english) == shape(chinese)


@pytest.mark.parametrize(("english", "chinese"), TRANSLATED)
def test_both_languages_show_the_same_output(english: str, chinese: str) -> None:
    def shown(name: str) -> list[str]:
        begin = ("```text", "```console", "```yaml", "```\n$ ")
        return [block for block in BLOCK.findall(text(name)) if block.startswith(begin)]

    assert shown(english) or english not in SHOWING
    assert shown(english) == shown(chinese)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_word_of_a_header_is_in_the_contract(contract: str) -> None:
    words = {*expect.KEYS, *(field.name for kind in (Expectation, Tolerance, GrowthPlan) for field in fields(kind))}
    words |= {*Mismatch, *expect.ROUTES, *expect.LIMIT_TYPES, Kind.LEAK.value}
    assert (
        sorted(
            word for word in words if f"`{word}`" not in text(contract) and f"tool.lab.{word}]" not in text(contract)
        )
        == []
    )


ROW = re.compile(r"^\| ([A-Z][A-Z ]+[A-Z]) \|.*\| (\d+)[^|]*\|$", re.MULTILINE)
WORDED = ("docs/check.md", "docs/zh/check.md", *GUIDES)


@pytest.mark.parametrize("name", WORDED)
def test_the_words_that_answers_end_in_have_the_exit_codes_that_the_program_gives(name: str) -> None:
    codes = {str(word): code for word, code in EXITS.items()} | {"NO VERDICT": EXITS[Verdict.NONE]}
    rows = {word: int(code) for word, code in ROW.findall(text(name))}
    assert rows
    assert {word: codes.get(word) for word in rows} == rows


def run_codes() -> dict[str, set[int]]:
    """By the verdict of a run, every exit code the program gives with it: all kinds of outcome, seen where others were expected."""
    found: dict[str, set[int]] = {}
    failing, working = (Expectation(saver="a", loader="b", outcome=kind) for kind in (Kind.PY_EXCEPTION, Kind.OK))
    for expected, one, other in itertools.product(((failing, working), (None, None)), Kind, Kind):
        results = [_seen(one, expected[0]), _seen(other, expected[1])]
        word, _ = verdict.overall(results, ())
        found.setdefault(word.value or "NO VERDICT", set()).add(verdict.exit_code(word, results))
    return found


def _seen(kind: Kind, expected: Expectation | None) -> TrialResult:
    outcome = Outcome(kind=kind, phase=Phase.LOAD)
    said = verdict.judge(expected, outcome, ()) if expected else ""
    return TrialResult(
        label="a -> b", key="k", saver="a", loader="b", saver_env={}, loader_env={}, route="own", outcome=outcome,
        expected=expected, verdict=said,
    )  # fmt: skip


@pytest.mark.parametrize("name", GUIDES)
def test_every_verdict_of_a_run_has_all_the_exit_codes_that_the_program_gives_and_no_others(name: str) -> None:
    rows = dict(re.findall(r"^\| ([A-Z][A-Z ]+[A-Z]) \|.*\| ([^|]+) \|$", text(name), re.MULTILINE))
    told = {word: {int(code) for code in re.findall(r"\d+", cell)} for word, cell in rows.items()}
    assert {word: told.get(word) for word in run_codes()} == run_codes()


@pytest.mark.parametrize("name", ["docs/check.md", "docs/zh/check.md"])
def test_every_verdict_of_a_check_is_in_its_documents(name: str) -> None:
    assert {word for word, _ in ROW.findall(text(name))} == set(Safety)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_exit_code_is_in_the_guide(guide: str) -> None:
    rows = {int(code) for code in re.findall(r"^\| (\d+) \| (?:`\w+`)? ?\|", text(guide), re.MULTILINE)}
    assert set(EXITS.values()) <= rows


def forbidden() -> re.Pattern[str]:
    """Paths of a machine and hosts of package registries, put together here so that this file does not hold them."""
    roots = ["/" + "work" + "/", "/" + "root" + "/", "/" + "tmp" + "/" + "w" + "/", "/" + "home" + "/"]
    dot = r"\."
    hosts = [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("registry", "npmjs", "org"),
        ("docker", "io/"),
        ("index", "docker", "io"),
        ("hub", "docker", "com"),
    ]
    places = "|".join(rf"(?<![\w.<>~$\}}-]){re.escape(root)}" for root in roots)
    names = "|".join(r"\b" + dot.join(re.escape(part) for part in host) for host in hosts)
    return re.compile(f"{places}|{names}")


@pytest.mark.parametrize(
    "planted", ["see /ho" + "me/me/x", "from https://py" + "pi.org/simple", "in '/ro" + "ot/.cache'"]
)
def test_the_patterns_find_what_is_planted(planted: str) -> None:
    assert forbidden().search(planted)


def test_no_file_holds_a_path_of_a_machine_or_the_host_of_a_registry() -> None:
    pattern = forbidden()
    seen = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in ours()
        if (found := pattern.search(path.read_bytes().decode("utf-8", "replace")))
    ]
    assert seen == []
