"""Which releases a report calls good, which bad, and which one wrote the model: by the words beside them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lab.scenario.reading import phrases, tables
from lab.scenario.reading.blocks import Parts
from lab.scenario.reading.mention import Mention

_LONGEST_LINE = 2000
_LONGEST_PARAGRAPH = 2000
_MOST = 200
"""Places that name a release: what a report says behind them is not judged, so that no report takes for ever."""
_NEAR = 4  # lines below a paragraph in which the log stands that it speaks of
_ENDING = 80  # characters at the end of a paragraph
_SHORT = 10  # characters of a clause that is only "but"
_NOWHERE = -1
"""The place of a release that only names a model, as in "the 2.6 model fails in 3.0"."""
_GOOD, _BAD = "good", "bad"
_MEANS = {"unbad": _GOOD, "good": _GOOD, "fix": _GOOD, "ungood": _BAD, "bad": _BAD}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a report says of the releases it names, each group in the order of the report."""

    good: tuple[str, ...]
    bad: tuple[str, ...]
    saved: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Sentence:
    """A piece of text between two stops, the places in it that name a release, and what its label says of them."""

    text: str
    named: tuple[tuple[int, int, str], ...]
    label: str = ""


def judge(parts: Parts, mentions: Sequence[Mention]) -> Judged:
    """What the words beside each release say of it; one that is called both is bad: it showed the problem."""
    mentions = mentions[:_MOST]
    said: dict[str, set[str]] = {}
    weak: dict[str, set[str]] = {}
    saved: dict[str, None] = {}
    for version, cell in tables.below(parts.lines, mentions):
        said.setdefault(version, set()).update(filter(None, (_only(cell),)))
    for one in _sentences(parts, mentions):
        pairs = _moves(one)
        for version, word in pairs.items():
            weak.setdefault(version, set()).add(word)
        for version, word in _by_words(one, pairs):
            said.setdefault(version, set()).add(word)
        saved |= dict.fromkeys(_writers(one))
    for version, words in weak.items():
        said.setdefault(version, words)
    order = tuple(dict.fromkeys(one.version for one in mentions))
    return Judged(
        good=tuple(one for one in order if said.get(one) == {_GOOD}),
        bad=tuple(one for one in order if _BAD in said.get(one, ())),
        saved=tuple(saved),
    )


def _sentences(parts: Parts, mentions: Sequence[Mention]) -> Iterator[_Sentence]:
    """The report's sentences: lines of one paragraph belong together, items of a list and rows of a table do not."""
    by_line: dict[int, list[Mention]] = {}
    for one in mentions:
        by_line.setdefault(one.line, []).append(one)
    label, thrown = "", False
    text, named = "", list[tuple[int, int, str]]()
    for at, whole in enumerate(parts.lines):
        line = whole[:_LONGEST_LINE]
        labels = not by_line.get(at) and phrases.LABEL.fullmatch(line) is not None
        begins = (
            labels
            or not line.strip()
            or phrases.ITEM.match(line) is not None
            or parts.shown[at]
            or len(text) > _LONGEST_PARAGRAPH
        )
        if begins and text:
            shows = phrases.SHOWS.search(text[-_ENDING:]) and any(
                phrases.THROWN.match(one) for one in parts.lines[at : at + _NEAR]
            )
            yield from _split(text, named, label or (_BAD if shows else ""))
            text, named = "", []
        if labels:
            label = _only(line.replace("_", " "))
        elif not text and phrases.CONTINUED.match(line) and thrown:
            label = _BAD
        if line.strip():
            thrown = phrases.THROWN.match(line) is not None
        text += "\n" if text else ""
        named += [(len(text) + one.start, len(text) + one.end, one.version) for one in by_line.get(at, ())]
        text += line
    yield from _split(text, named, label)


def _split(text: str, named: Sequence[tuple[int, int, str]], label: str) -> Iterator[_Sentence]:
    inside = [(start, end) for start, end, _ in named]
    cuts = [
        found.end()
        for found in phrases.ENDS.finditer(text)
        if not any(start < found.end() <= end for start, end in inside)
    ]
    for start, end in zip((0, *cuts), (*cuts, len(text)), strict=True):
        here = tuple((a - start, b - start, version) for a, b, version in named if start <= a < end)
        yield _Sentence(text=text[start:end], named=here, label=label)


def _words(text: str) -> Iterator[re.Match[str]]:
    """The words that say good or bad; names in a path, such as work/out, say nothing."""
    return phrases.WORDS.finditer(phrases.PATH.sub(lambda found: "/" * len(found[0]), text))


def _only(text: str) -> str:
    """What the words of a text say of all it names, empty where they say nothing, or both."""
    found = {_MEANS[one.lastgroup or ""] for one in _words(text)}
    return found.pop() if len(found) == 1 else ""


def _by_words(one: _Sentence, moved: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each release of a sentence with the word that belongs to it."""
    clauses = list(_clauses(one))
    for at, (text, named) in enumerate(clauses):
        free = [pair for pair in named if pair[0] != _NOWHERE and (pair[1] not in moved or _reached(one, pair[1]))]
        if not free:
            continue
        words = _polarities(text, clauses[at - 1][0] if at and not clauses[at - 1][1] else "")
        if not words:
            words = [(len(text), word) for word in _near(clauses, at)]
        if not words and at and phrases.SUCH.match(text):
            words = _polarities(clauses[at - 1][0], "")[:1]
        if not words and one.label:
            turned = _GOOD if one.label == _BAD else _BAD
            words = [(len(text), turned if phrases.NO.search(one.text) else one.label)]
        retracted = _retracted(clauses, at)
        for place, version in free:
            word = _BAD if retracted and version == free[-1][1] else _belonging(place, words, first=free[0][0])
            if word:
                yield version, _turned(text, place, word)


def _turned(text: str, place: int, word: str) -> str:
    """A word, turned round where it is about what was before a release: "worked before 3.0"."""
    behind = text[place:].lstrip("v0123456789.")
    if phrases.BEFORE.search(text[:place]) or phrases.BEHIND_IT.match(behind):
        return _BAD if word == _GOOD else _GOOD
    return word


def _clauses(one: _Sentence) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """The clauses of a sentence with the releases in them; a comma inside a list of releases parts nothing."""
    cuts = []
    for found in phrases.COMMAS.finditer(one.text):
        before = max((end for _, end, _ in one.named if end <= found.start()), default=-1)
        after = min((start for start, _, _ in one.named if start >= found.end()), default=-1)
        joined = (
            before >= 0
            and after >= 0
            and phrases.BETWEEN.fullmatch(one.text[before:after][:80])
            and "\n" not in one.text[before:after]
        )
        inside = any(start < found.end() <= end for start, end, _ in one.named)
        if not joined and not inside:
            cuts.append(found.end())
    for start, end in zip((0, *cuts), (*cuts, len(one.text)), strict=True):
        yield (
            one.text[start:end],
            [
                (_NOWHERE if _only_named(one, a, b) else a - start, version)
                for a, b, version in one.named
                if start <= a < end
            ],
        )


def _only_named(one: _Sentence, start: int, end: int) -> bool:
    """Whether a release stands there only to name a model."""
    return bool(phrases.MODEL.match(one.text[end:]) or phrases.MODEL_OF.search(one.text[max(0, start - 60) : start]))


def _polarities(text: str, before: str) -> list[tuple[int, str]]:
    """The words of a clause that say good or bad, with their places; what a flag made good is no good release."""
    flagged = phrases.FLAG.search(text) or phrases.FLAG.search(before)
    found = [(one.start(), _MEANS[one.lastgroup or ""]) for one in _words(text)]
    return [(place, word) for place, word in found if not (flagged and word == _GOOD)]


def _near(clauses: Sequence[tuple[str, list[tuple[int, str]]]], at: int) -> list[str]:
    """What the clauses beside one say, up to the next that names a release: first those behind, then those before.

    What works and then does not ("import works, but jit.load aborts") is bad.
    """
    for step, limit in ((1, len(clauses)), (-1, -1)):
        found: list[str] = []
        for other in range(at + step, limit, step):
            text, named = clauses[other]
            if named:
                break
            found += [word for _, word in _polarities(text, "")]
        if found:
            return [_BAD if _BAD in found else found[0]]
    return []


def _retracted(clauses: Sequence[tuple[str, list[tuple[int, str]]]], at: int) -> bool:
    """Whether "but" follows, and something bad of the same release."""
    if at + 1 >= len(clauses) or clauses[at + 1][1]:
        return False
    text = clauses[at][0].rstrip()
    behind = clauses[at + 1][0]
    if phrases.BUT.search(text):
        return any(word == _BAD for _, word in _polarities(behind, ""))
    return bool(phrases.BUT.search(behind.strip())) and len(behind.strip()) < _SHORT and _retracted(clauses, at + 1)


def _belonging(place: int, words: Sequence[tuple[int, str]], *, first: int) -> str:
    """The word of a release: the one before it where the clause begins with a word, else the one behind it."""
    before = [word for at, word in words if at < place]
    behind = [word for at, word in words if at > place]
    if words and words[0][0] < first:
        return before[-1] if before else behind[0] if behind else ""
    return behind[0] if behind else before[-1] if before else ""


def _moves(one: _Sentence) -> dict[str, str]:
    """What going from one release to another says of both: the first was good, unless it was a way back or a mend."""
    found: dict[str, str] = {}
    if not one.named:
        return found
    kinds = {match.lastgroup for match in _words(one.text)}
    down = phrases.DOWN.search(one.text) is not None
    mended = "fix" in kinds and not kinds & {"bad", "ungood"} and not phrases.FLAG.search(one.text)
    for (start, end, version), (after, _, other) in zip(one.named, one.named[1:], strict=False):
        between = one.text[end:after][:60]
        arrow = phrases.TO.fullmatch(between)
        told = (
            phrases.UP.search(one.text)
            or down
            or phrases.PAIR.search(one.text[max(0, start - 40) : start])
            or re.search(r"[-=]>|→|➜|➡|升|换", between)
        )
        plain = re.fullmatch(r"[\s`'\"*)]*(?:and\b|与|vs\.?)[\s`'\"*(v]*", between, re.IGNORECASE)
        if (
            arrow
            and told
            and (not plain or phrases.PAIR.search(one.text[max(0, start - 40) : start]))
            and version != other
        ):
            found |= {version: _BAD, other: _GOOD} if down or mended else {version: _GOOD, other: _BAD}
    for start, _, version in one.named:
        if version not in found and phrases.REACHED.search(one.text[max(0, start - 60) : start]) and not down:
            found[version] = _GOOD if mended else _BAD
    return found


def _reached(one: _Sentence, version: str) -> bool:
    """Whether a release stands alone behind "upgraded to": then the words of the sentence count for it as well."""
    return len({name for _, _, name in one.named}) == 1 or all(name != version for _, _, name in _paired(one))


def _paired(one: _Sentence) -> Iterator[tuple[int, int, str]]:
    for left, right in zip(one.named, one.named[1:], strict=False):
        if phrases.TO.fullmatch(one.text[left[1] : right[0]][:60]):
            yield left
            yield right


def _writers(one: _Sentence) -> Iterator[str]:
    """The releases of a sentence that wrote a model, by the nearest verb."""
    for start, end, version in one.named:
        if phrases.SAVED_BY.match(one.text[end:]):
            yield version
            continue
        head = one.text[:start]
        saves, loads = [m.end() for m in phrases.SAVE.finditer(head)], [m.end() for m in phrases.LOAD.finditer(head)]
        names = [b for _, b, _ in one.named if b <= start]
        since = max((*loads, *names), default=-1)
        if saves and saves[-1] > since and not re.search(r"[,，;]", head[saves[-1] :]):
            yield version
