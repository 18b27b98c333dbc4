"""Scenarios are described from their text alone, and each mistake is named with its line."""

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import scenario
from lab.errors import UsageError
from lab.model import Grade, Kind, Limits, Mismatch, Phase
from lab.scenario import header

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FUNCTIONS = """
def inputs(rng): return {}
def save(prefix, inputs): return {}
def load(prefix): return None
def infer(handle, inputs): return {}
"""


def text(*lines: str, code: str = FUNCTIONS) -> str:
    """A scenario whose header has these lines under [tool.lab]; its first such line is line 3 of the file."""
    header = ["# /// script", "# [tool.lab]", *(f"# {line}" if line else "#" for line in lines), "# ///"]
    return "\n".join(header) + "\n" + code


def written(folder: Path, content: str | bytes, name: str = "case.py") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(folder: Path, content: str | bytes) -> tuple[str, str]:
    """What is said about a wrong file after the file's name (line and reason), and the remedy."""
    path = written(folder, content)
    with pytest.raises(UsageError) as caught:
        scenario.read(path)
    assert caught.value.what.startswith(f"{path}:")
    assert caught.value.remedy
    return caught.value.what.removeprefix(f"{path}:"), caught.value.remedy


def test_a_short_header_takes_the_usual_values(tmp_path: Path) -> None:
    content = text('summary = "short"')
    read = scenario.read(written(tmp_path, content))
    assert (read.name, read.summary, read.issue, read.routes, read.timed) == ("case", "short", "", ("own",), True)
    assert read.limits == Limits()
    assert read.functions == ("inputs", "save", "load", "infer")
    assert read.sha256 == hashlib.sha256(content.encode()).hexdigest()


def test_an_expectation_is_expanded_to_every_pair_in_the_order_of_the_header(tmp_path: Path) -> None:
    read = scenario.read(
        written(
            tmp_path,
            text(
                'summary = "s"',
                "[[tool.lab.expect]]",
                'saver = ["a", "b"]',
                'loader = ["c", "d"]',
                "[[tool.lab.expect]]",
                'saver = "a"',
                'loader = "c"',
                'loader_env = { FLAGS_x = "False" }',
                'outcome = "py_exception"',
                'phase = "load"',
                'type = "ValueError"',
                'message = "not exists"',
                "full = true",
            ),
        )
    )
    pairs = [(one.saver, one.loader, one.outcome) for one in read.expectations]
    assert pairs[:4] == [(a, b, Kind.OK) for a, b in (("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"))]
    last = read.expectations[4]
    assert (last.outcome, last.phase, last.type, last.full) == (Kind.PY_EXCEPTION, Phase.LOAD, "ValueError", True)
    assert last.loader_env == {"FLAGS_x": "False"}


@given(savers=st.lists(st.sampled_from("abcde"), min_size=1, unique=True), loaders=st.integers(1, 5))
def test_the_number_of_pairs_is_the_product(
    tmp_path_factory: pytest.TempPathFactory, savers: list[str], loaders: int
) -> None:
    folder = tmp_path_factory.mktemp("product")
    lines = [
        'summary = "s"',
        "[[tool.lab.expect]]",
        f"saver = {savers}",
        f"loader = {[str(i) for i in range(loaders)]}",
    ]
    assert len(scenario.read(written(folder, text(*lines))).expectations) == len(savers) * loaders


def test_without_a_route_an_expectation_is_about_the_first(tmp_path: Path) -> None:
    lines = ['summary = "s"', 'routes = ["static", "jit"]', "[[tool.lab.expect]]", 'saver = "a"', 'loader = "b"']
    read = scenario.read(written(tmp_path, text(*lines, code="def inputs(rng): 0\ndef save(prefix, inputs): 0\n")))
    assert [one.route for one in read.expectations] == ["static"]
    assert read.functions == ("inputs", "save")


def test_the_reason_of_wrong_numbers_and_the_variants_are_read(tmp_path: Path) -> None:
    wrong = ['outcome = "numeric_mismatch"', 'reason = "names"', 'loader_env = { NET = "plain" }']
    read = scenario.read(written(tmp_path, text('summary = "s"', 'variants = "NET"', *EXPECT[1:], *wrong)))
    assert (read.expectations[0].reason, read.variants) == (Mismatch.NAMES, ("NET",))


def test_what_grows_is_read_with_the_usual_number_of_calls(tmp_path: Path) -> None:
    read = scenario.read(written(tmp_path, text(*EXPECT, 'outcome = "leak"', "[tool.lab.growth]", 'of = "load"')))
    assert read.growth is not None
    assert (read.growth.of, read.growth.calls, read.expectations[0].outcome) == (Phase.LOAD, 40, Kind.LEAK)


def test_tolerances_and_limits_are_read(tmp_path: Path) -> None:
    tolerance = ["[[tool.lab.tolerances]]", 'output = "y"', "rtol = 1e-3", "atol = 0", 'reason = "why"']
    read = scenario.read(written(tmp_path, text('summary = "s"', "limits = { wall_s = 5, pids = 9 }", *tolerance)))
    assert (read.limits.wall_s, read.limits.pids, read.limits.memory) == (5.0, 9, Limits().memory)
    assert (read.tolerances[0].output, read.tolerances[0].rtol, read.tolerances[0].reason) == ("y", 1e-3, "why")


EXPECT = ['summary = "s"', "[[tool.lab.expect]]", 'saver = "a"', 'loader = "b"']
WRONG_HEADERS = {
    "unknown key": (['summary = "s"', 'isue = "x"'], "4: unknown key 'isue' in [tool.lab]", "did you mean issue?"),
    "far key": (['summary = "s"', "qqqq = 1"], "4: unknown key 'qqqq'", "known are summary, issue"),
    "no summary": (["timed = true"], "2: summary is missing", 'write summary = "..."'),
    "blank summary": (['summary = " "'], "3: summary is missing", 'write summary = "..."'),
    "not a truth": (['summary = "s"', 'timed = "yes"'], "4: timed is 'yes'", "write timed = true"),
    "bad toml": (['summary = "s"', "timed ="], "4: the header is not valid TOML", "shows a whole example"),
    "open text": (['summary = """s'], "3: the header is not valid TOML", "shows a whole example"),
    "twice": (['summary = "s"', 'summary = "t"'], "4: the header is not valid TOML", "shows a whole example"),
    "route": (['summary = "s"', 'routes = ["predicter"]'], "4: unknown routes 'predicter'", "did you mean predictor"),
    "empty routes": (['summary = "s"', "routes = []"], "4: routes is missing", "routes = "),
    "expect is text": (['summary = "s"', 'expect = "ok"'], "4: expect is not a table", "[[tool.lab.expect]]"),
    "expect key": ([*EXPECT, 'mesage = "x"'], "7: unknown key 'mesage' in [tool.lab.expect]", "did you mean message"),
    "no saver": ([*EXPECT, "[[tool.lab.expect]]", 'loader = "b"'], "7: saver is missing", "saver = "),
    "saver number": ([*EXPECT[:2], "saver = 3.0", 'loader = "b"'], "5: saver is missing, or not a text", "saver = "),
    "outcome": ([*EXPECT, 'outcome = "py_exeption"'], "7: unknown outcome 'py_exeption'", "did you mean py_exception?"),
    "grade": ([*EXPECT, 'grade = "exakt"'], "7: unknown grade 'exakt'", "did you mean exact?"),
    "phase": ([*EXPECT, 'phase = "loading"'], "7: unknown phase 'loading'", "did you mean load?"),
    "regex": ([*EXPECT, 'message = "(a"'], "7: message is not a regular expression", "backslash"),
    "flag as bool": (
        [*EXPECT, "loader_env = { FLAGS_x = false }"],
        "7: loader_env is not a table of texts",
        'FLAGS_name = "False"',
    ),
    "reason": (
        [*EXPECT, 'outcome = "numeric_mismatch"', 'reason = "shap"'],
        "8: unknown reason 'shap'",
        "did you mean shape?",
    ),
    "reason of an exception": (
        [*EXPECT, 'outcome = "py_exception"', 'reason = "shape"'],
        "8: reason is of wrong numbers, and the outcome is py_exception",
        'outcome = "numeric_mismatch"',
    ),
    "variant nobody sets": (
        ['summary = "s"', 'variants = ["NET"]', *EXPECT[1:], 'saver_env = { NETS = "plain" }'],
        "4: the variant 'NET' is set in no [tool.lab.expect]",
        "known are NETS",
    ),
    "leak of nothing": ([*EXPECT, 'outcome = "leak"'], "7: a leak is expected, and the header does not", "of = "),
    "growth of nothing": (['summary = "s"', "[tool.lab.growth]", "calls = 20"], "4: of is missing", 'of = "load"'),
    "growth of a save": (['summary = "s"', "[tool.lab.growth]", 'of = "save"'], "5: of is missing", 'of = "load"'),
    "growth key": (
        ['summary = "s"', "[tool.lab.growth]", 'of = "load"', "call = 20"],
        "6: unknown key 'call'",
        "calls?",
    ),
    "few calls": (['summary = "s"', "[tool.lab.growth]", 'of = "load"', "calls = 3"], "6: calls is 3", "at least 16"),
    "two growths": (
        ['summary = "s"', "[[tool.lab.growth]]", 'of = "load"', "[[tool.lab.growth]]", 'of = "infer"'],
        "4: growth is there more than once",
        "one [tool.lab.growth]",
    ),
    "over_env alone": ([*EXPECT, 'over_env = { A = "1" }'], "7: over_env is there, and no saver", 'over = "2.6.2"'),
    "empty over": ([*EXPECT, 'over = ""'], "7: over is empty", "leave it out"),
    "variants without pairs": (['summary = "s"', 'variants = ["NET"]'], "4: the variant 'NET' is set", "saver_env or"),
    "foreign route": ([*EXPECT, 'route = "jit"'], "7: unknown route 'jit'", "known are own"),
    "pair twice": ([*EXPECT, *EXPECT[1:]], "9: a -> b by own is expected twice", "keep one"),
    "no reason": (
        ['summary = "s"', "[[tool.lab.tolerances]]", 'output = "y"', "rtol = 1", "atol = 1"],
        "4: reason is missing",
        "reason = ",
    ),
    "negative": (
        ['summary = "s"', "[[tool.lab.tolerances]]", 'output = "y"', "rtol = -1", "atol = 1", 'reason = "r"'],
        "6: rtol is -1",
        "at least 0",
    ),
    "nan": (
        ['summary = "s"', "[[tool.lab.tolerances]]", 'output = "y"', "rtol = nan", "atol = 1", 'reason = "r"'],
        "6: rtol is nan",
        "at least 0",
    ),
    "limit key": (
        ['summary = "s"', "[tool.lab.limits]", "wall = 3"],
        "5: unknown key 'wall' in [tool.lab.limits]",
        "wall_s",
    ),
    "limit value": (['summary = "s"', "limits = { pids = 1.5 }"], "4: pids is 1.5", "a whole number of at least 1"),
    "wall below": (
        ["summary = 's'", "limits = { wall_s = -5 }"],
        "4: wall_s is -5",
        "at least 0.1 and at most 604,800",
    ),
    "wall nothing": (["summary = 's'", "limits = { wall_s = 0 }"], "4: wall_s is 0", "at least 0.1"),
    "wall endless": (["summary = 's'", "limits = { wall_s = inf }"], "4: wall_s is inf", "at most 604,800"),
    "silent nan": (["summary = 's'", "limits = { silent_s = nan }"], "4: silent_s is nan", "at most 604,800"),
    "silent below": (["summary = 's'", "limits = { silent_s = -0.5 }"], "4: silent_s is -0.5", "at least 0.1"),
    "memory tiny": (["summary = 's'", "limits = { memory = 1 }"], "4: memory is 1", "at least 6.29146e+06"),
    "memory huge": (
        ["summary = 's'", "limits = { memory = 1099511627777 }"],
        "4: memory is",
        "at most 1,099,511,627,776",
    ),
    "memory beyond": (
        ["summary = 's'", f"limits = {{ memory = {10**300} }}"],
        "4: memory is a number of more",
        "at most",
    ),
    "cpus": (["summary = 's'", "limits = { cpus = 0 }"], "4: cpus is 0", "at least 0.1 and at most 1,024"),
    "cpus huge": (["summary = 's'", "limits = { cpus = 1e300 }"], "4: cpus is 1e+300", "at most 1,024"),
    "pids huge": (["summary = 's'", "limits = { pids = 4194305 }"], "4: pids is 4194305", "at most 4,194,304"),
    "pids below": (["summary = 's'", "limits = { pids = -1 }"], "4: pids is -1", "at least 1"),
    "output below": (["summary = 's'", "limits = { output = 0 }"], "4: output is 0", "at least 1"),
    "log below": (["summary = 's'", "limits = { log = -1 }"], "4: log is -1", "at least 1"),
    "inf": (
        ['summary = "s"', "[[tool.lab.tolerances]]", 'output = "y"', "rtol = inf", "atol = 1", 'reason = "r"'],
        "6: rtol is inf",
        "at least 0",
    ),
    "empty type": ([*EXPECT, 'type = ""'], "7: type is empty", "leave it out"),
    "empty message": ([*EXPECT, 'message = ""'], "7: message is empty", "leave it out"),
    "empty phase": ([*EXPECT, 'phase = ""'], "7: phase is missing", "phase = "),
    "empty outcome": ([*EXPECT, 'outcome = ""'], "7: outcome is missing", "outcome = "),
    "empty route": ([*EXPECT, "route = []"], "7: route is missing", "route = "),
    "look-around": ([*EXPECT, 'message = "(?=a)"'], "7: message is not a regular expression", "no look-around"),
    "nested deep": (
        ["summary = 's'", "x = " + "[" * 100_000],
        "4: the header is not valid TOML: It is nested",
        "example",
    ),
    "nested tables": (
        ["summary = 's'", "x = " + "{a=" * 100_000],
        "4: the header is not valid TOML: It is nested",
        "example",
    ),
    "a key of many parts": (["summary = 's'", "a." * 100_000 + "a = 1"], "4: the header is not valid TOML", "example"),
    "a title of many parts": (
        ["summary = 's'", "[" + "a." * 100_000 + "a]"],
        "4: the header is not valid TOML",
        "example",
    ),
    "digits": (
        ["summary = 's'", "limits = { memory = " + "9" * 5000 + " }"],
        "4: the header is not valid TOML",
        "example",
    ),
    "limit truth": (
        ['summary = "s"', "[tool.lab.limits]", "wall_s = true"],
        "5: wall_s is True",
        "a number of at least 0.1",
    ),
}


@pytest.mark.parametrize(("lines", "what", "remedy"), WRONG_HEADERS.values(), ids=WRONG_HEADERS)
def test_a_wrong_header_is_refused_with_its_line_and_a_remedy(
    tmp_path: Path, lines: list[str], what: str, remedy: str
) -> None:
    said, offered = refusal(tmp_path, text(*lines))
    assert said.startswith(what)
    assert remedy in offered


WRONG_FILES: dict[str, tuple[str | bytes, str, str]] = {
    "no block": ("x = 1\n", "1: there is no `# /// script` block", "README"),
    "empty": ("", "1: there is no `# /// script` block", "README"),
    "open block": ("# /// script\n# [tool.lab]\n", "1: there is no `# /// script` block", "README"),
    "two blocks": (text('summary = "s"') + text('summary = "s"'), "10: this is a second", "keep one"),
    "no table": ("# /// script\n# x = 1\n# ///\n" + FUNCTIONS, "2: the header has no [tool.lab] table", "README"),
    "lab is a number": (
        "# /// script\n# tool.lab = 1\n# ///\n" + FUNCTIONS,
        "2: the header has no [tool.lab] table",
        "README",
    ),
    "not utf-8": (b"# one\n# caf\xe9\n", "2: not UTF-8 (byte 0xe9)", "UTF-8"),
    "no python": (text('summary = "s"', code="def inputs(:\n"), "5: this is not Python: ", "mend"),
    "null byte": (text('summary = "s"', code="x = 1\0\n"), "", "mend"),
    "too new": (text('summary = "s"', code="match 1:\n    case 1: pass\n"), "6: this is not Python 3.8: ", "3.8"),
    "no save": (
        text('summary = "s"', code="def inputs(rng): 0\n"),
        "1: there is no function save(prefix, inputs)",
        "README",
    ),
    "no infer": (
        text('summary = "s"', code=FUNCTIONS.replace("def infer", "def other")),
        "1: there is no function infer(handle, inputs)",
        "README",
    ),
    "arguments": (
        text('summary = "s"', code=FUNCTIONS.replace("load(prefix)", "load()")),
        "8: load is called as load(prefix)",
        "write load(prefix)",
    ),
    "keyword": (
        text('summary = "s"', code=FUNCTIONS.replace("load(prefix)", "load(prefix, *, fast)")),
        "8: load is called as load(prefix)",
        "write load(prefix)",
    ),
    "third party": (
        text('summary = "s"', code=FUNCTIONS + "def x():\n    import torch.nn\n"),
        "11: imports torch.nn",
        "only paddle, numpy",
    ),
    "neighbour": (
        text('summary = "s"', code="from . import other\n" + FUNCTIONS),
        "5: imports a neighbour",
        "only paddle, numpy",
    ),
}


@pytest.mark.parametrize(
    "code", ["-" * 100_000 + "1", "a" + ".b" * 100_000, "1" + "+1" * 100_000, "(" * 100_000, "lambda:" * 100_000 + "1"]
)
def test_code_that_is_nested_deep_is_one_sentence(tmp_path: Path, code: str) -> None:
    said, _ = refusal(tmp_path, text('summary = "s"', code=f"x = {code}\n{FUNCTIONS}"))
    assert "nested" in said


SPECIFIED = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
"""What the specification of inline script blocks says."""
LINES = st.lists(
    st.sampled_from(["# /// script", "# /// other", "# ///", "#", "# x", "#x", "", "x", "# /// a b", " # ///"]),
    max_size=12,
)


@given(lines=LINES)
def test_blocks_are_found_where_the_specification_finds_them(lines: list[str]) -> None:
    content = "\n".join(lines)
    wanted = [
        (content.count("\n", 0, one.start()) + 1, one["content"].rstrip("\n"))
        for one in SPECIFIED.finditer(content)
        if one["type"] == "script"
    ]
    assert [(line, "\n".join(block).rstrip("\n")) for line, block in header._blocks(lines)] == wanted


@pytest.mark.timeout(60)
def test_blocks_that_begin_and_never_end_take_no_time(tmp_path: Path) -> None:
    assert refusal(tmp_path, "# /// script\n#\n" * 100_000)[0].startswith("1: there is no")


@pytest.mark.parametrize(("content", "what", "remedy"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_wrong_file_is_refused_with_its_line_and_a_remedy(
    tmp_path: Path, content: str | bytes, what: str, remedy: str
) -> None:
    said, offered = refusal(tmp_path, content)
    assert said.startswith(what)
    assert remedy in offered


def test_nothing_of_the_file_is_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    scenario.read(written(tmp_path, text('summary = "s"', code=f"open({str(marker)!r}, 'w')\n{FUNCTIONS}")))
    assert not marker.exists()


def test_other_blocks_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path: Path) -> None:
    content = "\ufeff" + "# /// other\n# x = [\n# ///\n\n" + text('summary = "s"')
    assert scenario.read(written(tmp_path, content.replace("\n", "\r\n"))).summary == "s"


def test_optional_and_collected_arguments_are_fine(tmp_path: Path) -> None:
    code = FUNCTIONS.replace("load(prefix)", "load(*all)").replace(
        "infer(handle, inputs)", "infer(handle, inputs, more=1)"
    )
    assert scenario.read(written(tmp_path, text('summary = "s"', code=code))).functions[2:] == ("load", "infer")


@given(line=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
def test_any_line_in_the_header_is_read_or_refused_but_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, line: str
) -> None:
    path = written(tmp_path_factory.mktemp("any"), text('summary = "s"', line))
    try:
        assert scenario.read(path).name == "case"
    except UsageError as error:
        assert re.match(rf"{re.escape(str(path))}:\d+: ", error.what)  # noqa: PT017 - either answer is right


def test_a_file_name_that_cannot_be_a_folder_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="other characters"):
        scenario.read(written(tmp_path, text('summary = "s"'), "two words.py"))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        scenario.read(tmp_path / "absent.py")


def test_a_scenario_is_found_by_name_with_or_without_its_ending() -> None:
    assert scenario.find(SCENARIOS, "jit_load_pir") == SCENARIOS / "jit_load_pir.py"
    assert scenario.find(SCENARIOS, "jit_load_pir.py") == SCENARIOS / "jit_load_pir.py"


@pytest.mark.parametrize("name", ["jit_lod_pir", "../scenarios/jit_load_pir"])
def test_an_unknown_name_brings_the_nearest_ones(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        scenario.find(SCENARIOS, name)
    assert caught.value.remedy.startswith("did you mean jit_load_pir")


def test_an_empty_folder_says_that_nothing_is_known(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        scenario.find(tmp_path, "x")
    assert caught.value.remedy == "lab scenarios list"


def test_every_scenario_of_the_project_can_be_read_and_says_what_it_expects() -> None:
    every = scenario.list_all(SCENARIOS)
    assert [one.name for one in every] == sorted(path.stem for path in SCENARIOS.glob("*.py"))
    assert all(one.expectations for one in every)


def test_the_reported_case_expects_what_was_measured() -> None:
    read = scenario.read(SCENARIOS / "jit_load_pir.py")
    off = {"FLAGS_enable_pir_api": "False"}
    table = {(one.saver, one.loader, bool(one.loader_env)): one for one in read.expectations}
    failing = {
        ("2.6.2", "3.0.0", False),
        ("2.6.2", "newest", False),
        ("3.0.0", "2.6.2", False),
        ("2.6.1-gpu", "3.0.0", False),
    }
    message = "The ``path`` (net) to load model not exists. Please make sure that *.pdmodel exists"
    for pair, one in table.items():
        if pair in failing:
            assert (one.outcome, one.phase, one.type) == (Kind.PY_EXCEPTION, Phase.LOAD, "ValueError")
            assert re.search(one.message, message)
        else:
            assert (one.outcome, one.grade) == (Kind.OK, Grade.EXACT)
    assert all(one.loader_env == off for one in read.expectations if one.loader_env)
    assert {one.saver for one in read.expectations if one.full} == {"2.6.1-gpu"}
    assert len(table) == len(read.expectations) == 11


def test_the_example_of_the_contract_is_a_good_scenario(tmp_path: Path) -> None:
    example = (SCENARIOS / "README.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    read = scenario.read(written(tmp_path, example))
    assert [(one.saver, one.loader) for one in read.expectations] == [("2.6.2", "2.6.2"), ("2.6.2", "newest")]
