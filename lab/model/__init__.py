"""The nouns of the lab: frozen, keyword-only dataclasses, and enums for alternatives."""

from lab.model.bench import (
    BenchReport,
    BenchRow,
    BenchSide,
    Block,
    Change,
    Estimate,
    HistoryLine,
    Leak,
    Sample,
    SideBlock,
)
from lab.model.bundle import Bundle, Case, ModelFile, Proof, Replayed
from lab.model.environment import Cpu, Device, Environment, Limits, Place, Release, Settings, Stage, Wheel
from lab.model.outcome import Diff, Grade, Kind, Measurement, Metrics, Outcome, Phase, Step, StepFacts, Worst
from lab.model.run import Run, TrialResult, Verdict
from lab.model.scenario import Expectation, Scenario, Tolerance, Trial
from lab.model.sweep import Net, NetInput, Sweep, SweepCell, SweepFinding

__all__ = [
    "BenchReport",
    "BenchRow",
    "BenchSide",
    "Block",
    "Bundle",
    "Case",
    "Change",
    "Cpu",
    "Device",
    "Diff",
    "Environment",
    "Estimate",
    "Expectation",
    "Grade",
    "HistoryLine",
    "Kind",
    "Leak",
    "Limits",
    "Measurement",
    "Metrics",
    "ModelFile",
    "Net",
    "NetInput",
    "Outcome",
    "Phase",
    "Place",
    "Proof",
    "Release",
    "Replayed",
    "Run",
    "Sample",
    "Scenario",
    "Settings",
    "SideBlock",
    "Stage",
    "Step",
    "StepFacts",
    "Sweep",
    "SweepCell",
    "SweepFinding",
    "Tolerance",
    "Trial",
    "TrialResult",
    "Verdict",
    "Wheel",
    "Worst",
]
