"""A benchmark on one host of a fleet: measured there alone, and its run is here afterwards."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet import fleets
from tests.fleet.fleets import LabFleet
from tests.fleet.network import Network
from tests.fleet.test_hardware import HYGON, XEON

BENCH = (
    "bench", "jit_load_pir", "--releases", "2.6.2,3.0.0", "--saver", "2.6.2", "--flag", "FLAGS_enable_pir_api=False",
    "--metric", "infer", "--blocks", "6",
)  # fmt: skip


@pytest.fixture
def fleet(network: Network, tmp_path: Path) -> Iterator[LabFleet]:
    with fleets.lab_fleet(network, tmp_path, engine="toy") as made:
        made.begin("a", "b")
        yield made


def test_a_benchmark_is_done_on_the_host_that_is_named_and_comes_back(fleet: LabFleet) -> None:
    done = fleet.do(*BENCH, "--on", "b")
    assert done.process.returncode == 0, fleet.all_said()
    assert "jit_load_pir is measured on b, alone" in done.said
    runs = list((fleet.folder / "workspace" / "results" / "runs").glob("*/run.json"))
    assert len(runs) == 1
    blocks = (runs[0].parent / "bench" / "blocks.jsonl").read_text().splitlines()
    assert len(blocks) >= 6
    assert json.loads(runs[0].read_text())["status"] == "finished"
    assert str(fleet.home("b")) not in done.said  # a host's own folders say nothing here


def test_a_host_that_nobody_has_is_refused_with_the_labels_there_are(fleet: LabFleet) -> None:
    done = fleet.do(*BENCH, "--on", "hygon")
    assert done.process.returncode == 2
    assert "no host of the fleet that works has the label(s) hygon" in done.said
    assert "x86_64" in done.said


def test_what_one_machine_measured_is_never_another_ones_history(fleet: LabFleet) -> None:
    """Machines here only say which processor they have; commands are typed on one like the host, and on another."""

    def typed_on(processor: str, *words: str) -> str:
        done = fleet.start("typed", "d", fleet.lab(*words), LAB_TEST_PROCESSOR=processor)
        assert done.code() == 0, done.said
        return done.said

    fleet.running.pop("a").kill()
    fleet.begin_host("a", LAB_TEST_PROCESSOR=XEON)
    fleet.wait_for("a")
    assert fleet.do(*BENCH, "--on", "a").code() == 0, fleet.all_said()
    assert "results/history/xeon-" in typed_on(HYGON, "track", "add")
    assert "history" not in typed_on(HYGON, *BENCH)
    assert "results/history/hygon-" in typed_on(HYGON, "track", "add")
    assert "all from history" in typed_on(XEON, *BENCH)
