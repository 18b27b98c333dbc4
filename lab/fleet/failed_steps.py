"""Steps that no host did: what stands in their place among a run's results."""

from lab.fleet.wire import HostAnswer
from lab.model import Kind, Outcome, Phase, Step, StepFacts


def unbuilt(answer: HostAnswer) -> Step:
    """A step whose environment could not be made on its host."""
    outcome = Outcome(
        kind=Kind.BUILD_FAILURE, phase=Phase.BUILD, reason="install", message=f"on {answer.host}: {answer.why}"
    )
    return Step(key="", mode="", outcome=outcome, facts=StepFacts(host=answer.host), engine="", seconds=0.0)


def given_up(lost: tuple[str, ...]) -> Step:
    """A step that lost its host too often: a failure of the lab, which is not remembered."""
    said = f"{len(lost)} hosts were lost while they did it: {', '.join(lost)}"
    outcome = Outcome(kind=Kind.INFRA_ERROR, phase=Phase.PREPARE, reason="host lost", message=said)
    return Step(key="", mode="", outcome=outcome, facts=StepFacts(), engine="", seconds=0.0)
