"""The site: every file of it by name, made scenario by scenario, so that memory holds one scenario at a time."""

from collections.abc import Iterable, Iterator
from importlib import resources

import msgspec

from lab.site import files, location_page, pages, words
from lab.site.nouns import BenchNote, PairResult, Shared, SiteScenario, SourceRun, UpstreamProblem
from lab.site.style import shared_style

__all__ = [
    "MARK",
    "BenchNote",
    "PairResult",
    "Shared",
    "SiteScenario",
    "SourceRun",
    "UpstreamProblem",
    "assets",
    "render",
    "shared_style",
]

MARK = "report.json"
"""A folder that holds this file is a report, and may be written again."""
ASSETS = ("base.css", "site.css", "page.js", "charts.js", "uplot.min.js", "uplot.min.css", "uplot.LICENSE.txt")


def render(subjects: Iterable[SiteScenario], shared: Shared) -> Iterator[tuple[str, bytes]]:
    """All files of the site, by their path in it; the same input gives the same bytes."""
    found: list[pages.Summary] = []
    speed, compat, rows = [files.head(files.SPEED)], [files.head(files.COMPAT)], []
    for subject in subjects:
        yield from pages.scenario(subject, shared).items()
        found.append(pages.summarise(subject))
        timed = [files.speed_values(one) for one in subject.lines]
        tried = [files.compat_values(subject, one) for one in subject.pairs]
        speed.append(files.table(files.SPEED, timed))
        compat.append(files.table(files.COMPAT, tried))
        rows.append(msgspec.json.encode({"scenario": subject.name, "speed": timed, "compatibility": tried}))
    yield "index.html", pages.index(found, shared)
    if shared.hosts:
        yield "hosts.html", pages.hosts(shared)
    for one in shared.sweeps:
        yield one.path, pages.operators(one, shared)
    for located in shared.locations:
        yield located.path, location_page.html(located.found).encode()
    yield "feed.xml", pages.feed(found, shared)
    yield "report.md", files.markdown(found, shared.notes).encode()
    yield "speed.csv", "".join(speed).encode()
    yield "compatibility.csv", "".join(compat).encode()
    yield MARK, b'{"schema": %d, "scenarios": [\n' % files.SCHEMA + b",\n".join(rows) + b"\n]}\n"
    yield from assets()


def assets() -> Iterator[tuple[str, bytes]]:
    """Style, scripts, the chart library with its licence, and the words the scripts say."""
    folder = resources.files(__name__) / "assets"
    for name in ASSETS:
        yield f"assets/{name}", (folder / name).read_bytes()
    told = msgspec.json.encode({name: words.PAIRS[name] for name in words.CHART_WORDS})
    yield "assets/words.js", b"window.LAB_WORDS = " + told + b";\n"
