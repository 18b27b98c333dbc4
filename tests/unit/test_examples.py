"""What holds the examples of documents against the lab can tell them apart."""

import pytest

from tests.examples import IN_CONTAINERS, MADE, NOT_REPLAYED, READ_ONLY, SAME, STORY, Example, examples, lost, masked

PRINTED = "first 12 ms\nsecond 20261130-055910-jit_load_pir-beb0\nthird\n"


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (("first 9.3 s", "second 20261124-225051-jit_load_pir-d88b", "third"), ""),
        (("first 9.3 s", "...", "third"), ""),
        (("...", "third"), ""),
        (("fir...", "..."), ""),
        (("...", "...", "third"), ""),
        (("second 20261130-055910-jit_load_pir-beb0", "third"), "second 20261130-055910-jit_load_pir-beb0"),
        (("first 12 ms", "third"), "third"),
        (("first 12 ms", "second 20261130-055910-jit_load_pir-beb0"), "(the end)"),
        (("first 12 ms", "second 20261130-055910-another-beb0", "third"), "second 20261130-055910-another-beb0"),
        (("first 12 MB", "..."), "first 12 MB"),
        (("first 12 MB and more", "..."), "first 12 MB and more"),
        ((), "(the end)"),
    ],
)
def test_an_example_is_held_line_by_line_but_for_times_ids_and_dots(lines: tuple[str, ...], answer: str) -> None:
    assert lost(Example(document="a.md", command="lab", lines=lines), PRINTED) == answer


def test_the_width_that_a_time_takes_in_a_table_does_not_count_and_an_indent_does() -> None:
    assert masked("jit    8.73 ms  ok") == masked("jit  10 us  ok")
    assert masked("  jit") != masked("jit")


def test_examples_are_found_in_both_languages() -> None:
    found = list(examples())
    assert {one.document for one in found} >= {"README.md", "README.zh-CN.md", "docs/guide.md", "docs/zh/guide.md"}
    init = [one.command for one in found if one.document == "docs/guide.md" and one.command.startswith("lab init")]
    assert init == ["lab init my-lab", "lab init my-lab --update"]


def test_every_example_is_replayed_or_it_is_said_why_it_is_not() -> None:
    lists = [*READ_ONLY, *MADE, *STORY, *SAME.values(), *IN_CONTAINERS, *NOT_REPLAYED]
    assert len(set(lists)) == len(lists)
    assert set(lists) == {one.command for one in examples()}
