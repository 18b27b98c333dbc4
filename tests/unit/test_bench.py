"""The way from blocks to rows, on blocks made by hand."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lab.bench import block_files, read_sides, weigh
from lab.bench.block import FrozenLoops
from lab.errors import UsageError
from lab.model.bench import BenchReport, Block, Change, Sample, SideBlock
from lab.report import bench as words

PAIRS = 8


def side(name: str, seconds: float, random: np.random.Generator, *, cpu: float = 1.0, twin: bool = False) -> SideBlock:
    walls = seconds * np.exp(random.normal(0, 0.01, PAIRS))
    samples = tuple(
        Sample(metric="infer", pair=n, order=0, wall=float(one), cpu=float(one) * cpu, rss=300 << 20, calls=n + 1)
        for n, one in enumerate(walls)
    )
    return SideBlock(side=name, twin=twin, samples=samples, cold={"import": seconds, "first": seconds}, peak=1 << 28)


def made(
    ratios: Sequence[float], *, session: int = 1, cpu: float = 1.0, control: bool = True, steal: float = 0.0
) -> list[Block]:
    """One block a ratio: side B takes that many times as long as A."""
    random = np.random.default_rng(session)
    blocks = []
    for number, ratio in enumerate(ratios, 1):
        sides = [side("A", 0.1, random), side("B", 0.1 * ratio, random, cpu=cpu)]
        if control and number == 1:
            sides.append(side("A", 0.1, random, twin=True))
        blocks.append(
            Block(
                session=session, number=number, seed=1, order=("A", "B"), sides=tuple(sides), seconds=1.0, steal=steal
            )
        )
    return blocks


def weighed(
    blocks: Sequence[Block], metrics: Sequence[str] = ("infer",), steal: float = 0.0
) -> list[weigh.WeighedMetric]:
    return [weigh.weigh(one, 0, steal) for one in weigh.questions(blocks, "A", ["A", "B"], metrics)]


def rows(first: list[Block], second: list[Block]) -> dict[str, Change]:
    alone = weighed(first)
    key = ("B", "infer")
    again = {key: weighed(second)[0]} if second else {}
    pooled = {key: weighed([*first, *second])[0]} if second else {}
    return {one.metric: one.change for one in weigh.rows(alone, again, pooled)}


def test_two_sessions_that_agree_make_it_slower() -> None:
    assert rows(made([1.5] * 6), made([1.5] * 6, session=2)) == {"infer": Change.SLOWER}
    assert rows(made([0.5] * 6), made([0.5] * 6, session=2)) == {"infer": Change.FASTER}


@pytest.mark.parametrize("again", [1.0, 0.7])
def test_an_alarm_that_the_second_session_does_not_see_is_undecided(again: float) -> None:
    assert rows(made([1.5] * 6), made([again] * 6, session=2)) == {"infer": Change.UNDECIDED}


def test_an_alarm_without_a_second_session_is_undecided_and_says_so() -> None:
    alone = weighed(made([1.5] * 6))
    (row,) = weigh.rows(alone, {}, {})
    assert row.change is Change.UNDECIDED
    assert "no second session" in row.confirmed


def test_no_difference_is_the_same() -> None:
    assert rows(made([1.0] * 6), []) == {"infer": Change.SAME}


def test_only_rounds_that_both_sides_finished_are_compared() -> None:
    block = made([2.0])[0]
    cut = replace(block.sides[1], samples=block.sides[1].samples[:3], stopped="ended in round 4 of infer")
    (question,) = weigh.questions([replace(block, sides=(block.sides[0], cut))], "A", ["A", "B"], ["infer"])
    assert [len(one) for one in question.wall] == [3]


def test_a_block_without_the_side_is_left_out_and_five_of_six_decide_nothing() -> None:
    blocks = made([2.0] * 6)
    blocks[5] = replace(blocks[5], sides=blocks[5].sides[:1])
    (one,) = weighed(blocks)
    assert one.wall.blocks == 5
    assert one.alarm is None


def test_cold_values_are_never_mixed_with_warm_ones() -> None:
    found = {one.metric: one for one in weigh.questions(made([1.2] * 6), "A", ["A", "B"], ["infer", "import"])}
    assert {len(values) for values in found["infer"].wall} == {PAIRS}
    assert {len(values) for values in found["import"].wall} == {1}
    assert found["import"].cpu == ()


def test_memory_of_a_side_that_ended_early_is_not_compared() -> None:
    blocks = [replace(one, sides=(one.sides[0], replace(one.sides[1], stopped="ended"))) for one in made([1.0] * 6)]
    assert weigh.questions(blocks, "A", ["A", "B"], ["memory"]) == []


def test_cpu_time_decides_only_where_the_host_steals_and_both_agree() -> None:
    blocks = made([1.5] * 6)
    assert weighed(blocks, steal=0.1)[0].by_cpu
    assert not weighed(blocks, steal=0.0)[0].by_cpu
    assert not weighed(made([1.5] * 6, cpu=0.1), steal=0.1)[0].by_cpu


def test_the_control_is_the_reference_against_itself() -> None:
    (one,) = weigh.control(made([2.0] * 6), "A", "infer")
    assert abs(one) < 0.05
    assert weigh.control(made([2.0] * 6, control=False), "A", "infer") == ()


def test_loops_are_calibrated_once_on_the_reference_and_shared() -> None:
    frozen = FrozenLoops()
    frozen.learn("A", {"A": {"infer": 0.001}, "B": {"infer": 0.002}}, value_s=0.1)
    assert (frozen.of("A", "infer"), frozen.of("B", "infer")) == (100, 100)
    frozen.learn("A", {"A": {"infer": 0.1}, "B": {"infer": 0.1}}, value_s=0.1)
    assert (frozen.of("A", "infer"), frozen.of("B", "infer")) == (100, 100)


def test_a_side_far_slower_than_the_reference_gets_loops_of_its_own() -> None:
    frozen = FrozenLoops()
    frozen.learn("A", {"B": {"infer": 0.02}, "A": {"infer": 0.001}}, value_s=0.1)
    assert (frozen.of("A", "infer"), frozen.of("B", "infer")) == (100, 5)


def test_a_leak_is_looked_for_in_many_calls_unless_these_take_too_long() -> None:
    frozen = FrozenLoops()
    frozen.learn("A", {"A": {"infer": 0.02}}, value_s=0.1, least=100)
    frozen.learn("B", {"B": {"infer": 0.2}}, value_s=0.1, least=100)
    assert (frozen.of("A", "infer"), frozen.of("B", "infer")) == (100, 10)


def test_blocks_come_back_as_they_were_kept_and_a_damaged_line_is_named(tmp_path: Path) -> None:
    blocks = made([1.0, 2.0])
    for one in blocks:
        block_files.append(tmp_path, one)
    assert block_files.blocks(tmp_path) == tuple(blocks)
    with (tmp_path / block_files.BLOCKS).open("a") as sink:
        sink.write('{"session": 1\n')
    block_files.append(tmp_path, blocks[0])
    assert block_files.blocks(tmp_path) == (*blocks, blocks[0])
    assert "blocks.jsonl is damaged in line 3: " in block_files.damage(tmp_path)


def test_a_block_that_a_power_cut_tore_off_spoils_no_later_one(tmp_path: Path) -> None:
    blocks = made([1.0, 2.0])
    block_files.append(tmp_path, blocks[0])
    whole = (tmp_path / block_files.BLOCKS).read_bytes()
    (tmp_path / block_files.BLOCKS).write_bytes(whole + whole[: len(whole) // 2])
    block_files.append(tmp_path, blocks[1])
    assert block_files.blocks(tmp_path) == tuple(blocks)
    assert "damaged in line 2" in block_files.damage(tmp_path)


def reported() -> BenchReport:
    alone = weighed(made([1.5] * 6))
    return BenchReport(
        schema=1, run="r", scenario="s|`@", scenario_sha256="0", reference="A", seed=1, blocks=6, control_blocks=1,
        control_alarms=0, seconds=1.0, rows=weigh.rows(alone, {}, {}), sides=(), steal=0.03, notes=("a | b",),
    )  # fmt: skip


@pytest.mark.parametrize("schema", [0, -1])
def test_a_report_of_a_schema_that_never_was_is_refused(tmp_path: Path, schema: int) -> None:
    block_files.write_report(tmp_path, replace(reported(), schema=schema))
    with pytest.raises(UsageError, match=f"has schema {schema}, and schemas begin with 1"):
        block_files.report(tmp_path)


def test_a_file_that_is_nested_deep_is_one_sentence(tmp_path: Path) -> None:
    for name in (block_files.REPORT, block_files.BLOCKS):
        (tmp_path / name).write_bytes(b'{"a":' * 100_000)
    with pytest.raises(UsageError, match="nested too deep"):
        block_files.report(tmp_path)
    assert block_files.blocks(tmp_path) == ()
    assert "nested too deep" in block_files.damage(tmp_path)


def test_a_report_comes_back_and_a_newer_or_damaged_one_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "run" / "bench"
    block_files.write_report(home, reported())
    assert block_files.report(home) == reported()
    block_files.write_report(home, replace(reported(), schema=block_files.SCHEMA + 1))
    with pytest.raises(UsageError, match="use a newer lab"):
        block_files.report(home)
    (home / block_files.REPORT).write_text("{")
    with pytest.raises(UsageError, match="damaged"):
        block_files.report(home)
    with pytest.raises(UsageError, match="no finished benchmark"):
        block_files.report(tmp_path / "other" / "bench")


def test_the_markdown_of_a_report_stays_inside_its_cells() -> None:
    text = words.markdown(reported())
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in table}) == 1
    assert "a \\| b" in text
    assert "took up to 3.0%" in text


def test_more_memory_is_not_called_slower() -> None:
    row = replace(reported().rows[0], metric="memory", unit="B", change=Change.SLOWER)
    assert words.cells(row)[2] == "MORE"


@pytest.mark.parametrize("word", ["", "+A=1", "3.0.0+", "3.0.0+A", "3.0.0+=1"])
def test_a_word_that_is_no_side_is_named(word: str) -> None:
    with pytest.raises(UsageError, match="is not a side"):
        read_sides([word], {})


def test_flags_of_all_sides_and_of_one_side_come_together() -> None:
    one, other = read_sides(["3.0.0", "3.0.0+B=2"], {"A": "1"})
    assert (one.env, other.env) == ({"A": "1"}, {"A": "1", "B": "2"})


def whole(random: np.random.Generator, effect: float, blocks: int) -> Change:
    """A whole benchmark of two sides whose processes come up in two modes: first session, and a second if it alarms."""

    def ratios() -> list[float]:
        modes = 0.15 * (random.integers(0, 2, blocks) - random.integers(0, 2, blocks))
        return list(effect * np.exp(random.normal(0, 0.02, blocks) + modes))

    first = made(ratios())
    second = made(ratios(), session=2, control=False) if weighed(first)[0].alarm else []
    return rows(first, second)["infer"]


def test_no_change_is_never_called_one_after_both_sessions_even_where_processes_have_two_modes() -> None:
    random = np.random.default_rng(11)
    found = [whole(random, 1.0, 6) for _ in range(100)]
    assert not {Change.SLOWER, Change.FASTER} & set(found)


def test_a_large_change_survives_both_sessions_even_where_processes_have_two_modes() -> None:
    random = np.random.default_rng(12)
    found = [whole(random, 1.5, 12) for _ in range(20)]
    assert found.count(Change.SLOWER) >= 18


@pytest.mark.parametrize(
    "again",
    [
        [1.5, 1.4, 1.5, 0.8, 0.9, 1.2],  # the same direction, and no significance
        [0.8] * 6,  # certain of itself, the other way
    ],
)
def test_a_second_session_must_be_significant_and_of_the_same_direction(again: list[float]) -> None:
    """The first session has so many blocks that both together sound the alarm, whatever the second one says."""
    assert rows(made([1.5] * 24), made(again, session=2)) == {"infer": Change.UNDECIDED}
    assert rows(made([1.5] * 24), made([1.2] * 6, session=2)) == {"infer": Change.SLOWER}


def test_sessions_that_disagree_speak_for_no_change_and_for_none() -> None:
    alarm, calm = made([1.3] * 6), made([1.0] * 24, session=2)
    assert rows(calm, []) == {"infer": Change.SAME}
    assert rows(alarm, calm) == {"infer": Change.UNDECIDED}
