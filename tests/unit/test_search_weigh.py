"""From blocks made by hand to the verdicts of a measured search."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.model.bench import Block, Sample, SideBlock
from lab.model.search import METRICS, ProbeVerdict, Symptom
from lab.search.symptoms import KINDS, kind_of, label, symptom_of
from lab.search.weigh import ComparisonRule, itself, leaking

INFER = Symptom(metric="infer", share=0.1)


def side(name: str, seconds: float, random: np.random.Generator, *, scatter: float, twin: bool = False) -> SideBlock:
    walls = seconds * np.exp(random.normal(0, scatter, 8))
    samples = tuple(
        Sample(metric="infer", pair=n, order=0, wall=float(one), cpu=float(one), rss=300 << 20, calls=n + 1)
        for n, one in enumerate(walls)
    )
    return SideBlock(side=name, twin=twin, samples=samples, cold={"import": seconds}, peak=1 << 28)


def made(
    ratios: Sequence[float], *, session: int = 1, control: bool = False, scatter: float = 0.005, seed: int = 0
) -> list[Block]:
    """One block a ratio: side B takes that many times as long as A; a control runs A again instead."""
    random = np.random.default_rng([seed, session])
    blocks = []
    for number, ratio in enumerate(ratios, 1):
        other = side("A" if control else "B", 0.1 * ratio, random, scatter=scatter, twin=control)
        sides = (side("A", 0.1, random, scatter=scatter), other)
        blocks.append(Block(session=session, number=number, seed=1, order=("A", "B"), sides=sides, seconds=1.0))
    return blocks


def judged(blocks: list[Block], symptom: Symptom = INFER) -> ProbeVerdict:
    return ComparisonRule(symptom=symptom, seed=0).compared(blocks, "A", "B").seen.sort


@pytest.mark.parametrize(
    ("first", "second", "sort"),
    [
        ([1.5] * 6, [1.5] * 6, ProbeVerdict.BAD),
        ([14.0] * 6, [14.0] * 6, ProbeVerdict.BAD),
        ([1.5] * 6, [], ProbeVerdict.UNDECIDED),
        ([1.5] * 6, [1.0] * 6, ProbeVerdict.UNDECIDED),
        ([1.5] * 5, [], ProbeVerdict.UNDECIDED),
        ([1.0] * 6, [], ProbeVerdict.GOOD),
        ([1.04] * 6, [], ProbeVerdict.GOOD),
        ([0.5] * 6, [], ProbeVerdict.GOOD),
        ([1.1] * 6, [], ProbeVerdict.UNDECIDED),
        ([0.8, 1.4] * 3, [], ProbeVerdict.UNDECIDED),
        ([1.0] * 5, [], ProbeVerdict.UNDECIDED),
    ],
)
def test_slower_needs_two_sessions_good_needs_a_narrow_interval_and_the_rest_is_not_known(
    first: list[float], second: list[float], sort: ProbeVerdict
) -> None:
    assert judged([*made(first), *made(second, session=2)]) is sort


def test_what_counts_is_the_share_that_was_asked_for() -> None:
    blocks = [*made([1.5] * 6), *made([1.5] * 6, session=2)]
    assert judged(blocks, Symptom(metric="infer", share=1.0)) is ProbeVerdict.GOOD
    assert judged(blocks, Symptom(metric="infer", share=0.2)) is ProbeVerdict.BAD


def test_cold_values_are_searched_the_same_way() -> None:
    blocks = [*made([1.5] * 6), *made([1.5] * 6, session=2)]
    assert judged(blocks, Symptom(metric="import", share=0.1)) is ProbeVerdict.BAD
    assert judged(blocks, Symptom(metric="load", share=0.1)) is ProbeVerdict.UNDECIDED, "no load was measured"


def test_a_reference_that_scatters_raises_what_counts() -> None:
    blocks = [*made([1.3] * 6), *made([1.3] * 6, session=2)]
    noisy = tuple(made([0.6, 1.6, 0.5, 1.9, 0.7, 1.4], control=True))
    assert judged(blocks) is ProbeVerdict.BAD
    assert (
        ComparisonRule(symptom=INFER, seed=0, control=noisy).compared(blocks, "A", "B").seen.sort
        is ProbeVerdict.UNDECIDED
    )


def test_the_reference_against_itself_is_judged_like_any_side() -> None:
    def alone(ratios: Sequence[float]) -> ProbeVerdict:
        blocks = itself(made(ratios, control=True))
        return ComparisonRule(symptom=INFER, seed=0).compared(blocks, "A", "A (again)").seen.sort

    assert alone([1.0] * 6) is ProbeVerdict.GOOD
    assert alone([1.4] * 6) is ProbeVerdict.UNDECIDED
    assert alone([0.7, 1.5, 0.8, 1.2, 0.7, 1.4]) is ProbeVerdict.UNDECIDED


@settings(deadline=None, max_examples=40)
@given(st.floats(0.5, 1.0), st.integers(0, 1000), st.sampled_from((6, 12)))
def test_a_side_that_is_not_slower_is_never_bad(ratio: float, seed: int, blocks: int) -> None:
    quiet = made([ratio] * blocks, seed=seed, scatter=0.02) + made([ratio] * 6, session=2, seed=seed, scatter=0.02)
    assert judged(quiet) is ProbeVerdict.GOOD


@settings(deadline=None, max_examples=40)
@given(st.floats(1.25, 30.0), st.integers(0, 1000))
def test_a_side_that_is_clearly_slower_is_never_good(ratio: float, seed: int) -> None:
    slow = made([ratio] * 6, seed=seed, scatter=0.02)
    assert judged(slow) is ProbeVerdict.UNDECIDED
    assert judged(slow + made([ratio] * 6, session=2, seed=seed, scatter=0.02)) is ProbeVerdict.BAD


def grown(*per_call: int) -> list[Block]:
    """One process of a side a number: bytes it keeps with each of 80 calls."""
    blocks = made([1.0] * len(per_call))
    for number, growth in enumerate(per_call):
        old = blocks[number].sides[1]
        samples = [replace(one, calls=10 * n, rss=(300 << 20) + 10 * n * growth) for n, one in enumerate(old.samples)]
        blocks[number] = replace(blocks[number], sides=(replace(old, samples=tuple(samples)),))
    return blocks


@pytest.mark.parametrize(
    ("growths", "sort"),
    [
        ((1 << 20,) * 3, ProbeVerdict.BAD),
        ((0,) * 3, ProbeVerdict.GOOD),
        ((1 << 20,) * 2, ProbeVerdict.UNDECIDED),
        ((1 << 20, 1 << 20, 0), ProbeVerdict.UNDECIDED),
        ((1 << 20,) * 11 + (0,), ProbeVerdict.BAD),
        ((0,) * 11 + (1 << 20,), ProbeVerdict.GOOD),
    ],
)
def test_a_leak_is_what_nearly_every_process_shows(growths: tuple[int, ...], sort: ProbeVerdict) -> None:
    assert leaking(grown(*growths), "B").seen.sort is sort


def test_the_words_of_a_symptom() -> None:
    assert symptom_of("", "") is symptom_of("", "fails") is None
    assert symptom_of("load:25%", "") == Symptom(metric="load", share=0.25)
    assert symptom_of("first", "slower") == Symptom(metric="first", share=0.1)
    assert symptom_of("", "slower") == INFER
    assert symptom_of("", "leak") == Symptom(metric="leak")


def test_each_kind_of_symptom_is_found_by_what_it_measures_and_says_it_in_words() -> None:
    assert [kind_of(metric) for metric in METRICS] == [KINDS["slower"]] * len(METRICS)
    assert kind_of("leak") is KINDS["leak"]
    assert label(Symptom(metric="load", share=0.25)) == "load slower by more than 25%"
    assert label(Symptom(metric="leak")) == "memory leak"


def test_only_the_files_of_symptoms_know_a_leak_by_its_name() -> None:
    lab = Path(__file__).parents[2] / "lab"
    named = {
        path.relative_to(lab).as_posix()
        for room in ("search", "report", "check", "cli")
        for path in (lab / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Name) and node.id == "LEAK")
        or (isinstance(node, ast.Constant) and node.value == "leak")
        or (isinstance(node, ast.Attribute) and node.attr == "leak" and "bench" not in path.name)
    }
    assert named == {"search/symptoms.py", "search/weigh.py", "report/readings.py", "cli/reduce_symptom.py"}


@pytest.mark.parametrize(
    ("perf", "symptom", "said"),
    [
        ("speed:10%", "", "names no metric"),
        ("infer:fast", "", "names no share"),
        ("infer:10", "", "names no share"),
        ("infer:1%", "", "between 5% and 10000%"),
        ("infer:10%", "leak", "different things"),
        ("", "sluggish", "no symptom 'sluggish'"),
    ],
)
def test_words_that_are_no_symptom_are_refused(perf: str, symptom: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        symptom_of(perf, symptom)
