from dataclasses import replace
from pathlib import Path

import pytest

from lab.environment import Catalogue, load
from lab.errors import UsageError
from lab.model import Expectation, Kind, Scenario
from lab.run import plan
from lab.run.plan import Words

IMAGES = Path(__file__).parents[2] / "images"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(IMAGES)


def scenario(*expectations: Expectation) -> Scenario:
    return Scenario(name="toy", path="toy.py", sha256="0", summary="", expectations=expectations)


GOOD = Expectation(saver="2.6.2", loader="2.6.2")
COSTLY = Expectation(saver="2.6.1-gpu", loader="2.6.2", full=True)
CURED = Expectation(saver="2.6.2", loader="newest", loader_env={"FLAGS_enable_pir_api": "False"}, outcome=Kind.OK)


def test_costly_pairs_come_only_in_a_full_run(catalogue: Catalogue) -> None:
    assert len(plan.from_header(scenario(GOOD, COSTLY), catalogue, Words())) == 1
    assert len(plan.from_header(scenario(GOOD, COSTLY), catalogue, Words(full=True))) == 2


def test_newest_becomes_a_release_and_flags_are_part_of_the_label(catalogue: Catalogue) -> None:
    (planned,) = plan.from_header(scenario(CURED), catalogue, Words())
    newest = catalogue.release("newest").version
    assert planned.label == f"2.6.2-cpu-py311 -> {newest}-cpu-py311 FLAGS_enable_pir_api=False"


def test_a_header_without_pairs_says_what_to_do(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match="expects nothing of any pair"):
        plan.from_header(scenario(COSTLY), catalogue, Words())


def test_an_unknown_release_in_a_header_is_an_error_at_once(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match="9.9.9"):
        plan.from_header(scenario(Expectation(saver="9.9.9", loader="2.6.2")), catalogue, Words())


def test_a_pair_that_has_no_wheel_here_stays_in_the_plan_as_unsupported(catalogue: Catalogue) -> None:
    (planned,) = plan.from_header(scenario(Expectation(saver="2.6.0", loader="2.6.2")), catalogue, Words())
    assert planned.trial is None
    assert "2.6.0" in planned.unsupported


def test_the_users_own_words_are_refused_where_an_environment_does_not_exist(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match="2.6.0"):
        plan.from_words(scenario(GOOD), catalogue, Words(savers=("2.6.0",), loaders=("2.6.2",)))


def test_every_saver_meets_every_loader_and_the_header_judges_the_pairs_it_knows(catalogue: Catalogue) -> None:
    words = Words(savers=("2.6.2", "3.0.0"), loaders=("2.6.2", "3.0.0"))
    planned = plan.from_words(scenario(GOOD), catalogue, words)
    assert len(planned) == 4
    assert [one.expected is not None for one in planned] == [True, False, False, False]


def test_each_environment_is_prepared_once_savers_first(catalogue: Catalogue) -> None:
    words = Words(savers=("3.0.0",), loaders=("2.6.2", "3.0.0"))
    keys = list(plan.environments(plan.from_words(scenario(GOOD), catalogue, words)))
    assert keys == ["3.0.0-cpu-py311", "2.6.2-cpu-py311"]


def test_an_earlier_saver_is_planned_is_needed_and_makes_another_pair(catalogue: Catalogue) -> None:
    over = replace(GOOD, saver="3.0.0", over="2.6.2", over_env={"A": "1"})
    planned = plan.from_header(scenario(replace(GOOD, saver="3.0.0"), over), catalogue, Words())
    assert [one.label for one in planned] == [
        "3.0.0-cpu-py311 -> 2.6.2-cpu-py311",
        "3.0.0-cpu-py311 over 2.6.2-cpu-py311 A=1 -> 2.6.2-cpu-py311",
    ]
    trial = planned[1].trial
    assert trial is not None
    assert trial.below is not None
    assert (trial.below.saver_label, trial.below.below) == ("2.6.2-cpu-py311 A=1", None)
    assert list(plan.environments(planned)) == ["2.6.2-cpu-py311", "3.0.0-cpu-py311"]
    (named,) = plan.from_words(scenario(over), catalogue, Words(savers=("3.0.0",), loaders=("2.6.2",)))
    assert named.expected is None


def test_an_earlier_saver_that_cannot_be_here_makes_the_pair_unsupported(catalogue: Catalogue) -> None:
    (planned,) = plan.from_header(scenario(replace(GOOD, over="2.6.0")), catalogue, Words())
    assert (planned.trial, planned.label) == (None, "2.6.2 over 2.6.0 -> 2.6.2")
    with pytest.raises(UsageError, match="9.9.9"):
        plan.from_header(scenario(replace(GOOD, over="9.9.9")), catalogue, Words())
