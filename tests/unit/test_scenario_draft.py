import ast
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lab import pattern, scenario
from lab.model import Kind
from lab.scenario import draft, marks, unfinished
from lab.scenario.reading import places

RELEASES = {"2.6.2", "3.0.0", "3.3.1"}
REPORT = """\
### 2.6 model does not load in 3.0

Same as https://github.com/PaddlePaddle/Paddle/issues/71996. With paddlepaddle==2.6.2 all is well,
PaddlePaddle version: 3.0.0 fails; paddlepaddle-gpu 2.4.9 was not tried. FLAGS_enable_pir_api=False seems to matter.

```python
import paddle
# /// script
net = paddle.jit.load("./net")
```

```
Traceback (most recent call last):
  File "x.py", line 2, in <module>
ValueError: The ``path`` (./net) to load model not exists.
```
"""


def test_what_a_report_says_is_read() -> None:
    found = draft.read(REPORT, RELEASES)
    assert found.issue == "PaddlePaddle/Paddle#71996"
    assert found.versions == ("2.6.2", "3.0.0")
    assert found.unknown == ("2.4.9",)
    assert (found.good, found.bad) == (("2.6.2",), ("3.0.0",))
    assert found.flags == (("FLAGS_enable_pir_api", "False"),)
    assert found.apis == ("jit.load",)
    assert found.routes == ("jit",)
    assert (found.outcome, found.error) == (Kind.PY_EXCEPTION, "ValueError")
    assert found.message == "The ``path`` (<path>) to load model not exists."
    assert [block.body.split("\n")[0] for block in found.code] == ["import paddle"]


def test_the_skeleton_is_a_scenario_that_says_what_is_open(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text(unfinished.skeleton(draft.read(REPORT, RELEASES)), encoding="utf-8")
    fails, works = scenario.read(path).expectations
    assert (fails.saver, fails.loader, fails.outcome, fails.type) == ("2.6.2", "3.0.0", Kind.PY_EXCEPTION, "ValueError")
    assert (works.saver, works.loader, works.outcome) == ("2.6.2", "2.6.2", Kind.OK)
    assert fails.loader_env == {}
    text = path.read_text(encoding="utf-8")
    assert "FILL IN: who saved, who loaded?" in text
    assert "FILL IN: the report names FLAGS_enable_pir_api=False" in text
    assert "# | net = paddle.jit.load" in text


def test_the_expected_message_fits_another_folder_and_not_another_message() -> None:
    wanted = places.pattern(draft.read(REPORT, RELEASES).message)
    assert pattern.found(wanted, "The ``path`` (/lab/saved/model/net) to load model not exists. Please")
    assert not pattern.found(wanted, "The ``path`` (./net) is a folder.")


def test_what_a_report_does_not_say_is_not_made_up() -> None:
    found = draft.read("It does not matter, please help!", RELEASES)
    assert found == draft.Draft(title="It does not matter, please help!")
    text = unfinished.skeleton(found)
    assert 'saver = "FILL IN"' in text
    assert "outcome" not in text
    assert "what error is expected" in draft.gaps(found)


def test_which_side_is_which_is_always_left_to_a_person() -> None:
    assert "which release saved the model and which loaded it" in draft.gaps(draft.read(REPORT, RELEASES))


def test_a_series_is_its_newest_patch_unless_the_report_names_another() -> None:
    releases = {"2.6.0", "2.6.1", "2.6.2", "3.0.0"}
    assert draft.read("paddle 2.6 works", releases).versions == ("2.6.2",)
    assert draft.read("paddle 2.6.1 works. All of 2.6 works.", releases).versions == ("2.6.1",)
    assert "which patch is meant by 2.6 (read as 2.6.2)" in draft.gaps(draft.read("paddle 2.6 works", releases))


def test_marks_in_the_report_itself_are_no_marks_of_the_skeleton() -> None:
    report = "FILL IN the blanks with paddle 3.0.0\n\n```python\nimport paddle  # FILL IN\n```\n"
    plain = report.replace("FILL IN", "fill in")
    found, wanted = (unfinished.skeleton(draft.read(text, RELEASES)) for text in (report, plain))
    assert "import paddle  # FILL IN" in found
    assert marks.left(found) == marks.left(wanted)


@given(st.text(max_size=300), st.text(max_size=100))
def test_any_report_gives_python_that_does_nothing_when_imported(text: str, code: str) -> None:
    read = draft.read(f"# {text}\npaddle 3.0.0\n```python\n{code}\n```\n{text}", RELEASES)
    found = unfinished.skeleton(read)
    kinds = {type(node) for node in ast.parse(found).body}
    assert kinds <= {ast.Expr, ast.FunctionDef}
    assert marks.left(found)
