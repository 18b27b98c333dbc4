"""Dockerfiles: same input, same bytes; nothing undefined, nothing smuggled in; names that an engine takes."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.environment import dockerfile, load
from lab.errors import UsageError
from lab.model import Environment

IMAGES = Path(__file__).parents[2] / "images"
CATALOGUE = load(IMAGES)
TEMPLATE = (IMAGES / "Dockerfile.j2").read_text()
LOCK = "paddlepaddle==3.0.0 --hash=sha256:" + "0" * 64 + "\n"
LOOSE = "# not hash-locked: paddlepaddle-gpu==3.0.0\nnumpy==2.3.5 --hash=sha256:" + "0" * 64 + "\n"


def environment(selector: str = "3.0.0-cpu-py311") -> Environment:
    return CATALOGUE.environment(selector, arch="x86_64")


def text(selector: str = "3.0.0-cpu-py311", lock: str = LOCK) -> str:
    return dockerfile.render(environment(selector), TEMPLATE, lock)


def instructions(rendered: str) -> list[str]:
    """The instructions, with continued lines joined and comments dropped."""
    lines = [line for line in rendered.splitlines() if not line.startswith("#")]
    return [line for line in "\n".join(lines).replace("\\\n", " ").splitlines() if line.strip()]


def test_the_same_input_gives_the_same_bytes() -> None:
    assert text() == text()


def test_the_python_decides_the_base_image() -> None:
    assert "ARG BASE=python:3.9-slim-bookworm\nFROM ${BASE}\n" in text("3.0.0-cpu-py39")


def test_a_build_needs_no_frontend_from_a_registry() -> None:
    assert not re.search(r"(?im)^#\s*syntax\s*=", text())


def test_the_last_user_is_not_root_and_paddle_is_imported_as_that_user() -> None:
    lines = instructions(text())
    user = lines.index("USER 65534:65534")
    imported = [place for place, line in enumerate(lines) if line.startswith("RUN") and "import zlib, paddle" in line]
    assert len(imported) == 1
    assert imported[0] > user
    assert not [line for line in lines[user + 1 :] if line.startswith("USER")]


def test_no_image_has_an_entrypoint() -> None:
    assert not [line for line in instructions(text()) if line.startswith("ENTRYPOINT")]


def test_nothing_beside_the_dockerfile_is_copied_into_the_image() -> None:
    assert not [line for line in instructions(text()) if line.startswith(("COPY", "ADD"))]


def test_certificates_and_mirrors_are_set_in_one_step_only() -> None:
    lines = instructions(text())
    assert [line.split()[0] for line in lines if "PIP_CERT" in line or "PIP_CONFIG_FILE" in line] == ["RUN"]


def test_a_complete_lock_installs_nothing_without_a_hash() -> None:
    for selector in ("3.0.0-cpu-py311", "2.6.1-gpu", "3.0.0-gpu-cu126"):
        installs = re.findall(r"pip install[^;]*;", text(selector).replace("\\\n", " "))
        assert len(installs) == 2
        assert all("--require-hashes" in one for one in installs)


def test_a_lock_without_the_paddle_wheel_says_so_and_installs_it_by_name() -> None:
    rendered = text("3.0.0-gpu-cu126", LOOSE)
    assert "# NOT HASH-LOCKED: paddlepaddle-gpu==3.0.0." in rendered
    installs = re.findall(r"pip install[^;]*;", rendered.replace("\\\n", " "))
    assert [("--require-hashes" in one, "paddlepaddle-gpu==3.0.0" in one) for one in installs] == [
        (True, False),
        (False, True),
    ] * 2


def test_only_a_wheel_on_paddles_own_index_brings_an_address() -> None:
    assert "https://" not in text("2.6.1-gpu")
    assert "ARG INDEX=https://www.paddlepaddle.org.cn/packages/stable/cu126/\n" in text("3.0.0-gpu-cu126")


@pytest.mark.parametrize(("selector", "lock"), [("3.0.0", LOCK), ("3.0.0-gpu-cu126", LOCK), ("3.0.0-gpu-cu126", LOOSE)])
def test_the_shell_in_every_step_parses(selector: str, lock: str) -> None:
    steps = [line for line in instructions(text(selector, lock)) if line.startswith("RUN")]
    assert len(steps) == 2
    for step in steps:
        script = re.sub(r"^RUN (--mount=\S+ +)*", "", step)
        done = subprocess.run(["sh", "-n", "-c", script], check=False, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_index_reaches_pip_and_not_its_name() -> None:
    step = next(line for line in instructions(text("3.0.0-gpu-cu126")) if "INDEX" in line and line.startswith("RUN"))
    chosen = re.search(r"if \[ -d /context/wheels \]; then from=.*?; fi", step)
    assert chosen is not None
    done = subprocess.run(
        ["sh", "-c", f'INDEX=there; {chosen[0]}; echo "$from"'], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "--extra-index-url there"


def test_a_device_without_system_packages_renders_no_install_of_them() -> None:
    one = environment()
    bare = replace(one, device=replace(one.device, apt=()))
    assert "apt-get" not in dockerfile.render(bare, TEMPLATE, LOCK)


def test_a_name_nobody_defines_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="'colour' is undefined"):
        dockerfile.render(environment(), "FROM {{ colour }}\n", LOCK)


def test_a_broken_template_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"Dockerfile\.j2"):
        dockerfile.render(environment(), "{% if %}", LOCK)


@pytest.mark.parametrize(
    "evil", ["python:{python}\nRUN evil", "python:{python} AS x", "$(evil){python}", "{python};id"]
)
def test_a_base_that_is_no_image_name_is_refused(evil: str) -> None:
    one = environment()
    with pytest.raises(UsageError, match="base"):
        dockerfile.render(replace(one, device=replace(one.device, base=evil)), TEMPLATE, LOCK)


@pytest.mark.parametrize("field", ["package", "version", "url"])
@given(tail=st.sampled_from(["\n", " ", ";", "'", '"', "`", "$", "\\", "|", "&", "#\nRUN id"]))
def test_a_wheel_value_can_never_become_a_command(field: str, tail: str) -> None:
    one = environment("3.0.0-gpu-cu126")
    wheel = replace(one.wheel, **{field: getattr(one.wheel, field) + tail})
    release = replace(one.release, wheels={**one.release.wheels, one.device.name: wheel})
    with pytest.raises(UsageError, match=field):
        dockerfile.render(replace(one, release=release), TEMPLATE, LOCK)


@pytest.mark.parametrize("evil", ["libgomp1 && id", "-o=x", "lib$x", ""])
def test_a_system_package_can_never_become_a_command(evil: str) -> None:
    one = environment()
    with pytest.raises(UsageError, match="apt"):
        dockerfile.render(replace(one, device=replace(one.device, apt=(evil,))), TEMPLATE, LOCK)


def test_a_line_of_the_lock_can_never_become_a_command() -> None:
    with pytest.raises(UsageError, match="not hash-locked"):
        text("3.0.0-gpu-cu126", "# not hash-locked: paddle==1; id\n")


@given(first=st.text(max_size=40), second=st.text(max_size=40), other=st.text(max_size=40))
def test_the_digest_changes_with_dockerfile_or_lock_and_only_then(first: str, second: str, other: str) -> None:
    digest = dockerfile.digest(first, second)
    assert re.fullmatch("[0-9a-f]{64}", digest)
    assert dockerfile.digest(first, second) == digest
    assert (dockerfile.digest(first, other) == digest) == (other == second)


def test_text_moved_from_dockerfile_to_lock_gives_another_digest() -> None:
    assert dockerfile.digest("ab", "c") != dockerfile.digest("a", "bc")


def test_every_image_tag_is_a_name_that_engines_take() -> None:
    shape = re.compile(r"paddle-repro-lab/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*:[0-9a-f]{12}")
    digest = dockerfile.digest("a", "b")
    assert all(shape.fullmatch(dockerfile.image_tag(one, digest)) for one in CATALOGUE.environments())


def test_what_a_lock_has_no_hash_for_is_read_from_it() -> None:
    assert dockerfile.loose(LOOSE) == ("paddlepaddle-gpu==3.0.0",)
    assert dockerfile.loose(LOCK) == ()
