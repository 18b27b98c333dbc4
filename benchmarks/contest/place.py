"""Where the contest works, how it calls the lab, and how it records blocks of its own choice with the lab's code."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab import scenario
from lab.bench import BenchRequest, BlockSettings, block_files, cores, memory_cap, planned, read_sides
from lab.bench.block import BlockDraw, FrozenLoops, run_block
from lab.bench.session import BenchSession, opened
from lab.cli import opening
from lab.cli.follow import follow
from lab.cli.screen import Screen
from lab.engine.choose import EngineChoice
from lab.machine import host
from lab.model.bench import BenchReport, Block
from lab.run import workflow
from lab.run.plan import Words, environments
from lab.run.session import Laboratory, RunRequest, RunSession

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
NAME = "contest_net"
METRICS = ("infer", "load")
# 3.0.0 leaks memory and threads with the new IR (E1 shows it); equal sides are compared without that.
CALM = {"FLAGS_enable_pir_api": "0"}
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the contest's table; `met` is None where there is no target."""

    experiment: str
    question: str
    tool: str
    answer: str
    target: str = ""
    met: bool | None = None
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The folder that keeps all raw data, and whether only the way is tried (tiny settings, worthless figures).

    `record` stops E3 after its recording: judging needs no quiet machine and is done by the next call, which goes on.
    """

    into: Path
    quick: bool
    record: bool = False

    @property
    def workspace(self) -> Path:
        """A workspace of the contest's own, so that its runs are not mixed with the user's."""
        root = self.into / "workspace"
        root.mkdir(parents=True, exist_ok=True)
        for name, target in (("images", ROOT / "images"), ("scenarios", HERE / "scenarios")):
            if not (root / name).exists():
                (root / name).symlink_to(target)
        return root

    def folder(self, name: str) -> Path:
        """A folder for one kind of raw data."""
        made = self.into / name
        made.mkdir(parents=True, exist_ok=True)
        return made


@dataclass(frozen=True, kw_only=True)
class Called:
    """How one command ended."""

    code: int
    out: str
    seconds: float


def call(argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Called:
    """Run a command to its end; what it says is kept whole."""
    start = time.perf_counter()
    full = {**os.environ, **(env or {})}
    done = subprocess.run([*argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd, env=full, check=False)
    return Called(code=done.returncode, out=done.stdout.decode(errors="replace"), seconds=time.perf_counter() - start)


def lab_argv(*words: str) -> list[str]:
    """The lab as a user calls it."""
    return [sys.executable, "-m", "lab", *words]


def lab(setting: Setting, *words: str) -> Called:
    """Run one verb of the lab in the contest's workspace."""
    return call(lab_argv(*words), env={"LAB_WORKSPACE": str(setting.workspace)})


@dataclass(frozen=True, kw_only=True)
class Benched:
    """One `lab bench` as a user calls it: its report, its blocks, and what it cost from start to end."""

    report: BenchReport
    blocks: tuple[Block, ...]
    seconds: float
    out: str = ""


def bench(setting: Setting, *words: str) -> Benched:
    """Run `lab bench` on the contest's scenario; its failure ends the experiment with what it said."""
    done = lab(setting, "bench", NAME, *words)
    runs = sorted((setting.workspace / "results" / "runs").glob(f"*-{NAME}-*/bench/report.json"))
    if not runs or done.code not in (0, 1):
        raise SystemExit(f"lab bench {' '.join(words)} ended with {done.code}:\n{done.out[-3000:]}")
    home = runs[-1].parent
    return Benched(report=block_files.report(home), blocks=block_files.blocks(home), seconds=done.seconds, out=done.out)


@dataclass(kw_only=True)
class Recorder:
    """Measures blocks of named sides with the lab's own code, and keeps them; no verdict decides when it stops."""

    setting: Setting
    folder: Path
    session: BenchSession = field(init=False)
    frozen: FrozenLoops = field(default_factory=FrozenLoops)

    def open(self, words: Sequence[str], env: Mapping[str, str], seed: int) -> "Recorder":
        """Let every side save, load and be compared once, untimed, as `lab bench` does."""
        found, catalogue = opening.place(str(self.setting.workspace))
        laboratory = opening.laboratory(found, catalogue, EngineChoice.AUTO, Screen(quiet=True))
        read = scenario.read(scenario.find(found.scenarios, NAME))
        plans = planned(read, catalogue, read_sides(words, env), Words(full=True), "")
        cap = memory_cap(len(plans) + 1, read.limits.memory)
        manner = BlockSettings(metrics=METRICS, cpuset=cores(1), memory_cap=cap)
        request = BenchRequest(
            name=NAME,
            command="benchmarks/contest/run.py",
            planned=plans,
            scenario_sha256=read.sha256,
            manner=manner,
            seed=seed,
        )
        self.session = _opened(request, laboratory)
        return self

    def block(self, number: int, *, control: bool, session: int = 1) -> Block:
        """One more block, kept before anything else happens."""
        measured = self.session.measured
        draw = BlockDraw(session=session, number=number, seed=measured.seed, control=control)
        folder = self.folder / f"block-{number:03d}"
        done = run_block(measured.runner, measured.sides, measured.settings, self.frozen, draw, folder)
        block_files.append(self.folder, done)
        return done

    def blocks(self, wanted: int) -> list[Block]:
        """Blocks up to `wanted`, one in six with the reference against itself; what is there already is not repeated."""
        known = list(block_files.blocks(self.folder)) if (self.folder / block_files.BLOCKS).is_file() else []
        for number in range(len(known) + 1, wanted + 1):
            known.append(self.block(number, control=number % 6 == self.session.request.seed % 6))
        return known


def _opened(request: BenchRequest, laboratory: Laboratory) -> BenchSession:
    untimed = RunRequest(
        name=request.name,
        command=request.command,
        planned=request.planned,
        scenario_sha256=request.scenario_sha256,
        rounds=0,
    )
    screen = Screen(quiet=True)
    run = follow(workflow.perform(untimed, laboratory), screen, again="")
    session = RunSession(laboratory=laboratory, request=untimed, run=run)
    context = follow(session.context(environments(request.planned)), screen, again="")
    return opened(request, context, run)


def image_and_pins(setting: Setting, release: str) -> tuple[str, dict[str, str]]:
    """The tag of a release's image, and the versions its lock pins."""
    found, catalogue = opening.place(str(setting.workspace))
    laboratory = opening.laboratory(found, catalogue, EngineChoice.AUTO, Screen(quiet=True))
    recipe = laboratory.preparer.recipe(catalogue.environment(release))
    image = laboratory.engine.image(recipe)
    if image is None:
        raise SystemExit(f"there is no image of {release}: lab images build {release}")
    pins = (line.split()[0].partition("==") for line in recipe.lock.splitlines() if "==" in line)
    return image.tag, {name: version.rstrip("\\").strip() for name, _, version in pins}


def wheel_folders() -> list[str]:
    """Where the lab keeps wheels, so that nothing is downloaded twice."""
    found, _ = opening.place(str(ROOT))
    return sorted({str(one.parent) for one in (found.cache / "wheels").glob("*/*.whl")})


def machine() -> dict[str, str]:
    """Facts of this machine that decide figures."""
    return dict(host.facts())


def keep(path: Path, value: object) -> None:
    """Write one JSON file of raw data or summary."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
