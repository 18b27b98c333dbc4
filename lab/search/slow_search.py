"""One reduction of a slow model at work: the same steps, where a candidate counts by what it takes in rounds."""

import time
from dataclasses import dataclass

from lab.cut.body import ModelBody
from lab.errors import InconclusiveError
from lab.model import Outcome
from lab.model.reduction import Sketch
from lab.search.judge import Judge
from lab.search.reduce_request import CutSide
from lab.search.reduce_search import PART_S, TIMES, ReduceSearch
from lab.search.reduce_slow import LEFT, SlowPair
from lab.search.reduce_trials import LOG, RecordedValues, ReduceTrials
from lab.search.slow_trials import SlowTrials
from lab.search.symptoms import NOISY
from lab.storage import cleared


@dataclass(kw_only=True)
class SlowSearch(ReduceSearch):
    """One reduction of what was measured to be slow: `pair` says where, `share` how much longer a part must take."""

    pair: SlowPair
    share: float

    def _trials(self, opened: ModelBody, recorded: RecordedValues, good: CutSide, bad: CutSide) -> SlowTrials:
        return SlowTrials(
            body=opened, recorded=recorded, starts=self.starts, good=good, bad=bad, folder=self.room,
            judge=Judge(), alone=Judge(), log=self.held.folder / LOG, share=self.share,
            cpu=self.request.threads == 1 and not bad.place.environment.device.gpu,
        )  # fmt: skip

    def _failing(self, opened: ModelBody, recorded: RecordedValues) -> tuple[ReduceTrials, Outcome]:
        """The way that was measured to be slow; it must show it in forks too, as often as every later step."""
        trials = self._trials(opened, recorded, self.pair.good, self.pair.bad)
        whole = Sketch(kept=tuple(range(len(opened.anatomy.nodes))))
        began = time.monotonic()
        trials.look(whole)
        self.starts.seconds = max(PART_S, TIMES * (time.monotonic() - began))
        shown = trials.again(whole, self.request.times)
        if shown < self.request.times:
            raise InconclusiveError(
                f"fresh processes show that it is slower, and rounds of forks only {shown} of {self.request.times} times",
                NOISY,
            )
        return trials, trials.outcomes(whole)[1]

    def _confirmed(self, trials: ReduceTrials, best: Sketch) -> int:
        """Nothing yet: what is left is laid down, and measured once no start of this search is there any more."""
        home = self.held.folder / LEFT
        cleared.remove(home)
        trials.write(trials.made(best), home)
        return 0
