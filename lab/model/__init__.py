"""The nouns of the lab: frozen, keyword-only dataclasses, and enums for alternatives.

What every room speaks of (places, outcomes, runs, scenarios) is imported from here; the nouns of one verb from their own module.
"""

from lab.model.environment import Cpu, Device, Environment, Limits, Place, Release, Selector, Settings, Stage, Wheel
from lab.model.outcome import (
    Diff,
    Grade,
    Kind,
    KindRow,
    Measurement,
    Metrics,
    Outcome,
    OutcomeChange,
    Phase,
    Progress,
    Step,
    StepFacts,
    StoredFile,
    Worst,
)
from lab.model.run import Run, RunStatus, TrialResult, Verdict
from lab.model.sampled import Sampled
from lab.model.scenario import Expectation, Mismatch, Scenario, Tolerance, Trial, variants_between

__all__ = [
    "Cpu",
    "Device",
    "Diff",
    "Environment",
    "Expectation",
    "Grade",
    "Kind",
    "KindRow",
    "Limits",
    "Measurement",
    "Metrics",
    "Mismatch",
    "Outcome",
    "OutcomeChange",
    "Phase",
    "Place",
    "Progress",
    "Release",
    "Run",
    "RunStatus",
    "Sampled",
    "Scenario",
    "Selector",
    "Settings",
    "Stage",
    "Step",
    "StepFacts",
    "StoredFile",
    "Tolerance",
    "Trial",
    "TrialResult",
    "Verdict",
    "Wheel",
    "Worst",
    "variants_between",
]
