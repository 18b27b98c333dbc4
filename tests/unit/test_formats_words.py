"""Between yes and no: a model that opens and answers wrong, fails or crashes is never said to be read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.formats import inspect, resize
from lab.formats.rules import readers
from lab.model.inspection import FileKind, ProgramFacts, Reads, Writer
from tests.conftest import ROOT

GIVEN = ROOT / "tests" / "golden" / "given"
JIT, STATIC, PREDICTOR = "jit.load", "static.load_inference_model", "predictor"


def word(model: str, release: str, api: str) -> Reads:
    found = inspect(GIVEN / model)
    return next(one.reads for one in found.readers if (one.release, one.api) == (release, api))


@pytest.mark.parametrize(
    ("model", "release", "api", "expected"),
    [
        ("nearest_1_5-2.6.2", "2.6.2", PREDICTOR, Reads.WRONG),
        ("nearest_1_5-2.6.2", "3.3.1", PREDICTOR, Reads.WRONG),
        ("nearest_1_5-2.6.2", "2.6.2", JIT, Reads.YES),
        ("nearest_2-2.6.2", "3.3.1", PREDICTOR, Reads.YES),
        ("nearest_1_5-3.0.0", "3.0.0", PREDICTOR, Reads.WRONG),
        ("nearest_1_5-3.0.0", "3.3.1", PREDICTOR, Reads.WITH),
        ("nearest_2-3.0.0", "3.0.0", PREDICTOR, Reads.YES),
        ("bilinear_corners-3.0.0", "3.0.0", PREDICTOR, Reads.WRONG),
        ("bilinear_corners-3.0.0", "3.0.0", JIT, Reads.YES),
        ("leaky_relu-3.0.0", "3.2.2", PREDICTOR, Reads.YES),
        ("leaky_relu-3.0.0", "3.3.1", PREDICTOR, Reads.DIES),
        ("leaky_relu-3.3.1", "3.0.0", JIT, Reads.FAILS),
        ("leaky_relu-3.3.1", "3.0.0", STATIC, Reads.CRASHES),
        ("leaky_relu-3.3.1", "3.0.0", PREDICTOR, Reads.NO),
        ("leaky_relu-3.3.1", "3.3.1", JIT, Reads.YES),
        ("quantised-3.0.0", "3.0.0", JIT, Reads.WRONG),
        ("quantised-3.0.0", "3.3.1", PREDICTOR, Reads.WRONG),
        ("loop_in_place-3.0.0", "3.0.0", PREDICTOR, Reads.FAILS),
        ("loop_in_place-3.0.0", "3.3.1", PREDICTOR, Reads.FAILS),
        ("loop_in_place-3.0.0", "3.3.1", JIT, Reads.YES),
        ("quantised-2.6.2", "3.3.1", PREDICTOR, Reads.YES),
        ("quantised-2.6.2", "3.3.1", JIT, Reads.WRONG),
        ("quantised-2.6.2", "3.3.1", STATIC, Reads.WITH),
        ("quantised-2.6.2", "2.6.2", JIT, Reads.YES),
    ],
)
def test_each_model_has_the_word_that_plain_paddle_showed(model: str, release: str, api: str, expected: Reads) -> None:
    assert word(model, release, api) is expected


def program(operator: str, version: int) -> ProgramFacts:
    return ProgramFacts(
        file="net.pdmodel", kind=FileKind.PROGRAM, version=version, writer=Writer(releases="", evidence=""), blocks=1,
        operators={operator: 1}, inputs=(), outputs=(), parameters=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("operator", "written", "release", "expected"),
    [
        ("round", 2006002, "3.0.0", Reads.FAILS),
        ("round", 2006002, "2.6.2", Reads.YES),
        ("round", 3000000, "3.0.0", Reads.WITH),
        ("round", 0, "3.0.0", Reads.WITH),  # nobody knows who wrote it, so nothing is claimed of it
        ("kthvalue", 2006002, "3.3.1", Reads.FAILS),
        ("repeat_interleave", 3000000, "3.2.2", Reads.FAILS),
        ("repeat_interleave", 2006002, "3.1.1", Reads.WITH),
        ("repeat_interleave", 3002002, "3.3.1", Reads.WITH),
        ("fake_channel_wise_quantize_dequantize_abs_max", 3000000, "3.3.1", Reads.FAILS),
        ("relu", 2006002, "3.3.1", Reads.WITH),
    ],
)
def test_an_operator_that_only_older_files_spell_short_fails_by_jit_load_and_nowhere_else(
    operator: str, written: int, release: str, expected: Reads
) -> None:
    found = {(one.release, one.api): one for one in readers([program(operator, written)], [], frozenset())}
    assert found[release, JIT].reads is expected
    assert found[release, PREDICTOR].reads is Reads.YES
    assert found[release, JIT].why or expected is Reads.YES


def test_every_word_but_yes_and_not_known_says_why() -> None:
    for model in sorted(path for path in GIVEN.iterdir() if path.is_dir()):
        for one in inspect(model).readers:
            assert one.why or one.reads in (Reads.YES, Reads.UNKNOWN), (model.name, one)


@given(
    scales=st.lists(st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0, -1.0, 0.0]), max_size=3),
    sized=st.booleans(),
    corners=st.booleans(),
    mode=st.integers(0, 1),
)
def test_a_nearest_resize_is_called_whole_only_where_every_factor_is_known_to_be(
    scales: list[float],
    *,
    sized: bool,
    corners: bool,
    mode: int,
) -> None:
    found = resize.trait(resize.NEAREST, scales, sized=sized, corners=corners, mode=mode)
    known = bool(scales) and not sized and min(scales, default=0) > 0
    whole = known and all(one in (1.0, 2.0, 3.0) for one in scales)
    assert found == f"nearest_interp.ratio={'whole' if whole else 'broken' if known else 'open'}"


def test_a_damaged_setting_of_a_resize_is_damage_and_no_crash(tmp_path: Path) -> None:
    data = (GIVEN / "nearest_1_5-3.0.0" / "net.json").read_text(encoding="utf-8")
    place = data.index('"scale"')
    start = data.rindex('"0.a_f32","D":1.5', 0, place) if '"0.a_f32","D":1.5' in data else data.rindex("1.5", 0, place)
    (tmp_path / "net.json").write_text(data[:start] + data[start:].replace("1.5", '"x"', 1), encoding="utf-8")
    assert inspect(tmp_path).broken
