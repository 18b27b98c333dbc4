"""What somebody would type to bring the hosts of a place together by hand: lines for a shell, or a pod's documents; nothing is started."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lab import shell
from lab.fleet import driver, launch
from lab.fleet.launch import Pod, SlurmJob


def lines(names: Sequence[str], address: str, cache: Path, like: SlurmJob | Pod | str) -> str:
    """First the scheduler with a ticket for each name, then each host; `like` is a job, a pod, or ssh's program over there."""
    start = f"lab fleet start {address} --hosts {shell.quote(','.join(names))}"
    tickets = {name: driver.ticket_path(address, cache).with_suffix(f".{name}.ticket") for name in names}
    if isinstance(like, Pod):
        pods = [replace(like, name=name) for name in names]
        said = [start, *(shell.join(launch.secret_command(one, str(tickets[one.name]))) for one in pods)]
        return "\n".join([*(f"# {line}" for line in said), "---\n".join(map(launch.pod_documents, pods))])
    if isinstance(like, SlurmJob):
        jobs = [
            replace(like, name=name, ticket=str(at), log=str(at.with_suffix(".log"))) for name, at in tickets.items()
        ]
        return "\n".join([start, *(shell.join(launch.sbatch_command(one)) for one in jobs)])
    # The pipe stays open behind the ticket: its end would be the host's.
    hosts = [
        f"tail -n +1 -f {shell.quote(str(at))} | {shell.join(launch.ssh_command(name, like))}"
        for name, at in tickets.items()
    ]
    return "\n".join([start, *hosts])
