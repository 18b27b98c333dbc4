"""A real Chromium, headless and with a profile of its own, that writes down whatever it asks the network for."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from lab import site
from lab.site.put import put
from tests import report_data as data

WORDS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--window-size=1300,900", "--lang=en-US",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs a browser, and says loudly where there is none."""
    there = shutil.which("chromium") and shutil.which("chromedriver")
    for one in items:
        if "browser" in one.path.parts:
            one.add_marker(pytest.mark.browser)
            if not there:
                one.add_marker(pytest.mark.skip(reason="NO CHROMIUM: make browser installs it"))


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with everything in it that a report can hold."""
    subjects, shared = data.whole()
    return put(site.render(subjects, shared), tmp_path_factory.mktemp("site") / "report").folder


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """One browser for all tests, which is ended by its own driver."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for word in (*WORDS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(shutil.which("chromedriver"))))
    yield driver
    driver.quit()


@pytest.fixture
def chromium(running: webdriver.Chrome, pages: Path) -> webdriver.Chrome:
    """The browser as if it had just been started."""
    running.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    running.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    running.get((pages / "index.html").as_uri())
    running.execute_script("localStorage.clear()")
    for kind in ("browser", "performance"):
        log(running, kind)
    return running


def log(driver: webdriver.Chrome, kind: str) -> list[dict[str, str]]:
    """What the browser wrote into one of its logs since the last call."""
    found: list[dict[str, str]] = driver.get_log(kind)  # type: ignore[no-untyped-call]
    return found


def requested(driver: webdriver.Chrome) -> list[str]:
    """Every address that pages asked for since the last call."""
    found: list[Any] = [json.loads(one["message"])["message"] for one in log(driver, "performance")]
    return [one["params"]["request"]["url"] for one in found if one["method"] == "Network.requestWillBeSent"]


def complaints(driver: webdriver.Chrome) -> list[str]:
    """What stands in the console since the last call."""
    return [one["message"] for one in log(driver, "browser")]
