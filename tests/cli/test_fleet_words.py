"""What --fleet and LAB_FLEET say is understood or refused in a sentence, before anything is run."""

import sys
from pathlib import Path

import pytest

from tests.conftest import Cli

RUN = ("run", "jit_load_pir", "--savers", "2.6.2", "--loaders", "2.6.2")


@pytest.fixture
def scenario(bench: Path) -> None:
    source = Path(__file__).parents[2] / "scenarios" / "jit_load_pir.py"
    (bench / "scenarios" / "jit_load_pir.py").write_bytes(source.read_bytes())


@pytest.mark.parametrize("word", ["gpu1", "tcp://10.0.0.1:8786", "tls://", "ssh:", "tls://h:0"])
@pytest.mark.usefixtures("toy", "scenario")
def test_words_that_name_no_fleet_are_refused_wherever_they_stand(
    lab: Cli, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = lab(*RUN, "--fleet", word)
    monkeypatch.setenv("LAB_FLEET", word)
    found = lab(*RUN)
    assert (typed.code, found.code) == (2, 2)
    assert "--fleet" in typed.err
    assert "LAB_FLEET" in found.err


@pytest.mark.usefixtures("toy", "scenario")
def test_a_fleet_without_a_ticket_says_where_one_comes_from(lab: Cli) -> None:
    answer = lab(*RUN, "--fleet", "tls://127.0.0.1:9")
    assert answer.code == 2
    assert "no ticket for the fleet at tls://127.0.0.1:9" in answer.err
    assert "lab fleet start" in answer.err


@pytest.mark.parametrize(
    "words",
    [
        (*RUN, "--fleet", "tls://127.0.0.1:9"),
        ("fleet", "start", "tls://127.0.0.1:9"),
        ("fleet", "host", "--ticket", "nowhere"),
        *((("fleet", verb, "--fleet", "tls://127.0.0.1:9")) for verb in ("status", "doctor", "stop")),
    ],
    ids=["run", "start", "host", "status", "doctor", "stop"],
)
@pytest.mark.usefixtures("toy", "scenario")
def test_without_the_extra_a_fleet_says_what_to_install(
    lab: Cli, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.startswith("lab.fleet.") and not one.endswith("where")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    answer = lab(*words)
    assert answer.code == 2
    assert "pip install 'paddle-repro-lab[fleet]'" in answer.err


@pytest.mark.usefixtures("toy", "scenario")
def test_a_verb_of_one_machine_does_not_hear_of_fleets(lab: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_FLEET", "gpu1")
    assert lab("runs", "list").code == 0
