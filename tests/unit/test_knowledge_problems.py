from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.knowledge import problems
from lab.knowledge.problems import KnownProblem
from lab.model import Kind, Outcome, Phase, TrialResult
from lab.model.inspection import SavedModelFacts

ROOT = Path(__file__).parents[2]
ENTRIES = problems.read(ROOT / "scenarios" / problems.FILE)
NOT_THERE = "The ``path`` (/x/net) to load model not exists. Please make sure that *.pdmodel(json) exists"


def result(
    *, saver: str = "2.6.2-cpu-py311", loader: str = "3.0.0-cpu-py311", flag: str = "", kind: Kind = Kind.PY_EXCEPTION,
    phase: Phase = Phase.LOAD, raised: str = "ValueError", message: str = NOT_THERE, route: str = "own",
) -> TrialResult:  # fmt: skip
    return TrialResult(
        label=f"{saver} -> {loader}", key="k", saver=saver, loader=loader, saver_env={},
        loader_env={"FLAGS_enable_pir_api": flag} if flag else {}, route=route,
        outcome=Outcome(kind=kind, phase=phase, type=raised, message=message),
    )  # fmt: skip


def entry(**changes: object) -> KnownProblem:
    made = KnownProblem(
        issue="a/b#1", releases="all", cure="wait", proof="toy", en="It fails.", zh="失败。", type="ValueError"
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def cured(one: TrialResult) -> str:
    found = problems.find(one, ENTRIES)
    assert found is not None
    return f"{found.issue}: {found.cure}"


def test_the_headline_report_is_known_and_cured_on_the_loading_side() -> None:
    assert cured(result()).startswith("PaddlePaddle/Paddle#71996: FLAGS_enable_pir_api=False in the environment of the")


def test_the_same_message_with_the_flag_off_needs_the_opposite_cure() -> None:
    one = result(saver="3.3.1-cpu-py311", loader="3.3.1-cpu-py311", flag="0")
    assert "load without FLAGS_enable_pir_api=False" in cured(one)


def test_the_same_message_in_2_6_is_cured_on_the_saving_side() -> None:
    assert "save with FLAGS_enable_pir_api=False" in cured(result(saver="3.0.0-cpu-py311", loader="2.6.2-cpu-py311"))


def test_a_crash_without_a_message_is_known_by_its_signal_route_and_releases() -> None:
    crash = result(
        saver="3.3.1-cpu-py311", loader="2.6.2-cpu-py311", kind=Kind.NATIVE_CRASH, raised="SIGSEGV", message="gone",
        route="predictor",
    )  # fmt: skip
    assert cured(crash).startswith("PaddlePaddle/PaddleOCR#14242")
    assert problems.find(replace(crash, route="jit"), ENTRIES) is None
    assert problems.find(replace(crash, saver="2.6.2-cpu-py311"), ENTRIES) is None


def test_a_failed_save_is_known_through_the_loaders_that_depend_on_it() -> None:
    said = "the save failed: py_exception TypeError (InvalidType) sum(): argument (position 1) must be Value, but got Variable"
    one = result(kind=Kind.DEPENDS_ON, phase=Phase.SAVE, raised="TypeError", message=said)
    assert cured(one).startswith("PaddlePaddle/Paddle#73919")


def test_an_empty_message_is_known_only_where_it_is_empty() -> None:
    assert cured(result(raised="RuntimeError", message="")).startswith("PaddlePaddle/Paddle#32609")
    assert problems.find(result(raised="RuntimeError", message="disk on fire"), ENTRIES) is None


@pytest.mark.parametrize("kind", [Kind.OK, Kind.UNSUPPORTED, Kind.INFRA_ERROR])
def test_what_worked_or_was_never_tried_is_no_known_problem(kind: Kind) -> None:
    assert problems.find(result(kind=kind), ENTRIES) is None


@given(st.sampled_from(Phase), st.text(max_size=12))
def test_an_entry_with_another_phase_never_fits(phase: Phase, message: str) -> None:
    other = next(one for one in Phase if one is not phase)
    assert problems.find(result(phase=phase, message=message), [entry(phase=other.value)]) is None


@given(st.text(max_size=30))
def test_an_entry_without_message_fits_every_message_of_its_type(message: str) -> None:
    assert problems.find(result(message=message), [entry()]) == entry()
    assert problems.find(result(message=message, raised="KeyError"), [entry()]) is None


def test_the_first_entry_that_fits_is_told() -> None:
    first, second = entry(issue="a/b#1"), entry(issue="a/b#2")
    assert problems.find(result(), [first, second]) == first


def test_a_note_counts_pairs_and_names_report_cure_and_proof() -> None:
    (note,) = problems.notes([result(), result(), result(kind=Kind.OK)], [entry()])
    assert note == "2 pairs: this is a/b#1: It fails. cure: wait (proof: lab repro toy)"


def test_a_reader_of_chinese_gets_chinese() -> None:
    (note,) = problems.notes([result()], [entry()], "zh_CN.UTF-8")
    assert "失败。" in note
    assert note.startswith("1 pair:")


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert problems.read(tmp_path / problems.FILE) == ()


GOOD = '[[known]]\nissue = "a/b#1"\nreleases = "r"\ncure = "c"\nproof = "p"\nen = "e"\nzh = "z"\ntype = "T"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[known]\n", "not valid TOML"),
        ("known = 3\n", "not a list of tables"),
        (GOOD + 'isue = "x"\n', "entry 1 has an unknown key 'isue'"),
        (GOOD + GOOD.replace('cure = "c"\n', ""), "entry 2 lacks cure"),
        (GOOD + 'message = "("\n', "message is not a regular expression"),
        (GOOD + 'loader_env = { F = "(" }\n', "F is not a regular expression"),
        (GOOD + "loader_env = 3\n", "loader_env is not a table"),
        (GOOD + "route = 3\n", "route is not a text"),
        (GOOD + 'phase = "lode"\n', "names no phase: 'lode'"),
        (GOOD.replace('type = "T"\n', ""), "would fit everything"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / problems.FILE
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        problems.read(path)
    assert said in caught.value.what
    assert caught.value.remedy


@pytest.mark.parametrize("key", ["message", "type", "phase", "saver", "loader", "route"])
def test_an_empty_sign_is_refused_and_not_taken_for_one_that_is_left_out(tmp_path: Path, key: str) -> None:
    path = tmp_path / problems.FILE
    signs = {"message": "m", "type": "T"} | {key: ""}
    lines = ["issue", "releases", "cure", "proof", "en", "zh"]
    path.write_text(
        "[[known]]\n"
        + "".join(f'{one} = "x"\n' for one in lines)
        + "".join(f'{one} = "{said}"\n' for one, said in signs.items())
    )
    with pytest.raises(UsageError, match=f": {key} is empty") as caught:
        problems.read(path)
    assert "leave it out" in caught.value.remedy


LEAKY = SavedModelFacts(format=".json", operators=frozenset({"conv2d", "leaky_relu"}), parameters=True)
FACTS = st.builds(
    SavedModelFacts,
    format=st.sampled_from(problems.FORMATS),
    operators=st.frozensets(st.sampled_from(["conv2d", "leaky_relu", "relu"])),
    parameters=st.booleans(),
)


def crash(detail: str) -> TrialResult:
    one = result(
        saver="3.3.1-cpu-py311", loader="3.3.1-cpu-py311", kind=Kind.NATIVE_CRASH, raised="SIGSEGV", message="x"
    )
    return replace(one, outcome=replace(one.outcome, detail=detail))


@given(files=st.none() | FACTS)
def test_an_entry_fits_only_files_that_meet_all_its_preconditions(files: SavedModelFacts | None) -> None:
    known = [entry(format=".json", operators=["conv2d", "leaky_relu"], parameters="yes")]
    met = files is not None and files.format == ".json" and files.operators >= LEAKY.operators and files.parameters
    assert (problems.find(result(), known, lambda _: files) is not None) == met


def test_files_that_nobody_looked_at_meet_no_precondition() -> None:
    assert problems.find(result(), [entry(format=".json")]) is None
    assert problems.notes([result()], [entry(format=".json")]) == ()


def test_a_crash_is_known_by_its_stack_and_its_operators() -> None:
    found = problems.find(crash("18 FusedConv2dOp::Build"), ENTRIES, lambda _: LEAKY)
    assert found is not None
    assert found.proof == "leaky_relu_onednn"
    assert problems.find(crash("another stack"), ENTRIES, lambda _: LEAKY) is None
    assert problems.find(crash("FusedConv2dOp"), ENTRIES, lambda _: replace(LEAKY, operators=frozenset())) is None


def test_wrong_numbers_that_nobody_hears_of_can_be_known() -> None:
    files = SavedModelFacts(format=".json", operators=frozenset({"bilinear_interp"}), parameters=True)
    silent = result(
        saver="3.0.0-cpu-py311", loader="3.2.2-cpu-py311", kind=Kind.NUMERIC_MISMATCH, phase=Phase.COMPARE, raised="",
        message="output out: values", route="predictor",
    )  # fmt: skip
    silent = replace(silent, outcome=replace(silent.outcome, reason="values"))
    found = problems.find(silent, ENTRIES, lambda _: files)
    assert found is not None
    assert found.proof == "onednn_bilinear"
    assert problems.find(replace(silent, route="jit"), ENTRIES, lambda _: files) is None


def test_a_cure_that_these_trials_refuted_is_not_given() -> None:
    known = [entry(cure="FLAGS_enable_pir_api=0 in the environment of the loading process")]
    failed = result(flag="0")
    (note,) = problems.notes([result(), failed], known)
    assert "no cure here: what is known to cure it did not help in" in note
    (note,) = problems.notes([result(), result(flag="0", kind=Kind.OK)], known)
    assert "cure: FLAGS_enable_pir_api=0" in note
    (note,) = problems.notes([result()], known)
    assert "cure: FLAGS_enable_pir_api=0" in note, "what was not tried is not refuted"


def test_a_cure_on_the_saving_side_is_not_refuted_by_the_loading_side() -> None:
    known = [entry(cure="save with FLAGS_enable_pir_api=0")]
    (note,) = problems.notes([result(), result(flag="0")], known)
    assert "cure: save with FLAGS_enable_pir_api=0" in note


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('outcome = "wrong"\n', "names no outcome"),
        ('format = ".onnx"\n', "wrong precondition"),
        ('parameters = "many"\n', "wrong precondition"),
        ('operators = "conv2d"\n', "operators is not a list"),
        ('detail = "("\n', "not a regular expression"),
    ],
)
def test_a_wrong_precondition_is_named(tmp_path: Path, more: str, said: str) -> None:
    path = tmp_path / "known.toml"
    path.write_text(GOOD + more, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        problems.read(path)
