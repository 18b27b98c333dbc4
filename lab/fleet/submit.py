"""Hosts in a cluster: jobs of Slurm or pods of Kubernetes, started with a ticket each and taken back at the end."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lab.errors import InfraError
from lab.fleet import launch, ticket
from lab.fleet.launch import Pod, SlurmJob
from lab.fleet.ticket import Ticket
from lab.machine import process

ASK_S = 60


def tickets_laid_out(names: Sequence[str], ticket_for: Callable[[str], Ticket], folder: Path) -> tuple[Path, ...]:
    """A private file with a ticket for each name, in a folder that the cluster sees as well."""
    paths = tuple(folder / f"{name}.ticket" for name in names)
    for name, path in zip(names, paths, strict=True):
        ticket.to_file(replace(ticket_for(name), once=True), path)
    return paths


@contextlib.contextmanager
def submitted(
    like: SlurmJob, names: Sequence[str], ticket_for: Callable[[str], Ticket], folder: Path
) -> Iterator[tuple[str, ...]]:
    """One job a name, as `like` says; gives their numbers, and cancels them when the block ends.

    `folder` must be on a file system that the nodes share. InfraError with Slurm's own words where it takes no job.
    """
    paths = tickets_laid_out(names, ticket_for, folder)
    numbers: list[str] = []
    try:
        for name, path in zip(names, paths, strict=True):
            job = replace(like, name=name, ticket=str(path), log=str(path.with_suffix(".log")))
            numbers.append(_asked(launch.sbatch_command(job), "Slurm took no job").partition(";")[0])
        yield tuple(numbers)
    finally:
        if numbers:
            process.run(["scancel", *numbers], timeout=ASK_S, takes_back=True)
        for path in paths:
            path.unlink(missing_ok=True)  # of a job that never began


@contextlib.contextmanager
def pods(
    like: Pod, names: Sequence[str], ticket_for: Callable[[str], Ticket], folder: Path
) -> Iterator[tuple[str, ...]]:
    """One pod a name in kubectl's own namespace, as `like` says, deleted with its secret and its policy when the block ends.

    `folder` is private; tickets lie in it only until kubectl has read them. InfraError with kubectl's words where it refuses.
    """
    paths = tickets_laid_out(names, ticket_for, folder)
    try:
        for name, path in zip(names, paths, strict=True):
            pod = replace(like, name=name)
            _asked(launch.secret_command(pod, str(path)), "Kubernetes took no ticket")
            path.unlink()
            _asked(("kubectl", "apply", "--filename=-"), "Kubernetes took no pod", launch.pod_documents(pod))
        yield tuple(names)
    finally:
        for path in paths:
            path.unlink(missing_ok=True)
        words = [f"{kind}/{name}" for name in names for kind in ("pod", "networkpolicy", "secret")]
        process.run(["kubectl", "delete", "--ignore-not-found", "--wait=false", *words], timeout=ASK_S, takes_back=True)


def _asked(words: Sequence[str], refused: str, told: str | None = None) -> str:
    done = process.run(words, timeout=ASK_S, input=told)
    if not done.ok:
        raise InfraError(f"{refused}: {done.tail(3)}", f"{words[0]} by hand says more")
    return done.stdout.strip()
