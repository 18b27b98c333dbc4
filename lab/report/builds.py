"""Builds that were handed over, in words: what a run, a bundle and an issue say of them."""

from collections.abc import Iterator

from lab.model import GivenBuild, Run, Selector


def line(build: GivenBuild, commit: str = "") -> str:
    """One build on one line: its name here, what is known of it, and Paddle's own commit."""
    said = f"{build.release}  {build.label}"
    return f"{said}, commit {commit}" if commit else said


def lines(run: Run) -> tuple[str, ...]:
    """Every build that a run worked with, each with the commit that it names itself where it was imported."""
    commits = dict(_commits(run))
    return tuple(line(one, commits.get(one.release, "")) for one in run.builds)


def _commits(run: Run) -> Iterator[tuple[str, str]]:
    for one in run.trials:
        for key, facts in ((one.saver, one.save), (one.loader, one.load)):
            if facts is not None and facts.versions.get("commit"):
                yield Selector.of(key).release, facts.versions["commit"]
