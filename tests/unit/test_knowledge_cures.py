"""The checked-in catalogue of cures is whole, safe to try, and has its control."""

from pathlib import Path

import pytest

from lab.environment import load
from lab.knowledge import cures
from lab.model.cure import Cure
from lab.outcome import pasted
from lab.scenario.expect import STANDARD_ROUTES

ROOT = Path(__file__).parents[2]
CURES = cures.read(ROOT / "scenarios" / "cures.toml")


@pytest.mark.parametrize("cure", CURES, ids=lambda cure: cure.name)
def test_every_cure_names_releases_that_exist_its_risk_and_its_source(cure: Cure) -> None:
    catalogue = load(ROOT / "images")
    assert catalogue.releases_in(cure.releases or "all")
    assert cure.risk
    assert cure.source
    assert pasted.of_cures((cure,))
    assert not cure.route or cure.route in STANDARD_ROUTES


def test_outer_layers_come_first() -> None:
    assert [one.layer for one in CURES] == sorted(one.layer for one in CURES)


def test_there_is_exactly_one_control_and_it_is_a_flag() -> None:
    (control,) = [one for one in CURES if one.control]
    assert all(name.startswith("FLAGS_") for name in control.env)


def test_the_ir_flag_is_never_offered_where_it_crashes() -> None:
    catalogue = load(ROOT / "images")
    for one in CURES:
        if "FLAGS_enable_pir_api" in one.env:
            assert catalogue.release("2.6.2") not in catalogue.releases_in(one.releases)
