"""Finished steps as cells of the table: counts, and what is not plain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lab.model import Kind
from lab.model.sweep import SweepCell, SweepFinding
from lab.run import net_records
from lab.sweep.numbers import OK, NetNumbers, Witnesses, counted, grouped, weigh
from lab.sweep.steps import SweepStep


@dataclass(frozen=True, kw_only=True)
class OpenedNets:
    """One save opened in one place by one route: what each net did, who is wrong, and what a second look said."""

    saved: SweepStep
    done: SweepStep
    weighed: Mapping[str, NetNumbers]
    blames: Mapping[str, tuple[str, str]]
    second: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The cell in one line."""
        return f"{self.saved.place.label} -> {self.done.place.label} by {self.done.route}"

    @property
    def closed(self) -> bool:
        """Whether nothing could be opened at all, so that the rest was left after the probes."""
        return self.done.closed

    @property
    def silent(self) -> tuple[str, ...]:
        """The nets with other numbers and no error."""
        return tuple(net for net, one in self.weighed.items() if one.outcome.kind is Kind.NUMERIC_MISMATCH)


def formats(saved: SweepStep) -> tuple[str, ...]:
    """The endings of the programs a saver wrote."""
    return net_records.formats(saved.folder, saved.good)


def opened(saved: SweepStep, done: SweepStep, saves: Sequence[SweepStep]) -> OpenedNets:
    """Compare all nets of a cell with what the saver's own Python answered."""
    weighed = {net: weigh(net, outcome, saved.outputs(net), done.outputs(net)) for net, outcome in done.nets.items()}
    plain = [one for one in saves if not one.place.settings.env]
    others = [one for one in plain if one is not saved]
    loader = next((one for one in plain if one.place.environment == done.place.environment), None)
    blames = {
        net: Witnesses(
            numpy=saved.numpy(net), own=saved.outputs(net),
            loader=loader.outputs(net) if loader else None,
            others=tuple(one.outputs(net) for one in others),
        ).blame(done.outputs(net))
        for net, one in weighed.items()
        if one.outcome.kind is Kind.NUMERIC_MISMATCH
    }  # fmt: skip
    return OpenedNets(saved=saved, done=done, weighed=weighed, blames=blames)


def second(first: OpenedNets, again: OpenedNets) -> dict[str, str]:
    """What a second look said of each silent net: the same, or something else."""
    found = {}
    for net in first.silent:
        one, two = first.weighed[net].outcome, again.weighed.get(net)
        same = two is not None and (two.outcome.kind, two.outcome.reason) == (one.kind, one.reason)
        found[net] = "same" if same else "other"
    return found


def cell(one: OpenedNets) -> SweepCell:
    """A cell as it is kept."""
    found = [
        SweepFinding(
            nets=(net,), outcome=two.outcome, gap=two.gap, blame=one.blames.get(net, ("", ""))[0],
            witness=one.blames.get(net, ("", ""))[1], second=one.second.get(net, ""),
        )
        for net, two in one.weighed.items()
        if not two.plain
    ]  # fmt: skip
    return SweepCell(
        saver=one.saved.place.environment.key, saver_env=one.saved.place.settings.env, route=one.done.route,
        loader=one.done.place.environment.key, loader_env=one.done.place.settings.env, counts=counted(one.weighed),
        found=grouped(found), closed=one.closed, seconds=one.done.step.seconds,
    )  # fmt: skip


def saving(one: SweepStep) -> SweepCell:
    """What saving did, as it is kept."""
    weighed = {net: NetNumbers(outcome=outcome) for net, outcome in one.nets.items()}
    found = [SweepFinding(nets=(net,), outcome=outcome) for net, outcome in one.nets.items() if not outcome.ok]
    return SweepCell(
        saver=one.place.environment.key, saver_env=one.place.settings.env, counts=counted(weighed),
        found=grouped(found), formats=formats(one), seconds=one.step.seconds,
    )  # fmt: skip


def eager(saves: Sequence[SweepStep]) -> tuple[SweepCell, ...]:
    """Where Python itself answers otherwise: than in the first release, and than numpy."""
    plain = [one for one in saves if not one.place.settings.env]
    cells = [_eager(one, plain[0], "release") for one in plain[1:]]
    return tuple(cells + [_eager(one, one, "numpy") for one in plain])


def _eager(one: SweepStep, other: SweepStep, route: str) -> SweepCell:
    answer = other.numpy if route == "numpy" else other.outputs
    pairs = {net: (answer(net), one.outputs(net)) for net in one.nets}
    weighed = {net: weigh(net, OK, *both) for net, both in pairs.items() if None not in both}
    found = [
        SweepFinding(nets=(net,), outcome=two.outcome, gap=two.gap) for net, two in weighed.items() if not two.plain
    ]
    return SweepCell(
        saver=one.place.environment.key, saver_env=one.place.settings.env, route=route,
        loader=other.place.environment.key if other is not one else "", counts=counted(weighed), found=grouped(found),
    )  # fmt: skip
