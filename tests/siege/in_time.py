"""A plugin for tests that may not all fit into their time: an order drawn from a seed, an end in time, and what was tried."""

import json
import random
import time
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("siege")
    group.addoption("--siege-seconds", type=float, default=60.0)
    group.addoption("--siege-seed", type=int, default=0)
    group.addoption("--siege-into", type=Path, default=Path("told.json"))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(InTime(config))


class InTime:
    def __init__(self, config: pytest.Config) -> None:
        self._end = time.monotonic() + config.getoption("--siege-seconds")
        self._chances = random.Random(config.getoption("--siege-seed"))  # noqa: S311 - the same order every time
        self._into: Path = config.getoption("--siege-into")
        self._told: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self._chances.shuffle(items)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if time.monotonic() > self._end:
            pytest.skip("its time is over")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._told[report.nodeid] = report.longreprtext[-400:]
        elif report.when == "call" and not report.skipped:
            self._told.setdefault(report.nodeid, "")

    def pytest_sessionfinish(self) -> None:
        found = [{"name": name, "failed": failed} for name, failed in self._told.items()]
        self._into.write_text(json.dumps(found), encoding="utf-8")
