"""asv at its best: environments made before the clock starts, no re-install between rounds, all raw samples kept."""

import json
import shutil
import statistics
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from place import HERE, METRICS, THREADS, Called, Setting, call, image_and_pins, wheel_folders
from rules import Pair

from lab.bench import cores

TOOLS = ("asv", "virtualenv")
# What asv itself puts into every environment it makes.
INSIDE = ("asv_runner", "build", "pip", "setuptools<81", "wheel", "pympler")
GIT = ("git", "-c", "user.name=contest", "-c", "user.email=contest@example.org")


@dataclass(frozen=True, kw_only=True)
class Asv:
    """One asv project: its environments (one a release) and its commits (all the same text)."""

    setting: Setting
    name: str

    @property
    def home(self) -> Path:
        """Its repository, environments and results."""
        return self.setting.folder("asv") / self.name

    @property
    def python(self) -> Path:
        """The interpreter of asv's own environment."""
        return self.setting.folder("asv") / "tool" / "bin" / "python"

    def prepare(self, releases: Sequence[str], commits: int) -> None:
        """Make asv's environment, the project and one environment a release; none of it is counted against asv."""
        self._tool()
        repo = self.home / "repo"
        shutil.rmtree(self.home, ignore_errors=True)
        (repo / "benchmarks").mkdir(parents=True)
        (repo / "benchmarks" / "__init__.py").touch()
        shutil.copyfile(HERE / "body_asv.py", repo / "benchmarks" / "body.py")
        shutil.copyfile(HERE / "scenarios" / "contest_net.py", repo / "benchmarks" / "contest_net.py")
        include = [self._environment(one) for one in releases]
        (repo / "asv.conf.json").write_text(json.dumps({
            "version": 1, "project": "contest", "project_url": "", "repo": ".", "branches": ["HEAD"],
            "environment_type": "virtualenv", "pythons": ["3.11"], "matrix": {}, "exclude": [{"python": "3.11"}],
            "include": include, "benchmark_dir": "benchmarks", "env_dir": "../../env", "results_dir": "../results",
            "build_command": [], "install_command": [], "uninstall_command": [],
        }), encoding="utf-8")  # fmt: skip
        self._must(["git", "init", "-q", "."])
        self._must(["git", "add", "-A"])
        for number in range(commits):
            self._must([*GIT, "commit", "-q", "--allow-empty", "-m", str(number)])
        hashes = self._must(["git", "log", "--reverse", "--format=%H"]).out.split()
        (self.home / "hashes").write_text("\n".join(hashes) + "\n", encoding="utf-8")
        self._must([str(self.python), "-m", "asv", "machine", "--yes"])
        done = call([str(self.python), "-m", "asv", "setup"], env=self._env(), cwd=repo)
        if "Traceback" in done.out:  # it ends with 1 even where all went well
            sys.exit(f"asv setup failed:\n{done.out[-3000:]}")

    def _environment(self, release: str) -> dict[str, object]:
        _, pins = image_and_pins(self.setting, release)
        wanted = {name: pins[name] for name in ("paddlepaddle", "numpy")} | {
            "setuptools": pins.get("setuptools", ""),
            "wheel": "",
        }
        return {"environment_type": "virtualenv", "python": "3.11", "req": wanted}

    def _tool(self) -> None:
        home = self.python.parent.parent
        if not (home / "ready").exists():
            venv.create(home, with_pip=True, clear=True)
            pip = [str(self.python), "-m", "pip", "-q"]
            for more in (["install", *TOOLS], ["download", "-d", str(home / "wheels"), *INSIDE]):
                done = call([*pip, *more])
                if done.code:
                    sys.exit(f"pip {more[0]} failed:\n{done.out[-2000:]}")
            (home / "ready").touch()

    def _env(self) -> Mapping[str, str]:
        home = self.python.parent.parent
        folders = [str(home / "wheels"), *wheel_folders()]
        (home / "home").mkdir(exist_ok=True)
        return {"HOME": str(home / "home"), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": " ".join(folders), **THREADS}

    def _must(self, argv: Sequence[str]) -> Called:
        done = call(argv, env=self._env(), cwd=self.home / "repo")
        if done.code:
            sys.exit(f"{' '.join(argv)} failed:\n{done.out[-3000:]}")
        return done

    def argv(self, *words: str, bench: str = "Body", commits: str = "HASHFILE:../hashes") -> list[str]:
        """`asv run`, pinned to the core that the lab measures on."""
        start = ["taskset", "--cpu-list", cores(1), str(self.python), "-m", "asv", "run", commits]
        return [*start, "--bench", bench, "--record-samples", *words]

    def run(self, *words: str, env: Mapping[str, str] | None = None, bench: str = "Body") -> Called:
        """Measure; what it says goes to a log beside its results."""
        done = call(self.argv(*words, bench=bench), env={**self._env(), **(env or {})}, cwd=self.home / "repo")
        with (self.home / "asv.log").open("a", encoding="utf-8") as log:
            log.write(f"{' '.join(words)}\n{done.out}\n")
        return done

    def start(self, *words: str, env: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        """Measure, without waiting for the end."""
        quiet = subprocess.DEVNULL
        full = {**dict(__import__("os").environ), **self._env(), **env}
        return subprocess.Popen(self.argv(*words), env=full, cwd=self.home / "repo", stdout=quiet, stderr=quiet)

    def forget(self, keep_as: str) -> None:
        """Put the results aside, so that the next run starts anew."""
        shutil.move(self.home / "results", self.home / f"results-{keep_as}")
        self._must([str(self.python), "-m", "asv", "machine", "--yes"])

    def results(self, folder: str = "results") -> dict[str, dict[str, list[float] | None]]:
        """Samples by (commit or release) and metric; None where asv kept no value."""
        found: dict[str, dict[str, list[float] | None]] = {}
        hashes = (self.home / "hashes").read_text(encoding="utf-8").split()
        for path in sorted((self.home / folder).glob("*/*-virtualenv-*.json")):
            one = json.loads(path.read_text(encoding="utf-8"))
            number = hashes.index(one["commit_hash"])
            name = f"{one['requirements']['paddlepaddle']}" + (f"#{number}" if len(hashes) > 1 else "")
            place = one["result_columns"].index("samples")
            for metric in METRICS:
                row = one["results"].get(f"body.Body.time_{metric}")
                known = row and len(row) > place and row[place]
                found.setdefault(name, {})[metric] = known[0] if known else None
        return found

    def judge(self, pairs: Sequence[Pair]) -> list[str]:
        """What asv's own code says of pairs of samples."""
        done = subprocess.run(
            [str(self.python), str(HERE / "judge_asv.py")],
            input=json.dumps(pairs).encode(),
            stdout=subprocess.PIPE,
            check=True,
        )
        said: list[str] = json.loads(done.stdout)
        return said


def judge_recorded(setting: Setting, pairs: Sequence[Pair]) -> list[str]:
    """asv's rule on values that another tool recorded."""
    asv = Asv(setting=setting, name="judge")
    asv._tool()  # noqa: SLF001 - the same module
    return asv.judge(pairs)


def word(said: str, one: Sequence[float], other: Sequence[float]) -> str:
    """One comparison in a few words."""
    return f"{said or 'no change'} x{statistics.median(other) / statistics.median(one):.2f}"
