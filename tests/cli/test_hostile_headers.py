"""Scenario files from anywhere: whatever their header asks for, the lab answers at once and in one sentence."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli

DEEP = 100_000
FUNCTIONS = """
import numpy as np
def inputs(rng):
    return {"x": np.ones(3, "float32")}
def save(prefix, inputs):
    open(prefix + ".w", "w").write("w")
    return {"y": inputs["x"]}
def load(prefix):
    raise ValueError("a" * 60_000 + "!")
def infer(handle, inputs):
    return {}
"""
HOSTILE = {
    "arrays": "# x = " + "[" * DEEP,
    "tables": "# x = " + "{a=" * DEEP,
    "a dotted key": "# " + "a." * DEEP + "a = 1",
    "digits": "# x = " + "9" * 5000,
    "a negative limit": "# limits = { wall_s = -5 }",
    "an endless limit": "# limits = { wall_s = inf }",
    "a pattern that looks ahead": '# [[tool.lab.expect]]\n# saver = "2.6.2"\n# loader = "3.0.0"\n# message = "(?=a)"',
    "an empty type": '# [[tool.lab.expect]]\n# saver = "2.6.2"\n# loader = "3.0.0"\n# type = ""',
}


def written(bench: Path, header: str, code: str = FUNCTIONS) -> None:
    content = f'# /// script\n# [tool.lab]\n# summary = "s"\n# timed = false\n{header}\n# ///\n{code}'
    (bench / "scenarios" / "hostile.py").write_text(content, encoding="utf-8")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("header", HOSTILE.values(), ids=HOSTILE)
def test_a_header_that_asks_too_much_is_refused_in_one_sentence(cli: Cli, bench: Path, header: str) -> None:
    written(bench, header)
    answer = cli("repro", "hostile")
    assert answer.code == 2
    assert answer.err.startswith("lab: ")
    assert "hostile.py:" in answer.err.splitlines()[0]
    assert answer.err.count("\n") <= 2


@pytest.mark.timeout(120)
@pytest.mark.parametrize("code", ["-" * DEEP + "1", "a" + ".b" * DEEP, "(" * DEEP])
def test_code_that_is_nested_deep_is_refused_in_one_sentence(cli: Cli, bench: Path, code: str) -> None:
    written(bench, "#", f"x = {code}\n{FUNCTIONS}")
    answer = cli("repro", "hostile")
    assert answer.code == 2
    assert "nested" in answer.err


@pytest.mark.timeout(240)
def test_a_pattern_that_would_try_for_ever_is_judged(cli: Cli, bench: Path, toy: Any) -> None:
    """shared/faults/hostile/c12_regex.py."""
    del toy
    expected = (
        '# [[tool.lab.expect]]\n# saver = "3.0.0"\n# loader = "3.0.0"\n# outcome = "py_exception"\n# message = "(a+)+$"'
    )
    written(bench, expected)
    answer = cli("repro", "hostile")
    assert answer.code == 1, answer.err
    assert "expected a message that matches '(a+)+$'" in answer.out
