"""Arrays of text are equal or not, whatever their widths; the first difference is shown."""

from pathlib import Path

import numpy as np
import pytest

from lab.compare import compare, strings
from lab.compare.planted import write_outputs
from lab.model import Diff, Grade, Metrics, Worst

WORDS = ["a", "b", "c", "d", "e", "f"]


def diff_of(folder: Path, reference: object, candidate: object) -> Diff:
    good = write_outputs(folder / "reference.npz", {"y": np.asarray(reference)})
    (diff,) = compare(good, write_outputs(folder / "candidate.npz", {"y": np.asarray(candidate)}))
    return diff


def test_equal_texts_of_other_widths_are_exact(tmp_path: Path) -> None:
    wide = np.array(WORDS, "<U9")
    diff = diff_of(tmp_path, WORDS, wide)
    assert diff == Diff(
        output="y", grade=Grade.EXACT, reference="str [6]", candidate="str [6]", metrics=Metrics(size=6, mismatched=0.0)
    )


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("piece", [1, 2, 4, 100])
def test_one_other_text_is_found_and_shown_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int, piece: int
) -> None:
    monkeypatch.setattr(strings, "_BYTES", piece * np.dtype("<U1").itemsize)
    other = [*WORDS[:place], "X", *WORDS[place + 1 :]]
    diff = diff_of(tmp_path, WORDS, other)
    assert (diff.grade, diff.reason) == (Grade.MISMATCH, "values")
    assert (diff.output, diff.reference, diff.candidate) == ("y", "str [6]", "str [6]")
    worst = Worst(index=(place,), reference=repr(WORDS[place]), candidate="'X'")
    assert diff.metrics == Metrics(size=6, mismatched=1 / 6, worst_abs=worst)


def test_all_differences_count_and_the_first_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strings, "_BYTES", 2 * np.dtype("<U1").itemsize)
    diff = diff_of(tmp_path, np.reshape(WORDS, (2, 3)), np.reshape(["a", "X", "c", "Y", "Z", "f"], (2, 3)))
    assert diff.metrics == Metrics(
        size=6, mismatched=0.5, worst_abs=Worst(index=(0, 1), reference="'b'", candidate="'X'")
    )


def test_nothing_at_all_is_equal_to_nothing(tmp_path: Path) -> None:
    diff = diff_of(tmp_path, np.array([], "<U1"), np.array([], "<U1"))
    assert (diff.grade, diff.reason, diff.metrics) == (Grade.EXACT, "", Metrics(size=0))


def test_a_long_text_is_shown_by_its_ends(tmp_path: Path) -> None:
    diff = diff_of(tmp_path, ["a" * 999], ["b" * 999])
    assert diff.metrics is not None
    assert diff.metrics.worst_abs is not None
    assert max(len(str(diff.metrics.worst_abs.reference)), len(str(diff.metrics.worst_abs.candidate))) <= 80
