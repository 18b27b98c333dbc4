import ast
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lab import scenario
from lab.scenario import draft

RELEASES = {"2.6.2", "3.0.0", "3.3.1"}
REPORT = """\
### 2.6 model does not load in 3.0

Same as https://github.com/PaddlePaddle/Paddle/issues/71996. With paddlepaddle==2.6.2 all is well, PaddlePaddle version: 3.0.0 fails;
paddlepaddle-gpu 2.4.9 was not tried. FLAGS_enable_pir_api=False seems to matter.

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
    assert found.flags == (("FLAGS_enable_pir_api", "False"),)
    assert found.apis == ("jit.load",)
    assert found.routes == ("jit",)
    assert (found.error, found.message) == ("ValueError", "The ``path`` (./net) to load model not exists.")
    assert found.code.startswith("import paddle")


def test_the_skeleton_is_a_scenario_that_says_what_is_open(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text(draft.skeleton(draft.read(REPORT, RELEASES)), encoding="utf-8")
    read = scenario.read(path)
    (expected,) = read.expectations
    assert (expected.saver, expected.loader, expected.type) == ("2.6.2", "3.0.0", "ValueError")
    assert expected.loader_env == {}
    text = path.read_text(encoding="utf-8")
    assert "FILL IN: who saved, who loaded?" in text
    assert "FILL IN: the report names FLAGS_enable_pir_api=False" in text
    assert "# | net = paddle.jit.load" in text


def test_what_a_report_does_not_say_is_not_made_up() -> None:
    found = draft.read("It does not work, please help!", RELEASES)
    assert (found.versions, found.flags, found.apis, found.error, found.code) == ((), (), (), "", "")
    text = draft.skeleton(found)
    assert 'saver = "FILL IN"' in text
    assert "outcome" not in text
    assert "what error is expected" in draft.gaps(found)


def test_which_side_is_which_is_always_left_to_a_person() -> None:
    assert "which release saved the model and which loaded it" in draft.gaps(draft.read(REPORT, RELEASES))


@given(st.text(max_size=300), st.text(max_size=100))
def test_any_report_gives_python_that_does_nothing_when_imported(text: str, code: str) -> None:
    found = draft.skeleton(draft.read(f"# {text}\npaddle 3.0.0\n```python\n{code}\n```\n{text}", RELEASES))
    kinds = {type(node) for node in ast.parse(found).body}
    assert kinds <= {ast.Expr, ast.FunctionDef}
