"""Whether everybody can use the pages: axe-core finds nothing, and a keyboard reaches everything."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from tests import report_data as data
from tests.browser.test_report_pages import draw, show

WIDTHS = (390, 768, 1280)
RUN = """
const done = arguments[0];
axe.run({resultTypes: ["violations"], rules: {"target-size": {enabled: true}}}).then(
  (found) => done(found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")}: ${node.failureSummary}`))),
  (error) => done([String(error)]));
"""
ONE_CHART = f"#metric=load&route=jit&machine={data.THERE}"
"""What is hidden is not judged, and all charts are alike."""
SMALL = """
const inline = (one) => one.closest("p:not(.page), .message, figcaption, dd") && one.tagName === "A";
return [...document.querySelectorAll("a[href], button, select, input, summary")]
  .filter((one) => one.checkVisibility() && !one.classList.contains("skip") && !inline(one))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.height < 23.5 || box.width < 23.5)
  .map(([one, box]) => `${one.outerHTML.slice(0, 120)} ${box.width} x ${box.height}`);
"""


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    found = importlib.util.find_spec("axe_playwright_python")
    assert found is not None, "axe-core is missing: make check installs it"
    return Path(str(found.origin)).with_name("axe.min.js").read_text(encoding="utf-8")


def names(pages: Path) -> list[str]:
    return sorted(str(one.relative_to(pages)) for one in pages.rglob("*.html"))


def test_axe_finds_nothing_on_any_page_in_any_width_theme_and_language(
    chromium: webdriver.Chrome, pages: Path, axe: str
) -> None:
    found: dict[str, list[str]] = {}
    assert len(names(pages)) == 6
    for name in names(pages):
        show(chromium, pages, name, ONE_CHART if name == "scenario/net.html" else "")
        draw(chromium)
        chromium.execute_script(axe)
        for width in WIDTHS:
            resize(chromium, width)
            for lang in ("en", "zh"):
                for theme in ("light", "dark"):
                    chromium.execute_script(
                        f"location.hash = location.hash.replace(/(^#)?&?(lang|theme)=\\w+/g, '') + '&lang={lang}&theme={theme}'"
                    )
                    at = f"{name} {width} {lang} {theme}"
                    chromium.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
                    assert chromium.execute_script("return document.documentElement.dataset.theme") == theme
                    found[at] = [*chromium.execute_async_script(RUN), *small(chromium)]
    assert {at: said for at, said in found.items() if said} == {}
    assert len(found) == 6 * 12


def resize(driver: webdriver.Chrome, width: int) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def small(driver: webdriver.Chrome) -> list[str]:
    """What is smaller than a finger needs; links within a sentence are as large as its words."""
    found: list[Any] = driver.execute_script(SMALL)
    return [f"smaller than 24 px: {one}" for one in found]
