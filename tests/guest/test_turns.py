"""One side of a benchmark block: it answers tokens, and ends in every way it should."""

import importlib.util
import json
import os
import threading
from pathlib import Path

import pytest

SPEC = importlib.util.spec_from_file_location("turns", Path(__file__).parents[2] / "lab" / "guest" / "turns.py")
turns = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(turns)


class Side:
    """A side in a thread, and the pipe to it."""

    def __init__(self, out, *, work=lambda: None, cap=0, patience_s=10.0):
        self.out = out
        os.mkfifo(out / "tokens")
        worker = turns.TurnWorker({"infer": work}, cap)
        plan = {"warmups": 2, "tokens": str(out / "tokens"), "patience_s": patience_s}
        self.done = []
        self.thread = threading.Thread(target=lambda: self.done.append(turns.serve(str(out), plan, worker, {})))
        self.thread.start()
        self.pipe = (out / "tokens").open("w", encoding="ascii")

    def hand(self, number, loops=5):
        self.pipe.write(json.dumps({"number": number, "metric": "infer", "loops": loops}) + "\n")
        self.pipe.flush()

    def ended(self):
        self.thread.join(timeout=20)
        assert not self.thread.is_alive()
        self.pipe.close()
        return self.done[0]

    def answer(self, number):
        return json.loads((self.out / f"done-{number:06d}.json").read_text(encoding="utf-8"))


def test_every_token_is_answered_until_the_stop_token(tmp_path):
    side = Side(tmp_path)
    side.hand(1)
    side.hand(2, loops=3)
    side.pipe.write('{"stop": true}\n')
    side.pipe.flush()
    said = side.ended()
    assert said["answered"] == 2
    assert said["calls"] == {"infer": 2 + 5 + 3}
    assert side.answer(1)["wall"] > 0
    assert side.answer(2)["calls"] == 10
    ready = json.loads((tmp_path / "ready.json").read_text(encoding="utf-8"))
    assert ready["calls"]["infer"] > 0


def test_a_side_ends_when_the_host_is_gone(tmp_path):
    side = Side(tmp_path)
    side.pipe.close()
    assert side.ended()["answered"] == 0


def test_a_side_ends_when_nobody_asks(tmp_path):
    assert Side(tmp_path, patience_s=0.2).ended()["answered"] == 0


def test_a_value_that_would_pass_the_memory_cap_is_refused(tmp_path):
    kept = []
    side = Side(tmp_path, work=lambda: kept.append(b"x" * (8 << 20)), cap=turns.memory() + (100 << 20))
    side.hand(1, loops=2)
    side.hand(2, loops=50)
    side.pipe.write('{"stop": true}\n')
    side.pipe.flush()
    side.ended()
    assert "wall" in side.answer(1)
    assert side.answer(2)["refused"] == "memory"
    assert "wall" not in side.answer(2)


def test_a_side_says_what_its_cold_start_took_before_it_waits(guest):
    scenario = guest.scenario(guest.body("return {'y': np.ones(2)}", phase="infer"))
    os.mkfifo(guest.home / "tokens")
    plan = {"tokens": str(guest.home / "tokens"), "patience_s": 1.0, "metrics": ["infer"]}
    threading.Thread(target=lambda: os.close(os.open(guest.home / "tokens", os.O_WRONLY)), daemon=True).start()
    said, out = guest.run(scenario, mode="bench", bench=plan)
    assert said["status"] == "ok", said
    assert said["measure"]["answered"] == 0
    assert set(json.loads((out / "ready.json").read_text(encoding="utf-8"))["cold"]) == {"import", "load", "infer"}


def test_a_call_that_fails_in_warm_up_is_a_finding_like_any_other(guest):
    body = "calls = globals().setdefault('CALLS', []); calls.append(1)\nif len(calls) > 1: raise ValueError('second')"
    scenario = guest.scenario(guest.body(body + "\nreturn {'y': np.ones(2)}", phase="infer"))
    said, out = guest.run(scenario, mode="bench", bench={"tokens": "unused"})
    assert (said["status"], said["exception"]["message"]) == ("exception", "second")
    assert not (out / "ready.json").exists()


@pytest.mark.parametrize("name", ["ready.json", "done-000001.json"])
def test_an_answer_appears_whole(tmp_path, name):
    turns.put(str(tmp_path / name), {"wall": 1.0})
    assert [path.name for path in tmp_path.iterdir()] == [name]
