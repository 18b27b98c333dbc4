"""Values in blocks -> ratio, interval, p and verdict: pure rules, with numpy and scipy loaded only when they work."""

from lab.stats.estimate import control_width, detectable, estimate, log_ratios, sign_flip
from lab.stats.family import benjamini_hochberg, holm
from lab.stats.judge import ALPHA, LEAST_CHANGE, LOOKS, alarm, alpha_at, judge, last_look, same_within, threshold
from lab.stats.memory import AGREEING, creep, growing, growth, leak, left_threads

__all__ = [
    "AGREEING",
    "ALPHA",
    "LEAST_CHANGE",
    "LOOKS",
    "alarm",
    "alpha_at",
    "benjamini_hochberg",
    "control_width",
    "creep",
    "detectable",
    "estimate",
    "growing",
    "growth",
    "holm",
    "judge",
    "last_look",
    "leak",
    "left_threads",
    "log_ratios",
    "same_within",
    "sign_flip",
    "threshold",
]
