"""How a host of a fleet is started where it lives: the words for ssh, the line for Slurm, the documents for Kubernetes.

Nothing is started here, and no key or certificate is in any of these words: they may be printed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import Template
from typing import ClassVar

from lab import shell
from lab.errors import UsageError
from lab.fleet import times
from lab.text import quoted

ALIVE_TIMES = 6
"""A connection that has not answered so often is dialled again: when a fleet gives its host up, too."""
CONNECT_S = 10
_LAB = re.compile(r"[A-Za-z0-9_~][A-Za-z0-9_./+-]{0,1000}|/[A-Za-z0-9_./+-]{1,1000}")
_PATH = re.compile(r"/[A-Za-z0-9_./+@=-]{1,1000}")
_NUMBERS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+")
_DNS = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,500}")
_AMOUNT = re.compile(r"[0-9]{1,6}(?:[KMGT]|[KMGT]i)?")
_AMOUNT_OR_NONE = re.compile(r"(?:[0-9]{1,6}[KMGT]?)?")


def waits() -> Iterator[int]:
    """Seconds before a connection that broke is dialled again: 1, 2, 4 and so on, never more than 30."""
    wait = 1
    while True:
        yield wait
        wait = min(2 * wait, times.LONGEST_WAIT)


def ssh_command(host: str, lab: str = "lab") -> tuple[str, ...]:
    """What starts a host over ssh: the ticket goes down its stdin, and its end ends the host.

    Everything about the way there (port, key, proxy) is the user's own ~/.ssh/config. `lab` is the program's name over
    there; where it was put by `pip install --user` it is found, too. Nothing is ever asked at a terminal.
    """
    _shaped("program", lab, _LAB)
    options = {
        "BatchMode": "yes",
        "ConnectTimeout": CONNECT_S,
        "ServerAliveInterval": max(1, times.LOST_S // ALIVE_TIMES),
        "ServerAliveCountMax": ALIVE_TIMES,
        "ClearAllForwardings": "yes",
        # A connection that another command holds would outlive this one, and so would the host.
        "ControlMaster": "no",
        "ControlPath": "none",
    }
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return ("ssh", "-T", *words, "--", host, f'exec env PATH="$PATH:$HOME/.local/bin" {lab} fleet host --ticket -')


@dataclass(frozen=True, kw_only=True)
class SlurmJob:
    """One host as a job: `ticket` and `log` are absolute paths that the node sees as well; 0 and "" are the cluster's defaults.

    `constraint` is what sinfo calls a feature, `gpus` how many cards, `memory` as Slurm writes it (16G), `minutes` the job's limit.
    """

    name: str
    ticket: str
    log: str
    partition: str = ""
    lab: str = "lab"
    cpus: int = 0
    gpus: int = 0
    memory: str = ""
    minutes: int = 0
    constraint: str = ""

    SHAPES: ClassVar = {
        "name": _DNS,
        "ticket": _PATH,
        "log": _PATH,
        "lab": _LAB,
        "partition": re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.,-]{0,127})?"),
        "memory": _AMOUNT_OR_NONE,
        "constraint": re.compile(r"[A-Za-z0-9_.,&|*\[\]()-]{0,200}"),
    }


def sbatch_command(job: SlurmJob) -> tuple[str, ...]:
    """What submits one host to Slurm; UsageError for a value that is not of its shape.

    A job is not queued again by itself: its ticket was removed when it was read. `exec` makes the host the job's own
    process, so that scancel reaches it.
    """
    for field, shape in SlurmJob.SHAPES.items():
        _shaped(field, getattr(job, field), shape)
    asked = {
        "partition": job.partition,
        "cpus-per-task": job.cpus,
        "gpus": job.gpus,
        "mem": job.memory,
        "time": job.minutes,
        "constraint": job.constraint,
    }
    return (
        "sbatch", "--parsable", "--no-requeue", "--ntasks=1", f"--job-name={job.name}", f"--output={job.log}",
        *(f"--{name}={value}" for name, value in asked.items() if value),
        f"--wrap=exec {shell.join((job.lab, 'fleet', 'host', '--ticket', job.ticket))}",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Pod:
    """One host as a pod: its ticket is in the secret of the pod's own name, under the key `ticket`.

    `driver` is the IP address of the command's machine, which the pod must reach: the scheduler and files are there. `memory`
    and `cpus` are both what is asked for and the limit.
    """

    name: str
    image: str
    driver: str
    cpus: str = "2"
    memory: str = "8Gi"

    SHAPES: ClassVar = {
        "name": _DNS,
        "image": _IMAGE,
        "driver": _NUMBERS,
        "cpus": re.compile(r"[0-9]{1,4}"),
        "memory": _AMOUNT,
    }


_POD = Template("""\
# The engine `local` runs scenarios inside this pod, as the user of the host itself: what stands between a scenario and the
# cluster is the pod's own walls and this policy, and nothing stands between a scenario and this host's certificate. That is
# less than a container for each step: run only scenarios here that you would trust with the fleet.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: $name
spec:
  podSelector:
    matchLabels: {lab-fleet-host: "$name"}
  policyTypes: [Egress]  # what comes in must show a certificate of the fleet
  egress:
    - to: [{podSelector: {matchExpressions: [{key: lab-fleet-host, operator: Exists}]}}]
    - to: [{ipBlock: {cidr: "$driver/$bits"}}]  # the scheduler, and whoever has the files
---
apiVersion: v1
kind: Pod
metadata:
  name: $name
  labels: {lab-fleet-host: "$name"}
spec:
  restartPolicy: OnFailure
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext: {runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: host
      image: "$image"
      command: [sh, -c, "exec lab fleet host --ticket - < /run/lab-ticket/ticket"]
      env: [{name: HOME, value: /var/lib/lab}, {name: LAB_CACHE, value: /var/lib/lab/cache}]
      resources:
        requests: {cpu: "$cpus", memory: $memory}
        limits: {cpu: "$cpus", memory: $memory}
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      volumeMounts:
        - {name: ticket, mountPath: /run/lab-ticket, readOnly: true}
        - {name: home, mountPath: /var/lib/lab}
  volumes:
    - name: ticket
      secret: {secretName: "$name", defaultMode: 0440}
    - name: home
      emptyDir: {}
""")


def pod_documents(pod: Pod) -> str:
    """The YAML of a pod and of the policy that shuts its network but for the fleet; UsageError for a value not of its shape."""
    for field, shape in Pod.SHAPES.items():
        _shaped(field, getattr(pod, field), shape)
    bits = 128 if ":" in pod.driver else 32
    return _POD.substitute(
        name=pod.name, image=pod.image, driver=pod.driver, bits=bits, cpus=pod.cpus, memory=pod.memory
    )


def secret_command(pod: Pod, ticket: str) -> tuple[str, ...]:
    """What hands a pod its ticket out of a private file, which may be removed afterwards."""
    _shaped("name", pod.name, _DNS)
    return ("kubectl", "create", "secret", "generic", pod.name, f"--from-file=ticket={ticket}")


def _shaped(field: str, value: str, shape: "re.Pattern[str]") -> None:
    """A value becomes part of another program's words only if it cannot be more than one of them."""
    if not shape.fullmatch(value):
        raise UsageError(f"{quoted(value)} cannot be a host's {field}", f"say one of this shape: {shape.pattern}")
