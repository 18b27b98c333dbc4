"""Smaller models of one that is slow: what each takes in both places, in rounds, by the rules of every measurement."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from lab import stats
from lab.compare import UnreadableOutputsError
from lab.model.search import ProbeVerdict
from lab.run.candidates import CandidateAnswer, CandidateModel
from lab.search.candidate_answers import arrays_of, refuse_lost
from lab.search.reduce_trials import ReduceTrials
from lab.search.weigh import rounds_slower

ROUNDS, MOST = sorted(stats.LOOKS)[:2]
"""Rounds in which a candidate is timed, each in a process of its own for each place: fewer could never tell slow from chance.

One that took longer and is not sure by then is timed on to the second look.
"""
CALLS = 30
METRIC, CPU = "infer", "infer_cpu"


@dataclass(frozen=True, kw_only=True)
class SlowAnswer:
    """What the rounds of one candidate say; `doubtful` where it took longer by enough, and chance may have done that."""

    sort: ProbeVerdict
    why: str
    doubtful: bool = False


@dataclass(kw_only=True)
class SlowTrials(ReduceTrials):
    """The same questions about a model that answers in both places; what counts is that it takes more than `share` longer in the bad one.

    With `cpu` the processor's time may say so as well as the clock's: beside other work of the machine it is the steadier one.
    """

    share: float = 0.0
    cpu: bool = False

    @property
    def cheap(self) -> bool:
        """Never: each candidate is timed in rounds."""
        return False

    def _shown(self, models: Sequence[CandidateModel], *, once: bool) -> list[tuple[ProbeVerdict, str]]:  # noqa: ARG002
        """What each shows, the places one after the other, because nothing is timed beside something else."""
        rounds = [self._round(models, number) for number in range(ROUNDS if models else 0)]
        pairs = [[one[place] for one in rounds] for place in range(len(models))]
        seen = [self._slow(one) for one in pairs]
        open_ = [place for place, one in enumerate(seen) if one.doubtful]
        for number in range(ROUNDS, MOST if open_ else ROUNDS):
            for place, pair in zip(open_, self._round([models[one] for one in open_], number), strict=True):
                pairs[place].append(pair)
        for place in open_:
            seen[place] = self._slow(pairs[place])
        return [(one.sort, one.why) for one in seen]

    def _round(self, models: Sequence[CandidateModel], number: int) -> list[tuple[CandidateAnswer, CandidateAnswer]]:
        """One round: the good place goes first in one, and the bad one in the next."""
        told = {
            bad: self.starts.ask(side.place, side.route, models, trust=True, together=1, calls=CALLS)
            for bad, side in ([(False, self.good), (True, self.bad)][:: 1 if number % 2 == 0 else -1])
        }
        return list(zip(told[False], told[True], strict=True))

    def _slow(self, pairs: Sequence[tuple[CandidateAnswer, CandidateAnswer]]) -> SlowAnswer:
        for good, bad in pairs:
            refuse_lost(good, bad)
            if not good.outcome.ok:
                return SlowAnswer(sort=ProbeVerdict.SKIP, why=f"the good place does not run it: {good.outcome.message}")
            if not bad.outcome.ok:
                return SlowAnswer(sort=ProbeVerdict.OTHER, why=f"the bad place does not run it: {bad.outcome.message}")
        told = [self._weighed(pairs, metric) for metric in ((METRIC, CPU) if self.cpu else (METRIC,))]
        slow = next((one for one in told if one.sort is ProbeVerdict.BAD), None)
        return slow or next((one for one in told if one.doubtful), told[0])

    def _weighed(self, pairs: Sequence[tuple[CandidateAnswer, CandidateAnswer]], metric: str) -> SlowAnswer:
        good_s, bad_s = ([middle(pair[side], metric) for pair in pairs] for side in (0, 1))
        if not all((*good_s, *bad_s)):
            return SlowAnswer(sort=ProbeVerdict.SKIP, why="it told no times")
        seen = rounds_slower(good_s, bad_s, self.share)
        sort = ProbeVerdict.BAD if seen.slow else ProbeVerdict.GOOD
        return SlowAnswer(sort=sort, why=seen.why, doubtful=not seen.slow and seen.ratio > 1 + self.share)


def middle(answer: CandidateAnswer, metric: str = METRIC) -> float:
    """The median of the calls of one answer, in seconds; 0 where a container told none, or what is no time."""
    try:
        values = arrays_of(answer.times)[metric].ravel().tolist() if answer.times is not None else []
    except (UnreadableOutputsError, KeyError):
        return 0.0
    times = [float(one) for one in values if isinstance(one, int | float)]
    sound = times and all(math.isfinite(one) and one > 0 for one in times)
    return statistics.median(times) if sound else 0.0
