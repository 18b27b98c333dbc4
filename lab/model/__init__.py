"""The nouns of the lab: frozen, keyword-only dataclasses, and enums for alternatives."""

from lab.model.bundle import Bundle, Case, ModelFile, Proof, Replayed
from lab.model.environment import Device, Environment, Limits, Place, Release, Settings, Stage, Wheel
from lab.model.outcome import Diff, Grade, Kind, Measurement, Metrics, Outcome, Phase, Step, StepFacts, Worst
from lab.model.run import Run, TrialResult, Verdict
from lab.model.scenario import Expectation, Scenario, Tolerance, Trial

__all__ = [
    "Bundle",
    "Case",
    "Device",
    "Diff",
    "Environment",
    "Expectation",
    "Grade",
    "Kind",
    "Limits",
    "Measurement",
    "Metrics",
    "ModelFile",
    "Outcome",
    "Phase",
    "Place",
    "Proof",
    "Release",
    "Replayed",
    "Run",
    "Scenario",
    "Settings",
    "Stage",
    "Step",
    "StepFacts",
    "Tolerance",
    "Trial",
    "TrialResult",
    "Verdict",
    "Wheel",
    "Worst",
]
