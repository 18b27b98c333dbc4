"""The page of one problem never says more than was tried: of releases, of pairs, of cures."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.model import Kind, Outcome, Phase
from lab.model.cure import Cure, Cured, CureKind, CureStatus, TriedCure
from lab.model.explanation import Explained, PairSeen, Standing, Switch
from lab.report import explain as report
from lab.search.judge import beside

# The first draw of a process on a busy machine may take a second.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
RELEASES = ("3.3.1", "3.0.0", "2.6.2")


@st.composite
def pairs(draw: st.DrawFn) -> tuple[PairSeen, ...]:
    found = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        fails = draw(st.booleans())
        silent = fails and draw(st.booleans())
        found.append(
            PairSeen(
                number=number, label=f"pair {number}", outcome="seen", fails=fails, silent=silent, explained=number == 1
            )
        )
    return tuple(found)


@st.composite
def cured(draw: st.DrawFn) -> Cured:
    names = [f"cure{number}" for number in range(draw(st.integers(1, 4)))]
    return Cured(
        schema=2, run="", command="", scenario="toy", issue="", at="3.3.1", saver="2.6.2", good="", signature="s",
        message="m", times=2, route="own",
        cures=tuple(
            Cure(name=name, kind=CureKind.ENV, layer=1, does="d", risk="r", source="s", env={"A": "1"}) for name in names
        ),
        tried=tuple(
            TriedCure(names=(name,), status=draw(st.sampled_from(CureStatus)), passed=2, times=2) for name in names
        ),
    )  # fmt: skip


@st.composite
def pages(draw: st.DrawFn) -> Explained:
    switches = tuple(
        Switch(label="l", setting=f"S{number}=1", outcome="ok", works=draw(st.booleans()), variant=draw(st.booleans()))
        for number in range(draw(st.integers(0, 3)))
    )
    return Explained(
        schema=2, run="r", command="c", scenario="toy", summary="s", issue="", status=draw(st.sampled_from(Standing)),
        symptom="pair 1", seen="seen", good="2.6.2", bad="3.3.1", pairs=draw(pairs()), switches=switches,
        looked=RELEASES[: draw(st.integers(1, 3))], cured=draw(st.none() | cured()), expected=draw(st.booleans()),
    )  # fmt: skip


@CALM
@given(page=pages())
def test_no_release_does_it_right_is_said_only_of_releases_that_were_looked_at(page: Explained) -> None:
    head = report.headline(page)
    assert "no release " not in head or "no release that was tried (" in head
    if "no release that was tried (" in head:
        assert page.status is Standing.NEVER_WORKED
        assert len(page.looked) > 1
        assert f"({', '.join(page.looked)})" in head


@CALM
@given(page=pages())
def test_nothing_to_explain_is_said_only_where_no_other_pair_fails(page: Explained) -> None:
    head = report.headline(page)
    if "there is nothing to explain" in head:
        assert page.status is Standing.WORKS
        assert not any(one.fails for one in page.pairs)


@CALM
@given(page=pages())
def test_cured_by_names_what_was_proved_and_nothing_else(page: Explained) -> None:
    head = report.headline(page)
    tried = page.cured.tried if page.cured is not None and page.status is not Standing.WORKS else ()
    proved = head.partition("cured by ")[2].partition(";")[0]
    assert proved == ", ".join(one.names[0] for one in tried if one.status is CureStatus.ACCEPTED)
    instead = [one.names[0] for one in tried if one.status is CureStatus.REPLACEMENT]
    verb = "works" if len(instead) == 1 else "work"
    assert head.endswith(f"{', '.join(instead)} {verb} instead") == bool(instead)
    assert not any(f"works with {one.setting}" in head for one in page.switches if one.variant or not one.works)


@CALM
@given(page=pages())
def test_every_other_pair_has_a_line_and_wrong_numbers_are_called_that(page: Explained) -> None:
    also = [said for name, said in report.lines(page) if name == "also"]
    others = [one for one in page.pairs if not one.explained]
    assert len(also) == len(others)
    for one, said in zip(others, also, strict=True):
        assert said.startswith(one.label)
        assert ("wrong numbers, and nothing is raised" in said) == one.silent
        assert (f"--pair {one.number}" in said) == one.fails


@CALM
@given(kind=st.sampled_from(Kind))
def test_what_could_not_be_judged_is_not_called_no_better(kind: Kind) -> None:
    said = beside("2.6.2", Outcome(kind=kind, phase=Phase.LOAD))
    assert ("is no better" in said) == kind.tested
