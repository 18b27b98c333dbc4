import csv
import io
import json
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import documents
from lab.model import Kind, Outcome, Run, TrialResult
from lab.model.bench import Change
from lab.model.cure import Cure, CureKind
from lab.outcome.signature import crash_signature, signature
from lab.outcome.stacks import TRACEBACK, python_frames
from lab.report.grid import GLYPHS, seen, square
from lab.site import PairResult, Shared, SiteScenario, compat, files, overview, places, render, speed, words
from lab.site import feed as parts
from lab.site.told import placed, told
from tests import report_data as data

ATOM = "{http://www.w3.org/2005/Atom}"
VOID = {"meta", "link", "input", "br", "wbr"}


def site(*subjects: SiteScenario, shared: Shared | None = None) -> dict[str, bytes]:
    return dict(render(subjects, shared or data.shared()))


@pytest.fixture(scope="module")
def full() -> dict[str, bytes]:
    pairs = [
        data.pair(data.ANCHOR, data.SIDES[0], "bad"),
        data.pair(data.ANCHOR, data.SIDES[0] + data.FLAG),
        data.pair(data.SIDES[0], data.SIDES[0]),
        data.pair(data.SIDES[0], data.ANCHOR, "doubt"),
    ]
    return site(data.subject(found=data.lines(), pairs=pairs), data.subject("other", pairs=pairs))


class Reader(HTMLParser):
    """Holds open elements, ids and links; complains where an element closes that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.events: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in {"href", "src"} and value:
                self.links.append(value)
            if name.startswith("on") or name == "style":
                self.events.append(name)

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag


def read(page: bytes) -> Reader:
    reader = Reader()
    reader.feed(page.decode())
    reader.close()
    assert reader.open == []
    return reader


def test_the_same_input_gives_the_same_bytes(full: dict[str, bytes]) -> None:
    again = site(data.subject(found=data.lines()))
    assert again == site(data.subject(found=data.lines()))
    assert full["assets/uplot.min.js"] == again["assets/uplot.min.js"]


def test_pages_are_whole_and_every_link_leads_somewhere_inside_the_report(full: dict[str, bytes]) -> None:
    pages = {name: read(text) for name, text in full.items() if name.endswith(".html")}
    assert set(pages) == {"index.html", "scenario/net.html", "scenario/other.html"}
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        for link in page.links:
            if link.startswith("#"):
                assert link[1:] in page.ids, link
            elif link != "data:,":
                path = PurePosixPath(name).parent / link
                assert str(path).replace("scenario/../", "") in full, link


def test_a_page_forbids_every_network_and_has_nothing_inline(full: dict[str, bytes]) -> None:
    for name in ("index.html", "scenario/net.html"):
        text = full[name].decode()
        policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
        assert len(policy) == 1
        assert policy[0].startswith("default-src 'none';")
        assert "unsafe" not in policy[0]
        assert "http" not in policy[0]
        assert "connect-src" not in policy[0]
        assert read(full[name]).events == []
        assert re.findall(r"<script(?! src=)[^>]*>", text) == []


def test_text_from_containers_never_becomes_markup_or_a_formula() -> None:
    bad = data.pair(data.ANCHOR, data.SIDES[0], "bad", message=data.HOSTILE, detail=data.HOSTILE, known=data.HOSTILE)
    evil = replace(bad, log=data.HOSTILE)
    lines = [replace(one, side=f"3.0.0 X={data.HOSTILE}") for one in data.lines(data.HOSTILE)]
    made = site(SiteScenario(name=data.HOSTILE, slug="evil", summary=data.HOSTILE, lines=tuple(lines), pairs=(evil,)))
    for name in ("index.html", "scenario/evil.html", "feed.xml"):
        assert b"<script>" not in made[name], name
    read(made["scenario/evil.html"])
    ET.fromstring(made["feed.xml"])  # noqa: S314 - made here
    assert b"<script>" not in made["report.md"]


@pytest.mark.parametrize("start", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_text_in_a_csv_file_is_a_formula(start: str) -> None:
    table = files.table(("a", "b"), [{"a": start, "b": -1.5}])
    assert next(csv.reader(io.StringIO(table, newline=""))) == [f"'{start}", "-1.5"]


def test_the_feed_is_valid_and_names_a_change_the_same_way_for_ever(full: dict[str, bytes]) -> None:
    feed = ET.fromstring(full["feed.xml"])  # noqa: S314 - made here
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == sum(one.change in speed.CONFIRMED for one in data.lines())
    ids = [one.findtext(f"{ATOM}id") for one in entries]
    assert len(set(ids)) == len(ids)
    assert all(one and one.startswith("urn:uuid:") for one in ids)
    assert parts.name("key", "date") == "urn:uuid:" + parts.name("key", "date").rpartition(":")[2]
    assert parts.name("key", "date") != parts.name("key", "other")
    for one in (feed, *entries):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one.findtext(f"{ATOM}updated") or "")
        assert one.findtext(f"{ATOM}title")
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None


def test_a_feed_with_an_address_says_where_it_lies() -> None:
    made = site(data.subject(found=data.lines()), shared=Shared(address="https://example.org/lab/"))
    feed = ET.fromstring(made["feed.xml"])  # noqa: S314 - made here
    links = {one.get("rel"): one.get("href") for one in feed.findall(f"{ATOM}link")}
    assert links == {"self": "https://example.org/lab/feed.xml", "alternate": "https://example.org/lab/index.html"}


@pytest.mark.parametrize(
    ("date", "moment"),
    [("2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05Z"), ("2026-01-02T03:04:05+08:00", "2026-01-01T19:04:05Z"),
     ("2026-01-02", "2026-01-02T00:00:00Z"), ("", parts.EPOCH), ("soon", parts.EPOCH)],
)  # fmt: skip
def test_a_feed_always_has_a_time(date: str, moment: str) -> None:
    assert parts.moment(date) == moment


def test_json_and_csv_hold_every_row(full: dict[str, bytes]) -> None:
    found = json.loads(full["report.json"])
    assert found["schema"] == files.SCHEMA
    assert [len(one["speed"]) for one in found["scenarios"]] == [len(data.lines()), 0]
    rows = list(csv.DictReader(io.StringIO(full["speed.csv"].decode(), newline="")))
    assert len(rows) == len(data.lines())
    assert {one["verdict"] for one in rows} == {"SLOWER", "SAME", "UNDECIDED", "FASTER", "MORE", "LESS"}
    assert len(list(csv.DictReader(io.StringIO(full["compatibility.csv"].decode())))) == 8


@pytest.mark.parametrize("pairs", [[], [data.pair("2.6.2", "3.0.0", "bad")]])
def test_a_model_that_no_command_can_name_is_named_by_none(pairs: list[PairResult]) -> None:
    one = data.subject("check-net", pairs=pairs)
    assert "lab bench check-net" in site(one)["scenario/check-net.html"].decode()
    page = site(replace(one, given=True))["scenario/check-net.html"].decode()
    verbs = ("bench", "cure") if pairs else ("bench", "matrix")
    assert [verb for verb in verbs if f"lab {verb} check-net" in page] == []
    assert "No time of this model is in the history." in page


def test_the_matrix_never_averages(full: dict[str, bytes]) -> None:
    blocks = overview.blocks(
        data.subject(found=data.lines(), pairs=[data.pair("2.6.2", "3.0.0", "bad"), data.pair("3.0.0", "3.0.0")])
    )
    jit = next(one for one in blocks if one.route == "jit")
    cells = {one.name: one.cells for one in jit.questions}
    assert list(cells) == ["works", "numbers", "infer", "load"]
    assert cells["works"]["3.0.0"] == overview.OverviewCell(word="some", text="1/2")
    assert cells["numbers"]["3.0.0"].word == "exact"
    assert cells["infer"][data.SIDES[0]] == overview.OverviewCell(word="SLOWER", text="×7.50")  # noqa: RUF001
    assert cells["infer"][data.ANCHOR].word == "anchor"
    assert "3.0.0" in full["report.md"].decode()


def test_machines_are_rows_of_their_own() -> None:
    both = [*data.lines(), *data.lines(where=data.THERE)]
    assert {one.machine for one in overview.blocks(data.subject(found=both))} == {data.HERE, data.THERE}
    assert len(speed.figures(data.subject(found=both))) == 2 * len(speed.figures(data.subject(found=data.lines())))


def test_releases_stand_in_their_order_and_not_in_that_of_their_letters() -> None:
    assert places.in_order(["3.10.0", "3.2.2", "main", "3.0.0b2", "3.0.0", "3.2.2"]) == (
        "3.0.0b2", "3.0.0", "3.2.2", "3.10.0", "main",
    )  # fmt: skip


def test_a_newer_line_of_the_same_question_takes_the_place_of_an_older_one() -> None:
    old = data.line(data.SIDES[0], Change.SLOWER)
    new = replace(old, key="other image", digest="sha256:new", change=Change.SAME, date="2026-05-01")
    assert speed.current([old, new]) == (new,)
    assert speed.current([new, old]) == (new,)


def test_a_figure_says_how_to_measure_it_again() -> None:
    found = [
        one for one in speed.figures(data.subject(found=data.lines())) if (one.metric, one.route) == ("infer", "jit")
    ]
    expected = (
        f"lab bench net --releases {data.ANCHOR},{data.SIDES[0]},{data.SIDES[0]}+FLAGS_enable_pir_api=0,"
        f"{data.SIDES[1]},{data.SIDES[3]},{data.SIDES[2]} --metric infer --route jit --seed 7"
    )
    assert found[0].commands == (expected,)
    assert [one["name"] for one in found[0].data["series"]] == ["", "FLAGS_enable_pir_api=0"]  # type: ignore[attr-defined]


def test_an_open_interval_is_not_drawn() -> None:
    open_line = replace(data.line(data.SIDES[0], Change.UNDECIDED), low=1e-130, high=1e130)
    figure = speed.figures(data.subject(found=[open_line]))[0]
    assert figure.rows[0].interval == "?"
    assert json.loads(json.dumps(figure.data))["series"][0]["points"][0]["low"] is None


def test_of_each_pair_the_newest_result_counts() -> None:
    old, new = data.pair("a", "b", "bad", started="2026-01-01"), data.pair("a", "b", started="2026-02-01")
    assert compat.newest([old, new]) == compat.newest([new, old]) == (new,)


def test_a_setting_that_turns_a_failing_pair_into_a_working_one_is_a_proof_and_finds_its_cure() -> None:
    cure = Cure(
        name="old-ir", kind=CureKind.ENV, layer=1, does="uses the old IR", risk="none", source="", env={"FLAGS_enable_pir_api": "False"}
    )  # fmt: skip
    pairs = [
        data.pair("2.6.2", "3.0.0", "bad"), data.pair("2.6.2", "3.0.0" + data.FLAG), data.pair("3.0.0", "3.0.0"),
        data.pair("3.0.0", "3.0.0" + data.FLAG, "bad"), data.pair("3.0.0", "2.6.2", "bad"), data.pair("3.0.0" + data.FLAG, "2.6.2"),
    ]  # fmt: skip
    found = compat.proofs(pairs, [cure])
    assert [(one.side, one.setting, one.labels) for one in found] == [
        ("loading", data.FLAG.strip(), ("2.6.2 → 3.0.0" + data.FLAG + " by jit",)),
        ("saving", data.FLAG.strip(), ("3.0.0" + data.FLAG + " → 2.6.2 by jit",)),
    ]
    assert [one.cure for one in found] == [cure, cure]


def test_failures_are_told_once_a_signature_and_message_the_most_frequent_first() -> None:
    pairs = [
        data.pair("a", "b", "bad", message="one"),
        data.pair("c", "d", "bad"),
        data.pair("e", "f", "bad"),
        data.pair("g", "h"),
    ]
    found = compat.failures(pairs)
    assert [(one.id, len(one.labels)) for one in found] == [("f1", 2), ("f2", 1)]


GOLDEN = Path(__file__).parents[1] / "golden" / "issue"
FAILED = [
    one
    for path in sorted(GOLDEN.glob("*.run.json"))
    for one in documents.json(path.read_bytes(), Run).trials
    if one.outcome.kind.raised or one.outcome.kind is Kind.NATIVE_CRASH
]


@pytest.mark.parametrize("old", FAILED, ids=lambda one: one.outcome.signature)
def test_a_failure_that_labs_of_different_age_signed_is_told_once_and_both_squares_lead_to_it(old: TrialResult) -> None:
    def pair(name: str, outcome: Outcome) -> PairResult:
        return replace(data.pair(name, "l"), square=square(replace(old, outcome=outcome)))

    pairs = [pair("old", old.outcome), pair("new", again(old.outcome))]
    assert len({one.square.signature for one in pairs}) == 2
    (group,) = compat.failures(pairs)
    assert len(group.labels) == 2
    assert {one.square.signature for one in pairs} == {signature for signature, _ in group.told}
    assert site(data.subject(pairs=pairs))["scenario/net.html"].count(b'href="#f1"') == 2


def again(old: Outcome) -> Outcome:
    """The same failure as a lab of today signs it."""
    if old.kind is Kind.NATIVE_CRASH:
        return replace(old, signature=crash_signature(old.phase.value, old.type, old.detail))
    frames = python_frames(old.detail.rpartition(TRACEBACK)[2])
    return replace(old, signature=signature(old.phase.value, old.type, old.message, frames))


def test_a_square_gives_back_the_outcome_that_it_was_made_of() -> None:
    for one in FAILED:
        told = seen(square(one))
        assert (told.kind, told.phase, told.type, told.message) == (
            one.outcome.kind, one.outcome.phase, one.outcome.type, one.outcome.message,
        )  # fmt: skip


def test_every_sign_of_a_pair_is_known_to_the_report() -> None:
    assert set(compat.RAN) <= set(GLYPHS.values())


def test_every_phrase_has_both_languages_and_no_two_signs_mean_the_same() -> None:
    for key, (english, chinese) in words.PAIRS.items():
        assert english, key
        assert re.search(r"[\u4e00-\u9fff]", chinese) or key == "of", key
        assert re.findall(r"{(\w+)}", english) == re.findall(r"{(\w+)}", chinese), key
    assert set(overview.GLYPHS) | {one.value for one in Change} <= set(words.PAIRS)
    assert set(words.CHART_WORDS) <= set(words.PAIRS)


def test_a_report_of_nothing_says_what_to_do() -> None:
    made = site()
    assert b"lab bench jit_load_pir --releases 1.0,2.0" in made["index.html"]
    assert b"Nothing has been measured yet" in made["report.md"]
    assert ET.fromstring(made["feed.xml"]).findtext(f"{ATOM}updated") == parts.EPOCH  # noqa: S314 - made here


@given(st.text(), st.text())
def test_any_two_texts_stay_text(english: str, chinese: str) -> None:
    made = str(words.both(english, chinese))
    assert "<" not in re.sub(r'^<span data-zh="[^"<>]*">|</span>$', "", made)


@given(st.lists(st.floats(-20, 20), min_size=1), st.floats(0.001, 5))
def test_a_row_can_be_made_of_any_pairs(values: list[float], delta: float) -> None:
    one = replace(data.line(data.SIDES[0], Change.SAME), pairs=(tuple(values),), delta=delta)
    row = speed.row(one, str)
    assert len(row.spread.split(" · ")) == 3
    assert math.isclose(row.line.ratio, one.ratio)
    assert row.line.pairs == ()


def test_what_a_cure_does_and_what_was_seen_stand_in_both_languages_and_a_message_stays_as_it_is() -> None:
    does = "uses the old IR, which reads and writes .pdmodel, for the whole process"
    assert str(told(does)) == f'<span data-zh="整个进程使用旧 IR，读写 .pdmodel">{does}</span>'  # noqa: RUF001 - Chinese
    seen_numbers = str(told("44.4 % of the elements differ, worst at [0, 1]: 0.5 instead of 1.5"))
    assert 'data-zh="44.4 % 的元素不同，最差处在 [0, 1]：0.5，应为 1.5"' in seen_numbers  # noqa: RUF001 - Chinese
    assert 'data-zh="jit: 2.6.2 → 3.0.0† 和 3.0.0 → 2.6.2"' in str(placed("jit: 2.6.2 → 3.0.0† and 3.0.0 → 2.6.2"))
    assert "RuntimeError in load: fail to open file" in str(told("RuntimeError in load: fail to open file"))
    message = "RuntimeError: 3 of 4 to 5, and 6"
    assert message in str(told(f"raises: {message}"))
    assert "href" in str(told("see PaddlePaddle/Paddle#1"))


def test_a_flag_in_the_head_of_a_map_breaks_between_its_words_alone(full: dict[str, bytes]) -> None:
    heads = re.findall(
        r'<th scope="(?:col|row)">[^<]* <small class="code">(.*?)</small>', full["scenario/net.html"].decode()
    )
    assert any("FLAGS_<wbr>enable_<wbr>" in one for one in heads), heads
    assert not any("<wbr>" in re.sub("_<wbr>", "_", one) for one in heads)
