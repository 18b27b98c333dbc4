"""How outcomes become verdicts, and which side a fault is said to be on."""

import itertools
from dataclasses import replace

import pytest

from lab.errors import UsageError
from lab.model import Diff, Grade, Kind, Outcome, Phase
from lab.model.cure import other_api
from lab.model.search import Axis, ProbeVerdict
from lab.outcome.classify import with_diffs
from lab.outcome.first_signature import first_signature
from lab.search.bisect import sided
from lab.search.judge import Judge, identify, same

OLD = "The ``path`` (/a/net) to load model not exists. Please make sure that *.pdmodel exists or don't using skip_forward."
NEW = OLD.replace("*.pdmodel", "*.pdmodel(json)")


def raised(message: str, *, kind: str = "ValueError", phase: Phase = Phase.LOAD) -> Outcome:
    signature = f"{phase.value}:{kind}:{abs(hash(message)) % 10**6}"
    return Outcome(kind=Kind.PY_EXCEPTION, phase=phase, type=kind, message=message, signature=signature)


GOOD = Outcome(kind=Kind.OK, phase=Phase.COMPARE, reason="exact")
DRIFT = Outcome(kind=Kind.DRIFT, phase=Phase.COMPARE, reason="values", signature="compare:drift:values")
CRASH = Outcome(kind=Kind.NATIVE_CRASH, phase=Phase.LOAD, reason="SIGSEGV", type="SIGSEGV", signature="load:SIGSEGV:1")
SLOW = Outcome(kind=Kind.TIMEOUT, phase=Phase.LOAD, reason="wall", signature="load:timeout:1")
UNBUILT = Outcome(kind=Kind.BUILD_FAILURE, phase=Phase.BUILD, reason="install", message="no wheel")


def test_a_message_that_a_release_reworded_is_the_same_failure() -> None:
    assert same(raised(OLD), raised(NEW))


def test_one_name_for_another_in_the_same_sentence_is_another_failure() -> None:
    sentence = (
        "The kernel with key (CPU, NCHW, float32) of kernel {} is not registered and fail to fallback to CPU one."
    )
    assert not same(raised(sentence.format("relu")), raised(sentence.format("gelu")))


@pytest.mark.parametrize(
    "other",
    [
        raised("another sentence altogether, about weights that are missing"),
        raised(OLD, kind="TypeError"),
        raised(OLD, phase=Phase.INFER),
        CRASH,
        SLOW,
        DRIFT,
    ],
)
def test_another_message_type_phase_or_kind_is_another_failure(other: Outcome) -> None:
    judge = Judge(reference=raised(OLD))
    assert not same(raised(OLD), other)
    assert judge.seen(other).sort is (ProbeVerdict.GOOD if other is DRIFT else ProbeVerdict.OTHER)


def test_two_crashes_with_different_signatures_are_never_merged() -> None:
    other = Outcome(
        kind=Kind.NATIVE_CRASH, phase=Phase.LOAD, reason="SIGSEGV", type="SIGSEGV", signature="load:SIGSEGV:2"
    )
    assert not same(CRASH, other)


def test_a_drift_is_good_unless_drift_is_what_is_looked_for() -> None:
    assert Judge(words="any").seen(DRIFT).sort is ProbeVerdict.GOOD
    assert Judge(reference=DRIFT).seen(DRIFT).sort is ProbeVerdict.BAD
    assert Judge(words="drift").seen(DRIFT).sort is ProbeVerdict.BAD


def test_a_timeout_is_never_silently_bad() -> None:
    assert Judge(reference=raised(OLD)).seen(SLOW).sort is ProbeVerdict.OTHER
    assert Judge(reference=SLOW).seen(SLOW).sort is ProbeVerdict.BAD


def test_what_could_not_be_tried_is_a_skip_with_its_reason() -> None:
    seen = Judge(words="any").seen(UNBUILT)
    assert (seen.sort, seen.signature) == (ProbeVerdict.SKIP, "")
    assert "no wheel" in seen.why


def test_repeats_that_agree_keep_their_verdict_and_those_that_do_not_are_flaky() -> None:
    judge = Judge(reference=raised(OLD))
    assert judge.together([raised(OLD), raised(NEW)]).sort is ProbeVerdict.BAD
    flaky = judge.together([GOOD, raised(OLD), GOOD])
    assert (flaky.sort, flaky.why) == (ProbeVerdict.FLAKY, "failed 1 of 3 times")


def test_a_repeat_that_could_not_be_tried_does_not_make_a_release_flaky() -> None:
    assert Judge(words="any").together([UNBUILT, GOOD]).sort is ProbeVerdict.GOOD
    assert Judge(words="any").together([UNBUILT, UNBUILT]).sort is ProbeVerdict.SKIP


@pytest.mark.parametrize(("reason", "alike"), [("values", True), ("inf", False)])
def test_numbers_wrong_in_the_same_way_are_the_same_failure_in_whichever_outputs(reason: str, *, alike: bool) -> None:
    """A release that gets one output more wrong has not found another problem."""
    one, other = (
        with_diffs(Outcome(kind=Kind.OK, phase=Phase.INFER), [Diff(output=name, grade=Grade.MISMATCH, reason=how)])
        for name, how in (("a", "values"), ("b", reason))
    )
    assert one.signature != other.signature
    assert same(one, other) is alike


def test_a_signature_of_a_lab_without_versions_is_looked_for_as_well() -> None:
    failure = Outcome(
        kind=Kind.PY_EXCEPTION, phase=Phase.LOAD, type="ValueError", message="no such model", signature="s"
    )
    noted = first_signature(failure)
    assert Judge(words=noted).seen(failure).sort is ProbeVerdict.BAD
    assert Judge(words=noted).seen(replace(failure, message="another thing")).sort is ProbeVerdict.OTHER


def test_an_expression_is_looked_for_in_signature_type_and_message() -> None:
    for words in ("^load:ValueError", "ValueError:", "not exists"):
        assert Judge(words=words).seen(raised(OLD)).sort is ProbeVerdict.BAD
    assert Judge(words="Segmentation").seen(raised(OLD)).sort is ProbeVerdict.OTHER
    with pytest.raises(UsageError, match="regular expression"):
        Judge(words="(")


def test_an_outcome_without_a_signature_is_identified_by_its_words() -> None:
    assert identify(UNBUILT) == "build:build_failure:install"
    assert identify(GOOD) == ""


def test_each_way_the_corners_can_fall_has_words_of_its_own() -> None:
    said = {pairs: sided(*pairs) for pairs in itertools.product((True, False), repeat=3) if not all(pairs)}
    assert said[True, True, False] == said[True, False, False] == "written wrong"
    assert said[False, True, True] == "read wrong"
    assert said[False, True, False] == "read wrong, whoever wrote it"
    assert len(set(said.values())) == 6


@pytest.mark.parametrize(
    ("cured", "good", "other"),
    [
        ("predictor", "jit", True),
        ("predictor_no_onednn", "static", True),
        ("predictor_no_onednn", "predictor", False),
        ("jit", "predictor", True),
        ("static", "jit", False),
        ("own", "own", False),
    ],
)
def test_times_of_two_ways_compare_where_both_go_by_the_same_api(cured: str, good: str, *, other: bool) -> None:
    assert other_api(cured, good) is other_api(good, cured) is other


@pytest.mark.parametrize(
    ("axis", "pair"), [(Axis.LOADER, ("s", "r")), (Axis.SAVER, ("r", "l")), (Axis.SAME, ("r", "r"))]
)
def test_the_release_that_moves_stands_on_its_axis_and_the_other_side_stays(axis: Axis, pair: tuple[str, str]) -> None:
    assert axis.pair("r", saver="s", loader="l") == pair
