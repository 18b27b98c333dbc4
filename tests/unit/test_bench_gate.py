"""The gate of a build is red for news alone: what somebody accepted stays green until it gets worse than that."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.bench import gate
from lab.errors import UsageError
from lab.model.accepted import AcceptedChange
from lab.model.bench import Change, HistoryLine
from lab.model.cases import CaseEnd
from lab.report import track
from lab.storage.history import History
from tests.report_data import line

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
SLOWER = line("3.0.0-cpu-py311", Change.SLOWER)
DAY = "2026-11-30"


def accepted(one: HistoryLine = SLOWER) -> AcceptedChange:
    return gate.acceptance(one, "known, and mended in 3.1", DAY)


def test_the_gate_fails_on_a_confirmed_change_for_the_worse_only() -> None:
    assert gate.judged([SLOWER]).news == (SLOWER,)
    for change in Change:
        if change is not Change.SLOWER:
            assert gate.judged([replace(SLOWER, change=change)]).news == ()


def test_the_gate_holds_the_whole_family_to_one_rate() -> None:
    others = [replace(SLOWER, key=str(n), p=0.9, change=Change.SAME) for n in range(200)]
    assert gate.judged([SLOWER, *others]).news == ()


def test_a_gate_that_measured_nothing_is_not_green() -> None:
    with pytest.raises(UsageError, match="nothing to check"):
        gate.judged([])


def test_what_was_accepted_is_no_news_and_keeps_its_reason() -> None:
    found = gate.judged([SLOWER], [accepted()])
    assert found.news == ()
    assert found.accepted == ((SLOWER, accepted()),)


def test_a_later_release_that_is_no_worse_is_no_news_and_one_that_is_worse_is() -> None:
    same, worse = (replace(line("3.2.2-cpu-py311", Change.SLOWER), low=low, high=low + 1) for low in (7.4, 9.0))
    assert gate.judged([same], [accepted()]).news == ()
    assert gate.judged([worse], [accepted()]).news == (worse,)


@pytest.mark.parametrize(
    "other",
    [
        {"machine": "another-2c-1"},
        {"scenario": "lstm"},
        {"route": "static"},
        {"metric": "load"},
        {"anchor": "2.5.2-cpu-py311"},
        {"side": "3.0.0-cpu-py311 FLAGS_x=1"},
    ],
)
def test_an_acceptance_covers_its_own_question_and_no_other(other: dict[str, str]) -> None:
    asked = replace(SLOWER, **other)  # type: ignore[arg-type]
    assert gate.judged([asked], [accepted()]).news == (asked,)


RATIOS = st.floats(1.06, 20)


@CALM
@given(ratios=st.lists(RATIOS, min_size=1, max_size=5), limit=RATIOS, taken=st.booleans())
def test_news_is_just_what_is_worse_and_lies_beyond_what_was_accepted(
    ratios: list[float], limit: float, *, taken: bool
) -> None:
    rows = [replace(SLOWER, key=str(n), ratio=ratio, low=ratio, high=ratio) for n, ratio in enumerate(ratios)]
    known = [replace(accepted(), high=limit)] if taken else []
    found = gate.judged(rows, known)
    assert found.news == tuple(one for one in rows if not taken or one.low > limit)
    assert {one.key for one in (*found.news, *(row for row, _ in found.accepted))} == {one.key for one in rows}
    told = list(track.lines(found))
    assert len(told) == len(rows) + 1
    assert told[-1].startswith(f"newly worse: {len(found.news)} of {len(rows)} tracked row")
    ends = [one.end for one in track.cases(found).cases]
    assert ends.count(CaseEnd.FAILED) == len(found.news)


def test_each_line_names_its_route_and_what_was_accepted_of_another_release() -> None:
    later = replace(line("3.2.2-cpu-py311", Change.SLOWER, route="predictor"), side="3.2.2-cpu-py311")
    earlier = gate.acceptance(line("3.0.0-cpu-py311", Change.SLOWER, route="predictor"), "old news", DAY)
    first, second, last = track.lines(gate.judged([SLOWER, later], [earlier]))
    assert first == "SLOWER net by its own route: infer of 3.0.0-cpu-py311: x7.5 of 2.6.2-cpu-py311's"
    assert second == (
        "SLOWER net by predictor: infer of 3.2.2-cpu-py311: x7.5 of 2.6.2-cpu-py311's; "
        "accepted 2026-11-30 of 3.0.0-cpu-py311, x7.5: old news"
    )
    assert last == "newly worse: 1 of 2 tracked rows; worse as accepted: 1"


ROWS = [
    replace(line(side, Change.SAME, route=route), date=f"{day}T01:00:00+00:00")
    for route in ("jit", "static")
    for side, day in (("3.0.0-cpu-py311", "2026-01-01"), ("3.10.0-cpu-py311", "2026-02-01"), ("3.9.0-cpu-py311", "2026-03-01"))
]  # fmt: skip


@pytest.mark.parametrize(
    ("newest", "since", "releases"),
    [
        (False, "", ["3.0.0", "3.10.0", "3.9.0"]),
        (True, "", ["3.10.0"]),
        (False, "2026-02-01", ["3.10.0", "3.9.0"]),
        (False, "3.9", ["3.10.0", "3.9.0"]),
        (True, "2026-02-15", ["3.9.0"]),
        (True, "4.0", []),
    ],
)
def test_a_gate_looks_at_the_newest_release_or_at_what_came_since(
    *, newest: bool, since: str, releases: list[str]
) -> None:
    found = gate.chosen(ROWS, newest=newest, since=since)
    assert [one.side.partition("-")[0] for one in found] == releases * 2


def test_a_build_that_was_given_is_newer_than_every_release() -> None:
    given_one = replace(ROWS[0], side="mine_0123456789ab-cpu-py311")
    assert gate.chosen([*ROWS[:3], given_one], newest=True, since="") == (given_one,)


def test_a_since_that_is_neither_day_nor_release_is_refused() -> None:
    with pytest.raises(UsageError, match="neither a day nor a release"):
        gate.chosen(ROWS, newest=False, since="yesterday")


def test_what_an_older_lab_accepted_stays_accepted(tmp_path: Path) -> None:
    golden = Path(__file__).parents[1] / "golden" / "schemas" / "accepted-1.jsonl"
    (tmp_path / "accepted.jsonl").write_bytes(golden.read_bytes())
    assert History(root=tmp_path).accepted().found == (accepted(),)
