import io
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from lab.model import Diff, Grade, Kind, Measurement, Outcome, Phase, Run, TrialResult
from lab.report import grid, grid_terminal
from lab.site import matrix_page

OK = Outcome(kind=Kind.OK, phase=Phase.COMPARE)
FAILED = Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.LOAD, type="ValueError", message="not there", signature="load:V:1")
HOSTILE = "</pre><script>alert(1)</script> | `x` @all"


def trial(
    saver: str, loader: str, *, outcome: Outcome = OK, grade: Grade = Grade.EXACT, route: str = "own", flag: str = "",
    folder: str = "",
) -> TrialResult:  # fmt: skip
    return TrialResult(
        label=f"{saver} -> {loader}{flag} by {route}", key="k", saver=saver, loader=loader, saver_env={},
        loader_env={"F": flag} if flag else {}, route=route, outcome=outcome, folder=folder,
        diffs=(Diff(output="y", grade=grade),) if outcome.ok else (),
    )  # fmt: skip


def run(*trials: TrialResult) -> Run:
    return Run(
        schema=1, id="r1", command="lab matrix toy", scenario="toy", scenario_sha256="0", engine="toy", isolated=True,
        started="now", trials=trials,
    )  # fmt: skip


def only(found: Run) -> grid.Grid:
    (table,) = grid.grids(found)
    return table


def shown(table: grid.Grid) -> str:
    console = Console(width=200, file=io.StringIO())
    with console.capture() as captured:
        console.print(grid_terminal.render(table))
    return captured.get()


def test_rows_are_savers_and_columns_are_loaders_in_the_order_of_the_plan() -> None:
    table = only(run(trial("b", "y"), trial("b", "x"), trial("a", "y"), trial("a", "x")))
    assert table.savers == ("b", "a")
    assert table.loaders == ("y", "x")


def test_each_route_has_a_table_of_its_own() -> None:
    tables = grid.grids(run(trial("a", "x", route="jit"), trial("a", "x", route="static")))
    assert [one.title for one in tables] == ["toy by jit", "toy by static"]


def test_a_flag_makes_another_column() -> None:
    table = only(run(trial("a", "x"), trial("a", "x", flag="0")))
    assert table.loaders == ("x", "x F=0")


def test_a_pair_nobody_asked_for_has_no_square() -> None:
    table = only(run(trial("a", "x"), trial("b", "y")))
    assert table.at("a", "y") is None
    assert table.at("a", "x") is not None


@pytest.mark.parametrize(
    ("outcome", "text", "tone"),
    [
        (OK, "✓ exact", "good"),
        (FAILED, "✗ ValueError in load", "bad"),
        (Outcome(kind=Kind.NATIVE_CRASH, phase=Phase.INFER, reason="SIGSEGV"), "‼ SIGSEGV in infer", "bad"),
        (Outcome(kind=Kind.NUMERIC_MISMATCH, phase=Phase.COMPARE, reason="nan"), "≠ numeric_mismatch (nan)", "bad"),
        (Outcome(kind=Kind.DEPENDS_ON, phase=Phase.SAVE, type="TypeError"), "⊘ TypeError in save", "bad"),
        (Outcome(kind=Kind.DEPENDS_ON, phase=Phase.SAVE), "⊘ save failed", "bad"),
        (Outcome(kind=Kind.UNSUPPORTED, phase=Phase.BUILD), "· none", "grey"),
        (Outcome(kind=Kind.INFRA_ERROR, phase=Phase.LOAD, reason="engine"), "? infra_error (engine) in load", "grey"),
    ],
)
def test_each_outcome_has_its_glyph_words_and_tone(outcome: Outcome, text: str, tone: str) -> None:
    square = grid.square(trial("a", "x", outcome=outcome))
    assert (square.text, square.tone) == (text, tone)


@given(st.sampled_from(Kind))
def test_no_two_kinds_that_were_found_out_share_a_glyph(kind: Kind) -> None:
    others = [glyph for other, glyph in grid.GLYPHS.items() if other is not kind]
    assert grid.GLYPHS.get(kind, grid.UNDECIDED) not in others


def test_the_error_below_a_page_of_transformed_source_is_the_telling_line() -> None:
    said = "In transformed code:\n\n    File 'x.py', line 3\n\n    TypeError: (InvalidType) argmax(): must be Value\n"
    outcome = Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.SAVE, type="TypeError", message=said)
    assert grid.square(trial("a", "x", outcome=outcome)).message == "TypeError: (InvalidType) argmax(): must be Value"


def test_times_are_shown_where_there_are_some() -> None:
    timed = TrialResult(
        label="l", key="k", saver="a", loader="x", saver_env={}, loader_env={}, route="own", outcome=OK,
        measurements=(Measurement(metric="load", values=((0.5,),)), Measurement(metric="infer", values=((0.002,),))),
    )  # fmt: skip
    assert grid.square(timed).times == "load 500 ms, infer 2 ms"


def test_what_all_environments_share_is_left_out_of_their_names() -> None:
    names = ("2.6.2-cpu-py311", "3.0.0-cpu-py311 F=0")
    assert [grid.short(one, names) for one in names] == ["2.6.2", "3.0.0 F=0"]
    mixed = ("2.6.1-gpu-py311", "3.0.0-cpu-py311")
    assert [grid.short(one, mixed) for one in mixed] == list(mixed)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), unique=True, min_size=1))
def test_every_trial_is_in_exactly_one_square(pairs: list[tuple[str, str]]) -> None:
    table = only(run(*(trial(saver, loader) for saver, loader in pairs)))
    filled = [(saver, loader) for saver in table.savers for loader in table.loaders if table.at(saver, loader)]
    assert sorted(filled) == sorted(pairs)
    assert grid.counts(table) == f"{len(pairs)} ✓"


def test_counts_name_every_kind_that_occurs_once() -> None:
    table = only(
        run(trial("a", "x"), trial("a", "y", outcome=FAILED), trial("b", "x"), trial("b", "y", outcome=FAILED))
    )
    assert grid.counts(table) == "2 ✓, 2 ✗"


def test_the_markdown_table_has_a_row_a_saver_and_each_message_once() -> None:
    text = grid.markdown(grid.grids(run(trial("a", "x", outcome=FAILED), trial("b", "x", outcome=FAILED))), ["a note"])
    assert "| **a** | ✗ ValueError in load |" in text
    assert text.count("not there") == 1
    assert "✗ x2 (ValueError in load): not there" in text
    assert "- a note" in text


def test_hostile_text_stays_inside_its_markdown_cell() -> None:
    outcome = Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.LOAD, type="A|B", message=HOSTILE)
    text = grid.markdown(grid.grids(run(trial("a", "x", outcome=outcome))))
    assert "<script>" not in text
    row = next(line for line in text.splitlines() if line.startswith("| **a**"))
    assert row.replace("\\|", "").count("|") == 3


def test_the_terminal_shows_table_counts_and_each_message_once() -> None:
    text = shown(only(run(trial("a", "x"), trial("a", "y", outcome=FAILED), trial("b", "y", outcome=FAILED))))
    assert "✓ exact" in text
    assert "1 ✓, 2 ✗" in text
    assert text.count("not there") == 1


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.data = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        self.anchors |= {value for value in [found.get("id")] if value}
        self.links += [value for name, value in attrs if name in ("href", "src") and value]

    def handle_data(self, data: str) -> None:
        self.data += data


def test_every_square_of_the_page_leads_to_its_message_and_log() -> None:
    tables = grid.grids(
        run(trial("a", "x", outcome=FAILED, folder="trials/t"), trial("b", "y")), {"a -> x by own": "known"}
    )
    page = Page(matrix_page.render("title", tables, ["a note"], {"r1/trials/t": "the log"}))
    assert len(page.links) == 2
    assert {link.removeprefix("#") for link in page.links} == page.anchors
    for words in ("not there", "the log", "a note", "known"):
        assert words in page.data


def test_the_page_needs_no_network_and_no_script() -> None:
    text = matrix_page.render("t", grid.grids(run(trial("a", "x"))), [], {})
    page = Page(text)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert "http" not in text.replace("http-equiv", "")


@given(st.text(max_size=60))
def test_text_from_a_container_cannot_become_a_tag(message: str) -> None:
    outcome = Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.LOAD, type=message, message=HOSTILE + message, detail=message)
    tables = grid.grids(run(trial("a", "x", outcome=outcome, folder="f")), {"a -> x by own": message})
    hostile = Page(matrix_page.render(HOSTILE, tables, [message], {"r1/f": HOSTILE}))
    plain_outcome = Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.LOAD, type="T", message="m", detail="d")
    plain_tables = grid.grids(run(trial("a", "x", outcome=plain_outcome, folder="f")), {"a -> x by own": "k"})
    plain = Page(matrix_page.render("t", plain_tables, ["n"], {"r1/f": "l"}))
    assert "script" not in hostile.tags
    assert [tag for tag in hostile.tags if tag != "p"] == [tag for tag in plain.tags if tag != "p"]


def test_every_kind_of_outcome_has_its_look() -> None:
    assert set(grid.LOOKS) == set(Kind)
