"""The list of bugs that once survived the tests is true to the code it speaks of."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BUGS: list[dict[str, Any]] = tomllib.loads((ROOT / "tests" / "planted_bugs.toml").read_text(encoding="utf-8"))["bug"]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: str(bug["name"]))
def test_a_bug_can_be_planted_where_it_says_and_its_tests_exist(bug: dict[str, Any]) -> None:
    assert (ROOT / bug["file"]).read_text(encoding="utf-8").count(bug["old"]) == 1
    assert bug["new"] != bug["old"]
    assert [name for name in bug["tests"] if not (ROOT / name.partition("::")[0]).is_file()] == []


def test_each_bug_has_a_name_of_its_own() -> None:
    assert len({one["name"] for one in BUGS}) == len(BUGS)


@pytest.mark.parametrize("document", ["docs/architecture.md", "docs/zh/architecture.md"])
def test_the_documents_count_as_many_as_there_are(document: str) -> None:
    rows = re.findall(
        r"^\| (\d+) \| (\d+) \| (\d+) \| [\d-]{10} \|", (ROOT / document).read_text(encoding="utf-8"), re.MULTILINE
    )
    ((planted, found, survived),) = rows
    assert int(planted) == len(BUGS) == int(found) + int(survived)
