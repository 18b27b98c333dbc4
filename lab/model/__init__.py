"""The nouns of the lab: frozen, keyword-only dataclasses, and enums for alternatives.

What every room speaks of (places, outcomes, runs, scenarios) is imported from here; the nouns of one verb from their own module.
"""

from lab.model.environment import (
    GIVEN,
    BuildSort,
    Cpu,
    Device,
    Environment,
    GivenBuild,
    Limits,
    Place,
    Release,
    Selector,
    Settings,
    Stage,
    Wheel,
)
from lab.model.outcome import (
    Diff,
    Grade,
    Kind,
    KindRow,
    Metrics,
    Outcome,
    OutcomeChange,
    Phase,
    Progress,
    Worst,
)
from lab.model.run import Run, RunStatus, TrialResult, Verdict
from lab.model.sampled import Sampled
from lab.model.scenario import Expectation, Mismatch, Scenario, ScenarioFile, Tolerance, Trial, variants_between
from lab.model.step import Measurement, Step, StepFacts, StoredFile

__all__ = [
    "GIVEN",
    "BuildSort",
    "Cpu",
    "Device",
    "Diff",
    "Environment",
    "Expectation",
    "GivenBuild",
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
    "ScenarioFile",
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
