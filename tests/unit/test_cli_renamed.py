"""Old spellings: each row of the table is put into words that today's parser takes, and is said once."""

import pytest

from lab.cli import renamed
from lab.cli.renamed import TABLE
from lab.errors import UsageError
from tests import commands

TYPED = {
    ("", "matrix-check"): ("matrix-check --full toy", "repro --all --full toy"),
    ("", "host"): ("host --json", "doctor --noise --json"),
    ("", "scenarios new"): ("scenarios new mine", "new mine"),
    ("run", "--save"): ("run toy --save 2.6.2 --loaders 3.0.0", "run toy --savers 2.6.2 --loaders 3.0.0"),
    ("run", "--load"): ("run toy --savers 2.6.2 --load=3.0.0", "run toy --savers 2.6.2 --loaders=3.0.0"),
    ("bisect", "--sweep"): ("bisect toy --good 1 --bad 2 --sweep", "bisect toy --good 1 --bad 2 --every"),
    ("isolate", "--markdown"): (
        "isolate toy --good a=1 --bad a=2 --markdown",
        "isolate toy --good a=1 --bad a=2 --format markdown",
    ),
    ("cure", "--markdown"): ("cure toy --at 3.0.0 --markdown", "cure toy --at 3.0.0 --format markdown"),
    ("replay", "--markdown"): ("replay x.tgz --markdown", "replay x.tgz --format markdown"),
    ("replay", "--times"): ("replay x.tgz --times 3", "replay x.tgz --repeat 3"),
    ("replay", "--with"): ("replay x.tgz --with newest", "replay x.tgz --loader newest"),
    ("bundle", "--times"): ("bundle last --times=3", "bundle last --repeat=3"),
    ("matrix", "--markdown"): ("matrix --markdown x.md", "matrix --output x.md"),
    ("matrix", "--html"): ("matrix --html page", "matrix --format html --output page"),
    ("sweep", "--markdown"): ("sweep --markdown page", "sweep --output page"),
    ("sweep", "--html"): ("sweep --html=x.html", "sweep --output x.html"),
    ("sweep", "--history"): ("sweep --history x.json --html y.html", "sweep --output x.json --output y.html"),
    ("sweep", "--from"): ("sweep --from x.json", "sweep --stored x.json"),
    ("sweep", "--routes"): ("sweep --routes jit,static", "sweep --route jit,static"),
    ("bench", "--more"): (
        "bench toy --releases 1,2 --more 6",
        "bench toy --releases 1,2 --resume last",
    ),
    ("report", "--out"): ("report --out folder", "report --output folder"),
    ("convert", "--out"): ("convert net --into json --out folder", "convert net --into json --output folder"),
    ("convert", "--to"): ("convert net --to json", "convert net --into json"),
    ("stamp", "--release"): ("stamp net --release 2.6.2", "stamp net --from 2.6.2"),
    ("runs show", "--format terminal"): ("runs show last --format terminal", "runs show last --format text"),
    ("runs show", "-f terminal"): ("runs show -f terminal", "runs show --format text"),
    ("runs show", "-fterminal"): ("runs show -fterminal", "runs show --format text"),
}


def test_every_row_of_the_table_is_tried() -> None:
    assert set(TYPED) == {(row.verb, row.old) for row in TABLE}


@pytest.mark.parametrize(("typed", "today"), TYPED.values(), ids=[f"{verb} {old}" for verb, old in TYPED])
def test_an_old_spelling_is_put_into_todays_words_and_said(typed: str, today: str) -> None:
    said: list[str] = []
    assert renamed.current(typed.split(), said.append) == today.split()
    assert commands.parses(today.split())
    assert said
    assert all(" is now " in one for one in said)
    again: list[str] = []
    assert renamed.current(today.split(), again.append) == today.split()
    assert again == []


@pytest.mark.parametrize(
    ("blocks", "words"), [("3", []), ("6", []), ("7", ["--blocks", "24"]), ("18", ["--blocks", "24"])]
)
def test_more_blocks_reach_the_look_they_reached_before(blocks: str, words: list[str]) -> None:
    found = renamed.current(["bench", "toy", "--more", blocks], lambda _: None)
    assert found == ["bench", "toy", "--resume", "last", *words]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("matrix --markdown page.html", "NAME.md"),
        ("matrix --html page.md", "NAME.html"),
        ("sweep --history x --html y", "-o NAME.md -o NAME.html -o NAME.json"),
    ],
)
def test_files_whose_names_say_another_format_are_refused(typed: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        renamed.current(typed.split(), lambda _: None)
    assert said in refused.value.remedy


@pytest.mark.parametrize("typed", ["matrix toy --markdown", "sweep --history", "bench toy --more"])
def test_an_old_option_without_its_value_is_named_as_it_was_typed(typed: str) -> None:
    with pytest.raises(UsageError, match=f"{typed.rsplit(maxsplit=1)[-1]} needs a value"):
        renamed.current(typed.split(), lambda _: None)


def test_what_stands_behind_a_double_dash_is_left_as_it_is() -> None:
    assert renamed.current(["run", "--", "--save"], lambda _: None) == ["run", "--", "--save"]


def test_help_does_not_show_an_old_spelling() -> None:
    for row in TABLE:
        if row.verb and row.old.startswith("--") and " " not in row.old:
            assert row.old not in commands.options_of(row.verb), row
