"""What a reader meets first: the worst of the newest release, labels that stay, links that lead on, and every operator."""

import re
from dataclasses import replace

import pytest

from lab.model.bench import Change
from lab.site import links, operators, render, speed, words
from tests import report_data as data


@pytest.fixture(scope="module")
def whole() -> dict[str, str]:
    subjects, shared = data.whole()
    return {name: text.decode("utf-8", "replace") for name, text in render(subjects, shared)}


def test_changes_stand_by_release_the_newest_first_and_the_worst_of_each_first(whole: dict[str, str]) -> None:
    found = [data.line(side, change) for side in data.SIDES for change in (Change.FASTER, Change.SLOWER)]
    found.append(replace(data.line(data.SIDES[1], Change.SLOWER), ratio=30.0, metric="load"))
    groups = speed.by_release(speed.row(one, str) for one in found)
    assert [name for name, _ in groups] == ["3.10.0", "3.2.2", "3.1.1", "3.0.0"]
    assert [one.line.ratio for one in dict(groups)["3.1.1"]] == [30.0, pytest.approx(7.5), pytest.approx(0.6)]
    page = whole["index.html"]
    heads = re.findall(r'<th scope="rowgroup" colspan="\d+"><span>([\d.]+) ', page)
    assert heads == ["3.2.2", "3.0.0"]
    table = whole["report.md"].partition("## Confirmed changes")[2]
    assert table.index("3.2.2-cpu-py311") < table.index("3.0.0-cpu-py311")


def test_a_number_of_a_report_leads_to_it_and_nothing_else_becomes_a_link(whole: dict[str, str]) -> None:
    link = 'href="https://github.com/PaddlePaddle/Paddle/issues/71996"'
    page = re.sub(r"<(script|title)\b.*?</\1>", "", whole["scenario/net.html"], flags=re.DOTALL)
    assert (
        page.count("PaddlePaddle/Paddle#71996")
        == page.count(f'{link} rel="noreferrer">PaddlePaddle/Paddle#71996</a>')
        > 3
    )
    assert links.upstream("a <b> & x/y#12, a/b#c, no#1, /x/y#3") == (
        'a &lt;b&gt; &amp; <a href="https://github.com/x/y/issues/12" rel="noreferrer">x/y#12</a>, a/b#c, no#1, /x/y#3'
    )


def test_every_chart_names_what_it_is_held_against(whole: dict[str, str]) -> None:
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", whole["scenario/net.html"])
    assert len(captions) == 24
    assert [one for one in captions if one.count("2.6.2") < 2] == []  # in English and in Chinese


def test_to_try_it_is_said_only_where_a_command_follows(whole: dict[str, str]) -> None:
    for name in ("scenario/net.html", "scenario/other.html", "scenario/tried.html"):
        for said in re.findall(r"(?:To try it|To measure it|To search):.{0,40}</p>(.{0,30})", whole[name], re.DOTALL):
            assert '<div class="commands">' in said
    assert "Nobody has tried yet who reads what whom wrote here." in whole["scenario/other.html"]


def test_a_metric_has_one_word_everywhere(whole: dict[str, str]) -> None:
    for name in ("index.html", "scenario/net.html"):
        assert ">infer</span>" in whole[name]
        assert re.findall(r">\s*(?:call|调用)\s*<", whole[name]) == []


def test_every_operator_stands_in_the_page_of_its_sweep_with_its_worst_first(whole: dict[str, str]) -> None:
    found = operators.seen(data.sweep(), "lab sweep")
    assert [one.verdict for one in found.rows] == ["silent", "crash", "unsaved", "fine"]
    assert {net for one in found.rows for net in one.nets} == {name for name, _ in data.NETS}
    silent, crash, unsaved, _ = found.rows
    assert (silent.nets, silent.where, silent.releases) == (("nearest",), "jit: 2.6.2 → 3.0.0†", ("2.6.2", "3.0.0"))
    assert silent.blame[0] == "what was opened (numpy)"
    assert silent.blame[1].startswith("打开的结果")
    assert crash.text == "SIGSEGV in infer: ended by SIGSEGV"
    assert (unsaved.where, unsaved.releases) == ("3.0.0", ("3.0.0",))
    page = whole[found.path]
    assert page.count("<tr data-operator=") == 4
    assert " hidden" not in page[page.index("<table") :].partition("</table>")[0]
    assert f'href="{found.path}"' in whole["index.html"]
    assert '<form class="filters" role="search" hidden' in page


def test_one_of_a_thing_is_said_as_one(whole: dict[str, str]) -> None:
    assert '1 <span data-zh="次试验">trial</span>' in whole["hosts.html"]
    for name, page in whole.items():
        if name.endswith(".html"):
            assert (
                re.findall(r"\b1(?:</b>)? <span[^>]*>(?:trials|pairs|operators|scenarios|environments)\b", page) == []
            ), name
    assert set(words.ONE) <= set(words.PAIRS)
