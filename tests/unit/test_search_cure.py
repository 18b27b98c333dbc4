"""What a trial says of a cure, and that no answer claims more than was tried."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.model import Kind, Outcome, Phase, TrialResult
from lab.model.cure import Cure, Cured, CureKind, CureMoment, CureStatus, TriedCure
from lab.outcome import pasted
from lab.report import cure as report
from lab.search.cure_lines import ModelAtHand
from lab.search.cure_trials import controlled, judge
from lab.search.judge import same

OUTCOMES = st.builds(
    Outcome,
    kind=st.sampled_from(Kind),
    phase=st.sampled_from(Phase),
    type=st.sampled_from(["ValueError", "RuntimeError", ""]),
    message=st.sampled_from(["no such model", "something else altogether"]),
    reason=st.sampled_from(["", "values", "shape"]),
)
FAILURES = OUTCOMES.filter(lambda one: one.kind.decided and not one.ok)
# The first draw of a process on a busy machine may take a second.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
MOMENTS = st.sampled_from(CureMoment)


def made(name: str, **words: object) -> Cure:
    return Cure(name=name, layer=1, does="d", risk="r", source="s", **{"kind": CureKind.ENV, **words})  # type: ignore[arg-type]


def result(outcome: Outcome) -> TrialResult:
    return TrialResult(
        label="a -> b", key="", saver="a", loader="b", saver_env={}, loader_env={}, route="own", outcome=outcome
    )


@CALM
@given(failure=FAILURES, outcome=OUTCOMES)
def test_a_trial_is_read_as_what_it_was(failure: Outcome, outcome: Outcome) -> None:
    status, _ = judge(failure, result(outcome), (made("one", env={"A": "1"}),))
    assert (status is CureStatus.ACCEPTED) == outcome.ok
    assert status is not CureStatus.NOTHING or (not outcome.kind.differs and same(failure, outcome))
    assert not outcome.kind.differs or status is CureStatus.WRONG or not outcome.kind.tested
    assert (status is CureStatus.UNTESTED) == (not outcome.kind.tested)


def test_a_pin_for_which_no_environment_can_be_had_is_told_and_leaves_the_answer_of_the_others() -> None:
    failure = Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.LOAD, type="ValueError")
    offline = Outcome(kind=Kind.BUILD_FAILURE, phase=Phase.BUILD, message="no index answers")
    pin = made("numpy 1", kind=CureKind.PIN, packages=("numpy==1.26.4",))
    status, why = judge(failure, result(offline), (pin,))
    assert status is CureStatus.UNSUPPORTED
    assert why == "this pin could not be tried: no index answers"
    assert judge(failure, result(offline), (made("flag", env={"A": "1"}),))[0] is CureStatus.UNTESTED


@CALM
@given(failure=FAILURES, outcome=OUTCOMES)
def test_a_way_is_proved_only_where_its_control_shows_the_failure(failure: Outcome, outcome: Outcome) -> None:
    status, why = controlled(failure, outcome, "jit")
    proved = outcome.kind.tested and not outcome.ok and same(failure, outcome)
    assert (status is CureStatus.ACCEPTED) == proved
    assert (status is CureStatus.PLACEBO) == outcome.ok
    assert proved or "jit" in why


@st.composite
def answers(draw: st.DrawFn) -> Cured:
    names = [f"cure{number}" for number in range(draw(st.integers(1, 6)))]
    tried = tuple(
        TriedCure(names=(name,), status=draw(st.sampled_from(CureStatus)), moment=draw(MOMENTS), passed=2, times=2)
        for name in names
    )
    return Cured(
        schema=2, run="r", command="c", scenario="toy", issue="", at="3.3.1", saver="2.6.2",
        good=draw(st.sampled_from(["", "2.6.2"])), signature="load:ValueError", message="m", times=2,
        cures=tuple(made(name, env={"A": "1"}) for name in names), tried=tried, route=draw(st.sampled_from(["own", "jit"])),
        held="what 2.6.2 itself answered when it saved",
    )  # fmt: skip


@CALM
@given(found=answers())
def test_nothing_is_called_proved_that_was_not_and_every_claim_names_where(found: Cured) -> None:
    for page in (report.text(found), report.markdown(found)):
        accepted = sum(one.status is CureStatus.ACCEPTED for one in found.tried)
        assert page.count("proved, 2 of 2 times") == accepted
        assert page.count("not the call that fails") == sum(one.status is CureStatus.REPLACEMENT for one in found.tried)
        assert ("does it right" in page) == bool(found.good)
    head = report.headline(found)
    assert "what 2.6.2 saved, loaded by 3.3.1 by" in head
    assert ("proved" in head) == any(one.status is CureStatus.ACCEPTED for one in found.tried)
    assert ("none of" in head) == (not found.accepted)


@CALM
@given(found=answers())
def test_all_that_was_tried_is_said_once(found: Cured) -> None:
    working = {one.names for one in (*found.accepted, *found.replacements)}
    assert working.isdisjoint(one.names for one in found.rejected)
    assert len(working) + len(found.rejected) == len(found.tried)


def test_lines_name_the_files_that_lie_there() -> None:
    code = '\nfrom paddle import inference\nconfig = inference.Config(path + ".pdmodel", path + ".pdiparams")'
    cure = made("predictor", kind=CureKind.ROUTE, route="predictor", code=code)
    whole, bare = ModelAtHand(program=".json", parameters=True), ModelAtHand(program=".json", parameters=False)
    assert pasted.of_cures((whole.fitted(cure),)).endswith('inference.Config(path + ".json", path + ".pdiparams")')
    assert pasted.of_cures((bare.fitted(cure),)).endswith('inference.Config(path + ".json", "")')


def test_lines_begin_with_the_import_they_need() -> None:
    cure = made(
        "guard", kind=CureKind.ROUTE, route="jit_old_ir", code="\nwith paddle.pir_utils.DygraphOldIrGuard():\n    pass"
    )
    found = ModelAtHand(program=".pdmodel", parameters=True).fitted(cure)
    assert pasted.of_cures((found,)).startswith(f"import paddle\n{pasted.YOURS}\nwith paddle.")
