"""`lab cure` over toy releases: what counts as a proof, where no release does it right, and when a cure is set."""

import json
from pathlib import Path
from typing import Any

from tests.cli.scenario_text import text
from tests.cli.test_cure import AT, BROKEN, DNN, IR, entry, flag, statuses, write
from tests.conftest import Answer, Cli

SAVES = 'np.save(prefix + ".npy", np.ones(3, "float32"))'


def saving(bench: Path, save: str, *cures: str, **words: str) -> None:
    """A toy whose save does something of its own first."""
    write(bench, *cures)
    source = text(**words).replace(SAVES, f"{save}\n    {SAVES}")
    (bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")


def on(name: str = IR) -> str:
    return f'(os.environ.get("{name}") == "0")'


def tried(answer: Answer) -> dict[str, dict[str, Any]]:
    return {"+".join(one["names"]): one for one in json.loads(answer.out)["tried"]}


def test_what_fails_in_every_release_is_cured_by_the_numbers_of_what_saved(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), load=f"if not {on()}: {BROKEN}")
    answer = cli("cure", "toy", *AT)
    assert answer.code == 0, answer.err
    assert (
        "held against what 2.6.2 itself answered when it saved; 2.6.2 is no better: py_exception in load" in answer.out
    )
    assert "old: proved, 2 of 2 times (set while loading)" in answer.out


def test_a_release_by_itself_needs_no_other_one(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), load=f"if not {on()}: {BROKEN}")
    answer = cli("cure", "toy", "--at", "3.0.0", "--saver", "3.0.0", "--rounds", "2", "--repeat", "1")
    assert answer.code == 0, answer.err
    assert "no other release was looked at" in answer.out
    assert "price" not in answer.out, "there is nothing to pay more than"


def test_a_flag_that_helps_only_while_saving_is_said_to_be_set_then(cli: Cli, toy: Any, bench: Path) -> None:
    saving(bench, f'open(prefix + ".old", "w").close() if {on()} else None', flag("old", IR), load=f'if not os.path.exists(prefix + ".old"): {BROKEN}')  # fmt: skip
    answer = cli("cure", "toy", "--at", "3.3.1", "--saver", "3.0.0", "--rounds", "0", "--repeat", "2")
    assert "old: proved, 2 of 2 times (set while saving)" in answer.out
    assert "export FLAGS_enable_pir_api=0" in answer.out


def test_a_flag_that_helps_only_on_both_sides_is_found(cli: Cli, toy: Any, bench: Path) -> None:
    saving(bench, f'open(prefix + ".old", "w").close() if {on()} else None', flag("old", IR), load=f'if not ({on()} and os.path.exists(prefix + ".old")): {BROKEN}')  # fmt: skip
    answer = cli("cure", "toy", "--at", "3.3.1", "--saver", "3.0.0", "--rounds", "0", "--repeat", "2")
    assert "old: proved, 2 of 2 times (set while saving and loading)" in answer.out


def test_a_flag_that_bends_the_savers_own_numbers_proves_nothing(cli: Cli, toy: Any, bench: Path) -> None:
    wrong = 'return {"y": inputs["x"] * 3}'
    source = text(infer=wrong).replace(
        'return {"y": inputs["x"] * 2}\n\n\ndef load',
        f'return {{"y": inputs["x"] * (3 if {on()} else 2)}}\n\n\ndef load',
    )
    write(bench, flag("old", IR))
    (bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")
    answer = cli("cure", "toy", *AT, "--json")
    one = tried(answer)["old"]
    assert (answer.code, one["status"]) == (1, "wrong numbers"), "loading comes first"
    assert "while saving: unproved" in one["elsewhere"]


def test_wrong_numbers_are_never_called_without_effect(cli: Cli, toy: Any, bench: Path) -> None:
    wrong = f'if {on(DNN)}: return {{"y": inputs["x"] * 5}}\n    if {on()}: return {{"y": inputs["x"] * 2}}\n    return {{"y": inputs["x"] * 3}}'  # fmt: skip
    cures = (flag("old", IR), flag("dnn", DNN), flag("other", "MKL_CBWR", "COMPATIBLE"))
    write(bench, *cures, infer=wrong)
    assert statuses(cli("cure", "toy", *AT, "--json")) == {
        "old": "accepted",
        "dnn": "wrong numbers",
        "other": "wrong numbers",
    }


def test_a_layer_that_only_computes_is_not_set_while_saving(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("kernels", DNN, layer=4), load=BROKEN)
    assert tried(cli("cure", "toy", *AT, "--json"))["kernels"]["elsewhere"] == []


def test_what_was_tried_is_named_with_releases_and_way(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), entry("pin", 'code = "pip install something"', kind="advice"), load=BROKEN)
    answer = cli("cure", "toy", *AT)
    assert "tried without proof (what 2.6.2 saved, loaded by 3.3.1 by its own code):" in answer.out
    assert "advice         pin" in answer.out


HELD = "FLAGS_use_mkldnn"
PAIR = '# [[tool.lab.expect]]\n# saver = "2.6.2"\n# loader = "3.3.1"\n'


def test_what_the_header_says_is_tried_although_no_catalogue_has_it(cli: Cli, toy: Any, bench: Path) -> None:
    header = PAIR + f'# loader_env = {{ {HELD} = "0" }}\n'
    write(bench, flag("old", IR), load=f"if not {on(HELD)}: {BROKEN}", more=header)
    answer = cli("cure", "toy", *AT)
    assert f"{HELD}=0: proved, 2 of 2 times (set while loading)" in answer.out
    assert "it stands in no catalogue" in answer.out


def test_a_switch_of_the_scenarios_own_code_is_no_candidate(cli: Cli, toy: Any, bench: Path) -> None:
    header = PAIR + '# loader_env = { TAKE_CARE = "0" }\n'
    write(bench, flag("old", IR), load=f"if not {on('TAKE_CARE')}: {BROKEN}", more=header)
    answer = cli("cure", "toy", *AT, "--json")
    assert (answer.code, set(tried(answer))) == (1, {"old"})
