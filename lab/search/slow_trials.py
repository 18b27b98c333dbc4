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

ROUNDS = min(stats.LOOKS)
"""Rounds in which a candidate is timed, in a process of its own for each place; fewer could never tell slow from chance."""
CALLS = 30
METRIC, CPU = "infer", "infer_cpu"


@dataclass(kw_only=True)
class SlowTrials(ReduceTrials):
    """The same questions about a model that answers in both places; what counts is that it takes more than `share` longer in the bad one.

    With `cpu` the processor's time may say so as well as the clock's: beside other work of the machine it is the steadier one.
    """

    share: float = 0.0
    cpu: bool = False

    def _shown(self, models: Sequence[CandidateModel], *, once: bool) -> list[tuple[ProbeVerdict, str]]:  # noqa: ARG002
        """What each shows, the places one after the other, because nothing is timed beside something else."""
        rounds = [self._round(models, number) for number in range(ROUNDS if models else 0)]
        return [self._slow([one[place] for one in rounds]) for place in range(len(models))]

    def _round(self, models: Sequence[CandidateModel], number: int) -> list[tuple[CandidateAnswer, CandidateAnswer]]:
        """One round: the good place goes first in one, and the bad one in the next."""
        told = {
            bad: self.starts.ask(side.place, side.route, models, trust=True, together=1, calls=CALLS)
            for bad, side in ([(False, self.good), (True, self.bad)][:: 1 if number % 2 == 0 else -1])
        }
        return list(zip(told[False], told[True], strict=True))

    def _slow(self, pairs: Sequence[tuple[CandidateAnswer, CandidateAnswer]]) -> tuple[ProbeVerdict, str]:
        for good, bad in pairs:
            refuse_lost(good, bad)
            if not good.outcome.ok:
                return ProbeVerdict.SKIP, f"the good place does not run it: {good.outcome.message}"
            if not bad.outcome.ok:
                return ProbeVerdict.OTHER, f"the bad place does not run it: {bad.outcome.message}"
        told = [self._weighed(pairs, metric) for metric in ((METRIC, CPU) if self.cpu else (METRIC,))]
        return next((one for one in told if one[0] is ProbeVerdict.BAD), told[0])

    def _weighed(
        self, pairs: Sequence[tuple[CandidateAnswer, CandidateAnswer]], metric: str
    ) -> tuple[ProbeVerdict, str]:
        good_s, bad_s = ([middle(pair[side], metric) for pair in pairs] for side in (0, 1))
        if not all((*good_s, *bad_s)):
            return ProbeVerdict.SKIP, "it told no times"
        slow, why = rounds_slower(good_s, bad_s, self.share)
        return (ProbeVerdict.BAD if slow else ProbeVerdict.GOOD), why


def middle(answer: CandidateAnswer, metric: str = METRIC) -> float:
    """The median of the calls of one answer, in seconds; 0 where a container told none, or what is no time."""
    try:
        values = arrays_of(answer.times)[metric].ravel().tolist() if answer.times is not None else []
    except (UnreadableOutputsError, KeyError):
        return 0.0
    times = [float(one) for one in values if isinstance(one, int | float)]
    sound = times and all(math.isfinite(one) and one > 0 for one in times)
    return statistics.median(times) if sound else 0.0
