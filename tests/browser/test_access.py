"""Whether everybody can use the pages: axe-core finds nothing, and a keyboard reaches everything."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests import report_data as data
from tests.browser.test_report_pages import choose, draw, seen, show, wait

WIDTHS = (390, 768, 1280)
RUN = """
const done = arguments[0];
axe.run({RULES resultTypes: ["violations"]}).then(
  (found) => done(found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")}: ${node.failureSummary}`))),
  (error) => done([String(error)]));
"""
ONE_CHART = f"#metric=load&route=jit&machine={data.HERE}"
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


PAGES = (
    "index.html", "hosts.html", "scenario/net.html", "scenario/other.html", "scenario/tried.html",
    "operators/20260304-050607-sweep-0001.html",
)  # fmt: skip


def test_no_page_is_left_out(pages: Path) -> None:
    assert sorted(str(one.relative_to(pages)) for one in pages.rglob("*.html")) == sorted(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_in_any_width_theme_and_language(
    chromium: webdriver.Chrome, pages: Path, axe: str, name: str
) -> None:
    """A theme changes colours alone: in the dark only what depends on them is asked."""
    show(chromium, pages, name, ONE_CHART if name.startswith("scenario/") else "")
    draw(chromium)
    chromium.set_script_timeout(300)
    chromium.execute_script(axe)
    found: dict[str, list[str]] = {}
    for width in WIDTHS:
        resize(chromium, width)
        for lang in ("en", "zh"):
            for theme, rules in (("light", ""), ("dark", "runOnly: ['color-contrast'],")):
                state(chromium, lang, theme)
                found[f"{width} {lang} {theme}"] = [
                    *chromium.execute_async_script(RUN.replace("RULES", rules)),
                    *small(chromium),
                ]
    assert {at: said for at, said in found.items() if said} == {}
    assert len(found) == 12


def state(driver: webdriver.Chrome, lang: str, theme: str) -> None:
    """Another language and theme by the address, as a link brings them; the filters stay."""
    driver.execute_script(
        "const told = new URLSearchParams(location.hash.slice(1));"
        "told.set('lang', arguments[0]); told.set('theme', arguments[1]); location.hash = told;",
        lang,
        theme,
    )
    wait(driver, lambda _: driver.execute_script("return document.documentElement.dataset.theme") == theme)
    assert driver.execute_script("return document.documentElement.lang").startswith(lang)
    settled = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
    driver.execute_async_script(settled)


def resize(driver: webdriver.Chrome, width: int) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def small(driver: webdriver.Chrome) -> list[str]:
    """What is smaller than a finger needs; links within a sentence are as large as its words."""
    found: list[Any] = driver.execute_script(SMALL)
    return [f"smaller than 24 px: {one}" for one in found]


MARK = """
const shown = [...document.querySelectorAll("a[href], button, select, input, summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility() && !one.disabled);
shown.forEach((one, number) => one.setAttribute("data-stop", number));
return shown.length;
"""
SEEN = """
const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
return [one.getAttribute("data-stop"), style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth];
"""


@pytest.mark.parametrize("name", PAGES)
def test_tab_reaches_every_control_once_in_the_order_of_the_page_and_shows_where_it_is(
    chromium: webdriver.Chrome, pages: Path, name: str
) -> None:
    still = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}  # else a page is still on its way
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", still)
    show(chromium, pages, name, ONE_CHART if name.startswith("scenario/") else "")
    draw(chromium)
    chromium.execute_script("scrollTo(0, 0)")
    count = chromium.execute_script(MARK)
    body = chromium.find_element(By.TAG_NAME, "body")
    stops: list[int] = []
    for _ in range(count):
        (chromium.switch_to.active_element if stops else body).send_keys(Keys.TAB)
        stop, outlined, inside = chromium.execute_script(SEEN)
        assert outlined, f"no outline at stop {stop}"
        assert inside, f"stop {stop} is out of sight"
        stops.append(int(stop))
    assert stops == list(range(count))
    chromium.switch_to.active_element.send_keys(Keys.TAB)
    assert chromium.execute_script(SEEN)[0] in {None, "0"}  # nothing keeps the focus


def test_escape_closes_what_a_chart_says_and_the_focus_goes_on(chromium: webdriver.Chrome, pages: Path) -> None:
    show(chromium, pages, "scenario/net.html", ONE_CHART)
    chart = draw(chromium)[0]
    chart.send_keys(Keys.ARROW_RIGHT)
    said = chart.find_element(By.CSS_SELECTOR, ".said")
    wait(chromium, lambda _: said.is_displayed())
    chart.send_keys(Keys.ESCAPE)
    wait(chromium, lambda _: not said.is_displayed())
    chart.send_keys(Keys.TAB)
    assert chromium.switch_to.active_element != chart


def test_a_sweep_is_filtered_by_operator_release_and_verdict_and_whole_without_a_script(
    chromium: webdriver.Chrome, pages: Path
) -> None:
    name = PAGES[-1]
    show(chromium, pages, name)
    rows = ".nets tbody tr"
    assert len(seen(chromium, rows)) == 4
    chromium.find_element(By.CSS_SELECTOR, "[data-filter=operator]").send_keys("near")
    assert [one.get_attribute("data-operator") for one in seen(chromium, rows)] == ["nearest"]
    assert chromium.find_element(By.ID, "count").text == "1 of 4 shown"
    chromium.find_element(By.ID, "clear").click()
    choose(chromium, "verdict", "unsaved")
    assert [one.get_attribute("data-operator") for one in seen(chromium, rows)] == ["fold"]
    choose(chromium, "release", "2.6.2")
    assert seen(chromium, rows) == []
    assert "release=2.6.2" in chromium.current_url
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        show(chromium, pages, name)
        assert len(seen(chromium, rows)) == 4
        assert seen(chromium, "form.filters, .switches") == []
    finally:
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_on_a_phone_the_newest_release_stands_next_to_the_labels(chromium: webdriver.Chrome, pages: Path) -> None:
    heads = "return [...document.querySelectorAll('.matrix thead [data-release]')].map((one) => one.textContent)"
    resize(chromium, 1280)
    show(chromium, pages)
    wide = chromium.execute_script(heads)
    assert wide == ["2.6.2", "3.0.0", "3.1.1", "3.2.2", "3.10.0"]
    answers = "return [...document.querySelectorAll('.matrix tbody tr')].map((row) => [...row.querySelectorAll('td')].map((one) => one.textContent))"
    before = chromium.execute_script(answers)
    resize(chromium, 390)
    wait(chromium, lambda _: chromium.execute_script(heads) == wide[::-1])
    assert chromium.execute_script(answers) == [row[::-1] for row in before]
    resize(chromium, 1280)
    wait(chromium, lambda _: chromium.execute_script(heads) == wide)


@pytest.mark.parametrize(("name", "table"), [("index.html", ".matrix"), ("scenario/net.html", ".heat")])
def test_a_table_that_is_turned_for_a_phone_says_the_same_of_every_release(
    chromium: webdriver.Chrome, pages: Path, name: str, table: str
) -> None:
    columns = f"""
    const table = document.querySelector("{table}");
    const heads = [...table.tHead.rows[0].cells].filter((one) => one.tagName === "TH" && one.colSpan === 1);
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]).map((row) => [...row.querySelectorAll("td")]);
    return Object.fromEntries(heads.map((head, number) => [head.textContent, rows.map((row) => row[number].textContent)]));
    """
    told = {}
    for width in (1280, 390):
        resize(chromium, width)
        show(chromium, pages, name)
        told[width] = chromium.execute_script(columns)
    assert len(told[390]) >= 4
    assert told[390] == told[1280]
