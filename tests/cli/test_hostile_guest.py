"""A container that does not do what it should: each kind of misbehaviour by its smallest case; tests/siege has the rest."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.cli.test_repro import document, write
from tests.conftest import Cli

OUT = 'OUT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "out")'
MARK = "planted-mark-of-the-host"


def hostile(load: str, *, save: str = "pass", timed: str = "") -> str:
    """A good scenario whose load (or save) also misbehaves in its own output folder."""
    source = text(load=load).replace("import numpy as np\n", f"import numpy as np\n\n{OUT}\n", 1)
    source = source.replace('    np.save(prefix + ".npy"', f'    {save}\n    np.save(prefix + ".npy"', 1)
    return source + timed


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of the host's that no guest should be able to send anywhere."""
    path = tmp_path / "host" / "secret.txt"
    path.parent.mkdir()
    path.write_text(MARK)
    return path


def everything(bench: Path) -> bytes:
    """All bytes of all files below the workspace that are files of its own."""
    found = (Path(home) / name for home, _, names in os.walk(bench) for name in names)
    return b"".join(path.read_bytes() for path in found if path.is_file() and not path.is_symlink())


def test_a_log_that_is_a_link_ends_up_nowhere(cli: Cli, toy: Any, bench: Path, secret: Path) -> None:
    spoil = f'os.remove(OUT + "/stderr.log"); os.symlink({str(secret)!r}, OUT + "/stderr.log"); raise ValueError("x")'
    write(bench, hostile(spoil))
    found = document(cli("repro", "toy", "--rounds", "0", "--json"))
    assert found["trials"][0]["outcome"]["type"] == "ValueError"
    assert "stderr.log (a link)" in found["trials"][0]["outcome"]["warnings"][0]
    shown = cli("issue", "last").out
    cli("bundle", "last", "-o", str(bench / "x.repro.tgz"), "--no-proof")
    assert MARK not in shown
    (bench / "scenarios" / "toy.py").unlink()
    assert MARK.encode() not in everything(bench)


def test_outputs_that_are_links_are_not_read(cli: Cli, toy: Any, bench: Path, secret: Path) -> None:
    spoil = "; ".join(f'os.symlink({str(secret)!r}, OUT + "/outputs.{end}")' for end in ("npz", "json"))
    write(bench, hostile(spoil + '; raise ValueError("x")'))
    found = document(cli("repro", "toy", "--rounds", "0", "--json"))
    assert "outputs.npz (a link)" in str(found["trials"][0]["outcome"]["warnings"])
    folder = bench / "results" / "runs" / found["id"] / found["trials"][0]["folder"]
    assert not os.path.lexists(folder / "out" / "outputs.npz")


def test_a_folder_of_the_host_never_comes_into_the_next_container(
    cli: Cli, toy: Any, bench: Path, secret: Path
) -> None:
    write(bench, hostile("pass", save=f'os.symlink({str(secret.parent)!r}, os.path.dirname(prefix) + "/steal")'))
    for _ in range(2):
        found = document(cli("repro", "toy", "--rounds", "0", "--json"))
        (model,) = (bench / "results" / "runs" / found["id"]).glob("saves/*/out/model")
        assert [path.name for path in model.iterdir()] == ["net.npy"]


def test_links_that_turn_in_circles_cost_nothing(cli: Cli, toy: Any, bench: Path) -> None:
    folder = "os.path.dirname(prefix)"
    write(bench, hostile("pass", save=f'os.symlink(".", {folder} + "/a"); os.symlink(".", {folder} + "/b")'))
    cli("repro", "toy", "--rounds", "0")
    started, begun = len(toy.jobs), time.monotonic()
    assert cli("repro", "toy", "--rounds", "0").code == 0
    assert len(toy.jobs) == started
    assert time.monotonic() - begun < 300  # no measure: each turn would double it


LATE = """
def late():
    if os.path.exists(OUT + "/timings.json"):
        os.remove(OUT + "/timings.json")
        {do}

import atexit
atexit.register(late)
"""


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("os.mkfifo(OUT + '/timings.json')", ""),
        ("os.symlink('/etc/hostname', OUT + '/timings.json')", ""),
        ("open(OUT + '/timings.json', 'w').write('{}')", "the times of round 1 cannot be read"),
        ("open(OUT + '/timings.json', 'wb').write(b'\\xff\\x00')", "the times of round 1 cannot be read"),
        ("open(OUT + '/timings.json', 'w').truncate(1 << 30)", "at most 16,777,216 are read"),
    ],
    ids=["pipe", "link", "empty", "garbage", "sparse"],
)
def test_times_that_are_none_are_that_pairs_own_failure(cli: Cli, toy: Any, bench: Path, do: str, said: str) -> None:
    write(bench, hostile("pass", timed=LATE.format(do=do)))
    found = document(cli("repro", "toy", "--rounds", "1", "--json"))
    assert found["status"] == "finished"
    for one in found["trials"]:
        assert one["measurements"] == []
        if said:
            assert (one["outcome"]["kind"], one["outcome"]["reason"]) == ("infra_error", "protocol")
            assert said in one["outcome"]["message"]


def test_a_record_that_is_a_pipe_is_no_record_and_nobody_waits_for_it(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, hostile('os.mkfifo(OUT + "/outcome.json"); os.kill(os.getppid(), 9); time.sleep(60)'))
    found = document(cli("repro", "toy", "--rounds", "0", "--json"))
    assert found["status"] == "finished"
    assert {(one["outcome"]["kind"], one["outcome"]["reason"]) for one in found["trials"]} == {
        ("infra_error", "protocol")
    }


ODD = {
    "dates": ('return {"y": np.array(["2020-01-01"], "datetime64[D]")}', "dtype datetime64"),
    "wide floats": ('return {"y": np.zeros(3, np.longdouble)}', "cannot be compared"),
    "a crowd": ("return {str(n): np.zeros(1) for n in range(5000)}", "at most 4,096 are compared"),
    "names alike": ('return {"y": np.zeros(1), "y\\x00": np.zeros(1)}', "names an output twice"),
}


@pytest.mark.parametrize(("spoiled", "said"), ODD.values(), ids=ODD)
def test_outputs_that_cannot_be_compared_cost_only_their_own_pair(
    cli: Cli, toy: Any, bench: Path, spoiled: str, said: str
) -> None:
    only = f'if "3.3.1" in os.environ["TOY_PADDLE_VERSION"]: {spoiled}'
    write(bench, text(infer=only))
    answer = cli("repro", "toy", "--rounds", "0", "--json")
    good, bad = document(answer)["trials"]
    assert good["outcome"]["kind"] == "ok"
    assert (bad["outcome"]["kind"], bad["outcome"]["reason"]) == ("infra_error", "protocol")
    assert said in bad["outcome"]["message"]
    assert document(answer)["status"] == "finished"


@pytest.mark.parametrize(
    "junk", ["b'no zip at all'", "b''", "b'PK\\x05\\x06' + b'\\xff' * 18"], ids=["text", "empty", "zip"]
)
def test_outputs_that_are_junk_cost_only_their_own_pair(cli: Cli, toy: Any, bench: Path, junk: str) -> None:
    late = f"""
def late():
    if os.path.exists(OUT + "/outputs.npz") and "3.3.1" in os.environ["TOY_PADDLE_VERSION"]:
        open(OUT + "/outputs.npz", "wb").write({junk})

import atexit
atexit.register(late)
"""
    write(bench, hostile("pass", timed=late))
    good, bad = document(cli("repro", "toy", "--rounds", "0", "--json"))["trials"]
    assert good["outcome"]["kind"] == "ok"
    assert (bad["outcome"]["kind"], bad["outcome"]["reason"]) == ("infra_error", "protocol")
    assert "outputs in outputs.npz cannot be read" in bad["outcome"]["message"]


def only_save(bench: Path, run: str) -> Path:
    (folder,) = (bench / "results" / "runs" / run).glob("saves/*")
    return folder


def test_editing_one_runs_files_changes_no_other_run(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    first = document(cli("repro", "toy", "--rounds", "0", "--json"))["id"]
    second = document(cli("repro", "toy", "--rounds", "0", "--json"))["id"]
    mine = only_save(bench, first) / "out" / "outputs.npz"
    before = (only_save(bench, second) / "out" / "outputs.npz").read_bytes()
    mine.chmod(0o644)
    mine.write_bytes(b"spoiled")
    assert (only_save(bench, second) / "out" / "outputs.npz").read_bytes() == before


def spoil_model(folder: Path) -> None:
    (folder / "out" / "model" / "net.npy").unlink()


def spoil_outputs(folder: Path) -> None:
    path = folder / "out" / "outputs.npz"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-30] + bytes(30))


def spoil_step(folder: Path) -> None:
    (folder / "step.json").write_bytes(b'{"key": "\xff')


def spoil_step_by_pipe(folder: Path) -> None:
    (folder / "step.json").unlink()
    os.mkfifo(folder / "step.json")


def spoil_by_link(folder: Path) -> None:
    (folder / "out" / "model" / "more").symlink_to("/etc")


@pytest.mark.parametrize(
    "spoil", [spoil_model, spoil_outputs, spoil_step, spoil_step_by_pipe, spoil_by_link], ids=lambda one: one.__name__
)
def test_a_damaged_step_is_not_known_and_is_done_again_with_a_word(cli: Cli, toy: Any, bench: Path, spoil: Any) -> None:
    write(bench, text(load=OLD_READER_FAILS, more=FAILING))
    first = document(cli("repro", "toy", "--rounds", "0", "--json"))["id"]
    spoil(only_save(bench, first))
    answer = cli("repro", "toy", "--rounds", "0")
    assert answer.code == 0, answer.err
    assert "REPRODUCED" in answer.out
    if spoil is not spoil_step_by_pipe:
        assert "not known any more and is done again" in answer.err
    assert cli("repro", "toy", "--rounds", "0").code == 0


@pytest.mark.parametrize(
    "entry", [b"\xff\xfe", b"", b"../../..", b"/etc", b"runs", b"runs/../../x", b"runs/nothing/there"]
)
def test_a_damaged_entry_of_what_is_known_is_not_known(cli: Cli, toy: Any, bench: Path, entry: bytes) -> None:
    write(bench, text())
    cli("repro", "toy", "--rounds", "0")
    started = len(toy.jobs)
    for path in (bench / "results" / "keys").glob("*/*"):
        path.write_bytes(entry)
    answer = cli("repro", "toy", "--rounds", "0")
    assert answer.code == 0, answer.err
    assert len(toy.jobs) == 2 * started


def test_a_damaged_result_is_found_out_again(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    first = document(cli("repro", "toy", "--rounds", "0", "--json"))
    for path in (bench / "results" / "runs" / first["id"]).glob("trials/*/result.json"):
        path.write_bytes(b'{"label": "\xff')
    second = document(cli("repro", "toy", "--rounds", "0", "--json"))
    assert [one["outcome"] for one in second["trials"]] == [one["outcome"] for one in first["trials"]]
    assert json.dumps(second)


FORGED = """
def forge(nonce):
    with open(OUT + "/outcome.json", "w") as file:
        json.dump({"protocol": 1, "nonce": nonce, "mode": "load", "status": "ok", "phase": "done", "exit_code": 0}, file)

def asked():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "request.json")) as file:
        return json.load(file)
"""
NONCES = {
    "of the request": 'asked()["nonce"]',
    "of the pipe": 'os.read(os.open(asked()["nonce_from"], os.O_RDONLY | os.O_NONBLOCK), 64).decode()',
}
ENDS = {"killed": "os.kill(os.getppid(), 9); time.sleep(60)", "at peace": 'raise ValueError("x")'}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("nonce", NONCES.values(), ids=NONCES)
def test_a_forged_record_is_not_believed(cli: Cli, toy: Any, bench: Path, nonce: str, end: str) -> None:
    source = hostile(f"forge({nonce}); {end}").replace("import os\n", "import json\nimport os\n", 1)
    write(bench, source + FORGED)
    found = document(cli("repro", "toy", "--rounds", "0", "--json"))
    assert found["status"] == "finished"
    assert not {one["outcome"]["kind"] for one in found["trials"]} & {"ok"}


def test_a_guest_that_kills_its_supervisor_is_started_once_more_and_its_end_is_never_remembered(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench, text(load="os.kill(os.getppid(), 9); time.sleep(60)").replace('["3.0.0", "3.3.1"]', '"3.3.1"'))
    for times in (1, 2):
        found = document(cli("repro", "toy", "--rounds", "0", "--json"))
        (trial,) = found["trials"]
        assert (trial["outcome"]["kind"], trial["outcome"]["reason"]) == ("infra_error", "protocol")
        assert len(toy.jobs) == 1 + 2 * times  # one save for both, and two tries each


def test_no_pipe_is_left_in_what_is_kept(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    cli("repro", "toy", "--rounds", "1")
    left = [path for path in (bench / "results").rglob("*") if not (path.is_file() or path.is_dir())]
    assert left == []


def test_a_file_system_without_pipes_still_runs(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "mkfifo", refused)
    write(bench, text())
    assert cli("repro", "toy", "--rounds", "0").code == 0


@pytest.mark.parametrize("place", ["saves/*/out/model/net.npy", "trials/*2.6.2*/out/stderr.log", "saves/*/step.json"])
def test_no_bundle_is_made_of_a_step_that_is_not_what_it_was(cli: Cli, toy: Any, bench: Path, place: str) -> None:
    write(bench, text(load=OLD_READER_FAILS, more=FAILING))
    made = document(cli("repro", "toy", "--rounds", "0", "--json"))["id"]
    target = bench / "x.repro.tgz"
    assert cli("bundle", made, "-o", str(target), "--no-proof").code == 0
    target.unlink()
    (path,) = (bench / "results" / "runs" / made).glob(place)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"x")
    answer = cli("bundle", made, "-o", str(target), "--no-proof")
    assert answer.code == 2
    assert "is not known any more" in answer.err
    assert "lab repro toy" in answer.err
    assert "--fresh" in answer.err
    assert not target.exists()
