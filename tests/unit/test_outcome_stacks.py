"""Stacks inside a text: frames in their order, names without what compilers add, and which files are Paddle's."""

import pytest

from lab.outcome.stacks import bare, innermost, is_own, own_function, python_frames

OWN = "/s/paddle/jit/api.py"


def test_frames_of_a_traceback_stand_as_they_are_and_those_of_faulthandler_are_turned() -> None:
    lines = '  File "/a.py", line 1 in f\n  File "/b.py", line 2 in g\n'
    oldest_first = python_frames(f"Traceback (most recent call last):\n{lines}")
    assert [one["function"] for one in oldest_first] == ["f", "g"]
    assert [one["function"] for one in python_frames(f"Thread 0x1 (most recent call first):\n{lines}")] == ["g", "f"]
    assert oldest_first[0] == {"file": "/a.py", "line": 1, "function": "f"}


@pytest.mark.parametrize(
    ("whole", "name"),
    [
        ("void paddle::F<int, float>(int) const", "paddle::F"),
        ("paddle::F(int) (.isra.0)", "paddle::F"),
        ("paddle::F.constprop.3(int)", "paddle::F"),
        ("paddle::{lambda(int)#1}::operator()", "paddle::{lambda}::operator"),
        ("<T>", ""),
        ("", ""),
    ],
)
def test_a_function_is_its_name_alone(whole: str, name: str) -> None:
    assert bare(whole) == name


def test_a_frame_that_lacks_something_names_nothing() -> None:
    assert own_function(()) == ""
    assert own_function(({"file": OWN},)) == ""
    assert own_function(({"function": "load"},)) == ""
    assert own_function(({"file": OWN, "function": "load"}, {"file": OWN})) == "load"


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        ({"file": "/a/b.py", "function": "f", "line": 3}, "b:f"),
        ({"file": "C:\\a\\b.py", "function": "f", "line": 3}, "b:f"),
        ({"file": "a/__init__.py", "function": "f"}, "a:f"),
        ({"file": "__init__.py", "function": "f"}, "__init__:f"),
        ({"file": "/tmp/scenario.py", "function": "load", "line": 3}, "scenario:load:3"),
        ({"file": "/tmp/scenario.py", "function": "load"}, "scenario:load:0"),
        ({"function": "f"}, ":f"),
        ({"file": "/a/b.py"}, "b:"),
    ],
)  # fmt: skip
def test_the_innermost_function_is_named_by_its_module(frame: dict[str, object], name: str) -> None:
    assert innermost(({"file": "/x.py", "function": "outer"}, frame)) == name


def test_without_frames_there_is_no_innermost_function() -> None:
    assert innermost(()) == ""


@pytest.mark.parametrize(
    ("file", "own"),
    [
        (OWN, True),
        ("C:\\s\\paddle\\jit\\api.py", True),
        ("/opt/paddle/lib/python3.11/a.py", False),
        ("/opt/paddle/lib64/python3.11/a.py", False),
        ("/opt/paddle/bin/a.py", False),
        ("/opt/paddle/x/site-packages/numpy/a.py", False),
        ("/opt/paddle/lib/site-packages/paddle/a.py", True),
        ("/s/other/a.py", False),
    ],
)
def test_a_file_is_paddles_where_it_lies_in_the_package_and_not_beside_it(file: str, own: bool) -> None:  # noqa: FBT001
    assert is_own(file) is own
