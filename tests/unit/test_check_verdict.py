"""No sentence of a check says more than its worst cell, whatever the grid; and the property sees a rule that is broken."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis.errors import NoSuchExample

from lab.model import Grade, Kind
from lab.model.check import Way
from lab.model.check_grid import Answer, Cell, CellStanding, CheckGrid, Safety, ThirdOpinion
from lab.outcome import standing, third, upgrade
from lab.outcome.exits import EXITS, Ending
from lab.report import check_sentences, check_third
from lab.report.check_said import Claim, Sentence
from lab.report.check_words import api_words, setting_words
from tests.unit.check_grids import diffs, grids, kind_of, trial

GRADES = tuple(Grade)
EXAMPLES = int(os.environ.get("LAB_EXAMPLES", "150"))
CLAIMS = re.compile(r"same|unchanged|SAFE|within tolerance|bit for bit|without effect|the numbers of", re.IGNORECASE)
DENIALS = re.compile(r"NOT SAFE|gives the same answers")
"""What has such a word in it and claims the opposite."""


def at_most(compared: tuple[object, ...], worst: Grade) -> bool:
    """Whether something was compared, and nothing of it is worse."""
    grades = [one.grade for one in compared]  # type: ignore[attr-defined]
    return bool(grades) and max(map(GRADES.index, grades)) <= GRADES.index(worst)


def agrees(cell: Cell) -> bool:
    """Whether a cell answered as what counts for it, told from its raw comparison alone."""
    held = cell.expected or cell.reference
    return cell.trial.outcome.kind is Kind.OK and at_most(held, Grade.CLOSE) and not any(one.blank for one in held)


def drifts_as_before(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a cell drifts, and the same API drifted in the old release, where another way agreed."""
    held = cell.expected or cell.reference
    drifts = cell.trial.outcome.kind is Kind.DRIFT and at_most(held, Grade.DRIFT)
    old = [one for one in grid.of(grid.old) if one.way.api == cell.way.api and one.trial.outcome.kind is Kind.DRIFT]
    as_before = cell.release == grid.old or (bool(old) and at_most(cell.before, Grade.CLOSE))
    return drifts and as_before and any(map(agrees, grid.of(grid.old)))


def fails(cell: Cell) -> bool:
    return cell.trial.outcome.kind.decided and not cell.trial.outcome.kind.answered


def wrong(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a cell is known to give other numbers than those that count."""
    held = cell.expected or cell.reference
    if not cell.trial.outcome.kind.answered or not held:
        return False
    return any(one.grade in (Grade.DRIFT, Grade.MISMATCH) for one in held) and not drifts_as_before(grid, cell)


def named(cell: Cell, text: str) -> bool:
    """Whether a text names the release, the API and the setting of a cell."""
    api = re.search(rf"{re.escape(api_words(cell.way.route))}(?! without oneDNN| inside)", text, re.IGNORECASE)
    return bool(api) and setting_words(cell.way) in text and (cell.release in text or "both releases" in text)


def overclaims(grid: CheckGrid) -> Iterator[str]:
    """Every way in which what is said of a grid is more than its cells say."""
    said = check_sentences.sentences(grid)
    for one in said:
        cells = [cell for key in one.cells if (cell := grid.cell(*key)) is not None]
        yield from (f"{one.text!r} does not name {cell.way.label}" for cell in cells if not _spoken(grid, one, cell))
        if CLAIMS.search(DENIALS.sub("", one.text)):
            yield from _claimed(grid, one, cells)
    text = " ".join(one.text for one in said)
    for cell in grid.cells:
        other = wrong(grid, cell) or drifts_as_before(grid, cell)
        if other and not grid.altered and not named(cell, text):
            yield f"{cell.way.label} in {cell.release} gives other numbers, and nothing says so"
    yield from _answers(grid)
    yield from _unread(grid)
    yield from _ending(grid)
    yield from _lists(grid)
    yield from _opinion(grid, said)


def borne_out(cell: Cell) -> bool:
    """Whether a third opinion gives a cell's numbers but for a drift, told from the raw comparison alone."""
    graded = {one.grade for one in cell.third if not one.blank}
    known = bool(graded & {Grade.EXACT, Grade.CLOSE, Grade.DRIFT}) and at_most(cell.third, Grade.DRIFT)
    return cell.trial.outcome.kind.answered and known and (Grade.DRIFT in graded or Grade.UNDECIDED not in graded)


def contradicted(cell: Cell) -> bool:
    """Whether a third opinion gives other numbers than a cell."""
    return cell.trial.outcome.kind.answered and any(one.grade is Grade.MISMATCH for one in cell.third)


def without_third(grid: CheckGrid) -> CheckGrid:
    """The same grid, as if nobody else had been asked."""
    return replace(grid, third=None, cells=tuple(replace(one, third=()) for one in grid.cells))


def _opinion(grid: CheckGrid, said: tuple[Sentence, ...]) -> Iterator[str]:
    """A third opinion makes nothing better, and counts only where a way bears it out and nobody vouches for other numbers."""
    found, bare = upgrade.answers(grid), upgrade.answers(without_third(grid))
    better = [Safety.SAFE, Safety.OTHERWISE]
    for one, other in zip(found, bare, strict=True):
        counts = may_count(grid, one.release)
        if not counts and one != other:
            yield "an opinion that may not count changes the answer"
        if one.verdict in better and (
            other.verdict not in better or better.index(one.verdict) < better.index(other.verdict)
        ):
            yield f"{one.release} is {one.verdict} because of a third opinion: without it is {other.verdict}"
        cells = {repr(cell.way): cell for cell in grid.of(one.release)}
        ways = [*one.good, *(use.way for use in one.use)]
        if counts and any(contradicted(cells[repr(way)]) for way in ways):
            yield f"a way of {one.release} may be used that a third opinion contradicts"
        if (
            counts
            and one.verdict is Safety.SAFE
            and any(contradicted(cell) for cell in cells.values() if not cell.way.env)
        ):
            yield f"{one.release} is safe, and a third opinion contradicts a way of it"
    yield from _told_of_third(grid, said)


def may_count(grid: CheckGrid, release: str) -> bool:
    """Whether something bears a third opinion out for a release, and nobody vouches for other numbers.

    That is a way of it or of the old one, or that the reference is known to be wrong, and is contradicted.
    """
    about = [one for one in grid.cells if one.release in (grid.old, release)]
    held = [one for one in about if f"{one.release} by {one.way.label}" == grid.reference]
    known = any(one.doubt and contradicted(one) for one in held)
    return grid.third is not None and not grid.vouched and (known or any(map(borne_out, about)))


def _told_of_third(grid: CheckGrid, said: tuple[Sentence, ...]) -> Iterator[str]:
    for one in said:
        cells = [cell for key in one.cells if (cell := grid.cell(*key)) is not None]
        if one.claim is Claim.THIRD_RIGHT and not (cells and all(at_most(cell.third, Grade.CLOSE) for cell in cells)):
            yield f"{one.text!r} covers what a third opinion does not give"
        if one.claim is Claim.THIRD_WRONG and any(at_most(cell.third, Grade.CLOSE) for cell in cells):
            yield f"{one.text!r} covers what a third opinion gives"
    wrong = [key for one in said if one.claim is Claim.THIRD_WRONG for key in one.cells]
    for cell in grid.cells if not grid.altered else ():
        if contradicted(cell) and may_count(grid, cell.release) and (cell.release, cell.way) not in wrong:
            yield f"{cell.way.label} in {cell.release} is contradicted, and nothing says so"


def _spoken(grid: CheckGrid, one: Sentence, cell: Cell) -> bool:
    general = one.claim in (Claim.ALTERED, Claim.VERDICT, Claim.OPEN)
    return (
        general
        or named(replace(cell, release="" if cell.release in one.text else cell.release), one.text)
        or (
            # A sentence behind the verdict's own does not repeat the release that this one names.
            named(replace(cell, release=""), one.text)
        )
    )


def _claimed(grid: CheckGrid, one: Sentence, cells: list[Cell]) -> Iterator[str]:
    if not cells:
        yield f"{one.text!r} claims and covers nothing"
    for cell in cells:
        good = agrees(cell) or (one.claim is not Claim.SAME and drifts_as_before(grid, cell))
        if one.claim is Claim.SAME and "bit for bit" in one.text:
            good = good and at_most(cell.expected or cell.reference, Grade.EXACT)
        if not good:
            yield f"{one.text!r} covers {cell.way.label} in {cell.release}"


def _unread(grid: CheckGrid) -> Iterator[str]:
    """What is said to be taken by neither release with nothing set: in both it fails, and is known to want a setting."""
    for one in upgrade.answers(grid):
        pairs = [(way, [grid.cell(release, way) for release in (grid.old, one.release)]) for way in one.unread]
        for way, both in pairs:
            if not all(cell is not None and fails(cell) and cell.needs for cell in both):
                yield f"{way.label} is said not to take such files in {grid.old} and {one.release}"


def _answers(grid: CheckGrid) -> Iterator[str]:
    """The verdict of each release, and what is recommended."""
    for one in upgrade.answers(grid):
        mine, old = grid.of(one.release), grid.of(grid.old)
        used = [cell for use in one.use if (cell := grid.cell(one.release, use.way)) is not None]
        yield from (f"{cell.way.label} in {one.release} is recommended" for cell in used if not agrees(cell))
        if len(used) != len(one.use):
            yield f"something that was never tried is recommended in {one.release}"
        plain = [cell for cell in mine if not cell.way.env]
        if one.verdict is Safety.SAFE:
            yield from _unsafe(grid, one, plain)
        if one.verdict is Safety.OTHERWISE and not any(agrees(cell) or drifts_as_before(grid, cell) for cell in mine):
            yield f"{one.release} is said to be safe another way, and nothing is right there"
        bad = {
            cell.way.route
            for cell in old
            if not cell.way.env and (wrong(grid, cell) or (fails(cell) and not cell.needs))
        }
        both = [cell for cell in plain if cell.way.route in bad and (wrong(grid, cell) or fails(cell))]
        if both and one.verdict in (Safety.SAFE, Safety.OTHERWISE):
            yield f"{both[0].way.label} is wrong before and after, and {one.release} is {one.verdict}"


def _ending(grid: CheckGrid) -> Iterator[str]:
    """The word and the exit code of the whole: never better than a single release's."""
    found = upgrade.answers(grid)
    word = upgrade.ending(grid, found)
    words = {one.verdict for one in found}
    if (EXITS[word] == 0) != (words == {Safety.SAFE}):
        yield f"the check ends in {word}, and its releases in {words}"
    if Safety.UNSAFE in words and word not in (Ending.UNSAFE, Ending.ALTERED):
        yield f"the check ends in {word}, and a release is not safe"


def _unsafe(grid: CheckGrid, one: Answer, plain: list[Cell]) -> Iterator[str]:
    """What speaks against SAFE: a way that worked and does not, other numbers, or that nobody knows."""
    about = (*grid.of(grid.old), *grid.of(one.release))
    named = [cell for cell in about if f"{cell.release} by {cell.way.label}" == grid.reference]
    if not grid.vouched and any(cell.doubt for cell in named):
        yield f"{one.release} is safe, and what it is held against is known to be wrong"
    if grid.damage or grid.altered:
        yield f"{one.release} is safe, and the files are not what they should be"
    for cell in plain:
        before = grid.cell(grid.old, cell.way)
        worked = before is not None and (agrees(before) or drifts_as_before(grid, before))
        good = agrees(cell) or drifts_as_before(grid, cell)
        known = cell.trial.outcome.kind.decided
        if wrong(grid, cell) or (worked and not good) or not known:
            yield f"{one.release} is safe, and {cell.way.label} is {cell.trial.outcome.kind}"
    for before in grid.of(grid.old):
        mine = [cell for cell in grid.of(one.release) if cell.way.api == before.way.api]
        if agrees(before) and not any(agrees(cell) or drifts_as_before(grid, cell) for cell in mine):
            yield f"{one.release} is safe, and nothing of {before.way.label} works there"


def _lists(grid: CheckGrid) -> Iterator[str]:
    """What is said of settings below the table: none of those that gave numbers was without effect."""
    for cell in (*upgrade.without_effect(grid), *upgrade.no_help(grid)):
        if not fails(cell):
            yield f"{cell.way.label} in {cell.release} is said not to help, and it is {cell.trial.outcome.kind}"
    told = [*upgrade.without_effect(grid), *upgrade.no_help(grid), *upgrade.garbage(grid), *upgrade.unjudged(grid)]
    for cell in grid.cells:
        good = agrees(cell) or drifts_as_before(grid, cell)
        if cell.way.env and not good and cell not in told:
            yield f"{cell.way.label} in {cell.release} is passed over"


THOROUGH = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@settings(THOROUGH, max_examples=EXAMPLES)
@given(grids())
def test_nothing_is_said_that_a_cell_does_not_bear_out(grid: CheckGrid) -> None:
    assert list(overclaims(grid)) == []


@given(grids())
def test_what_follows_for_a_release_rests_on_it_and_on_the_old_one_alone(grid: CheckGrid) -> None:
    for one in upgrade.answers(grid):
        mine = tuple(cell for cell in grid.cells if cell.release in {one.release, grid.old})
        assert upgrade.answers(replace(grid, new=(one.release,), cells=mine)) == (one,)


def same_as_before_is_right(grid: CheckGrid, cell: Cell) -> CellStanding:
    """What the lab believed once: numbers that are those of the old release are good ones, whatever they are."""
    if cell.trial.outcome.kind.answered and at_most(cell.before, Grade.CLOSE):
        return CellStanding.RIGHT
    return TRUE_STANDING(grid, cell)


def blank_is_right(grid: CheckGrid, cell: Cell) -> CellStanding:
    """An answer that shows nothing, taken for one that agrees."""
    found = TRUE_STANDING(grid, cell)
    return CellStanding.RIGHT if found is CellStanding.BLANK else found


def alone_is_right(grid: CheckGrid, cell: Cell) -> CellStanding:
    """What a third opinion alone calls right, relied on."""
    found = TRUE_STANDING(grid, cell)
    return CellStanding.RIGHT if found is CellStanding.ALONE else found


TRUE_STANDING = standing.standing
MUTANTS: dict[str, tuple[object, str, Callable[..., object]]] = {
    "what is as before is right": (upgrade, "standing", same_as_before_is_right),
    "whatever answers is right": (standing, "right", lambda cell: cell.trial.outcome.kind.answered),
    "a blank answer is right": (upgrade, "standing", blank_is_right),
    "every drift is as before": (standing, "_as_before", lambda _, cell: cell.trial.outcome.kind.works),
    "nothing was wrong before": (upgrade, "_faulty", lambda *_: False),
    "nothing is lost": (upgrade, "_lost", lambda *_: False),
    "other numbers that are new do not count": (upgrade, "_strange", lambda *_: False),
    "nothing is open": (upgrade, "_open", lambda *_: False),
    "a way that was not asked is no loss": (upgrade, "_missing", lambda *_: ()),
    "any way may be recommended": (upgrade, "_right", lambda *_: True),
    "the best release speaks for all": (upgrade, "WORST_FIRST", tuple(reversed(upgrade.WORST_FIRST))),  # type: ignore[dict-item]
    "what may be used is safe": (upgrade, "_with", lambda _: Safety.SAFE),
    "what may not be used is safe another way": (upgrade, "_without", lambda *_: Safety.OTHERWISE),
    "garbage is without effect": (upgrade, "_failing", lambda grid: [one for one in grid.cells if one.way.env]),
    "garbage is no matter": (upgrade, "garbage", lambda _: ()),
    "what nobody spoke of is left out": (check_sentences, "_unspoken", lambda *_: ()),
    "everything is bit for bit": (check_sentences, "_numbers", lambda *_: "bit for bit the same numbers"),
    "drifts are left out of what is said": (check_sentences, "_as_before", lambda *_: ()),
    "what is known to be wrong is as good as any": (standing, "doubted", lambda *_: False),
    "a third opinion alone makes right": (upgrade, "standing", alone_is_right),
    "a third opinion takes nothing away": (third, "refuted", lambda *_: False),
    "an opinion that agrees with nobody counts": (
        third,
        "counts",
        lambda grid, _: bool(grid.third) and not grid.vouched,
    ),
    "an opinion counts against what somebody vouches for": (
        third,
        "counts",
        lambda grid, cell: any(map(third.supports, grid.about(cell.release))),
    ),
    "a drift is right by a third opinion": (check_third, "_agrees", third.supports),
    "what a third opinion contradicts is not said": (check_third, "_said", lambda *_: ()),
}
"""Rules that are broken on purpose: where, and by what."""


def answered(release: str, route: str, grade: Grade, *, before: Grade | None = None, **env: str) -> Cell:
    """A cell that gave numbers of some grade."""
    kinds = {Grade.EXACT: Kind.OK, Grade.CLOSE: Kind.OK, Grade.DRIFT: Kind.DRIFT, Grade.MISMATCH: Kind.NUMERIC_MISMATCH}
    compared = diffs(grade)
    return Cell(
        release=release, way=Way(route=route, env=env), trial=trial(kinds[grade], compared), reference=compared,
        before=diffs(before) if before else (),
    )  # fmt: skip


def failed(release: str, route: str, kind: Kind = Kind.NATIVE_CRASH, *, needs: str = "", **env: str) -> Cell:
    """A cell that gave none."""
    return Cell(release=release, way=Way(route=route, env=env), trial=trial(kind), needs=needs)


def grid_of(*cells: Cell, vouched: str = "") -> CheckGrid:
    """A grid from 3.0.0 to 3.3.1 with jit.load of the old release as the reference."""
    return CheckGrid(
        prefix="net", old="3.0.0", new=("3.3.1",), cells=cells, reference="3.0.0 by jit", vouched=vouched
    )  # fmt: skip


OLD = answered("3.0.0", "jit", Grade.EXACT)
NEW = answered("3.3.1", "jit", Grade.EXACT, before=Grade.EXACT)


RARE = (
    replace(grid_of(OLD, answered("3.0.0", "static", Grade.DRIFT)), new=("3.0.0",)),
    grid_of(
        answered("3.0.0", "predictor", Grade.DRIFT),
        answered("3.3.1", "predictor", Grade.DRIFT, before=Grade.EXACT),
        OLD,
        NEW,
    ),
    grid_of(OLD, NEW, answered("3.3.1", "predictor", Grade.MISMATCH)),
    grid_of(
        OLD,
        failed("3.3.1", "jit"),
        answered("3.3.1", "jit", Grade.MISMATCH, FLAGS_a="0"),
        answered("3.3.1", "jit", Grade.EXACT, FLAGS_b="0"),
    ),
)
"""Grids that are drawn too seldom to be waited for: a drift where nothing newer was asked for, a drift as before that stands first, a wrong way that is new, a wrong one beside a right one."""


def test_the_rare_grids_are_spoken_of_truly() -> None:
    assert [list(overclaims(one)) for one in RARE] == [[] for _ in RARE]


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # a grid is long to read
@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_rule_is_seen_by_the_property(name: str) -> None:
    place, part, broken = MUTANTS[name]
    with patch.object(place, part, broken):
        if any(list(overclaims(one)) for one in RARE):
            return
    found = settings(THOROUGH, max_examples=2000, phases=[Phase.generate], database=None)
    with patch.object(place, part, broken):
        try:
            find(grids(), lambda grid: bool(list(overclaims(grid))), settings=found)
        except NoSuchExample:
            pytest.fail(f"nothing shows that {name}")


@pytest.mark.parametrize(
    ("cells", "word", "said"),
    [
        ((OLD, NEW), Safety.SAFE, "What worked works unchanged and gives bit for bit the same numbers: jit.load."),
        (
            (answered("3.0.0", "predictor", Grade.MISMATCH), answered("3.3.1", "predictor", Grade.MISMATCH), OLD, NEW),
            Safety.WRONG,
            "the predictor does not answer what jit.load of 3.0.0 answers (mismatch (0.5)), in both releases.",
        ),
        (
            (failed("3.0.0", "predictor"), failed("3.3.1", "predictor"), OLD, NEW),
            Safety.WRONG,
            "the predictor fails (crash in infer), in both releases.",
        ),
        (
            (failed("3.0.0", "predictor"), answered("3.3.1", "predictor", Grade.MISMATCH), OLD, NEW),
            Safety.WRONG,
            "the predictor fails (crash in infer) in 3.0.0, and does not answer what jit.load of 3.0.0 answers",
        ),
        (
            (
                answered("3.0.0", "predictor", Grade.DRIFT),
                answered("3.3.1", "predictor", Grade.DRIFT, before=Grade.EXACT),
                OLD,
                NEW,
            ),
            Safety.SAFE,
            "Unchanged, the predictor: numbers that drift from jit.load of 3.0.0 (drift (0.5) at worst), as they did in 3.0.0.",
        ),
        (
            (OLD, failed("3.3.1", "jit"), answered("3.3.1", "jit", Grade.MISMATCH, FLAGS_a="0")),
            Safety.UNSAFE,
            "WARNING: jit.load with FLAGS_a=0 in 3.3.1 turns an error (crash in infer) into other numbers",
        ),
        (
            (OLD, failed("3.3.1", "jit", Kind.INFRA_ERROR)),
            Safety.UNKNOWN,
            "Nothing could be tried there (infra_error): a infra_error was seen.",
        ),
        (
            (answered("3.0.0", "predictor", Grade.MISMATCH), failed("3.3.1", "predictor", needs="a=0"), OLD, NEW),
            Safety.WRONG,
            "the predictor does not answer what jit.load of 3.0.0 answers (mismatch (0.5)) in 3.0.0, and fails (crash in infer) in 3.3.1.",
        ),
        (
            (failed("3.0.0", "predictor", needs="a=0"), failed("3.3.1", "predictor", needs="a=0"), OLD, NEW),
            Safety.SAFE,
            "With nothing set, 3.3.1 is known not to take such files by the predictor, and nor does 3.0.0.",
        ),
        (
            (failed("3.0.0", "predictor", Kind.UNDECIDED), failed("3.3.1", "predictor", needs="a=0"), OLD, NEW),
            Safety.UNKNOWN,
            "Not found out: the predictor",
        ),
        (
            (OLD, NEW, answered("3.0.0", "static", Grade.EXACT), failed("3.3.1", "static", Kind.FLAKY)),
            Safety.UNKNOWN,
            "Not found out: static.load_inference_model (flaky in infer: a flaky was seen).",
        ),
        ((failed("3.0.0", "jit"), NEW), Safety.UNKNOWN, "3.0.0 does not run it (a native_crash was seen)"),
        (
            (answered("3.0.0", "predictor", Grade.MISMATCH), answered("3.3.1", "predictor", Grade.EXACT), OLD, NEW),
            Safety.SAFE,
            "The predictor, which does not answer what jit.load of 3.0.0 answers (mismatch (0.5)) in 3.0.0, is right in 3.3.1.",
        ),
    ],
)
def test_the_verdict_and_its_reason_follow_from_the_grid(cells: tuple[Cell, ...], word: Safety, said: str) -> None:
    grid = grid_of(*cells)
    assert [one.verdict for one in upgrade.answers(grid)] == [word]
    assert said in " ".join(one.text for one in check_sentences.sentences(grid))


def test_numbers_that_no_way_has_right_in_either_release_are_wrong_before_and_after_whatever_other_code_answers() -> (
    None
):
    wrong_both = (answered("3.0.0", "jit", Grade.MISMATCH), failed("3.3.1", "jit", needs="a=0"))
    guarded = answered("3.3.1", "jit_old_ir", Grade.MISMATCH, before=Grade.EXACT)
    held = [replace(one, expected=one.reference) for one in (*wrong_both, guarded)]
    assert [one.verdict for one in upgrade.answers(grid_of(*held, vouched="y.npz"))] == [Safety.WRONG]


def judged(cell: Cell, grade: Grade) -> Cell:
    """A cell with what a third opinion is to it."""
    return replace(cell, third=diffs(grade))


THIRD = ThirdOpinion(by="numpy formulas")
WRONG_OLD = answered("3.0.0", "predictor", Grade.MISMATCH)
WRONG_NEW = answered("3.3.1", "predictor", Grade.MISMATCH, before=Grade.EXACT)


@pytest.mark.parametrize(
    ("grades", "said"),
    [
        (
            (Grade.CLOSE, Grade.MISMATCH),
            (
                "the predictor does not answer what jit.load of 3.0.0 answers (mismatch (0.5)), in both releases.",
                "By numpy formulas jit.load is right in 3.0.0 and 3.3.1 (close (0.5) at worst).",
                "By numpy formulas the predictor is wrong in 3.0.0 and 3.3.1 (mismatch (0.5) at worst).",
            ),
        ),
        (
            (Grade.MISMATCH, Grade.EXACT),
            (
                "jit.load does not answer what numpy formulas answer (mismatch (0.5)), in both releases.",
                "By numpy formulas the predictor is right in 3.0.0 and 3.3.1 (exact at worst).",
                "By numpy formulas jit.load is wrong in 3.0.0 and 3.3.1 (mismatch (0.5) at worst).",
            ),
        ),
        (
            (Grade.MISMATCH, Grade.MISMATCH),
            ("Numpy formulas answer otherwise than every way (mismatch (0.5) at worst), so they decide nothing",),
        ),
    ],
)
def test_where_ways_disagree_a_third_opinion_says_who_is_right(
    grades: tuple[Grade, Grade], said: tuple[str, ...]
) -> None:
    mine, other = grades
    cells = (judged(OLD, mine), judged(NEW, mine), judged(WRONG_OLD, other), judged(WRONG_NEW, other))
    grid = replace(grid_of(*cells), third=THIRD)
    (found,) = upgrade.answers(grid)
    text = " ".join(one.text for one in check_sentences.sentences(grid))
    assert (found.verdict, [one for one in said if one not in text]) == (Safety.WRONG, []), text
    assert [use.way.route for use in found.use] == ([] if mine is Grade.MISMATCH and other is Grade.EXACT else ["jit"])


def test_a_third_opinion_for_the_new_release_alone_makes_nothing_safe() -> None:
    mended = judged(answered("3.3.1", "jit", Grade.MISMATCH, before=Grade.MISMATCH), Grade.EXACT)
    grid = replace(grid_of(judged(OLD, Grade.MISMATCH), mended), third=THIRD)
    (found,) = upgrade.answers(grid)
    text = " ".join(one.text for one in check_sentences.sentences(grid))
    assert (found.verdict, found.use) == (Safety.UNSAFE, ())
    assert "By numpy formulas jit.load is right in 3.3.1 (exact). By numpy formulas jit.load is wrong in 3.0.0" in text


def test_numbers_that_are_equal_to_known_wrong_ones_are_not_safe() -> None:
    doubtful = replace(OLD, doubt="a quantised net answers numbers that are a million times too large")
    grid = grid_of(doubtful, NEW)
    assert [one.verdict for one in upgrade.answers(grid)] == [Safety.UNKNOWN]
    text = " ".join(one.text for one in check_sentences.sentences(grid))
    assert (
        "Of jit.load of 3.0.0, which jit.load agrees with, it is known that it answers such files wrong (a quantised"
        in text
    )
    told = replace(grid_of(judged(doubtful, Grade.MISMATCH), judged(NEW, Grade.MISMATCH)), third=THIRD)
    assert [one.verdict for one in upgrade.answers(told)] == [Safety.WRONG], "two witnesses"
    vouched = replace(grid_of(*(replace(one, expected=one.reference) for one in (doubtful, NEW)), vouched="y.npz"))
    assert [one.verdict for one in upgrade.answers(vouched)] == [Safety.SAFE]


def test_why_there_is_no_third_opinion_is_said() -> None:
    grid = replace(
        grid_of(OLD, NEW, WRONG_OLD, WRONG_NEW), third=ThirdOpinion(by="numpy formulas", unknown="operator while")
    )
    assert upgrade.answers(grid) == upgrade.answers(without_third(grid))
    assert [*check_third.absent(grid)] == [
        "the ways disagree, and numpy formulas cannot say who is right: not known: operator while"
    ]


def test_each_verdict_has_a_word_and_an_exit_code_of_its_own() -> None:
    endings = [upgrade.ENDINGS[one] for one in Safety]
    assert [str(one) for one in endings] == [str(one) for one in Safety]
    codes = [EXITS[one] for one in endings]
    assert len(set(codes)) == len(codes)
    assert [one for one in Safety if EXITS[upgrade.ENDINGS[one]] == 0] == [Safety.SAFE]
    assert set(upgrade.WORST_FIRST) == set(Safety)


@given(grids())
def test_other_numbers_of_a_model_that_draws_random_ones_show_nothing(grid: CheckGrid) -> None:
    drawn = replace(grid, draws=("gaussian",))
    apart = (CellStanding.OTHER, CellStanding.ALONE, CellStanding.REFUTED)
    assert not [cell for cell in drawn.cells if standing.standing(drawn, cell) in apart]
    for now, before in zip(upgrade.answers(drawn), upgrade.answers(grid), strict=True):
        assert now.verdict is not Safety.SAFE or before.verdict is Safety.SAFE


def test_a_model_that_draws_random_numbers_is_not_known_and_says_why() -> None:
    jit, predictor = Way(route="jit", env={}), Way(route="predictor", env={})

    def cell(release: str, way: Way, grade: Grade) -> Cell:
        kind = kind_of(grade, blank=False)
        return Cell(release=release, way=way, trial=trial(kind, diffs(grade)), reference=diffs(grade))

    cells = tuple(
        cell(release, way, grade)
        for release in ("3.0.0", "3.3.1")
        for way, grade in ((jit, Grade.EXACT), (predictor, Grade.MISMATCH))
    )
    plain = CheckGrid(prefix="net", old="3.0.0", new=("3.3.1",), cells=cells, reference="3.0.0 by jit")
    assert upgrade.answers(plain)[0].verdict is Safety.WRONG
    drawn = replace(plain, draws=("gaussian",))
    assert upgrade.answers(drawn)[0].verdict is Safety.UNKNOWN
    said = " ".join(one.text for one in check_sentences.sentences(drawn))
    assert said.startswith(
        "NOT KNOWN: net from 3.0.0 to 3.3.1. It draws random numbers (gaussian), so that its own answer"
    )
    alone = replace(drawn, old="3.3.1", cells=cells[2:], reference="3.3.1 by jit")
    said = " ".join(one.text for one in check_sentences.sentences(alone))
    assert "NOT KNOWN" in said
    assert "same numbers" not in said, "the reference is equal to itself"
