"""asv's side of the contest: the same functions as the lab's scenario, with asv's own rounds and samples."""

import os

import numpy as np

from . import contest_net


class Body:
    """The model is saved once in each environment, as each of the lab's sides saves its own."""

    def setup_cache(self):
        contest_net.save("net", contest_net.inputs(np.random.RandomState(0)))

    def setup(self):
        self.given = contest_net.inputs(np.random.RandomState(0))
        self.net = contest_net.load("net")
        contest_net.infer(self.net, self.given)

    def time_load(self):
        contest_net.load("net")

    def time_infer(self):
        contest_net.infer(self.net, self.given)


class Failing:
    """Opens what another release saved (E6)."""

    def time_load(self):
        contest_net.load(os.environ["CONTEST_OLD_MODEL"])
