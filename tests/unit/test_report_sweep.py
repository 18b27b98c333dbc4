import io
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from rich.console import Console

from lab.model import Kind, Outcome, Phase
from lab.model.sweep import Net, NetInput, Sweep, SweepCell, SweepFinding
from lab.outcome.first_signature import first_signature
from lab.outcome.signature import signature
from lab.report import sweep_terminal
from lab.report.sweep import page
from lab.report.sweep_absent import missing
from lab.report.sweep_rows import common, own
from lab.report.sweep_words import PAIRS
from lab.site import markdown_page

HOSTILE = "</td><script>alert(1)</script> | `x` @all\n[a](b)"
FLAG = {"FLAGS_x": "0"}
X = {"x": NetInput(dtype="float32", shape=(2,))}
WRONG = Outcome(
    kind=Kind.NUMERIC_MISMATCH, phase=Phase.COMPARE, reason="values", message="output out0: values; 1 instead of 2"
)
RAISED = Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.LOAD, type="ValueError", message=HOSTILE, signature="s")


def net(name: str, family: str = "toy") -> Net:
    return Net(name=name, family=family, inputs=X, code=f"F.{name}(x)", probe=name == "relu")


def wrong(name: str) -> SweepFinding:
    return SweepFinding(nets=(name,), outcome=WRONG, gap=1.0, blame="opened", witness="numpy", second="same")


def cell(
    saver: str,
    loader: str,
    route: str = "jit",
    *,
    found: tuple[SweepFinding, ...] = (),
    closed: bool = False,
    flag: bool = False,
) -> SweepCell:
    return SweepCell(
        saver=f"{saver}-cpu-py311", saver_env={}, loader=f"{loader}-cpu-py311", loader_env=FLAG if flag else {},
        route=route, counts={"exact": 2}, found=found, closed=closed,
    )  # fmt: skip


def sweep(*cells: SweepCell) -> Sweep:
    saves = [SweepCell(saver=f"{one}-cpu-py311", saver_env={}, formats=(".json",)) for one in ("1.0", "2.0")]
    return Sweep(
        schema=1, id="r", command="lab sweep", started="a", finished="b", nets=(net("relu"), net("exp"), net("sum", "other")),
        saves=tuple(saves), cells=cells, eager=(), machine={"cpu": "c", "cores": "2"}, seconds=60, loads=2 * len(cells),
    )  # fmt: skip


def section(text: str, title: str) -> str:
    return text.partition(f"## {title}")[2].partition("\n## ")[0]


def test_what_is_silent_comes_first_with_its_code_its_places_and_its_witness() -> None:
    found = sweep(
        cell("1.0", "2.0", found=(wrong("exp"),)),
        cell("1.0", "2.0", "static", found=(wrong("exp"),)),
        cell("2.0", "2.0"),
    )
    text = page(found, "en")
    first = next(line for line in text.splitlines() if line.startswith("## "))
    assert first.startswith("## Silent")
    (row,) = [line for line in section(text, "Silent").splitlines() if "`exp`" in line]
    assert "`F.exp(x)`" in row
    assert "jit, static: 1.0 → 2.0" in row
    assert "what was opened (numpy)" in row
    assert "the same" in row


def test_a_sweep_without_silent_findings_says_so() -> None:
    assert "None was found." in section(page(sweep(cell("1.0", "2.0")), "en"), "Silent")


def test_a_format_is_read_read_with_the_flag_or_refused() -> None:
    failed = (SweepFinding(nets=("relu",), outcome=RAISED),)
    found = sweep(
        cell("1.0", "1.0"), cell("1.0", "2.0", found=failed, closed=True), cell("1.0", "2.0", flag=True),
        cell("2.0", "1.0", found=failed, closed=True), cell("2.0", "1.0", found=failed, closed=True, flag=True), cell("2.0", "2.0"),
    )  # fmt: skip
    text = section(page(found, "en"), "Which format is read at all")
    assert "| **1.0** `.json` | ✓ | † |" in text
    assert "| **2.0** `.json` | ✗ | ✓ |" in text


def test_a_refused_format_is_one_finding_and_no_error_of_its_operators() -> None:
    failed = (SweepFinding(nets=("relu",), outcome=RAISED),)
    text = page(sweep(cell("1.0", "2.0", found=failed, closed=True), cell("1.0", "1.0")), "en")
    assert "| toy | 2 | 2 | 0 | 0 | 0 | 0 |" in text


def test_an_error_of_one_operator_stands_in_its_family() -> None:
    text = page(sweep(cell("1.0", "2.0", found=(SweepFinding(nets=("sum",), outcome=RAISED),))), "en")
    assert "`sum`" in text.partition("### other")[2]
    assert "### toy" not in text


def test_an_error_that_meets_many_nets_is_said_once() -> None:
    many = tuple(f"n{number}" for number in range(30))
    found = sweep(cell("1.0", "2.0", found=(SweepFinding(nets=many, outcome=RAISED),)))
    text = section(page(found, "en"), "One error, many nets")
    assert "| 30 | jit: 1.0 → 2.0 |" in text


def test_one_error_that_labs_of_different_age_signed_is_one_line() -> None:
    told = Outcome(
        kind=Kind.PY_EXCEPTION,
        phase=Phase.LOAD,
        type="ValueError",
        message="the path (/a/b) to load model does not exist at all",
    )
    old = replace(told, signature=first_signature(told))
    new = replace(told, signature=signature("load", "ValueError", told.message, ()))
    assert old.signature != new.signature
    cells = (
        cell("1.0", "2.0", found=(SweepFinding(nets=("sum",), outcome=old),)),
        cell("2.0", "2.0", found=(SweepFinding(nets=("sum",), outcome=new),)),
    )
    (line,) = own(cells, ["relu", "exp", "sum"])
    assert len(line.spots) == 2
    many = tuple(f"n{number}" for number in range(30))
    wide = tuple(replace(one, found=(replace(one.found[0], nets=many),)) for one in cells)
    (line,) = common(wide)
    assert len(line.spots) == 2


def test_what_only_onednn_does_is_shown_beside_what_happens_without() -> None:
    text = page(
        sweep(cell("1.0", "2.0", "predictor", found=(wrong("exp"),)), cell("1.0", "2.0", "predictor_no_onednn")), "en"
    )
    assert "| `exp` | numeric_mismatch (values) | fine |" in section(text, "oneDNN on and off")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_text_from_containers_cannot_leave_its_cell(lang: str) -> None:
    text = page(sweep(cell("1.0", "2.0", found=(SweepFinding(nets=("sum",), outcome=RAISED),))), lang)
    assert "<script" not in text
    assert "@all" not in text
    shown = markdown_page.html(text, lang)
    assert "<script>" not in shown
    Whole().feed(shown)


class Whole(HTMLParser):
    """Complains where a tag is closed that was not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_both_languages_have_the_same_rows() -> None:
    found = sweep(
        cell("1.0", "2.0", found=(wrong("exp"), SweepFinding(nets=("sum",), outcome=RAISED))), cell("2.0", "2.0")
    )
    shapes = [[line.count("|") for line in page(found, lang).splitlines()] for lang in ("en", "zh")]
    assert shapes[0] == shapes[1]


def test_no_phrase_lacks_a_language() -> None:
    assert all(english.strip() and chinese.strip() for english, chinese in PAIRS.values())


def test_the_terminal_shows_silent_findings_errors_and_refused_formats() -> None:
    failed = (SweepFinding(nets=("relu",), outcome=RAISED),)
    found = sweep(
        cell("1.0", "2.0", found=(wrong("exp"), SweepFinding(nets=("sum",), outcome=RAISED))),
        cell("2.0", "1.0", found=failed, closed=True),
    )
    console = Console(width=200, file=io.StringIO())
    with console.capture() as captured:
        console.print(sweep_terminal.render(found))
    text = captured.get()
    assert "1 instead of 2; wrong: opened numpy; second look: same" in text
    assert "ValueError in load" in text
    assert "1 of 2 cells: the format is refused" in text


def told(message: str, phase: Phase = Phase.INFER) -> Outcome:
    return Outcome(kind=Kind.PY_EXCEPTION, phase=phase, type="RuntimeError", message=message)


@pytest.mark.parametrize(
    ("message", "what"),
    [
        ("module 'paddle.nn.functional' has no attribute 'lp_pool2d'", "no function"),
        (
            "(NotFound) The kernel with key (CPU, Undefined(AnyLayout), uint8) of kernel 'add' is not registered.",
            "no kernel",
        ),
        ("(NotFound) The kernel `rms_norm` is not registered.", "no kernel"),
        ("The data type of 'x' in matmul must be ['int8', 'float32'], but received int32.", "no dtype"),
        ("(NotFound) Operator (masked_fill) is not registered.", "no operator"),
        ("(Fatal) Op masked_fill should have corresponding OpInfo pd_op.masked_fill", "no operator"),
        ("'tuple' object has no attribute 'numel'", ""),
        ("could not reshape a memory descriptor", ""),
    ],
)
def test_what_a_release_does_not_have_is_told_from_what_it_does_wrong(message: str, what: str) -> None:
    assert missing(told(message)) == what


def test_an_operator_that_is_not_there_is_said_of_savers_and_loaders_and_is_no_other_failure() -> None:
    found = sweep(
        cell("1.0", "2.0", found=(SweepFinding(nets=("sum",), outcome=told("Operator (sum) is not registered.")),)),
        cell("2.0", "2.0"),
    )
    lacks = SweepFinding(nets=("relu", "exp"), outcome=told("module 'paddle' has no attribute 'relu'"))
    text = page(replace(found, saves=(replace(found.saves[0], found=(lacks,)), found.saves[1])), "en")
    assert [line for line in section(text, "What a release does not have").splitlines() if "`" in line] == [
        "| `relu`, `exp` | the function in Python | 1.0 |  |",
        "| `sum` | the operator that the file names |  | 2.0 |",
    ]
    assert "`relu`" not in section(text, "What a release cannot run or save")


def test_the_page_says_where_the_expected_value_of_every_net_comes_from() -> None:
    found = sweep(cell("1.0", "2.0"))
    assert "0 nets have a formula by numpy alone" in page(found, "en")
    assert "`relu`, `exp`, `sum`" in page(found, "zh").partition("预期值取自")[0]
    judged = replace(found, nets=tuple(replace(one, numpy="x") for one in found.nets))
    assert "Every net has a formula by numpy alone" in page(judged, "en")


def test_one_reason_why_many_nets_are_not_saved_is_one_row_and_savers_with_the_same_nets_share_it() -> None:
    def refused(name: str, line: int) -> SweepFinding:
        text = f"{name}(): argument must be Value (at /paddle/eager.cc:{line})"
        return SweepFinding(
            nets=(name,), outcome=Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.SAVE, type="TypeError", message=text)
        )

    found = sweep(cell("1.0", "1.0"))
    saves = tuple(
        replace(one, found=(refused("relu", line), refused("exp", line)))
        for one, line in zip(found.saves, (1, 2), strict=True)
    )
    rows = [
        line for line in section(page(replace(found, saves=saves), "en"), "What a release").splitlines() if "`" in line
    ]
    assert rows == ["| `relu`, `exp` | 1.0, 2.0, in saving | TypeError: …(): argument must be Value |"]
