"""E1: three releases, load and infer, images and environments ready: how long until a 3-way verdict, and which one."""

from collections.abc import Iterator, Sequence

from asv_side import Asv, word
from place import METRICS, Row, Setting, bench

RELEASES = ("2.6.2", "3.0.0", "3.3.1")
TARGET_S = 150.0


def run(setting: Setting) -> Iterator[Row]:
    """The lab, then asv with its default rounds and with ten."""
    ours = bench(
        setting, "--releases", ",".join(RELEASES), "--metric", "load,infer", "--blocks", "6", "--seed", "1", "--fresh"
    )
    said = "; ".join(
        f"{row.metric} {row.side.split('-')[0]} {row.change.value} x{row.wall.ratio:.2f}" for row in ours.report.rows
    )
    question = "three releases, load and infer"
    yield Row(
        experiment="E1", question=question, tool="lab bench, 6 blocks, alarms confirmed", answer=said,
        target=f"within {TARGET_S:.0f} s", met=ours.seconds <= TARGET_S, seconds=ours.seconds,
    )  # fmt: skip
    asv = Asv(setting=setting, name="e1")
    asv.prepare(RELEASES, commits=1)
    for words, name in (((), "2 rounds (its default)"), (("-a", "rounds=10"), "10 rounds"))[
        : 1 if setting.quick else 2
    ]:
        done = asv.run("--interleave-rounds", *words)
        yield Row(
            experiment="E1", question=question, tool=f"asv, interleaved, {name}", answer=_said(asv),
            target="not faster than the lab", met=done.seconds >= ours.seconds, seconds=done.seconds,
        )  # fmt: skip
        asv.forget("rounds-10" if words else "rounds-2")


def _said(asv: Asv) -> str:
    found = asv.results()
    asked: Sequence[tuple[str, str]] = [(metric, release) for metric in METRICS for release in RELEASES[1:]]
    pairs = [(found[RELEASES[0]][metric] or [], found[release][metric] or []) for metric, release in asked]
    said = zip(asked, asv.judge(pairs), pairs, strict=True)
    return "; ".join(f"{metric} {release} {word(verdict, *pair)}" for (metric, release), verdict, pair in said)
