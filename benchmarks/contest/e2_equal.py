"""E2: Paddle 3.0.0 against itself, at least 200 times: every alarm is false.

Independent are the sessions and the containers; not independent are pairs that share a side: of 28 pairs of 8 sides only 7 differences
are free. The bound over all comparisons is therefore printed beside the one that counts only 7 pairs a session.
"""

import itertools
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyperf
from asv_side import Asv, judge_recorded
from place import CALM, HERE, METRICS, THREADS, Recorder, Row, Setting, call, image_and_pins, keep
from rules import Pair, pooled, pyperf_says, randomisation_says, upper

from lab.bench import cores, weigh
from lab.model.bench import Block, Change

RELEASE = "3.0.0"
BLOCKS = 6
TARGET = 0.01
PYPERF_PROCESSES = 5
Alarms = list[tuple[str, str, str, float]]


def run(setting: Setting) -> Iterator[Row]:
    """The lab's sessions; the other rules on the same values; asv and pyperf themselves at the cost of one session."""
    sides, sessions = (3, 1) if setting.quick else (8, 4)
    recorded = [_session(setting, number, sides) for number in range(1, sessions + 1)]
    spent = sum(one.seconds for blocks in recorded for one in blocks)
    start = time.perf_counter()
    judged = [_judged(setting, number, blocks) for number, blocks in enumerate(recorded, 1)]
    yield from _ours(judged, sides, sessions, spent + time.perf_counter() - start)
    yield from _rules(setting, recorded)
    cost = sum(one.seconds for one in recorded[0])
    yield from _asv(setting, sides, cost)
    yield _pyperf(setting, sides)


def _names(blocks: Sequence[Block]) -> list[str]:
    return sorted({one.side for block in blocks for one in block.sides})


def _session(setting: Setting, number: int, sides: int) -> list[Block]:
    folder = setting.folder(f"e2/session-{number}")
    words = [f"{RELEASE}+LAB_SIDE={one}" for one in range(1, sides + 1)]
    return Recorder(setting=setting, folder=folder).open(words, CALM, seed=100 * number).blocks(BLOCKS)


def _judged(setting: Setting, session: int, blocks: Sequence[Block]) -> dict[str, object]:
    """Every pair as `lab bench` judges a report of two sides; what alarms gets a fresh second session of its own."""
    first_alarms: Alarms = []
    confirmed: Alarms = []
    words: dict[str, int] = {}
    for one, other in itertools.combinations(_names(blocks), 2):
        alone = _weighed(blocks, one, other)
        alarmed = [row for row in alone if row.alarm is not None]
        again, both = {}, {}
        if alarmed:
            second = _second(setting, session, one, other)
            keys = {(row.question.side, row.question.metric) for row in alarmed}
            again = {
                key: row
                for row in _weighed(second, one, other)
                if (key := (row.question.side, row.question.metric)) in keys
            }
            both = {
                key: row
                for row in _weighed([*blocks, *second], one, other)
                if (key := (row.question.side, row.question.metric)) in keys
            }
        for row in weigh.rows(alone, again, both):
            words[row.change.value] = words.get(row.change.value, 0) + 1
            if row.change in (Change.SLOWER, Change.FASTER):
                confirmed.append((one, other, row.metric, row.wall.ratio))
        first_alarms += [(one, other, row.question.metric, row.wall.ratio) for row in alarmed]
    found = {"session": session, "first": first_alarms, "confirmed": confirmed, "words": words}
    keep(setting.folder(f"e2/session-{session}") / "judged.json", found)
    return found


def _weighed(blocks: Sequence[Block], one: str, other: str) -> list[weigh.WeighedMetric]:
    """The two rows of one pair; the control is that of the side that ran twice, for all sides are the same."""
    twin = next((part.side for block in blocks for part in block.sides if part.twin), "")
    found = weigh.questions(blocks, one, [one, other], METRICS)
    steal = max(block.steal for block in blocks)
    return [
        weigh.weigh(replace(row, control=weigh.control(blocks, twin, row.metric)), 0, steal) for row in found
    ]  # fmt: skip


def _second(setting: Setting, session: int, one: str, other: str) -> list[Block]:
    numbers = [name.rpartition("LAB_SIDE=")[2] for name in (one, other)]
    folder = setting.folder(f"e2/session-{session}-second-{'-'.join(numbers)}")
    words = [f"{RELEASE}+LAB_SIDE={number}" for number in numbers]
    blocks = Recorder(setting=setting, folder=folder).open(words, CALM, seed=100 * session + 1).blocks(BLOCKS)
    return [replace(block, session=2) for block in blocks]


def _ours(judged: Sequence[dict[str, object]], sides: int, sessions: int, seconds: float) -> Iterator[Row]:
    words: dict[str, int] = {}
    for one in judged:
        for word, count in one["words"].items():
            words[word] = words.get(word, 0) + count
    of = sum(words.values())
    first = sum(len(one["first"]) for one in judged)
    confirmed = sum(len(one["confirmed"]) for one in judged)
    free = sessions * (sides - 1) * len(METRICS)
    told = ", ".join(f"{word} {count}" for word, count in sorted(words.items()))
    yield Row(
        experiment="E2", question="3.0.0 against itself", tool="lab bench",
        answer=f"{confirmed} of {of} false ({_share(confirmed, of)}), exact 95 % upper bound {upper(confirmed, of):.2%}; "
        f"counting only pairs that share no side's process twice ({free} of {of}): {upper(confirmed, free):.1%}; {told}; "
        f"alarms before their second session: {first}",
        target=f"at most {TARGET:.0%}", met=confirmed <= TARGET * of, seconds=seconds,
    )  # fmt: skip


def _share(alarms: int, of: int) -> str:
    return f"{alarms / of:.1%}"


def _row(tool: str, alarms: int, of: int, seconds: float = 0.0) -> Row:
    told = f"{alarms} of {of} false ({_share(alarms, of)}), exact 95 % upper bound {upper(alarms, of):.1%}"
    return Row(experiment="E2", question="3.0.0 against itself", tool=tool, answer=told, seconds=seconds)


def _rules(setting: Setting, recorded: Sequence[Sequence[Block]]) -> Iterator[Row]:
    """The same values, interleaved by the lab, under the other tools' rules."""
    pairs = [
        pooled(blocks, one, other, metric)
        for blocks in recorded for one, other in itertools.combinations(_names(blocks), 2) for metric in METRICS
    ]  # fmt: skip
    yield from counted(setting, pairs, "on the lab's own values")


def counted(setting: Setting, pairs: Sequence[Pair], where: str) -> Iterator[Row]:
    """How often each rule alarms on pairs that are equal."""
    yield _row(f"asv's rule {where}", sum(bool(one) for one in judge_recorded(setting, pairs)), len(pairs))
    yield _row(f"pyperf's rule {where}", sum(pyperf_says(one) for one in pairs), len(pairs))
    yield _row(f"pyperf's rule, --min-speed 5, {where}", sum(pyperf_says(one, 5) for one in pairs), len(pairs))
    yield _row(f"randomisation rule {where}", sum(randomisation_says(one) for one in pairs), len(pairs))


def _asv(setting: Setting, sides: int, cost: float) -> Iterator[Row]:
    """asv itself: as many identical commits as the lab has sides, with its default and with rounds of equal cost."""
    asv = Asv(setting=setting, name="e2")
    asv.prepare([RELEASE], commits=sides)
    done = asv.run("--interleave-rounds", env=CALM)
    yield _asv_row(asv, "2 rounds (its default)", done.seconds)
    asv.forget("rounds-2")
    rounds = max(3, min(20, round(2 * cost / done.seconds)))
    if not setting.quick:
        done = asv.run("--interleave-rounds", "-a", f"rounds={rounds}", env=CALM)
        yield _asv_row(asv, f"{rounds} rounds (the cost of one of the lab's sessions, {cost:.0f} s)", done.seconds)
        asv.forget(f"rounds-{rounds}")


def _asv_row(asv: Asv, how: str, seconds: float) -> Row:
    found = asv.results()
    pairs: list[Pair] = [
        (found[one][metric] or [], found[other][metric] or [])
        for one, other in itertools.combinations(sorted(found), 2) for metric in METRICS
    ]  # fmt: skip
    return _row(f"asv itself, interleaved, {how}", sum(bool(one) for one in asv.judge(pairs)), len(pairs), seconds)


def _pyperf(setting: Setting, sides: int) -> Row:
    """pyperf itself, one side after the other as people run it, in the lab's own image."""
    folder = setting.folder("e2/pyperf")
    folder.chmod(0o777)
    start = time.perf_counter()
    order = list(range(1, sides + 1))
    random.Random(0).shuffle(order)
    _in_image(setting, folder, "save")
    processes = 2 if setting.quick else PYPERF_PROCESSES
    for side in order:
        (folder / f"{side}.json").unlink(missing_ok=True)
        _in_image(
            setting,
            folder,
            "-q",
            "-p",
            str(processes),
            "--inherit-environ",
            ",".join((*THREADS, *CALM, *_OWN)),
            "-o",
            f"/out/{side}.json",
        )
    seconds = time.perf_counter() - start
    suites = [pyperf.BenchmarkSuite.load(str(folder / f"{side}.json")) for side in sorted(order)]
    pairs: list[Pair] = [
        (list(one.get_benchmark(metric).get_values()), list(other.get_benchmark(metric).get_values()))
        for one, other in itertools.combinations(suites, 2) for metric in METRICS
    ]  # fmt: skip
    alarms, careful = sum(pyperf_says(one) for one in pairs), sum(pyperf_says(one, 5) for one in pairs)
    row = _row(f"pyperf itself, {processes} processes a side, one side after the other", alarms, len(pairs), seconds)
    return replace(row, answer=f"{row.answer}; with --min-speed 5: {careful} ({_share(careful, len(pairs))})")


_OWN = ("CONTEST_SCENARIOS", "CONTEST_MODEL", "HOME")


def _in_image(setting: Setting, folder: Path, *words: str) -> None:
    tag, _ = image_and_pins(setting, RELEASE)
    env = {**THREADS, **CALM, "CONTEST_SCENARIOS": "/contest/scenarios", "CONTEST_MODEL": "/out/net", "HOME": "/tmp"}
    given = [word for name, value in env.items() for word in ("--env", f"{name}={value}")]
    mounts = ["--volume", f"{HERE}:/contest:ro", "--volume", f"{folder.resolve()}:/out"]
    argv = ["docker", "run", "--rm", "--network", "none", "--cpuset-cpus", cores(1), *given, *mounts, tag]
    done = call([*argv, "python", "-B", "/contest/body_pyperf.py", *words])
    if done.code:
        raise SystemExit(f"pyperf failed:\n{done.out[-2000:]}")
