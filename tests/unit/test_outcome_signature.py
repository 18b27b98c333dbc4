"""Signatures: the same for the same problem anywhere, different for different problems."""

import os
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.model import Phase
from lab.outcome.signature import Link, crash_names, crash_signature, mask, numbers_signature, signature, version
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


def test_a_signature_is_phase_type_version_and_twelve_digits() -> None:
    assert re.fullmatch(r"load:ValueError:v2-[0-9a-f]{12}", of("no"))


@pytest.mark.parametrize("phase", Phase)
def test_the_phase_stands_first_and_the_same_error_in_another_phase_is_another(phase: Phase) -> None:
    signed = signature(phase.value, "ValueError", "no such model there", [])
    assert signed.startswith(f"{phase.value}:ValueError:v2-")
    assert len({signature(one.value, "ValueError", "no such model there", []) for one in Phase}) == len(Phase)


def test_a_type_that_is_no_name_cannot_break_the_form() -> None:
    assert re.fullmatch(r"load:a_b_c:v2-[0-9a-f]{12}", of("no", "a:b\nc"))
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


TYPES = st.text(min_size=1, max_size=90) | st.sampled_from(["a:b", "a_b", "a.b", "E" * 80, "E" * 81, "a\0b"])


@given(message=st.text(), first=TYPES, second=TYPES)
def test_two_types_never_have_one_signature(message: str, first: str, second: str) -> None:
    digits = [of(message, kind).rpartition("-")[2] for kind in (first, second)]
    assert (digits[0] == digits[1]) == (first == second)


def test_a_cpp_stack_beside_a_sentence_does_not_count() -> None:
    """FLAGS_call_stack_level says whether it is printed; that is not another problem."""
    names = ["paddle::framework::Executor::Run(int)", "phi::enforce::EnforceNotMet::EnforceNotMet(int)"]
    stack = "\n".join(f"{index}   {name}" for index, name in enumerate(names))
    with_stack = ENFORCE.format(stack, "linear_0.w_0", "[3, 4]", "[5]", 3, 4, 120)
    without = "(InvalidArgument) The shape of input x_0 must be [3], but received [5].\n  [Hint: Expected x == y.] (at /a/b.cc:7)"
    assert of(with_stack) == of(without)
    assert of(with_stack) != of(without.replace("input", "output"))


def test_a_cpp_stack_counts_where_the_sentence_says_too_little() -> None:
    text = "C++ Traceback (most recent call last):\n0   paddle::{}(int)\n\n-----\nError Message Summary:\n-----\nno"
    assert of(text.format("Run")) != of(text.format("Load"))
    assert of(text.format("Run")) == of(text.format("Run").replace("0   ", "7   "))


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


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{}" + "x" * 5_000_000 + " end", "the start {}"),
        ("start " + "x" * 5_000_000 + "{}", "the end {}"),
    ],
)
def test_a_message_of_megabytes_is_signed_from_both_its_ends(first: str, second: str) -> None:
    assert of(first.format("one")) != of(first.format("two")), second
    assert of(first.format("one")) == of(first.format("one"))


def test_the_middle_of_a_message_of_megabytes_does_not_count() -> None:
    text = "start " + "x" * 2_000_000 + "{}" + "x" * 2_000_000 + " end"
    assert of(text.format("one")) == of(text.format("two"))


# The same error in every release: texts as 2.6.2, 3.0.0 and 3.2.2 write them

HEADER = "In transformed code:\n\n"
USER = """    File "/{root}/scenario.py", line {line}, in forward
        def forward(self, x):
            y = x.reshape([3, 5, 7])
            ~~~~~~~~~~~~~~~~~~~~~~ <--- HERE

            return y

"""
OLD_LIBRARY = """    File "/{root}/site-packages/paddle/tensor/manipulation.py", line 4026, in reshape
\thelper.append_op(
    File "/{root}/site-packages/paddle/base/framework.py", line 4467, in append_op
\top = Operator(

"""
NEW_LIBRARY = """    File "/{root}/site-packages/paddle/utils/decorator_utils.py", line 60, in wrapper
\treturn func(*args, **kwargs)
    File "/{root}/site-packages/paddle/tensor/manipulation.py", line 5057, in reshape
\tout = _C_ops.reshape(x, new_shape)

"""
SENTENCE = "    ValueError: (InvalidArgument) The 'shape' in ReshapeOp is invalid, its capacity is {}.\n"
HINT = "  [Hint: Expected capacity == in_size, but received capacity:{} != in_size:8.] (at /paddle/{}.cc:{})\n"


def test_an_error_in_transformed_code_has_one_signature_in_every_release() -> None:
    old = HEADER + (USER + OLD_LIBRARY).format(root="a/b", line=11) + SENTENCE.format(105) + HINT.format(105, "op", 234)
    new = HEADER + (USER + NEW_LIBRARY).format(root="c", line=99) + SENTENCE.format(105) + HINT.format(105, "x/y", 7)
    assert of(old + "  [operator < reshape2 > error]\n") == of(new)
    assert of(new) == of(SENTENCE.format(3).replace("    ValueError: ", ""))
    assert of(new) != of(new.replace("capacity is", "size is"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            (
                "(InvalidArgument) Input(Y) has error dim.\n  [Hint: Expected a == K.] (at /paddle/x.h:331)\n"
                "  [operator < matmul_v2 > error]  [operator < run_program > error]"
            ),
            (
                "In user code:\n\n\n    InvalidArgumentError: Input(Y) has error dim.\n"
                "      [Hint: Expected b == K.] (at /paddle/y.h:7)\n      [operator < pd_kernel.phi_kernel > error]"
            ),
        ),
        (
            (
                "(NotFound) Cannot open file /a/net.json, please confirm whether it is normal.\n"
                "  [Hint: Expected fin.is_open() == true.] (at /paddle/a.cc:1)"
            ),
            "(NotFound) Cannot open file /b/c.json, please confirm whether it is normal. (at /paddle/b.cc:22)",
        ),
    ],
)
def test_what_paddle_puts_around_a_sentence_does_not_count(first: str, second: str) -> None:
    assert of(first) == of(second)


def test_categories_of_paddle_count() -> None:
    assert of("(NotFound) the file is not there") != of("(OutOfRange) the file is not there")


@pytest.mark.parametrize(
    "kind", ["AttributeError", "TypeError", "KeyError", "IndexError", "AssertionError", "EOFError"]
)
def test_words_of_python_itself_count_with_the_function_they_come_from(kind: str) -> None:
    text = "'NoneType' object has no attribute 'shape' here"
    one, other = frame("/s/paddle/jit/api.py", "load"), frame("/s/paddle/jit/api.py", "save")
    assert of(text, kind, [one]) != of(text, kind, [other])
    assert of(text, "ValueError", [one]) == of(text, "ValueError", [other])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("matmul", "_matmul"),
        ("load_inference_model", "load_inference_model_pir"),
        ("from_func_spec", "pir_from_func_spec"),
    ],
)
def test_a_function_has_one_name_for_both_irs(old: str, new: str) -> None:
    first, second = ([frame("/s/paddle/a.py", name)] for name in (old, new))
    assert of("no", frames=first) == of("no", frames=second)
    assert of("no", frames=first) != of("no", frames=[frame("/s/paddle/a.py", "other")])


def test_wrappers_around_a_function_do_not_count() -> None:
    own = frame("/s/paddle/jit/api.py", "load")
    for name in ("wrapper", "__impl__", "inner"):
        assert of("no", frames=[own, frame("/s/paddle/utils/x.py", name)]) == of("no", frames=[own])


def test_a_library_beside_paddle_in_an_environment_called_paddle_is_not_paddle() -> None:
    numpy = frame("/opt/paddle/lib/python3.11/site-packages/numpy/core/x.py", "dot")
    paddle = frame("/opt/paddle/lib/python3.11/site-packages/paddle/x.py", "dot")
    assert of("no", frames=[numpy]) == of("no")
    assert of("no", frames=[paddle]) != of("no")


# Causes


def link(kind: str, message: str) -> Link:
    return Link(type=kind, message=message)


def test_every_exception_of_a_chain_counts_and_so_does_their_order() -> None:
    truncated, version = (
        link("UnpicklingError", "pickle data was truncated"),
        link("ValueError", "only version 0 is known"),
    )
    chains = [[], [truncated], [version], [truncated, version], [version, truncated]]
    signed = [signature("load", "ValueError", "cannot parse the file", [], causes) for causes in chains]
    assert len(set(signed)) == len(chains)
    assert all(one.startswith("load:ValueError:v2-") for one in signed)


def test_the_type_of_a_cause_counts() -> None:
    causes = [link(kind, "it went away for ever") for kind in ("OSError", "RuntimeError")]
    assert len({signature("load", "ValueError", "cannot parse the file", [], [one]) for one in causes}) == len(causes)


@given(first=PATHS, second=PATHS, number=NUMBERS)
def test_places_and_numbers_in_a_cause_do_not_count(first: str, second: str, number: str) -> None:
    one, other = (
        signature("load", "E", "no", [], [link("OSError", f"({path}) is {number} long")]) for path in (first, second)
    )
    assert one == other


# Crashes

CPP = """

--------------------------------------
C++ Traceback (most recent call last):
--------------------------------------
{}

----------------------
Error Message Summary:
----------------------
FatalError: `Segmentation fault` is detected by the operating system.
  [TimeInfo: *** Aborted at {time} (unix time) try "date -d @{time}" if you are using GNU date ***]
  [SignalInfo: *** SIGSEGV (@{time}) received by PID {time} (TID 0x7f377190d2c0) from PID 4 ***]
"""
PREDICTOR = [
    "paddle_infer::Predictor::Predictor(paddle::AnalysisConfig const&)",
    (
        "std::unique_ptr<paddle::PaddlePredictor, std::default_delete<paddle::PaddlePredictor> > "
        "paddle::CreatePaddlePredictor<paddle::AnalysisConfig, (paddle::PaddleEngineKind)2>(paddle::AnalysisConfig const&)"
    ),
    "paddle::AnalysisPredictor::Init(std::shared_ptr<paddle::framework::Scope> const&)",
    "void paddle::NaiveExecutor::CreateVariables<int, std::vector<long, std::allocator<long> > >(int, bool)",
]


def cpp(names: list[str], time: int = 1795977184) -> str:
    return CPP.format("\n".join(f"{index}   {name}" for index, name in enumerate(names)), time=time)


def died(names: list[str], time: int = 1795977184) -> str:
    return crash_signature("load", "SIGSEGV", cpp(names, time))


def test_a_crash_is_named_by_the_innermost_functions_of_paddle() -> None:
    assert crash_names(cpp(PREDICTOR)) == (
        "paddle::NaiveExecutor::CreateVariables",
        "paddle::AnalysisPredictor::Init",
        "paddle::CreatePaddlePredictor",
    )
    assert died(PREDICTOR) == died(PREDICTOR, time=7)
    assert died(PREDICTOR) == died(PREDICTOR[1:])
    assert died(PREDICTOR) != died(PREDICTOR[:-1])
    assert died(PREDICTOR) != died([*PREDICTOR[:-1], "paddle::NaiveExecutor::Run()"])


def test_what_a_compiler_made_of_a_function_does_not_count() -> None:
    other = [
        name.replace(
            "<int, std::vector<long, std::allocator<long> > >(int, bool)", "<float>(long) const [clone .cold.7]"
        )
        for name in PREDICTOR
    ]
    assert other != PREDICTOR
    assert died(other) == died(PREDICTOR)
    assert died([*PREDICTOR, "paddle::F::{lambda(int)#1}::operator()(int)"]) == died(
        [*PREDICTOR, "paddle::F::{lambda(int)#2}::operator()(int)"]
    )


def test_brackets_in_brackets_without_end_are_left_where_they_are() -> None:
    name = "paddle::F" + "<" * 60_000 + "int" + ">" * 60_000 + "(int)"
    (kept,) = crash_names(cpp([name]))
    assert kept.startswith("paddle::F<<")


def test_frames_that_every_crash_shares_do_not_count() -> None:
    shared = [
        "std::vector<int>::at(long)",
        "phi::enforce::GetCurrentTraceBackString(bool)",
        "google::LogMessage::Fail()",
    ]
    assert died([*PREDICTOR, *shared]) == died(PREDICTOR)
    assert died(shared) != died([])


def test_a_recursion_of_any_depth_is_one_crash() -> None:
    deep = [*PREDICTOR, *["phi::Even(int)", "phi::Odd(int)"] * 500]
    assert died(deep) == died([*PREDICTOR, "phi::Even(int)", "phi::Odd(int)", "phi::Even(int)"])


def test_a_stack_too_long_to_keep_counts_by_its_inner_end() -> None:
    long = [f"paddle::Outer{'<int>' * 50}(int)"] * 3000
    assert died([*long, *PREDICTOR[-3:]]) == died([*PREDICTOR[-3:]])
    assert died([*long, *PREDICTOR[-3:]]) != died([*long, *PREDICTOR[:2]])


def test_the_signal_and_the_phase_of_a_crash_count() -> None:
    stack = cpp(PREDICTOR)
    signed = {
        crash_signature(*where, stack) for where in (("load", "SIGSEGV"), ("load", "SIGABRT"), ("infer", "SIGSEGV"))
    }
    assert len(signed) == 3


PYTHON = """Fatal Python error: Segmentation fault

Thread 0x00007f11 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 320 in wait

Current thread 0x00007fbd (most recent call first):
  File "{inner}", line {line} in {function}
  File "/lab/in/scenario.py", line 9 in load
  File "/lab/in/guest/phases.py", line 9 in main

Thread 0x00007f22 (most recent call first):
  File "/usr/lib/python3.11/socket.py", line 320 in accept
"""
NOTHING = cpp([]).replace(
    "\n\n--------------------", "\nNo stack trace in paddle, may be caused by external reasons.\n\n---", 1
)


def python(inner: str, function: str, line: int = 5) -> str:
    return crash_signature("load", "SIGSEGV", NOTHING, PYTHON.format(inner=inner, function=function, line=line))


def test_a_crash_outside_paddle_is_named_by_the_innermost_python_function_of_its_own_thread() -> None:
    text = PYTHON.format(inner="/usr/lib/python3.11/ctypes/__init__.py", function="string_at", line=5)
    assert crash_names(NOTHING, text) == ("ctypes:string_at",)
    here, there = python("/usr/lib/python3.11/zipfile.py", "read", 7), python("/opt/python/3.9/zipfile.py", "read", 9)
    assert here == there
    assert len({here, python("/usr/lib/python3.11/zipfile.py", "write"), python("/a/tarfile.py", "read")}) == 3


def test_a_crash_below_paddles_python_without_a_native_stack_is_named_by_paddles_function() -> None:
    inside = "/opt/paddle/lib/python3.11/site-packages/paddle/inference/wrapper.py"
    assert crash_names("", PYTHON.format(inner=inside, function="create_predictor", line=1)) == ("create_predictor",)


def test_two_lines_of_the_scenario_that_crash_are_two_crashes() -> None:
    assert python("/lab/in/scenario.py", "load", 5) != python("/lab/in/scenario.py", "load", 6)
    assert python("/lab/in/scenario.py", "load", 5) == python("/elsewhere/scenario.py", "load", 5)


def test_a_native_stack_goes_before_pythons() -> None:
    first, second = (PYTHON.format(inner=f"/x/{name}.py", function="f", line=1) for name in ("one", "two"))
    assert crash_signature("load", "SIGSEGV", cpp(PREDICTOR), first) == crash_signature(
        "load", "SIGSEGV", cpp(PREDICTOR), second
    )


def test_a_crash_of_which_nothing_is_known_is_signed_by_its_signal() -> None:
    assert crash_signature("load", "SIGSEGV") == signature("load", "SIGSEGV", "", ())
    assert crash_names("", "not a stack") == ()


def test_signatures_do_not_depend_on_the_seed_of_hashes() -> None:
    code = (
        "from tests.unit.test_outcome_signature import PREDICTOR, died, cpp, of; from lab.outcome.signature import *;"
        "print(died(PREDICTOR), crash_names(cpp(PREDICTOR)), numbers_signature('drift', 'values', {('a','x'),('b','y'),('c','z')}))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(told) == 1
    assert told.pop().startswith("load:SIGSEGV:v2-")


# Numbers


def test_wrong_numbers_are_named_by_outputs_and_how_each_is_wrong() -> None:
    found = [[("a", "values")], [("b", "values")], [("a", "inf")], [("a", "shape")], [("a", "values"), ("b", "values")]]
    signed = [numbers_signature("numeric_mismatch", one[0][1], one) for one in found]
    assert len(set(signed)) == len(found)
    assert re.fullmatch(r"compare:numeric_mismatch:values:v2-[0-9a-f]{12}", signed[0])


@given(st.permutations([("a", "values"), ("b/c", "nan"), ("模型", "shape")]))
def test_the_order_of_outputs_does_not_count(found: list[tuple[str, str]]) -> None:
    assert numbers_signature("drift", "values", found) == numbers_signature("drift", "values", sorted(found))


@pytest.mark.parametrize(
    ("signed", "number"),
    [
        ("load:ValueError:d1dfc721f229", 1),
        ("load:ValueError:v2-d1dfc721f229", 2),
        ("load:ValueError:v13-d1dfc721f229", 13),
        ("compare:numeric_mismatch:values", 1),
        ("load:v3-d1dfc721f229:d1dfc721f229", 1),
        ("", 1),
    ],
)
def test_a_signature_says_the_version_of_its_rule(signed: str, number: int) -> None:
    assert version(signed) == number


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("no model [TimeInfo: *** Aborted at 1 ***]", "no model"),
        ("no /a/b here (in /c/d e)", "no <path> here (<path>)"),
        ("no models\\net here", "no <path> here"),
        ("1a_1", "<n><tensor>"),
        ("net.pdmodel of 3 at 0x7f: linear_0.w_0 [2, None]", "<file>.pdmodel of <n> at <address>: <tensor> <shape>"),
    ],
)
def test_a_text_is_masked_by_what_its_parts_are(text: str, what: str) -> None:
    assert mask(text) == what


def test_the_middle_of_a_message_of_some_thousand_letters_counts() -> None:
    first, second = (f"{'a word ' * 400}{word} {'a word ' * 400}" for word in ("here", "there"))
    assert 4_000 < len(first) < 10_000
    assert of(first) != of(second)


def test_three_words_say_enough_and_two_do_not() -> None:
    inside, other = ([frame("/s/paddle/jit/api.py", name)] for name in ("load", "save"))
    assert of("no such model", frames=inside) == of("no such model", frames=other)
    assert of("no model", frames=inside) != of("no model", frames=other)


def test_what_stands_around_a_sentence_counts_only_where_the_sentence_says_too_little() -> None:
    first, second = ("{}\n  [Hint: Expected one to be two.]", "{}\n  [Hint: Something else was wanted.]")
    telling = "there is no such model"
    assert of(first.format(telling), "KeyError") == of(second.format(telling), "KeyError") == of(telling, "KeyError")
    assert of(first.format("bad")) != of(second.format("bad"))


def test_a_type_of_any_length_is_cut() -> None:
    assert of("no", "E" * 999).split(":")[1] == "E" * 80


def test_a_stack_counts_however_long_the_message_behind_it_is() -> None:
    frames = "".join(f"{number}   paddle::outer{number}(int)\n" for number in range(200)) + "200   paddle::F(int)\n"
    assert len(frames) > 4_000
    told = f"C++ Traceback (most recent call last):\n{frames}------\nError Message Summary:\n{'x' * 9_000}"
    assert crash_names(told) == ("paddle::F", "paddle::outer199", "paddle::outer198")
