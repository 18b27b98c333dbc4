"""A table is drawn at any width: nothing is cut, keys stay whole, and what was read by a person stays as it was read."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from lab.report.prose import hanging
from lab.report.sheet import Sheet, SheetColumn, tail_of
from tests.captures import CAPTURES, LANGUAGES, WIDTHS, captured, golden

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FRAME = "│╭╮╰╯─;"
WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60"


def words(text: str) -> set[str]:
    """What may never be cut: words; of Chinese, which may be wrapped anywhere, only what stands between."""
    return {bare for word in re.split(rf"[\s{WIDE}]+", text) if (bare := word.strip(FRAME))}


EVERY = [(name, language, width) for name in CAPTURES for language in LANGUAGES for width in WIDTHS]


@pytest.mark.parametrize(("name", "language", "width"), EVERY)
def test_each_answer_is_drawn_as_a_person_has_read_it(name: str, language: str, width: int) -> None:
    assert captured(name, language, width) == golden(name, language, width).read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "language", "width"), EVERY)
def test_no_answer_is_wider_than_its_terminal_but_for_lines_that_are_pasted(
    name: str, language: str, width: int
) -> None:
    for line in captured(name, language, width).splitlines():
        pasted = line.lstrip().startswith(("program, feeds", "import ", "export "))
        assert cell_len(line) <= width or pasted or " " not in line.strip(), line


@pytest.mark.parametrize(("name", "language", "width"), [one for one in EVERY if one[2] < max(WIDTHS)])
def test_every_word_of_the_widest_answer_stands_whole_in_the_narrower_ones(
    name: str, language: str, width: int
) -> None:
    narrow = captured(name, language, width)
    assert words(captured(name, language, max(WIDTHS))) - words(narrow) == set()
    assert "…" not in narrow


@pytest.mark.parametrize("name", CAPTURES)
def test_the_chinese_answer_holds_every_key_number_and_setting_of_the_english_one(name: str) -> None:
    told = {one: words(captured(name, one, max(WIDTHS))) for one in LANGUAGES}
    kept = {one for one in told["en"] if re.search(r"[0-9_=/]", one.strip("(),.;:"))}
    assert {bare for one in kept if (bare := one.strip("(),.;:")) not in "\n".join(told["zh"])} == set()


WORD = st.text("abc=.-_01", min_size=1, max_size=24)
WIDE_WORD = st.text("模型发布", min_size=1, max_size=9)
SENTENCE = st.lists(WORD | WIDE_WORD, max_size=8).map(" ".join)


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    count = draw(st.integers(1, 6))
    columns = tuple(
        SheetColumn(
            heading=f"head{number}", prose=draw(st.booleans()), right=draw(st.booleans()),
            aside=draw(st.integers(0, 3)) if number else 0, alike=draw(st.booleans()),
        )
        for number in range(count)
    )  # fmt: skip
    row = st.tuples(*(SENTENCE if one.prose else WORD.map(str) for one in columns)).map(
        lambda cells: tuple(map(Text, cells))
    )
    return Sheet(columns=columns, rows=tuple(draw(st.lists(row, max_size=4))), banded=draw(st.booleans()))


@CALM
@given(sheet=sheets(), width=st.integers(20, 200))
def test_every_word_of_every_cell_is_told_whole_at_any_width(sheet: Sheet, width: int) -> None:
    told = "\n".join(line.plain for line in sheet.lines(width))
    pieces = re.findall(r"[^\s模型发布]+", told.replace(";", " "))
    for row in sheet.rows:
        for cell in row:
            for word in re.findall(r"[^\s模型发布]+", cell.plain):
                assert word in pieces, told
            assert sum(map(told.count, "模型发布")) >= sum(map(cell.plain.count, "模型发布"))


@CALM
@given(sheet=sheets(), width=st.integers(20, 200))
def test_a_table_whose_columns_may_all_give_way_fits_where_its_longest_word_does(sheet: Sheet, width: int) -> None:
    loose = Sheet(
        columns=tuple(SheetColumn(heading=one.heading, prose=True, aside=bool(at)) for at, one in enumerate(sheet.columns)),
        rows=sheet.rows,
    )  # fmt: skip
    longest = max((len(word) for row in sheet.rows for cell in row for word in cell.plain.split(" ")), default=0)
    for line in loose.lines(width):
        assert cell_len(line.plain) <= max(width, longest * 2 + 5)


@CALM
@given(text=SENTENCE, width=st.integers(4, 60), indent=st.integers(0, 3))
def test_a_sentence_is_wrapped_at_words_and_loses_none(text: str, width: int, indent: int) -> None:
    lines = [line.plain for line in hanging(Text(text), width, indent)]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        assert cell_len(line) <= width or " " not in line.strip()


def test_chinese_breaks_between_characters_but_no_line_begins_with_a_comma() -> None:
    lines = [line.plain for line in hanging(Text("模型无法加载，请检查路径。"), 12, 0)]
    assert lines == ["模型无法加", "载，请检查路", "径。"]


def test_a_long_setting_becomes_a_footnote_before_anything_is_told_below() -> None:
    columns = (SheetColumn(heading="side"), SheetColumn(heading="ratio", aside=1))
    setting = "FLAGS_a_long_name=value"
    rows = tuple((Text(f"3.{minor}.0 {setting}"), Text("x1.0")) for minor in (0, 1))
    told = [line.plain for line in Sheet(columns=columns, rows=rows).lines(30)]
    assert told == ["side       ratio", "3.0.0 [1]  x1.0", "3.1.0 [1]  x1.0", f"[1] {setting}"]


@pytest.mark.parametrize(
    ("names", "tail"),
    [
        (("2.6.2-cpu-py311", "3.0.0-cpu-py311 A=1"), "-cpu-py311"),
        (("2.6.1-gpu-py311", "3.0.0-cpu-py311"), "-py311"),
        (("2.6.2-cpu-py311 over 3.0.0-cpu-py39",), ""),
        (("a", "b"), ""),
        ((), ""),
    ],
)
def test_what_all_environments_end_in_is_found_part_by_part(names: tuple[str, ...], tail: str) -> None:
    assert tail_of(names) == tail


def test_what_all_rows_share_is_said_once_and_a_single_row_keeps_it() -> None:
    columns = (SheetColumn(heading="machine", alike=True), SheetColumn(heading="side", environment=True))
    row = (Text("here"), Text("3.0.0-cpu-py311"))
    assert [line.plain for line in Sheet(columns=columns, rows=(row, row)).lines(80)] == [
        "environments  all end in -cpu-py311",
        "machine  here",
        "side",
        "3.0.0",
        "3.0.0",
    ]
    assert "here     3.0.0" in [line.plain for line in Sheet(columns=columns, rows=(row,)).lines(80)]
