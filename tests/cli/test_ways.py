"""`lab cure` and `lab bisect` on a given model: every way of opening it is tried, and each answer names its way."""

import json

from tests.cli.given import Model
from tests.cli.test_subject import no_index  # noqa: F401 - a fixture
from tests.conftest import Cli

AT = ("--at", "3.3.1", "--rounds", "0", "--repeat", "1")


def test_a_cure_is_looked_for_by_every_way_that_fails(lab: Cli, model: Model) -> None:
    folder = str(model("2.6.2"))
    answer = lab("cure", folder, *AT, "--json")
    found = json.loads(answer.out)
    assert {one["route"]: one["sort"] for one in found["ways"]} == {"jit": "bad", "static": "bad", "predictor": "good"}
    assert [found["route"], *(one["route"] for one in found["others"])] == ["jit", "static"]
    said = lab("cure", folder, *AT).out
    assert "by predictor: 3.3.1 works" in said
    assert "loaded by 3.3.1 by jit: fails" in said
    assert "loaded by 3.3.1 by static: fails" in said


def test_one_way_that_was_asked_for_is_the_only_one_spoken_of(lab: Cli, model: Model) -> None:
    answer = lab("cure", str(model("2.6.2")), *AT, "--route", "predictor")
    assert answer.code == 4
    assert "3.3.1 does not fail by predictor" in answer.err


def test_a_model_is_bisected_by_every_way_that_turns(lab: Cli, model: Model) -> None:
    found = json.loads(lab("bisect", str(model("2.6.2")), "--good", "2.6.2", "--bad", "3.3.1", "--json").out)
    assert [found["route"], *(one["route"] for one in found["others"])] == ["jit", "static"]
    assert {(one["route"], one["release"]) for one in found["ways"]} == {
        (route, release) for route in ("jit", "static", "predictor") for release in ("2.6.2", "3.3.1")
    }


def test_no_turn_is_said_of_the_ways_that_were_tried_and_no_more(lab: Cli, model: Model) -> None:
    answer = lab("bisect", str(model("3.0.0")), "--good", "3.0.0", "--bad", "3.3.1")
    assert answer.code == 4
    assert "3.3.1 does not fail with net.json: 3.0.0 by jit ok" in answer.err
    assert "no other way was tried" in answer.err


def test_a_model_is_explained_by_the_way_that_fails_or_by_the_one_that_is_chosen(lab: Cli, model: Model) -> None:
    words = ("explain", str(model("2.6.2")), "--at", "3.3.1", "--rounds", "0", "--repeat", "1", "--json")
    assert json.loads(lab(*words).out)["symptom"].endswith("by jit")
    assert json.loads(lab(*words, "--pair", "2").out)["symptom"].endswith("by static")
    assert "there is no way 4" in lab(*words, "--pair", "4").err
