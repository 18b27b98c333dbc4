"""A traceback counts lines as the code beside it does, and holds no frame of the lab's own."""

from hypothesis import given
from hypothesis import strategies as st

from lab.report import frames

HEADER = "# /// script\n# x = 1\n# ///\n"
CODE = "import paddle\n\ndef load(path):\n    return paddle.jit.load(path)"
GUEST = """Traceback (most recent call last):
  File "/lab/in/guest/phases.py", line 289, in main
    result = run(line, request)
             ^^^^^^^^^^^^^^^^^^
  File "/lab/in/guest/routes.py", line 122, in infer
    predictor.run()
  File "/opt/paddle/lib/x.py", line 3, in run
    boom()
NotImplementedError: (Unimplemented) x"""


def test_lines_of_the_scenario_are_counted_as_they_are_shown() -> None:
    trace = '  File "/lab/in/scenario.py", line 7, in load\n    return paddle.jit.load(path)\nValueError: x'
    assert '  File "/lab/in/scenario.py", line 4, in load' in frames.told(trace, HEADER + CODE, CODE)


def test_a_line_that_is_not_shown_says_that_it_is_of_the_whole_file() -> None:
    trace = '  File "/lab/in/scenario.py", line 2, in x'
    assert "line 2 of the whole file" in frames.told(trace, HEADER + CODE, CODE)


def test_frames_of_the_guest_are_left_out_and_counted() -> None:
    told = frames.told(GUEST, CODE, CODE)
    assert "guest" not in told
    assert "phases.py" not in told
    assert '  File "/opt/paddle/lib/x.py", line 3, in run\n    boom()' in told
    assert told.endswith("(2 frames of the loader's own code are left out)")


def test_a_statement_that_the_code_has_too_is_told_as_a_line_of_it() -> None:
    code = "import x\n\npredictor.run()\n"
    told = frames.told(GUEST, code, code)
    assert '  File "the code above", line 3, in <module>\n    predictor.run()' in told
    assert "(1 frames" in told


@given(before=st.integers(0, 20), line=st.integers(1, 40))
def test_the_number_told_is_the_line_with_the_same_text(before: int, line: int) -> None:
    shown = "\n".join(f"line {number}" for number in range(1, 11))
    whole = "".join(f"# {number}\n" for number in range(before)) + shown
    told = frames.told(f'  File "scenario.py", line {line}, in f', whole, shown)
    if before < line <= before + 10:
        number = int(told.partition(", line ")[2].partition(",")[0])
        assert shown.splitlines()[number - 1] == whole.splitlines()[line - 1]
    else:
        assert "of the whole file" in told
