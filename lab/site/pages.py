"""The pages as HTML: templates filled with what the other rooms counted; everything is escaped, nothing is inline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from lab.report.grid import Tone
from lab.site import compat, links, overview, speed, words
from lab.site import feed as feed_parts
from lab.site import operators as swept
from lab.site.nouns import Shared, SiteScenario, SourceRun, UpstreamProblem
from lab.site.places import bare, in_order, short, shortener
from lab.site.told import placed, told

TOP_CHANGES = 200
"""Changes on the first page; the CSV file has all of them."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the first page and the files keep of a scenario once its own page is written."""

    name: str
    slug: str
    summary: str
    summary_zh: str
    blocks: tuple[overview.OverviewTable, ...]
    changes: tuple[speed.SpeedRow, ...]
    failures: int
    worked: int
    tried: int
    newest: str
    machines: frozenset[str]
    places: frozenset[str]
    slower: int
    faster: int


@cache
def templates() -> Environment:
    """The templates of this room; a name that nobody gave is an error, and text can never become markup."""
    made = Environment(
        loader=PackageLoader("lab.site"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.globals.update(
        t=words.t,
        both=words.both,
        told=told,
        placed=placed,
        label=words.label,
        counted=words.counted,
        zh=words.zh,
        en=words.en,
    )
    made.globals.update(glyphs=overview.GLYPHS, short=short, feed_name=feed_parts.name, moment=feed_parts.moment)
    made.globals.update(known_words=words.PAIRS, pairs_of=_twice, tone=_tone, upstream=links.upstream)
    return made


def _twice(names: Iterable[str]) -> list[tuple[str, str]]:
    """Names as choices of a filter, which show what they are."""
    return [(name, name) for name in names]


def _tone(word: str) -> str:
    """A square's tone as a class; a stored file may hold any text there."""
    return word if word in tuple(Tone) else Tone.GREY.value


def summarise(subject: SiteScenario) -> Summary:
    """The little that is kept of a subject."""
    places = _places(subject)
    found = tuple(speed.row(one, str) for one in speed.changes(subject.lines))
    worked, tried = overview.tally(subject.pairs)
    dates = [*(one.date for one in subject.lines), *(one.source.started for one in subject.pairs)]
    slower = sum(one.line.change is speed.CONFIRMED[0] for one in found)
    return Summary(
        name=subject.name, slug=subject.slug, summary=subject.summary, summary_zh=subject.summary_zh,
        blocks=overview.blocks(subject), changes=found,
        failures=sum(one.square.tone == Tone.BAD for one in subject.pairs), worked=worked, tried=tried,
        newest=max(dates, default=""), machines=frozenset(one.machine for one in subject.lines),
        places=frozenset(places), slower=slower, faster=len(found) - slower,
    )  # fmt: skip


def _places(subject: SiteScenario) -> set[str]:
    named = [name for one in subject.lines for name in (one.side, one.anchor)]
    named += [name for one in subject.pairs for name in (one.saver, one.loader)]
    return {bare(name)[0] for name in named}


def scenario(subject: SiteScenario, shared: Shared) -> Mapping[str, bytes]:
    """The page of one scenario, and the data of its charts."""
    figures = speed.figures(subject)
    failures = compat.failures(subject.pairs)
    page = templates().get_template("scenario.html.j2").render(
        subject=subject, shared=shared, figures=figures, maps=compat.maps(subject.pairs),
        failures=failures, anchors=_anchors(failures), entries=_entries(subject),
        proofs=compat.proofs(subject.pairs, shared.cures), grade=compat.grade, digests=_digests(subject),
        sources=_sources(subject), facts=_facts(subject, shared), speed_words=_said(figures),
        metric_names=_each(figures, "metric"),
        route_names=_twice(_each(figures, "route")), machine_names=_twice(_each(figures, "machine")),
        root="../",
    )  # fmt: skip
    data = msgspec.json.encode({one.id: one.data for one in figures})
    return {
        f"scenario/{subject.slug}.html": page.encode(),
        f"data/{subject.slug}.js": b"window.LAB_FIGURES = " + data + b";\n",
    }


def _each(figures: Sequence[speed.Figure], name: str) -> list[str]:
    return list(dict.fromkeys(str(getattr(one, name)) for one in figures))


def _said(figures: Sequence[speed.Figure]) -> list[str]:
    """The verdicts of a page, in the order of the key."""
    found = {row.word for one in figures for row in one.rows}
    return [name for name in overview.GLYPHS if name in found]


def _anchors(failures: Sequence[compat.FailureGroup]) -> Mapping[tuple[str, str], str]:
    """Where on its page a failing square's message stands, by signature and message."""
    return {told: one.id for one in failures for told in one.told}


def _entries(subject: SiteScenario) -> Mapping[str, UpstreamProblem]:
    """What is told of a square as the known problem it is, which has both languages."""
    told = {one.square.known for one in subject.pairs if one.square.known}
    return {text: one for text in told for one in subject.reported if one.named_in(text)}


def _digests(subject: SiteScenario) -> Sequence[tuple[str, Sequence[str]]]:
    """The images of every environment, with all digests it was seen with."""
    found: dict[str, set[str]] = {}
    for one in subject.lines:
        found.setdefault(bare(one.side)[0], set()).add(one.digest)
        found.setdefault(bare(one.anchor)[0], set()).add(one.anchor_digest)
    for pair in subject.pairs:
        found.setdefault(bare(pair.loader)[0], set()).add(pair.digest)
    return [(place, sorted(found[place] - {""})) for place in in_order(found)]


def _sources(subject: SiteScenario) -> Sequence[SourceRun]:
    """Every run behind a page, newest first; of one that is only in the history its lines know the command."""
    found = {one.source.id: one.source for one in subject.pairs} | dict(subject.sources)
    for run, lines in speed.by_run(subject.lines).items():
        made = SourceRun(id=run, command=speed.command(lines), started=lines[0].date, machine=lines[0].machine)
        found.setdefault(run, made)
    return sorted(found.values(), key=lambda one: (one.started, one.id), reverse=True)


def _facts(subject: SiteScenario, shared: Shared) -> Sequence[tuple[str, Mapping[str, str]]]:
    named = {one.machine for one in subject.lines} | {one.source.machine for one in subject.pairs}
    return [(name, shared.machines.get(name, {})) for name in sorted(named - {""})]


def index(found: Sequence[Summary], shared: Shared) -> bytes:
    """The first page."""
    places = in_order(place for one in found for place in one.places)
    changes, shown = merged(found), shortener(places)
    worked, tried = sum(one.worked for one in found), sum(one.tried for one in found)
    blocks = [block for one in found for block in one.blocks]
    timed = {name for one in found for name in one.machines}
    return templates().get_template("index.html.j2").render(
        found=found, shared=shared, places=places, blocks=blocks,
        words=[name for name in overview.GLYPHS if any(name in one.words.split() for one in blocks)],
        machines=sorted(timed),
        several=len(timed) > 1,
        groups=_groups(changes), all_changes=len(changes), shown_changes=min(len(changes), TOP_CHANGES), worked=worked, tried=tried,
        slower=sum(one.slower for one in found), faster=sum(one.faster for one in found),
        newest=max((one.newest for one in found), default=""), root="",
        shorts=[(one, shown(one)) for one in places], shown=shown, slugs={one.name: one.slug for one in found},
        facts=[(name, shared.machines.get(name, {})) for name in sorted({*shared.machines, *timed})],
    ).encode()  # fmt: skip


def _groups(changes: Sequence[speed.SpeedRow]) -> Sequence[tuple[str, int, int, Sequence[speed.SpeedRow]]]:
    """The changes that are shown, by release: how many are worse, how many better, and they themselves."""
    found, room = [], TOP_CHANGES
    for name, rows in speed.by_release(changes):
        worse = sum(one.line.change is speed.CONFIRMED[0] for one in rows)
        if room > 0:
            found.append((name, worse, len(rows) - worse, rows[:room]))
        room -= len(rows)
    return found


def operators(sweep: swept.SiteSweep, shared: Shared) -> bytes:
    """What became of every operator in one sweep, as a table that can be filtered."""
    used = {one.verdict for one in sweep.rows}
    names = sorted({name for one in sweep.rows for name in one.nets})
    return templates().get_template("operators.html.j2").render(
        sweep=sweep, shared=shared, verdict_names=[one for one in swept.ORDER if one in used], names=names, root="../",
    ).encode()  # fmt: skip


def hosts(shared: Shared) -> bytes:
    """Which host of a fleet tried what, when, with what facts."""
    return templates().get_template("hosts.html.j2").render(shared=shared, root="").encode()


def merged(found: Sequence[Summary]) -> list[speed.SpeedRow]:
    """The confirmed changes of all scenarios, in the order of their list."""
    rows = {one.line.key: one for summary in found for one in summary.changes}
    return [rows[line.key] for line in speed.changes(one.line for one in rows.values())]


def feed(found: Sequence[Summary], shared: Shared) -> bytes:
    """The confirmed changes as an Atom feed; the same data gives the same bytes."""
    slugs = {one.name: one.slug for one in found}
    return templates().get_template("feed.xml.j2").render(
        changes=merged(found)[:TOP_CHANGES], slugs=slugs, address=shared.address,
        updated=max((one.newest for one in found), default=""),
    ).encode()  # fmt: skip
