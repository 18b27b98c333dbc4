"""Every sentence of a location follows from what was seen: none claims an operator, a confirmation or a growth that is not there."""

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.model import Kind, Outcome, Phase
from lab.model.location import (
    CutConfirmed,
    CutSeen,
    CutSort,
    LocatedPlace,
    LocatedSort,
    Location,
    OpenedSeen,
    OperatorSeen,
)
from lab.outcome.exits import Ending
from lab.report import locate as report
from lab.search.locate.locate import ending
from lab.site import location_page

shares = st.one_of(st.none(), st.floats(0, 50, allow_nan=False))
cuts = st.one_of(
    st.none(),
    st.builds(
        CutSeen, sort=st.sampled_from(CutSort), grade=st.sampled_from(["", "exact", "close", "mismatch"]), largest=shares,
        relative=shares, why=st.sampled_from(["", "shape", "no"]),
    ),
)  # fmt: skip


@st.composite
def locations(draw: st.DrawFn) -> Location:
    operators = tuple(
        OperatorSeen(index=index, operator=f"op{index}", place=draw(st.sampled_from(["", "Net/a"])),
                     cumulative=draw(cuts), alone=draw(cuts))
        for index in sorted(draw(st.sets(st.integers(0, 60), min_size=1, max_size=40)))
    )  # fmt: skip
    sort = draw(st.sampled_from(LocatedSort))
    ends = sorted(draw(st.lists(st.sampled_from(operators), min_size=2, max_size=2)), key=lambda one: one.index)
    none = sort in (LocatedSort.NOWHERE, LocatedSort.EVERYWHERE)
    asked, controls = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    confirmed = CutConfirmed(
        bad=draw(st.integers(0, asked)), asked=asked, good=draw(st.integers(0, controls)), controls=controls,
        within=draw(st.one_of(st.none(), st.sampled_from(CutSort))), apart=draw(st.booleans()),
    )  # fmt: skip
    kind = draw(st.sampled_from([Kind.NUMERIC_MISMATCH, Kind.PY_EXCEPTION, Kind.NATIVE_CRASH, Kind.TIMEOUT]))
    place = LocatedPlace(environment="3.0.0-cpu-py311", route="static")
    return Location(
        schema=1, run="r", command="lab locate m", model="m.json", format=".json", good=place, bad=replace(place, route="predictor"),
        failure=Outcome(kind=kind, phase=Phase.INFER, reason="values"), sort=sort, operators=operators,
        first=None if none else ends[0].index,
        last=None if none else ends[0].index if sort is LocatedSort.OPERATOR else ends[1].index,
        others=tuple(draw(st.lists(st.sampled_from([one.index for one in operators]), max_size=3, unique=True))),
        confirmed=None if none else confirmed, hidden=draw(st.booleans()), flaky=draw(st.sampled_from(["", "2 of 3"])),
        unsteady=draw(st.integers(0, 2)), notes=("a note",),
    )  # fmt: skip


@given(locations())
def test_an_operator_is_named_only_where_one_was_found_and_by_its_own_name(found: Location) -> None:
    said = report.answer(found)
    named = re.search(r"operator (\d+), (\w+)", said)
    if found.sort is LocatedSort.OPERATOR:
        assert named is not None
        assert (int(named[1]), named[2]) == (found.first, f"op{found.first}")
    else:
        assert named is None
    window = f"[{found.first}..{found.last}]"
    assert (window in said) == (found.sort in (LocatedSort.FUSED, LocatedSort.TOGETHER))
    assert ("vanishes" in said) == (found.sort is LocatedSort.FUSED)
    assert said.startswith("not ") == (found.sort in (LocatedSort.NOWHERE, LocatedSort.EVERYWHERE))


@given(locations())
def test_that_no_operator_does_it_alone_is_said_only_of_those_that_were_tried(found: Location) -> None:
    if found.sort not in (LocatedSort.FUSED, LocatedSort.TOGETHER):
        return
    said = report.answer(found)
    inside = [
        one for one in found.operators if found.first is not None and found.first <= one.index <= (found.last or 0)
    ]
    left = [one for one in inside if one.alone is None or one.alone.sort is CutSort.UNKNOWN]
    assert ("that could be tried" in said) == bool(left)
    assert all(f"{one.index} op{one.index}" in said for one in left)


@given(locations())
def test_the_first_that_parts_is_the_first_of_which_that_was_seen(found: Location) -> None:
    parted = report.first_cumulative(found)
    before = [one for one in found.operators if parted is None or one.index < parted]
    assert not any(one.cumulative is not None and one.cumulative.sort.bad for one in before)
    if found.sort is LocatedSort.OPERATOR:
        said = report.answer(found)
        assert ("it is also the first" in said) == (parted == found.first)
        assert (f"the first that parts is operator {parted}" in said) == (parted not in (None, found.first))


@given(locations())
def test_what_is_confirmed_is_said_with_its_counts_and_every_doubt_beside_it(found: Location) -> None:
    said = "\n".join(report.certainty(found))
    one = found.confirmed
    assert ("confirmed:" in said) == (one is not None)
    if one is not None:
        assert f"{one.bad} of {one.asked} times by a cut" in said
        assert f"{one.good} of {one.controls} times right" in said
        assert ("NOT in a start of its own" in said) == (not one.apart)
        assert ("with the operators before it" in said) == (one.within is not None)
    assert ("FLAKY" in said) == bool(found.flaky)
    assert ("NOT THE ONLY ONE" in said) == bool(found.others)
    assert ("the model's own outputs were right" in said) == found.hidden
    assert all(f"{other} (op{other})" in said for other in found.others)


@given(locations())
def test_found_is_the_end_only_of_what_every_repeat_and_every_control_shows(found: Location) -> None:
    word = ending(found)
    one = found.confirmed
    sure = (
        one is not None and one.asked == one.bad > 0 and one.controls == one.good > 0 and one.apart and not found.flaky
    )
    assert (word is Ending.FOUND) == (sure and found.first is not None)
    assert (word is Ending.NOTHING) == (found.first is None)


@given(locations())
def test_the_chart_has_each_bar_as_long_as_its_share_and_marks_the_found_one_alone(found: Location) -> None:
    lines = report.chart(found)[1:]
    known = {one.index: one.cumulative.relative for one in found.operators if one.cumulative is not None}
    bars = [(int(line[1:7]), float(line[30:40]), line.count("#"), line[0]) for line in lines]
    top = max((share for _index, share, _bar, _mark in bars), default=0.0)
    start = found.first if found.first is not None else report.first_cumulative(found)
    for index, share, bar, mark in bars:
        assert share == pytest.approx(known[index], rel=0.01)
        assert bar == pytest.approx(report.WIDE * share / top, abs=1.0)
        assert (bar == 0) == (known[index] == 0)
        assert (mark == ">") == (index == start)
    assert len(lines) <= report.SHOWN + 2


@given(locations())
def test_text_and_markdown_say_the_same_answer_and_end_without_a_line_too_much(found: Location) -> None:
    for said in (report.text(found), report.markdown(found)):
        assert said.strip() == said
        assert "None" not in said
    assert report.answer(found) in report.text(found)
    assert "a note" in report.text(found)


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (None, "not looked at"),
        (CutSeen(sort=CutSort.UNKNOWN, why="it needs %3"), "not known: it needs %3"),
        (CutSeen(sort=CutSort.AGREES, grade="exact", largest=0.0, relative=0.0), "exact"),
        (CutSeen(sort=CutSort.PARTS, grade="mismatch", largest=0.75, relative=0.3), "mismatch, off by 0.75, 30 % of the largest value"),
        (CutSeen(sort=CutSort.PARTS, grade="mismatch", largest=75.0, relative=30.0), "mismatch, off by 75, 30 times of the largest value"),
        (CutSeen(sort=CutSort.PARTS, grade="mismatch", why="shape"), "mismatch, shape"),
        (CutSeen(sort=CutSort.AGREES, grade="mismatch", largest=1e-6, relative=1e-8), "rounding, off by 1e-06, 1e-06 % of the largest value"),
        (CutSeen(sort=CutSort.FAILS, why="SIGSEGV"), "fails: SIGSEGV"),
    ],
)  # fmt: skip
def test_what_a_cut_showed_is_said_in_words(seen: CutSeen | None, said: str) -> None:
    assert report.gap(seen) == said


@given(locations())
def test_the_page_has_a_bar_for_every_value_a_row_for_every_operator_and_marks_the_found_ones(found: Location) -> None:
    page = location_page.html(found)
    known = [one for one in found.operators if one.cumulative is not None and one.cumulative.relative is not None]
    any_bar = any(one.cumulative is not None and one.cumulative.relative for one in known)
    marked = [
        one for one in found.operators if found.first is not None and found.first <= one.index <= (found.last or 0)
    ]
    assert page.count("<rect") == (len(known) if any_bar else 0)
    assert page.count('<rect class="found"') == (len([one for one in known if one in marked]) if any_bar else 0)
    assert page.count("<tr") - 1 == len(found.operators)
    assert page.count('<tr class="found"') == len(marked)
    assert html.escape(report.answer(found)) in page


def test_nothing_of_a_model_becomes_markup_of_the_page() -> None:
    evil = "<script>alert(1)</script>"
    place = LocatedPlace(environment=evil, route="static")
    one = OperatorSeen(index=0, operator=evil, place=evil, attributes={evil: evil}, results=(evil,),
                       cumulative=CutSeen(sort=CutSort.PARTS, grade="mismatch", largest=1.0, relative=0.5, why=evil))  # fmt: skip
    found = Location(
        schema=1, run="r", command=evil, model=evil, format=".json", good=place, bad=place, notes=(evil,), first=0, last=0,
        failure=Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.LOAD, message=evil), sort=LocatedSort.OPERATOR, operators=(one,),
    )  # fmt: skip
    page = location_page.html(found)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 8


@pytest.mark.parametrize(("bad", "said"), [(3, "does it alone"), (2, "seems to do it alone")])
def test_what_is_inside_a_loop_is_said_with_its_step_and_its_doubt_and_on_the_page_too(bad: int, said: str) -> None:
    place = LocatedPlace(environment="3.0.0-cpu-py311", route="static")
    loop, inner = OperatorSeen(index=2, operator="while"), OperatorSeen(index=7, operator="<tanh>", place="Net/b")
    confirmed = CutConfirmed(bad=bad, asked=3, good=3, controls=3, apart=True)
    opened = OpenedSeen(
        what="its 3 steps", sort=LocatedSort.OPERATOR, first=7, last=7, start=2, each=4, confirmed=confirmed,
        operators=(OperatorSeen(index=3, operator="relu"), inner),
    )  # fmt: skip
    found = Location(
        schema=1, run="r", command="lab locate m", model="m", format=".json", good=place, bad=place, first=2, last=2,
        failure=Outcome(kind=Kind.NUMERIC_MISMATCH, phase=Phase.COMPARE), sort=LocatedSort.OPERATOR, operators=(loop,), inside=opened,
    )  # fmt: skip
    lines = report.text(found).splitlines()
    assert any("its 3 steps" in line and said in line for line in lines)
    assert "  in step 2: <tanh> at Net/b" in lines
    assert "relu" not in report.text(found)
    assert "in step 2: &lt;tanh&gt; at Net/b" in location_page.html(found)
    assert "in step 2: <tanh>" in report.markdown(found)


@given(st.floats(1e-12, 1e6), st.floats(1e-12, 1e6), st.integers(6, 8))
def test_a_larger_difference_is_never_a_lower_bar(one: float, other: float, top: int) -> None:
    low, high = sorted((one, other))
    assert 0 <= location_page.tall(low, top) <= location_page.tall(high, top) <= 1
    assert location_page.tall(0.0, top) == 0
