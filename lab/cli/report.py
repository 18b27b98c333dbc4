"""`lab report`: everything that was measured and tried, as a site that opens from disk."""

from pathlib import Path
from typing import Annotated

import typer

from lab import site
from lab.cli import opening, options
from lab.cli.screen import Screen, say
from lab.errors import UsageError
from lab.site.gather import gather
from lab.site.put import put, refuse
from lab.storage import store

OutOption = Annotated[str, typer.Option("--out", "-o", help="The folder to write; default results/report.")]
UrlOption = Annotated[str, typer.Option("--url", help="Where it will lie on the web, for the links of the feed.")]


def report(
    out: OutOption = "",
    url: UrlOption = "",
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Make the report: pages in English and Chinese, CSV, JSON, Markdown, and a feed of confirmed changes.

    It is made from results/history and from the runs on this disk; either alone is enough. It needs no network to be
    made or to be read, and the same data gives the same bytes.
    """
    found, catalogue = opening.place(workspace)
    folder = Path(out).absolute() if out else found.results / "report"
    refuse(folder)
    content = gather(found, catalogue, _address(url))
    written = put(site.render(content.subjects(), content.shared), folder)
    screen = Screen()
    for note in content.shared.notes:
        screen.tell(f"left out: {note}")
    if json:
        told = {"index": str(folder / "index.html"), "files": written.files, "scenarios": content.names}
        say(store.pretty(told).decode())
        return
    if not content.names:
        say("nothing has been measured yet: the report says which commands change that")
    say(f"{len(content.names)} scenario(s), {written.files} files, first page {written.first / 1000:.0f} kB")
    say(f"open {folder / 'index.html'}")


def _address(url: str) -> str:
    """The address with a slash at its end; UsageError where it is none."""
    if url and not url.startswith(("https://", "http://")):
        raise UsageError(f"{url!r} is not a web address", "for instance --url https://example.github.io/lab/")
    return f"{url.rstrip('/')}/" if url else ""
