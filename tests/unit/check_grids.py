"""Grids of a check that nobody thought of: random releases, ways, settings, outcomes and comparisons."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from lab.model import Diff, Grade, Kind, Metrics, Outcome, Phase, TrialResult
from lab.model.check import Way
from lab.model.check_grid import Cell, CheckGrid, ThirdOpinion

RELEASES = ("3.0.0", "3.1.1", "3.2.2", "3.3.1")
ROUTES = ("jit", "static", "predictor", "predictor_no_onednn", "jit_old_ir")
LIKELY = (Grade.EXACT, Grade.EXACT, Grade.EXACT, Grade.CLOSE, Grade.UNDECIDED, Grade.DRIFT, Grade.MISMATCH)
"""Grades to draw from: good ones often, else hardly any grid is one that may be called safe."""

FLAGS = ({"FLAGS_enable_pir_api": "False"}, {"FLAGS_enable_pir_in_executor": "0"}, {"MKL_CBWR": "COMPATIBLE"})
UNKNOWN = ThirdOpinion(by="numpy formulas", unknown="operator while")
SIGNATURES = ("one", "other")


def diffs(grade: Grade, *, blank: bool = False) -> tuple[Diff, ...]:
    """One output of such a grade."""
    metrics = None if grade is Grade.EXACT else Metrics(size=4, max_abs=0.5)
    return (Diff(output="out0", grade=grade, metrics=metrics, blank="every element is zero" if blank else ""),)


def trial(kind: Kind, compared: Sequence[Diff] = (), signature: str = "one") -> TrialResult:
    """A trial that ended so."""
    phase = Phase.COMPARE if kind.answered or kind is Kind.UNDECIDED else Phase.INFER
    message = "" if kind.answered else f"a {kind.value} was seen"
    outcome = Outcome(kind=kind, phase=phase, message=message, signature=signature)
    return TrialResult(
        label="", key="", saver="", loader="", saver_env={}, loader_env={}, route="", outcome=outcome,
        diffs=tuple(compared),
    )  # fmt: skip


def kind_of(grade: Grade, *, blank: bool) -> Kind:
    """The kind that such numbers make of an outcome, as the runner does."""
    return {
        Grade.EXACT: Kind.UNDECIDED if blank else Kind.OK,
        Grade.CLOSE: Kind.UNDECIDED if blank else Kind.OK,
        Grade.UNDECIDED: Kind.UNDECIDED,
        Grade.DRIFT: Kind.DRIFT,
        Grade.MISMATCH: Kind.NUMERIC_MISMATCH,
    }[grade]


@st.composite
def cells(draw: st.DrawFn, release: str, way: Way, *, old: bool, vouched: bool) -> Cell:
    """One cell: it answered, with numbers of some grade, or it ended otherwise."""
    needs = draw(st.sampled_from(["", "", "", "FLAGS_enable_pir_api=0"]))
    doubt = "quantised nets answer wrong" if draw(st.integers(0, 9)) == 0 else ""
    if draw(st.integers(0, 4)) == 0:
        kind = draw(st.sampled_from([kind for kind in Kind if not kind.answered]))
        return Cell(
            release=release, way=way, trial=trial(kind, signature=draw(st.sampled_from(SIGNATURES))), needs=needs
        )
    held, blank = draw(st.sampled_from(LIKELY)), draw(st.integers(0, 19)) == 0
    other, before = draw(st.sampled_from(LIKELY)), draw(st.sampled_from(LIKELY))
    compared = diffs(held, blank=blank)
    return Cell(
        release=release,
        way=way,
        trial=trial(kind_of(held, blank=blank), compared),
        reference=diffs(other) if vouched else compared,
        before=() if old else diffs(before),
        expected=compared if vouched else (),
        third=diffs(draw(st.sampled_from(LIKELY)), blank=draw(st.integers(0, 19)) == 0),
        needs=needs,
        doubt=doubt,
    )


@st.composite
def grids(draw: st.DrawFn) -> CheckGrid:
    """1 to 3 ways, 0 to 3 settings of each, in the old release and 1 to 3 new ones, outputs held to be right or not.

    A new release may lack a way that the old one has.
    """
    count = draw(st.integers(1, 3))
    new = RELEASES[1 : 1 + count] if draw(st.integers(0, 9)) else (RELEASES[0],)
    vouched = draw(st.booleans())
    routes = draw(st.lists(st.sampled_from(ROUTES), min_size=1, max_size=3, unique=True))
    flags = draw(st.integers(0, 3))
    found = [
        draw(cells(release, Way(route=route, env=env), old=release == RELEASES[0], vouched=vouched))
        for release in dict.fromkeys((RELEASES[0], *new))
        for route in routes
        for env in ({}, *FLAGS[:flags])
        if (draw(st.booleans()) if env else release == RELEASES[0] or draw(st.integers(0, 9)))
    ]
    third = draw(st.sampled_from([None, ThirdOpinion(by="numpy formulas"), UNKNOWN]))
    if third is None or third.unknown:
        found = [replace(one, third=()) for one in found]
    answered = next((one for one in found if one.trial.outcome.kind.answered), None)
    return CheckGrid(
        prefix="net",
        old=RELEASES[0],
        new=new,
        cells=tuple(found),
        reference=f"{answered.release} by {answered.way.label}" if answered else "",
        vouched="the expected outputs in y.npz" if vouched else "",
        damage=draw(st.sampled_from([(), (), (), ("net.pdiparams: truncated",)])),
        altered=draw(st.sampled_from([(), (), (), ("net.pdiparams has changed since it was stamped",)])),
        third=third,
    )
