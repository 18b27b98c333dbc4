"""What a header can say beyond one saver and one loader: a second saver, memory that grows, variants, and their bundles."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scenario_text import text
from tests.conftest import Cli

OVER = """#
# [[tool.lab.expect]]
# saver = "3.3.1"
# over = "3.0.0"
# over_env = { MARK = "old" }
# loader = "3.0.0"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "it says old"
"""
SAYS = """
    if not os.path.exists(prefix + ".mark"):
        with open(prefix + ".mark", "w") as file:
            file.write(os.environ.get("MARK", "new"))
    np.save("""
READS = 'said = open(prefix + ".mark").read(); said == "new" or exec("raise ValueError(\\"it says \\" + said)")'
HOARDS = "HELD.append(np.ones(1 << 17))"
GROWTH = """#
# [tool.lab.growth]
# of = "{of}"
# calls = 24
"""


def write(bench: Path, source: str) -> None:
    (bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")


def stale(bench: Path) -> None:
    write(bench, text(load=READS, more=OVER).replace("\n    np.save(", SAYS))


def trials(answer: Any) -> list[dict[str, Any]]:
    found = json.loads(answer.out)["trials"]
    assert isinstance(found, list)
    return found


def test_a_second_saver_writes_over_what_the_first_one_left_and_both_are_done_once(
    cli: Cli, toy: Any, bench: Path
) -> None:
    stale(bench)
    answer = cli("repro", "toy", "--rounds", "0", "--json")
    assert answer.code == 0, answer.out + answer.err
    found = trials(answer)
    assert [(one["outcome"]["kind"], one["over"]) for one in found] == [
        ("ok", ""), ("ok", ""), ("py_exception", "3.0.0-cpu-py311 MARK=old"),
    ]  # fmt: skip
    saved = sorted(path.name for path in next((bench / "results" / "runs").iterdir()).glob("saves/*"))
    assert saved == ["3.0.0-cpu-py311", "3.0.0-cpu-py311_MARK=old", "3.3.1-cpu-py311_over_3.0.0-cpu-py311_MARK=old"]
    toy.jobs.clear()
    assert all(one["reused"] for one in trials(cli("repro", "toy", "--rounds", "0", "--json")))
    assert toy.jobs == []


def test_the_answer_names_what_was_saved_over_and_so_does_the_header(cli: Cli, toy: Any, bench: Path) -> None:
    stale(bench)
    answer = cli("repro", "toy", "--rounds", "0")
    assert "3.3.1-cpu-py311 over 3.0.0-cpu-py311 MARK=old" in answer.out
    assert "3.3.1 over 3.0.0 MARK=old -> 3.0.0: py_exception" in cli("scenarios", "show", "toy").out


def test_a_search_says_that_it_varies_no_folder_that_two_have_written_to(cli: Cli, toy: Any, bench: Path) -> None:
    stale(bench)
    answer = cli("explain", "toy")
    assert (answer.code, toy.jobs) == (2, [])
    assert "every pair of toy that fails was saved over what another saver left" in answer.err


def test_a_bundle_of_a_model_that_was_saved_over_another_holds_both_and_replays(
    cli: Cli, toy: Any, bench: Path
) -> None:
    stale(bench)
    cli("repro", "toy", "--rounds", "0")
    path = bench / "x.repro.tgz"
    answer = cli("bundle", "last", "-o", str(path))
    assert answer.code == 0, answer.err
    assert cli("replay", str(path), "--yes").code == 0


@pytest.mark.parametrize(("of", "place"), [("load", "load"), ("infer", "infer")])
def test_memory_that_grows_is_a_leak_with_its_cost_and_a_bundle_of_it_replays(
    cli: Cli, toy: Any, bench: Path, of: str, place: str
) -> None:
    source = text(**{place: HOARDS}, more=GROWTH.format(of=of)).replace('# outcome = "ok"', '# outcome = "leak"')
    write(bench, source.replace("import numpy as np\n", "import numpy as np\n\nHELD = []\n"))
    answer = cli("repro", "toy", "--rounds", "0", "--json")
    assert answer.code == 0, answer.out + answer.err
    for one in trials(answer):
        assert (one["outcome"]["kind"], one["outcome"]["phase"], one["outcome"]["signature"]) == (
            "leak",
            of,
            f"{of}:leak",
        )
        assert 0.9 < one["growth"]["low"] / (1 << 20) <= one["growth"]["each"] / (1 << 20) < 1.5
    path = bench / "x.repro.tgz"
    assert cli("bundle", "last", "-o", str(path), "--trial", "1", "--repeat", "1").code == 0
    assert cli("replay", str(path), "--yes").code == 0


def test_memory_that_stays_is_no_leak_and_says_what_a_load_costs(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(more=GROWTH.format(of="load")))
    answer = cli("repro", "toy", "--rounds", "0")
    assert answer.code == 0, answer.out + answer.err
    assert "MiB a load (" in answer.out
