"""Signatures: the same for the same problem anywhere, different for different problems."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.outcome.signature import mask, signature
from lab.text import clean

NOT_EXISTS = (
    "The ``path`` ({}) to load model not exists. Please make sure that *.pdmodel(json) exists or don't using "
    "``skip_forward=True`` to jit.save."
)
ENFORCE = """

--------------------------------------
C++ Traceback (most recent call last):
--------------------------------------
{}

----------------------
Error Message Summary:
----------------------
InvalidArgumentError: The shape of input {} must be {}, but received {}.
  [Hint: Expected a == b, but received a:{} != b:{}.] (at /paddle/paddle/phi/kernels/conv.cc:{})
  [operator < conv2d > error]"""
CRASH = """Fatal Python error: Segmentation fault

Thread 0x00007f{thread} (most recent call first):
  File "/{root}/site-packages/paddle/inference/wrapper.py", line {line} in create_predictor
  File "/{root}/site-packages/paddle/inference/api.py", line {line} in open
  File "/tmp/{root}/scenario.py", line {line} in load
  File "/guest/supervisor.py", line {line} in main

Extension modules: numpy.core._multiarray_umath, paddle.base.libpaddle (total: {line})
"""
WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
PATHS = st.lists(st.text("abcXYZ0189._-模 ", min_size=1, max_size=8), min_size=1, max_size=4).map(
    lambda parts: "/" + "/".join(part.strip() or "x" for part in parts)
)
NUMBERS = st.one_of(st.integers(0, 10**12).map(str), st.floats(0, 1e9, allow_nan=False).map(repr))


def of(message: str, kind: str = "ValueError", frames: list[dict[str, object]] | None = None) -> str:
    return signature("load", kind, message, frames or [])


def frame(file: str, function: str, line: int = 1) -> dict[str, object]:
    return {"file": file, "line": line, "function": function}


def test_a_signature_is_phase_type_and_twelve_digits() -> None:
    assert re.fullmatch(r"load:ValueError:[0-9a-f]{12}", of("no"))


def test_a_type_that_is_no_name_cannot_break_the_form() -> None:
    assert re.fullmatch(r"load:a_b_c:[0-9a-f]{12}", of("no", "a:b\nc"))
    assert of("no", "a:b") != of("no", "a_b")


@given(first=PATHS, second=PATHS)
def test_the_place_of_the_model_does_not_count(first: str, second: str) -> None:
    assert of(NOT_EXISTS.format(first)) == of(NOT_EXISTS.format(second))


@given(first=NUMBERS, second=NUMBERS)
def test_numbers_do_not_count(first: str, second: str) -> None:
    assert of(f"needs {first} of [{first}, 3] items") == of(f"needs {second} of [{second}, 3] items")


@given(first=st.integers(0, 2**64), second=st.integers(0, 2**64))
def test_addresses_do_not_count(first: int, second: int) -> None:
    text = "<Layer object at {:#018x}> in thread {:#x}"
    assert of(text.format(first, first)) == of(text.format(second, second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("got shape [1, 3, 224, 224]", "got shape [8, 16]"),
        ("got shape (None, 3)", "got shape (-1, 5, 7)"),
        ("Variable [ linear_0.w_0 ] not found", "Variable [ batch_norm2d_17.b_0 ] not found"),
        ("KeyError 'conv2d_3.w_0@GRAD'", "KeyError 'linear_12.w_0@GRAD'"),
        ("cannot open 'a b/net.pdmodel'", "cannot open '/x/y z/other.pdmodel'"),
        ("cannot open net.pdmodel", "cannot open other-7.pdmodel"),
        ("killed after 1.5e-3 s", "killed after 20 s"),
        ("key deadbeef01 is wrong", "key 0123456789abcdef is wrong"),
        ("\x1b[31mbad\x1b[0m model", "bad model"),
        ("bad\n\n   model", "bad model"),
    ],
)
def test_what_differs_from_run_to_run_does_not_count(first: str, second: str) -> None:
    assert of(first) == of(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("path not exists", "path is a folder"),
        ("operator < conv2d > error", "operator < conv3d > error"),
        ("got paddle.float32", "got paddle.bfloat16"),
        ("cannot open net.pdmodel", "cannot open net.json"),
        ("", "something"),
    ],
)
def test_what_tells_problems_apart_counts(first: str, second: str) -> None:
    assert of(first) != of(second)


@given(st.text())
def test_masking_a_masked_text_changes_nothing(text: str) -> None:
    once = mask(clean(text))
    assert mask(once) == once


@given(
    st.lists(
        st.sampled_from(["/", "a", "1", ".", "'", "(", ")", "[", "]", ",", " ", "_", "x", "0x", "<n>", "-", "w_0"])
    )
)
def test_masking_twice_is_masking_once_for_texts_made_of_what_is_masked(parts: list[str]) -> None:
    once = mask("".join(parts))
    assert mask(once) == once


@given(message=st.text(), first=WORDS, second=WORDS)
def test_two_types_never_have_one_signature(message: str, first: str, second: str) -> None:
    assert (of(message, first) == of(message, second)) == (first == second)


def test_a_cpp_stack_counts_by_its_own_names_and_not_by_its_order() -> None:
    shared = ["phi::enforce::EnforceNotMet::EnforceNotMet(phi::ErrorSummary const&, char const*, int)"]
    own = [
        "paddle::framework::Executor::Run(int)",
        "void phi::ConvKernel<float, phi::CPUContext>(phi::CPUContext const&)",
    ]

    def stack(names: list[str]) -> str:
        return "\n".join(f"{index}   {name}" for index, name in enumerate(names))

    first = ENFORCE.format(stack([*own, *shared]), "linear_0.w_0", "[3, 4]", "[5]", 3, 4, 120)
    second = ENFORCE.format(stack([*own[::-1]]), "linear_9.w_0", "[7]", "[1, 2, 3]", 8, 9, 133)
    other = ENFORCE.format(stack(["paddle::AnalysisPredictor::Run()"]), "x_0", "[3]", "[5]", 3, 4, 120)
    assert of(first) == of(second)
    assert of(first) != of(other)


def test_a_crash_counts_by_the_frames_inside_paddle() -> None:
    first = signature("load", "SIGSEGV", CRASH.format(thread="aa01", root="usr/lib", line=7), [])
    second = signature("load", "SIGSEGV", CRASH.format(thread="bb02", root="opt/x/y", line=99), [])
    assert first == second
    assert first != signature("load", "SIGSEGV", CRASH.replace("create_predictor", "run"), [])


def test_only_the_last_three_frames_inside_paddle_count() -> None:
    inside = [frame(f"/a/site-packages/paddle/{name}.py", name) for name in ("one", "two", "three", "four")]
    scenario = [frame("/lab/in/scenario.py", "load")]
    assert of("no", frames=[*scenario, *inside]) == of("no", frames=inside[1:])
    assert of("no", frames=inside) != of("no", frames=inside[:3])


def test_lines_and_the_place_of_paddle_do_not_count() -> None:
    here = [frame("/usr/lib/python3/site-packages/paddle/jit/api.py", "load", 1)]
    there = [frame("/srv/models/paddle/lib/site-packages/paddle/jit/api.py", "load", 900)]
    assert of("no", frames=here) == of("no", frames=there)


def test_frames_that_every_error_shares_do_not_count() -> None:
    own = frame("/s/paddle/jit/api.py", "load")
    shared = frame("/s/paddle/base/wrapped_decorator.py", "__impl__")
    assert of("no", frames=[own, shared]) == of("no", frames=[own])


def test_a_message_of_megabytes_is_signed_from_its_ends() -> None:
    assert of("a" * 5_000_000) != of("b" * 5_000_000)
