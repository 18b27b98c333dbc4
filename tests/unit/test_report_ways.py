"""What is said of the ways of opening a model: each that was tried, and none that was not."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.model.search import ProbeVerdict, WayTried
from lab.report import ways as report
from lab.search import ways

# The first draw of a process on a busy machine may take a second.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ROUTES = ("jit", "static", "predictor", "predictor_no_onednn")
SORTS = (ProbeVerdict.GOOD, ProbeVerdict.BAD, ProbeVerdict.SKIP)


@st.composite
def tried(draw: st.DrawFn) -> list[WayTried]:
    routes = draw(st.lists(st.sampled_from(ROUTES), unique=True, min_size=1))
    releases = draw(st.lists(st.sampled_from(["2.6.2", "3.0.0", "3.3.1"]), unique=True, min_size=1))
    return [
        WayTried(
            route=route,
            release=release,
            sort=(sort := draw(st.sampled_from(SORTS))),
            why="seen",
            silent=sort is ProbeVerdict.BAD and draw(st.booleans()),
        )
        for release in releases
        for route in routes
    ]


@CALM
@given(seen=tried())
def test_every_way_has_one_line_with_all_releases_that_were_tried_by_it(seen: list[WayTried]) -> None:
    lines = report.lines(seen)
    assert [line.partition(":")[0] for line in lines] == [
        f"by {route}" for route in dict.fromkeys(one.route for one in seen)
    ]
    said = "\n".join(lines)
    assert said.count(" works") == sum(one.sort is ProbeVerdict.GOOD for one in seen)
    assert said.count(" fails") == sum(one.sort is ProbeVerdict.BAD and not one.silent for one in seen)
    assert said.count("wrong numbers") == sum(one.silent for one in seen)


@CALM
@given(seen=tried())
def test_ways_that_fail_are_all_asked_about_silent_ones_first(seen: list[WayTried]) -> None:
    found = ways.failing(seen)
    assert {id(one) for one in found} == {id(one) for one in seen if one.sort is ProbeVerdict.BAD}
    silent = [one.silent for one in found]
    assert silent == sorted(silent, reverse=True)
