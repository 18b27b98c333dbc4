"""The columns of a run's table drive every format: a column that is added stands in all of them."""

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from lab.model import Expectation, Kind, Measurement, Outcome, Phase, Run, TrialResult
from lab.report import markdown, rows, run_terminal
from lab.report.rows import COLUMNS, Column

WORDS = st.text(alphabet="abcxyz019.-", min_size=1, max_size=8)
TIMES = st.lists(st.sampled_from(["load", "first", "infer"]), unique=True)


@st.composite
def trials(draw: st.DrawFn) -> TrialResult:
    kind = draw(st.sampled_from(list(Kind)))
    expected = Expectation(saver="a", loader="b") if draw(st.booleans()) else None
    return TrialResult(
        label="a -> b", key="k", saver=draw(WORDS), loader=draw(WORDS), saver_env=draw(st.dictionaries(WORDS, WORDS, max_size=1)),
        loader_env=draw(st.dictionaries(WORDS, WORDS, max_size=1)), route=draw(st.sampled_from(["own", "jit"])),
        outcome=Outcome(kind=kind, phase=draw(st.sampled_from(list(Phase))), reason=draw(st.sampled_from(["", "values"]))),
        measurements=tuple(Measurement(metric=one, values=((0.002,),)) for one in draw(TIMES)), expected=expected,
        verdict="as expected" if expected else "", reused=draw(st.sampled_from(["", "earlier"])), threads=draw(st.integers(1, 2)),
    )  # fmt: skip


def run(results: list[TrialResult]) -> Run:
    return Run(
        schema=1, id="r", command="lab repro x", scenario="x", scenario_sha256="0", engine="local", isolated=True, started="",
        trials=tuple(results),
    )  # fmt: skip


def in_markdown(found: Run) -> list[list[str]]:
    """The cells of the table, headings first."""
    lines = [line for line in markdown.render(found).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines]


@settings(max_examples=60)
@given(st.lists(trials(), min_size=1, max_size=4))
def test_the_columns_drive_both_formats_alike(results: list[TrialResult]) -> None:
    found = run(results)
    headings, *cells = in_markdown(found)
    assert headings == [one.heading for one in COLUMNS]
    assert cells == [[markdown.cell(one.cell(result)).strip() for one in COLUMNS] for result in results]
    table = run_terminal.table(found)
    shown = {one.heading: [row[at].plain.strip() for row in table.rows] for at, one in enumerate(table.columns)}
    columns = [list(column) for column in zip(*cells, strict=True)]
    written = dict(zip(headings, columns, strict=True))
    assert {name: [markdown.cell(one) for one in column] for name, column in shown.items()} == {
        name: column for name, column in written.items() if name in shown
    }
    assert all(not "".join(column).strip(" *") for name, column in written.items() if name not in shown)


def test_a_column_that_is_added_stands_in_the_terminal_and_in_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    added = (*COLUMNS, Column(heading="processor", cell=lambda result: result.cpu, right=True, style=lambda _: "red"))
    for room in (rows, markdown, run_terminal):
        monkeypatch.setattr(room, "COLUMNS", added)
    one = TrialResult(
        label="a -> b", key="k", saver="a", loader="b", saver_env={}, loader_env={}, route="own", cpu="cpu=avx2",
        outcome=Outcome(kind=Kind.OK, phase=Phase.INFER),
    )  # fmt: skip
    console = Console(file=io.StringIO(), width=200)
    console.print(run_terminal.table(run([one])))
    told = console.file.getvalue()  # type: ignore[attr-defined]
    assert "processor" in told
    assert "cpu=avx2" in told
    assert "| processor |" in markdown.render(run([one]))
    assert "processor" not in str([one.heading for one in run_terminal.table(run([replace(one, cpu="")])).columns])
