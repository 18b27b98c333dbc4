"""What will not be tested here is said before anything is, in the words of those that are said at the end."""

import re

import pytest

from tests import missing
from tests.conftest import ROOT


def test_what_is_not_there_is_said_and_what_is_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    said = missing.missing({"NO CHROMIUM": lambda: False, "NO SLURM": lambda: True})
    assert said == ["NO CHROMIUM: browser tests will not run: there is no Chromium here. make browser installs one."]
    missing.main()
    assert capsys.readouterr().out


def test_every_reason_that_a_test_skips_with_has_its_sentence() -> None:
    used = {
        word for path in (ROOT / "tests").rglob("*.py") for word in re.findall(r'f?"(NO [A-Z ]+): ', path.read_text())
    }
    assert used == set(missing.SAID)
