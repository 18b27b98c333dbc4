"""Patterns from data are matched by one door, in time that grows with the text, and mean what they meant."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import pattern, scenario
from lab.errors import UsageError
from lab.knowledge import problems
from lab.model import Kind, Outcome, Phase
from lab.outcome.verdict import judge
from lab.search.judge import Judge

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
KNOWN = tomllib.loads((SCENARIOS / problems.FILE).read_text(encoding="utf-8"))["known"]
COMPILERS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
LONG = "a" * 60_000 + "!"


def shipped() -> list[str]:
    """Every pattern of the scenarios and of known.toml."""
    messages = {one.message for read in scenario.list_all(SCENARIOS) for one in read.expectations}
    keys = ("message", "saver", "loader", "route")
    known = {entry[key] for entry in KNOWN for key in keys if key in entry}
    env = {value for entry in KNOWN for value in entry.get("loader_env", {}).values()}
    return sorted((messages | known | env) - {""})


SHIPPED = shipped()
# Texts of all sorts, and texts that the patterns themselves are near to.
WORDS = [re.sub(r"\\(.)|\.\*|[+?|()]", r"\1", one) for one in SHIPPED] + ["2.6.2-cpu-py311", "False", "0", "predictor"]
TEXTS = st.one_of(
    st.text(max_size=30),
    st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map("\n".join),
    st.sampled_from(WORDS).map(str.swapcase),
)


@pytest.mark.parametrize("shown", SHIPPED)
def test_every_pattern_that_ships_is_taken(shown: str) -> None:
    pattern.check(shown)


@given(shown=st.sampled_from(SHIPPED), text=TEXTS)
def test_every_pattern_that_ships_means_what_it_means_to_python(shown: str, text: str) -> None:
    told = text.strip()  # as messages are: `$` before a last newline is the one thing both see differently
    assert pattern.found(shown, told) == (re.search(shown, told, re.ASCII) is not None)
    assert pattern.fits(shown, told) == (re.fullmatch(shown, told, re.ASCII) is not None)


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_an_escaped_text_finds_itself_and_fits_itself_alone(text: str) -> None:
    escaped = re.escape(text)
    assert pattern.found(escaped, f"x{text}y")
    assert pattern.fits(escaped, text)
    assert not pattern.fits(escaped, f"{text}!")


@pytest.mark.parametrize(
    ("shown", "text"),
    [(r"\A\s*\Z", " "), ("a{,3}", "aaa"), (r"[{,3}]", "3"), (r"\\{,3}", "\\\\"), (r"[]{,2}]", "}"), (r"\[{,2}", "[[")],
)
def test_what_python_writes_in_another_way_means_the_same(shown: str, text: str) -> None:
    assert re.fullmatch(shown, text)
    assert pattern.fits(shown, text)
    assert pattern.fits(shown, "zz") is bool(re.fullmatch(shown, "zz"))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("shown", ["(a+)+$", "(a|a)+$", "(a|aa)+$", "(.*a){20}$", "(a*)*b", "(?:a?){900}a{900}$"])
def test_patterns_that_would_try_for_ever_are_answered_at_once(shown: str) -> None:
    assert pattern.found(shown, LONG) is False


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (r"(a)\1", "invalid escape sequence"),
        ("(?=a)", "invalid perl operator"),
        ("(?<!a)b", "invalid perl operator"),
        ("(?<=a)b", "invalid perl operator"),
        ("a{2000}", "invalid repetition size"),
        ("(a", r"missing \)"),
        ("a" * 4001, "4,001 characters"),
        ("((((a{30}){30}){30}){30}){30}", "repetition"),
    ],
)
def test_what_cannot_be_matched_in_linear_time_is_refused_with_a_reason(shown: str, why: str) -> None:
    with pytest.raises(pattern.PatternError, match=why):
        pattern.check(shown)


@given(shown=st.text(max_size=30), text=st.text(max_size=30))
def test_any_text_is_a_pattern_or_refused_with_a_reason(shown: str, text: str) -> None:
    try:
        pattern.found(shown, text)
    except pattern.PatternError as error:
        assert str(error)  # noqa: PT017 - either answer is right


def test_lone_halves_of_characters_do_no_harm() -> None:
    assert pattern.found("b", "a\ud800b")
    assert not pattern.found("\ud800x", "b")


@pytest.mark.timeout(20)
def test_a_hostile_header_is_judged_at_once(tmp_path: Path) -> None:
    """shared/faults/hostile/c12_regex.py."""
    header = [
        "# /// script", "# [tool.lab]", '# summary = "s"', "# [[tool.lab.expect]]", '# saver = "3.0.0"',
        '# loader = "3.0.0"', '# outcome = "py_exception"', '# message = "(a+)+$"', "# ///",
    ]  # fmt: skip
    path = tmp_path / "case.py"
    functions = "def inputs(rng): 0\ndef save(prefix, inputs): 0\ndef load(prefix): 0\ndef infer(handle, inputs): 0\n"
    path.write_text("\n".join(header) + "\n" + functions)
    expected = scenario.read(path).expectations[0]
    assert judge(expected, Outcome(kind=expected.outcome, phase=Phase.LOAD, message=LONG), ()).startswith("differs: ")


@pytest.mark.timeout(20)
def test_a_hostile_signature_is_judged_at_once() -> None:
    expected = Judge(words="(a+)+$")
    assert not expected._is_it(Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.LOAD, message=LONG))
    with pytest.raises(UsageError, match="no regular expression: invalid perl operator") as caught:
        Judge(words="(?=a)")
    assert "no look-around" in caught.value.remedy


def test_a_pattern_that_known_toml_cannot_have_is_named_with_its_line(tmp_path: Path) -> None:
    good = '[[known]]\nissue = "a/b#1"\nreleases = "all"\ncure = "c"\nproof = "p"\nen = "e"\nzh = "z"\n'
    path = tmp_path / problems.FILE
    path.write_text(good + 'message = "fine"\n\n' + good + 'type = "E"\nmessage = "(?=a)"\n')
    with pytest.raises(UsageError) as caught:
        problems.read(path)
    assert caught.value.what.startswith(f"{path}:18: entry 2: message is not a regular expression: ")
    assert "no look-around" in caught.value.remedy


def compiled_elsewhere(tree: ast.Module) -> Iterator[ast.expr]:
    """Patterns in a module that are handed to Python's engine and are no text of the program itself."""
    literals = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.JoinedStr)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in COMPILERS and ast.unparse(called.value) == "re":
            assert isinstance(node, ast.Call)
            given_ = node.args[0] if node.args else node.keywords[0].value
            if not literal(given_, literals):
                yield given_


def literal(node: ast.expr, names: set[str]) -> bool:
    """Whether a pattern is written in the program; data may stand in it only through re.escape."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name in names
        case ast.Attribute(attr=name):  # a constant of another module
            return name.isupper()
        case ast.BinOp() | ast.JoinedStr() | ast.FormattedValue():
            parts = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)]
            return all(literal(one, names) for one in parts)
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "re.escape"


def test_only_the_door_matches_patterns_from_data() -> None:
    others = []
    for path in sorted((ROOT / "lab").rglob("*.py")):
        tree = ast.parse(path.read_text())
        named = {
            alias.name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        } | {
            (node.module or "").partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and not node.level
        }
        if path.name == "pattern.py":
            assert "re2" in named
            continue
        others += [f"{path.relative_to(ROOT)}: {name}" for name in named & {"re2", "regex", "sre_compile", "sre_parse"}]
        others += [f"{path.relative_to(ROOT)}:{one.lineno}: {ast.unparse(one)}" for one in compiled_elsewhere(tree)]
        others += [
            f"{path.relative_to(ROOT)}:{node.lineno}: from re"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "re"
        ]
    assert others == []


def test_the_guard_sees_a_pattern_from_data() -> None:
    bad = "import re\ndef f(x):\n    re.search(x, 'a')\n    re.compile(rf'{x}')\n    re.sub(pattern=x, repl='', string='')\n"
    good = "import re\nA = 'a'\nre.search(A, 'a')\nre.compile(rf'^{re.escape(A)}$')\nre.match('a' + A, '')\n"
    assert len(list(compiled_elsewhere(ast.parse(bad)))) == 3
    assert list(compiled_elsewhere(ast.parse(good))) == []
