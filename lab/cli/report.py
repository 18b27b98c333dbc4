"""`lab report`: everything that was measured and tried, as a site that opens from disk."""

from pathlib import Path

from lab import site
from lab.cli import answer, opening, options
from lab.cli.command import answers, asked
from lab.cli.options import Format
from lab.cli.screen import Screen, say
from lab.errors import UsageError
from lab.site.gather import SiteContent, gather
from lab.site.put import Written, put, refuse
from lab.text import counted


@answers(Format.TEXT)
def report(
    output: options.FileOption = "",
    url: options.UrlOption = "",
    with_checks: options.WithChecksOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Pages in English and Chinese, CSV, JSON, Markdown, and a feed of confirmed changes, in results/report.

    It is made from results/history and from the runs on this disk; either alone is enough. It needs no network to be
    made or to be read, and the same data gives the same bytes. No path of this machine goes in.
    """
    found, catalogue = opening.place(workspace)
    folder = Path(output).absolute() if output else found.results / "report"
    refuse(folder)
    content = gather(found, catalogue, _address(url), checks=with_checks)
    written = put(site.render(content.subjects(), content.shared), folder)
    screen = Screen(quiet=asked().json)
    for note in content.warnings:
        screen.tell(f"left out: {note}")
    index = folder / "index.html"
    answer.give(
        {"index": str(index), "files": written.files, "scenarios": content.names, "private": content.private},
        text=lambda: _tell(content, written, index),
    )


def _tell(content: SiteContent, written: Written, index: Path) -> None:
    names, private = content.names, content.private
    if not names:
        say("nothing has been measured yet: the report says which commands change that")
    say(
        f"{counted(len(names), 'scenario')}, {counted(written.files, 'file')}, first page {written.first / 1000:.0f} kB"
    )
    if private:
        say(f"{counted(private, 'run')} of models of your own left out; --with-checks takes them in")
    say(f"open {index}")


def _address(url: str) -> str:
    """The address with a slash at its end; UsageError where it is none."""
    if url and not url.startswith(("https://", "http://")):
        raise UsageError(f"{url!r} is not a web address", "for instance --url https://example.github.io/lab/")
    return f"{url.rstrip('/')}/" if url else ""
