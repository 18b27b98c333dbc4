import base64
from collections.abc import Callable
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests import report_data as data
from tests.browser.conftest import complaints, requested

INKED = """
const canvas = arguments[0].querySelector("canvas");
const shades = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
return new Set(Array.from({length: shades.length / 4}, (_, n) => shades.slice(4 * n, 4 * n + 4).join())).size;
"""
BACKGROUND = "return getComputedStyle(document.body).backgroundColor"


def wait(driver: webdriver.Chrome, until: Callable[[webdriver.Chrome], object]) -> None:
    WebDriverWait(driver, 60, poll_frequency=0.05).until(until)


def show(driver: webdriver.Chrome, pages: Path, name: str = "index.html", state: str = "") -> None:
    driver.get("about:blank")  # else only the part after the # would change
    driver.get((pages / name).as_uri() + state)


def seen(driver: webdriver.Chrome, selector: str) -> list[WebElement]:
    return [one for one in driver.find_elements(By.CSS_SELECTOR, selector) if one.is_displayed()]


def choose(driver: webdriver.Chrome, name: str, value: str) -> None:
    Select(driver.find_element(By.CSS_SELECTOR, f"[data-filter={name}]")).select_by_value(value)


def draw(driver: webdriver.Chrome) -> list[WebElement]:
    """Walk down the page, as a reader does, until every chart that is shown is drawn."""
    charts = seen(driver, ".chart")
    for one in charts:
        driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", one)
        wait(driver, lambda _: one.find_elements(By.TAG_NAME, "canvas"))  # noqa: B023 - waits in this turn of the loop
    return charts


def test_every_page_opens_from_disk_with_a_silent_console_and_asks_no_network(
    chromium: webdriver.Chrome, pages: Path
) -> None:
    names = ["index.html", *(f"scenario/{one.name}" for one in (pages / "scenario").iterdir())]
    names += ["hosts.html", *(f"operators/{one.name}" for one in (pages / "operators").iterdir())]
    assert len(names) == 6
    for name in names:
        show(chromium, pages, name)
        draw(chromium)
        assert chromium.execute_script("return performance.getEntriesByName('lab-interactive').length") == 1
    assert complaints(chromium) == []
    asked = [one for one in requested(chromium) if not one.startswith(("about:", "data:", "chrome:"))]
    assert len(asked) > 40
    assert [one for one in asked if not one.startswith(pages.as_uri())] == []


def test_a_page_cannot_reach_the_network_even_if_it_wants_to(chromium: webdriver.Chrome, pages: Path) -> None:
    show(chromium, pages)
    tried = "const done = arguments[0]; fetch('http://127.0.0.1:9/').then(() => done('went out'), (error) => done(error.name))"
    assert chromium.execute_async_script(tried) == "TypeError"
    assert any("Content Security Policy" in one for one in complaints(chromium))


def test_charts_are_drawn_with_more_than_a_frame(chromium: webdriver.Chrome, pages: Path) -> None:
    show(chromium, pages, "scenario/net.html")
    charts = draw(chromium)
    assert len(charts) == 2 * 6 * 2  # two kinds, three metrics by two routes, two machines
    for one in charts:
        assert chromium.execute_script(INKED, one) > 10


def test_the_language_is_switched_in_the_page_and_travels_with_its_links(
    chromium: webdriver.Chrome, pages: Path
) -> None:
    show(chromium, pages)
    assert chromium.find_element(By.TAG_NAME, "h1").text == "Paddle releases, side by side"
    chromium.find_element(By.CSS_SELECTOR, "[data-lang=zh]").send_keys(Keys.ENTER)
    assert chromium.find_element(By.TAG_NAME, "h1").text == "飞桨各版本对照"
    assert chromium.find_element(By.TAG_NAME, "html").get_attribute("lang") == "zh-CN"
    assert "lang=zh" in chromium.current_url
    assert chromium.find_element(By.CSS_SELECTOR, "td.SLOWER .g").get_attribute("aria-label") == "变慢"
    chromium.find_element(By.CSS_SELECTOR, "th a").click()
    wait(chromium, lambda driver: "scenario/" in driver.current_url)
    assert chromium.find_element(By.ID, "speed").text == "速度"
    wait(chromium, lambda driver: driver.find_elements(By.CSS_SELECTOR, ".chart[aria-label]"))
    assert "方向键" in str(chromium.find_element(By.CSS_SELECTOR, ".chart").get_attribute("aria-label"))
    chromium.find_element(By.CSS_SELECTOR, "[data-lang=en]").click()
    assert chromium.find_element(By.ID, "speed").text == "Speed"


def test_filters_narrow_the_page_and_live_in_its_address(chromium: webdriver.Chrome, pages: Path) -> None:
    show(chromium, pages)
    every = len(seen(chromium, ".matrix tbody"))
    assert every == 7
    choose(chromium, "scenario", "other")
    assert len(seen(chromium, ".matrix tbody")) == 2
    choose(chromium, "release", data.SIDES[3])
    assert [one.text for one in seen(chromium, ".matrix thead [data-release]")] == ["3.2.2"]
    choose(chromium, "verdict", "FASTER")
    assert {one.get_attribute("data-w") for one in seen(chromium, ".matrix td:not(.faint)")} == {"FASTER"}
    again = chromium.current_url
    assert "scenario=other" in again
    count = chromium.find_element(By.ID, "count").text
    show(chromium, pages, state="#" + again.partition("#")[2])
    assert chromium.find_element(By.ID, "count").text == count
    assert len(seen(chromium, ".matrix tbody")) == 2
    chromium.find_element(By.ID, "clear").click()
    assert len(seen(chromium, ".matrix tbody")) == every


def test_a_filter_that_nothing_fits_says_so(chromium: webdriver.Chrome, pages: Path) -> None:
    show(chromium, pages)
    chromium.find_element(By.CSS_SELECTOR, "[data-filter=text]").send_keys("no such word")
    assert seen(chromium, ".matrix tbody") == []
    assert {one.text for one in seen(chromium, ".nothing")} == {"Nothing fits this filter."}
    assert chromium.find_element(By.ID, "count").text.startswith("0 of")


def test_machines_are_kept_apart_by_a_filter(chromium: webdriver.Chrome, pages: Path) -> None:
    show(chromium, pages, "scenario/net.html", f"#machine={data.THERE}&metric=load")
    shown = seen(chromium, "article.figure")
    assert {one.get_attribute("data-machine") for one in shown} == {data.THERE}
    assert len(shown) == 2


def test_everything_is_reached_with_the_keyboard_and_shows_where_the_focus_is(
    chromium: webdriver.Chrome, pages: Path
) -> None:
    show(chromium, pages, "scenario/net.html")
    body, reached = chromium.find_element(By.TAG_NAME, "body"), []
    for _ in range(24):
        body.send_keys(Keys.TAB)
        focus = chromium.switch_to.active_element
        reached.append(f"{focus.tag_name}.{(focus.get_attribute('class') or '').partition(' ')[0]}")
        assert focus.value_of_css_property("outline-style") != "none", reached[-1]
    for one in ("a.skip", "button.", "select.", "input.", "div.chart", "summary."):
        assert one in reached


def test_a_chart_is_walked_through_with_the_arrow_keys(chromium: webdriver.Chrome, pages: Path) -> None:
    show(chromium, pages, "scenario/net.html")
    chart = draw(chromium)[0]
    chart.send_keys(Keys.ARROW_RIGHT)
    chart.send_keys(Keys.ARROW_RIGHT)
    wait(chromium, lambda _: "3.0.0" in chart.text)
    assert "slower ×7.50 (×7.35 – ×7.65), 1 ms → 7.5 ms" in chart.text  # noqa: RUF001
    table = chromium.find_element(By.ID, str(chart.get_attribute("aria-describedby")))
    assert "×7.50" in str(table.get_attribute("textContent"))  # noqa: RUF001


def test_a_failing_square_leads_to_its_message_and_keeps_the_filters(chromium: webdriver.Chrome, pages: Path) -> None:
    show(chromium, pages, "scenario/net.html", "#metric=infer")
    chromium.find_element(By.CSS_SELECTOR, ".heat td.bad a").send_keys(Keys.ENTER)
    assert chromium.switch_to.active_element.get_attribute("id") == "f1"
    assert "it is not there" in chromium.switch_to.active_element.text
    assert "metric=infer" in chromium.current_url
    assert "at=f1" in chromium.current_url


def test_the_page_is_dark_where_the_system_is_unless_the_reader_says_otherwise(
    chromium: webdriver.Chrome, pages: Path
) -> None:
    for name, shade in (("dark", "rgb(21, 24, 28)"), ("light", "rgb(255, 255, 255)")):
        wanted = {"features": [{"name": "prefers-color-scheme", "value": name}]}
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", wanted)
        show(chromium, pages)
        assert chromium.execute_script(BACKGROUND) == shade
    Select(chromium.find_element(By.ID, "theme")).select_by_value("dark")
    assert chromium.execute_script(BACKGROUND) == "rgb(21, 24, 28)"
    assert "theme=dark" in chromium.current_url


def test_a_printed_page_is_light_and_shows_its_tables(chromium: webdriver.Chrome, pages: Path) -> None:
    show(chromium, pages, "scenario/net.html", "#theme=dark")
    chromium.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert chromium.execute_script(BACKGROUND) == "rgb(255, 255, 255)"
    assert len(seen(chromium, "details.table[open]")) == 12
    assert all(one.find_elements(By.TAG_NAME, "canvas") for one in chromium.find_elements(By.CSS_SELECTOR, ".chart"))
    chromium.execute_script("dispatchEvent(new Event('afterprint'))")
    assert chromium.execute_script(BACKGROUND) == "rgb(21, 24, 28)"
    assert base64.b64decode(chromium.print_page()).startswith(b"%PDF")


def test_a_narrow_window_scrolls_its_tables_and_not_itself(chromium: webdriver.Chrome, pages: Path) -> None:
    metrics = {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for name in ("index.html", "scenario/net.html"):
        show(chromium, pages, name)
        assert chromium.execute_script("return document.documentElement.scrollWidth") <= 360
