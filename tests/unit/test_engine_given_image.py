"""What an image tells of itself is a stranger's word: read as such, and refused in one sentence where it is none."""

import json
import platform
from collections.abc import Callable
from typing import Any

import docker.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.engine.docker import given_image
from lab.engine.docker.address import EngineAddress
from lab.engine.docker.given_image import ImageLook
from lab.engine.protocol import Job, JobResult
from lab.errors import UsageError
from lab.machine import process
from lab.model import BuildSort, GivenBuild

PYTHONS = ("3.10", "3.11")
HERE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
GOOD = {
    "python": "3.11.2", "interpreter": "/opt/venv/bin/python3", "machine": platform.machine(), "package": "paddlepaddle",
    "paddle": "3.1.0", "facts": {"numpy": "1.26.4", "cuda": ""},
}  # fmt: skip


class FakeImage:
    def __init__(self, architecture: str = HERE) -> None:
        self.id = "sha256:" + "ab" * 32
        self.attrs = {"Architecture": architecture, "Size": 7, "Config": {"Env": ["PATH=/opt/venv/bin:/bin"]}}


class FakeImages:
    def __init__(self, found: FakeImage | None) -> None:
        self.found = found

    def get(self, name: str) -> FakeImage:
        if self.found is None:
            raise docker.errors.ImageNotFound(name)
        return self.found


class FakeClient:
    def __init__(self, found: FakeImage | None) -> None:
        self.images = FakeImages(found)


def look_with(run: Callable[[Job], JobResult], found: FakeImage | None = None) -> GivenBuild:
    """What is made of an image whose containers end so."""
    address = EngineAddress(kind="docker", url="unix:///nowhere")
    return ImageLook(client=FakeClient(found or FakeImage()), address=address, run=run).build("serving:1", PYTHONS)


def looked(answer: Any, *, found: FakeImage | None = None, code: int = 0) -> GivenBuild:
    """What is made of an image whose program leaves this answer."""
    jobs: list[Job] = []

    def run(job: Job) -> JobResult:
        jobs.append(job)
        job.outbox.mkdir(parents=True)
        if answer is not None:
            (job.outbox / given_image.FOUND).write_text(answer if isinstance(answer, str) else json.dumps(answer))
        return JobResult(exit_code=code)

    build = look_with(run, found)
    assert jobs[0].env["PATH"] == "/opt/venv/bin:/bin"
    return build


def test_what_an_image_holds_is_its_own_digest_python_and_facts() -> None:
    build = looked(GOOD)
    assert (build.sort, build.sha256, build.interpreter) == (BuildSort.IMAGE, "ab" * 32, "/opt/venv/bin/python3")
    assert (build.version, build.pythons, dict(build.facts)) == ("3.1.0", ("3.11",), {"numpy": "1.26.4"})
    assert build.release == "3.1.0_abababababab"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({**GOOD, "package": "", "paddle": ""}, "has no Paddle that its Python 3.11.2 can import"),
        (
            {**GOOD, "package": "", "paddle": "", "closed": ["/srv/venv/bin/python3"]},
            "can import, and '/srv/venv/bin/python3' is not open to users other than root",
        ),
        ({**GOOD, "python": "3.7.9"}, "has Python 3.7.9, and the lab's guest runs on 3.10 to 3.11"),
        ({**GOOD, "paddle": "nightly"}, "has no version number"),
        ({**GOOD, "interpreter": "python3"}, "does not say where it lies"),
        ("{", "told nothing of itself"),
        (None, "has no Python that tells of itself: python3 ended with exit code 0, and left no answer"),
    ],
)
def test_an_image_that_cannot_be_an_environment_is_one_sentence(answer: Any, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        looked(answer)
    assert said in caught.value.what
    assert "\n" not in caught.value.what


def test_an_image_of_another_machine_is_refused_before_it_is_started() -> None:
    with pytest.raises(UsageError, match="is for s390x, and this machine is"):
        looked(GOOD, found=FakeImage("s390x"))


def test_an_image_without_an_interpreter_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="has no Python that python3 or python on its PATH starts"):
        looked(None, code=127)


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (JobResult(exit_code=1), "python3 ended with exit code 1"),
        (JobResult(exit_code=137, oom_killed=True), "python3 ran out of memory"),
        (JobResult(exit_code=137, timed_out=True), "python3 did not end within 120 s"),
    ],
)
def test_an_interpreter_that_runs_nothing_is_told_by_how_it_ended(done: JobResult, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        look_with(lambda _: done)
    assert f"tells of itself: {said}, and left no answer" in caught.value.what


def test_where_python3_runs_nothing_python_is_asked() -> None:
    def run(job: Job) -> JobResult:
        assert job.command[-2:] == (job.command[0], "/opt/venv/bin:/bin")
        if job.command[0] == "python":
            job.outbox.mkdir(parents=True)
            (job.outbox / given_image.FOUND).write_text(json.dumps(GOOD))
        return JobResult(exit_code=0)

    assert look_with(run).version == "3.1.0"


def test_an_image_that_no_registry_gives_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.engine.docker.build.builder", lambda _: type("B", (), {"argv": ("docker",)}))
    refused = process.Completed(argv=("docker",), returncode=1, stdout="", stderr="no such host")
    monkeypatch.setattr("lab.machine.process.run", lambda *_, **__: refused)
    address = EngineAddress(kind="docker", url="unix:///nowhere")
    look = ImageLook(client=FakeClient(None), address=address, run=lambda _: JobResult(exit_code=0))
    with pytest.raises(UsageError, match="on this engine, and no registry gave it"):
        look.build("serving:1", PYTHONS)


@given(
    answer=st.text(max_size=40) | st.fixed_dictionaries({name: st.text(max_size=20) for name in GOOD}).map(json.dumps)
)
def test_whatever_an_image_answers_is_a_build_or_one_sentence(answer: str) -> None:
    said = ""
    try:
        looked(answer)
    except UsageError as error:
        said = error.what
    assert "\n" not in said
