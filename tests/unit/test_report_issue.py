import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.bundle.make import subject
from lab.model import Run
from lab.model.bundle import IssueReport, Lang, Proof
from lab.report import issue, phrases
from lab.report.markdown import cell, fence
from lab.storage import store

GOLDEN = Path(__file__).parents[1] / "golden" / "issue"
SCENARIOS = {
    "jit_load_pir": Path(__file__).parents[2] / "scenarios" / "jit_load_pir.py",
    "predictor_json": GOLDEN / "predictor_json.txt",
}
LOG = (GOLDEN / "predictor_json.log").read_text(encoding="utf-8")
PROOF = Proof(schema=1, engine="docker", isolated=True, times=3, signatures={}, files_sha256="0" * 64)


def run_of(name: str) -> Run:
    path = GOLDEN / f"{name}.run.json"
    return store.decode(path.read_bytes(), str(path))


def report(name: str, **changes: object) -> IssueReport:
    run = run_of(name)
    whole = IssueReport(
        run=run,
        subject=subject(run)[0],
        summary="what the scenario says in one line",
        summary_zh="场景用一句话说的内容",
        code=SCENARIOS[name].read_text(encoding="utf-8"),
        issue="PaddlePaddle/Paddle#71996",
        attachment=f"{name}.repro.tgz",
        proof=PROOF,
        logs={"load.stderr.log": "a warning", **({} if name == "jit_load_pir" else {"load.stdout.log": LOG})},
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(SCENARIOS))
@pytest.mark.parametrize("lang", ["en", "zh", "both"])
def test_the_text_of_a_real_run_is_as_it_was_read_by_a_person(name: str, lang: str) -> None:
    assert issue.render(report(name), Lang(lang)) == (GOLDEN / f"{name}.{lang}.md").read_text(encoding="utf-8")


def test_the_fields_come_in_the_order_of_the_template() -> None:
    text = issue.render(report("jit_load_pir"), Lang.EN)
    order = [
        "### Describe the Bug",
        "```python",
        "Traceback",
        "### Additional",
        "| saved by",
        "Cure",
        "run.sh",
        "<details>",
    ]
    places = [text.index(word) for word in order]
    assert places == sorted(places)


def test_a_cure_on_the_saving_side_is_found_too() -> None:
    text = issue.render(report("predictor_json"), Lang.EN)
    assert "FLAGS_enable_pir_api=False set before `import paddle` on the saving side" in text


def test_a_chain_of_exceptions_is_told_once_where_the_traceback_tells_it() -> None:
    whole = report("jit_load_pir")
    detail = "Traceback ...\nUnpicklingError: cut short\n\nDuring handling ...\n\nValueError: no such model"
    message = "UnpicklingError: cut short\nwhich led to ValueError: no such model"
    for kept, times in ((detail, 0), ("Traceback ...", 1)):
        outcome = replace(whole.subject.outcome, type="ValueError", message=message, detail=kept)
        text = issue.render(replace(whole, subject=replace(whole.subject, outcome=outcome)), Lang.EN)
        assert text.count("which led to") == times


def test_a_crash_shows_the_traceback_that_paddle_wrote_into_its_log() -> None:
    text = issue.render(report("predictor_json"), Lang.EN)
    assert "paddle_infer::Predictor::Predictor" in text.partition("### Additional")[0]


def test_without_a_cure_the_text_says_so() -> None:
    whole = report("jit_load_pir")
    alone = replace(whole.run, trials=(whole.subject,))
    assert "None was found" in issue.render(replace(whole, run=alone), Lang.EN)


def test_a_flag_that_the_build_does_not_know_is_no_cure() -> None:
    whole = report("jit_load_pir")
    (cure,) = whole.run.cures_of(whole.subject)
    assert cure.load is not None
    placebo = replace(cure, load=replace(cure.load, flags_missing=("FLAGS_enable_pir_api",)))
    run = replace(whole.run, trials=(whole.subject, placebo))
    assert run.cures_of(whole.subject) == ()


def test_a_pair_that_builds_another_net_is_no_cure() -> None:
    whole = report("jit_load_pir")
    (cure,) = whole.run.cures_of(whole.subject)
    (flag,) = cure.loader_env
    run = replace(whole.run, variants=(flag,))
    assert run.cures_of(whole.subject) == ()


def test_a_run_without_containers_is_not_said_to_have_them() -> None:
    whole = report("jit_load_pir")
    text = issue.render(replace(whole, run=replace(whole.run, isolated=False)), Lang.EN)
    assert "without containers" in text


def test_the_code_is_the_scenario_without_its_header() -> None:
    code = issue.minimal(SCENARIOS["jit_load_pir"].read_text(encoding="utf-8"))
    assert "tool.lab" not in code
    assert code.startswith('"""A small')
    compile(code, "code", "exec")


def test_text_from_a_container_closes_no_fence_and_calls_nobody() -> None:
    whole = report("jit_load_pir")
    hostile = "```\n</details>\n@everybody see [this](http://x) #1 <script>\x1b[31m\u202e"
    outcome = replace(whole.subject.outcome, message=hostile, detail=hostile, type="`|@x")
    subject_ = replace(whole.subject, outcome=outcome)
    run = replace(whole.run, trials=(subject_,))
    text = issue.render(replace(whole, subject=subject_, run=run, summary=hostile, logs={"a|b": hostile}), Lang.BOTH)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert re.search(r"@\w", outside_code(text)) is None
    assert "<script>" not in outside_code(text)
    assert "[this]" not in outside_code(text).replace("\\[", "")


def outside_code(text: str) -> str:
    kept, mark = [], ""
    for line in text.splitlines():
        found = re.match(r"(`{3,})\w*$", line)
        if mark:
            mark = "" if line == mark else mark
        elif found:
            mark = found[1]
        else:
            kept.append(line)
    assert mark == "", "a fence was left open"
    return "\n".join(kept)


@given(st.text(alphabet="`~@a\n |<[#\\", max_size=60))
def test_no_text_leaves_its_fence(text: str) -> None:
    mark, *inside, end = fence(text)
    assert end == mark.removesuffix("text")
    assert not any(line.strip() == end for line in "\n".join(inside).split("\n"))


@given(st.text(max_size=60))
def test_a_cell_is_one_line_and_mentions_nobody(text: str) -> None:
    told = cell(text)
    assert "\n" not in told
    assert re.search(r"@\w", told) is None
    assert re.search(r"(?<!\\)(\\\\)*\|", told) is None


def test_every_phrase_has_both_languages_and_the_same_words() -> None:
    for english, chinese in phrases.PAIRS.values():
        assert english.strip()
        assert chinese.strip()
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese))


def test_the_new_issue_page_has_title_and_labels() -> None:
    address = issue.address(report("jit_load_pir"))
    assert address.startswith("https://github.com/PaddlePaddle/Paddle/issues/new?")
    assert "title=2.6.2-cpu+-%3E+3.0.0-cpu" in address
    assert "labels=type%2Fbug-report" in address
    assert len(issue.title(report("jit_load_pir"))) <= issue.TITLE


@pytest.mark.parametrize("lang", ["zh", "both"])
def test_chinese_text_opens_in_chinese(lang: str) -> None:
    lines = issue.render(report("jit_load_pir"), Lang(lang)).splitlines()
    assert lines[2] == "场景用一句话说的内容 (PaddlePaddle/Paddle#71996)"
    assert issue.render(report("jit_load_pir", summary_zh=""), Lang(lang)).splitlines()[2].startswith("what the")


def test_without_a_bundle_the_text_says_how_to_see_it_with_paddle_alone_and_what_the_lab_is() -> None:
    text = issue.render(report("jit_load_pir", attachment="", proof=None), Lang.EN).partition("**Reproduce with**")[2]
    assert "the code above as `repro.py`" in text
    assert "# pip install paddlepaddle==2.6.2 numpy==1.26.4\nmkdir saved && python repro.py save saved\n" in text
    assert "# pip install paddlepaddle==3.0.0 numpy==2.3.5\npython repro.py load saved\n" in text
    assert text.index("which needs only Docker or Podman") < text.index("lab run ")
    bare = issue.render(
        report("predictor_json", attachment="", proof=None, code="def save(prefix, inputs): ..."), Lang.EN
    )
    assert "call the first with Paddle 3.0.0-cpu, the second with Paddle" in bare
