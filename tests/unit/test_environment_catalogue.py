"""The catalogue: what its data must be like, which words mean which environment, and why one does not exist."""

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from lab.environment import Catalogue, load
from lab.errors import UsageError
from lab.model import Stage

IMAGES = Path(__file__).parents[2] / "images"
CATALOGUE = load(IMAGES)
X86 = "x86_64"
ARM = "aarch64"


def dumped(value: Any) -> str:
    """One TOML value as the canonical form writes it: double quotes unless the text has some, spaces after commas."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {dumped(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(dumped(one) for one in value) + "]"
    if isinstance(value, str) and '"' in value:
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)


def tables(name: str, data: dict[str, Any]) -> list[str]:
    """Tables in canonical form, without comments and empty lines."""
    lines = [] if not name else [f"[{name}]"]
    lines += [f"{key} = {dumped(one)}" for key, one in data.items()]
    return lines


def canonical(data: dict[str, Any]) -> list[str]:
    lines = []
    for name in ("known", "indexes", "missing"):
        lines += tables(name, data[name])
    for name, pin in data["pins"].items():
        lines += tables(f"pins.{name}", pin)
    lines += tables("requires", data["requires"])
    for release in data["release"]:
        lines += ["[[release]]", *tables("", {key: one for key, one in release.items() if key != "wheels"})]
        lines += tables("release.wheels", release["wheels"])
    return lines


def without_comments(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def made(folder: Path, name: str, change: tuple[str, str]) -> Path:
    """A copy of both data files with one text replaced in one of them."""
    for file in ("releases.toml", "devices.toml"):
        text = (IMAGES / file).read_text()
        if file == name:
            assert change[0] in text
            text = text.replace(*change, 1)
        (folder / file).write_text(text)
    return folder


def said(selector: str, **words: str) -> str:
    with pytest.raises(UsageError) as raised:
        CATALOGUE.environment(selector, **{"arch": X86, **words})
    return str(raised.value)


# The data


def test_releases_stand_in_version_order() -> None:
    versions = [Version(one.version) for one in CATALOGUE.releases]
    assert versions == sorted(set(versions))


def test_every_release_from_2_3_to_3_3_1_is_there_pre_releases_included() -> None:
    versions = {one.version for one in CATALOGUE.releases if Version(one.version) <= Version("3.3.1")}
    pre = {"3.0.0b0", "3.0.0b1", "3.0.0b2", "3.0.0rc0", "3.0.0rc1"}
    minors = {f"2.{minor}.{patch}" for minor in (3, 4, 5, 6) for patch in range(3)}
    assert versions == pre | minors | {"3.0.0", "3.1.0", "3.1.1", "3.2.0", "3.2.1", "3.2.2", "3.3.0", "3.3.1"}


def test_the_release_file_is_in_canonical_form() -> None:
    path = IMAGES / "releases.toml"
    assert canonical(tomllib.loads(path.read_text())) == without_comments(path)


def test_the_device_file_is_in_canonical_form() -> None:
    path = IMAGES / "devices.toml"
    data = tomllib.loads(path.read_text())
    lines = tables("index", data["index"])
    lines += [line for name, one in data["device"].items() for line in tables(f"device.{name}", one)]
    assert lines == without_comments(path)


@pytest.mark.parametrize("name", ["releases.toml", "devices.toml", "README.md", "Dockerfile.j2"])
def test_data_files_have_clean_line_ends(name: str) -> None:
    text = (IMAGES / name).read_text()
    assert text.endswith("\n")
    assert not re.search(r"[ \t]$|\t|\r", text, re.MULTILINE)


def test_every_release_has_its_row_in_the_readme() -> None:
    rows = [line for line in (IMAGES / "README.md").read_text().splitlines() if re.match(r"\| \d", line)]
    expected = []
    for one in CATALOGUE.releases:
        cpu = one.wheels.get("cpu")
        pythons, arches = (f"{cpu.pythons[0]} to {cpu.pythons[-1]}", ", ".join(cpu.arches)) if cpu else ("removed", "-")
        gpus = ", ".join(name for name in one.wheels if name != "cpu")
        expected.append(f"| {one.version} | {one.date} | {pythons} | {arches} | {gpus} |")
    assert rows == expected


def test_the_stage_of_a_release_is_what_its_version_says() -> None:
    for one in CATALOGUE.releases:
        pre = Version(one.version).pre
        assert one.stage is {None: Stage.STABLE, "b": Stage.BETA, "rc": Stage.RC}[pre[0] if pre else None]


def test_every_wheel_is_of_its_own_release() -> None:
    for release in CATALOGUE.releases:
        for wheel in release.wheels.values():
            assert Version(Version(wheel.version).public.partition(".post")[0]) == Version(release.version)


def test_every_release_gets_setuptools_and_pyperf_and_2_x_an_old_numpy() -> None:
    for one in CATALOGUE.releases:
        assert {"setuptools<81", "pyperf"} <= set(one.pins)
        if one.version.startswith("2."):
            assert {"numpy<2", "numpy<1.24"} & set(one.pins)


def test_every_pin_has_a_reason() -> None:
    pins = {pin for one in CATALOGUE.releases for pin in one.pins}
    assert pins == set(CATALOGUE.reasons)


def test_every_folder_of_paddles_own_index_has_an_address() -> None:
    folders = {wheel.index for one in CATALOGUE.releases for wheel in one.wheels.values()} - {"public"}
    assert {"cu112", "cu116", "cu117", "cu118", "cu120", "cu123", "cu126", "cu129", "cu130"} <= folders
    assert CATALOGUE.indexes == {one: f"https://www.paddlepaddle.org.cn/packages/stable/{one}/" for one in folders}


# From words to environments


@pytest.mark.parametrize(
    ("selector", "key"),
    [
        ("2.6.2", "2.6.2-cpu-py311"),
        ("2.6.1-gpu", "2.6.1-gpu-py311"),
        ("3.0.0-gpu", "3.0.0-gpu-cu118-py311"),
        ("3.0.0-gpu-cu126-py310", "3.0.0-gpu-cu126-py310"),
        ("3.0.0-cpu-py3.13", "3.0.0-cpu-py313"),
        ("3.0.0-py38", "3.0.0-cpu-py38"),
        ("2.6.2-cpu-py311-aarch64", "2.6.2-cpu-py311-aarch64"),
        ("2.5.1-gpu", "2.5.1-gpu-py39"),
        ("2.6.2-gpu-cu117", "2.6.2-gpu-cu117-py311"),
    ],
)
def test_a_selector_means_one_environment(selector: str, key: str) -> None:
    assert CATALOGUE.environment(selector, arch=X86).key == key


def test_the_key_of_every_environment_is_a_selector_for_it() -> None:
    for one in CATALOGUE.environments():
        assert CATALOGUE.environment(one.key, arch=X86) == one


def test_newest_is_the_newest_stable_release() -> None:
    stable = [one for one in CATALOGUE.releases if one.stage is Stage.STABLE]
    assert CATALOGUE.environment("newest", arch=X86).release == stable[-1]


def test_words_beside_the_selector_fill_what_it_leaves_out() -> None:
    assert CATALOGUE.environment("3.0.0", python="310", device="gpu-cu126", arch=X86).key == "3.0.0-gpu-cu126-py310"


def test_words_in_the_selector_win_over_words_beside_it() -> None:
    assert CATALOGUE.environment("3.0.0-cpu-py312", python="3.10", device="gpu", arch=X86).key == "3.0.0-cpu-py312"


@pytest.mark.parametrize(("word", "same"), [("arm64", ARM), ("AMD64", X86)])
def test_a_machine_has_one_name_whoever_names_it(word: str, same: str) -> None:
    assert CATALOGUE.environment("2.6.2", arch=word).arch == same


def test_a_wheel_with_its_own_base_brings_it_into_the_environment() -> None:
    assert CATALOGUE.environment("2.5.1-gpu", arch=X86).device.base == "python:{python}-slim-bullseye"
    assert CATALOGUE.environment("2.5.2-gpu", arch=X86).device.base == "python:{python}-slim-bookworm"


def test_an_unknown_release_is_answered_with_the_nearest_ones() -> None:
    assert "3.0.0" in said("3.0.01").partition("nearest:")[2]


def test_an_unknown_device_is_answered_with_the_nearest_ones() -> None:
    assert "gpu-cu126" in said("3.0.0-gpu-cu127").partition("nearest:")[2]


def test_a_release_without_a_cpu_wheel_offers_its_gpu_wheel() -> None:
    message = said("2.6.1")
    assert "CPU wheels of releases before 2.6.2 were removed from the public index" in message
    assert "2.6.1-gpu is there; it runs in CPU mode where there is no GPU" in message


def test_a_gpu_wheel_that_cannot_be_used_is_not_offered() -> None:
    assert "CPU mode" not in said("2.4.2")


def test_a_device_that_was_asked_for_is_not_silently_replaced() -> None:
    assert "CPU mode" not in said("2.6.1-cpu")


def test_an_environment_that_does_not_exist_comes_with_one_that_does() -> None:
    assert "3.2.2-cpu-py311-aarch64" in said("3.3.0", arch=ARM)


@pytest.mark.parametrize("selector", ["", "-", "3.0.0-", "3.0.0-cpu-py", "3.0.0--py311", "3.0.0-CPU", "3.0.0 cpu"])
def test_a_malformed_selector_is_a_usage_error(selector: str) -> None:
    assert said(selector)


@pytest.mark.parametrize("python", ["three", "3", "3.11.2", "pypy"])
def test_a_malformed_python_is_a_usage_error(python: str) -> None:
    assert repr(python) in said("3.0.0", python=python)


@given(st.text(max_size=30) | st.from_regex(r"[0-9.]{1,6}(-[a-z0-9-]{0,12})?", fullmatch=True))
def test_any_text_is_an_environment_or_a_usage_error(selector: str) -> None:
    try:
        means = CATALOGUE.environment(selector, arch=X86).key
    except UsageError as error:
        means = error.remedy
    assert means


# Why not


@pytest.mark.parametrize(
    ("release", "device", "python", "arch", "why"),
    [
        ("2.6.2", "cpu", "3.13", X86, "no cp313 wheel before 3.0.0"),
        ("3.1.0", "cpu", "3.8", X86, "no cp38 wheel after 3.0.0"),
        ("2.5.0", "gpu", "3.11", X86, "no cp311 gpu wheel before 2.5.1"),
        ("2.6.2", "gpu", "3.13", X86, "no cp313 gpu wheel for 2.6.2"),
        ("3.3.0", "cpu", "3.11", ARM, "no aarch64 wheel on the public index for 3.3.0"),
        ("2.6.1", "gpu", "3.11", ARM, "no aarch64 gpu wheel on the public index for 2.6.1"),
        ("3.0.0", "gpu-cu126", "3.11", ARM, "no aarch64 gpu-cu126 wheel on Paddle's own index (cu126) for 3.0.0"),
        ("3.2.2", "gpu-cu130", "3.11", X86, "no gpu-cu130 wheel before 3.3.0"),
        ("3.0.0", "gpu", "3.11", X86, "no gpu wheel after 2.6.2"),
        ("3.0.0", "gpu-cu117", "3.11", X86, "no gpu-cu117 wheel after 2.6.2"),
        ("2.6.1", "cpu", "3.11", X86, "CPU wheels of releases before 2.6.2 were removed from the public index"),
        ("3.0.0", "cpu", "3.14", X86, "the catalogue has no Python 3.14 (it has 3.8 to 3.13)"),
        ("3.0.0", "cpu", "3.11", X86, ""),
    ],
)
def test_why_an_environment_does_not_exist_is_one_clause(
    release: str, device: str, python: str, arch: str, why: str
) -> None:
    assert CATALOGUE.why_not(CATALOGUE.release(release), device, python, arch) == why


def test_a_wheel_that_no_image_here_can_import_says_what_it_needs() -> None:
    assert "libcudart.so.10.2" in CATALOGUE.why_not(CATALOGUE.release("2.4.2"), "gpu", "3.9", X86)


def test_an_environment_exists_exactly_where_nothing_speaks_against_it() -> None:
    existing = {one.key for one in CATALOGUE.environments()}
    for release in CATALOGUE.releases:
        for device in CATALOGUE.devices:
            for python in CATALOGUE.known.pythons:
                key = f"{release.version}-{device}-py{python.replace('.', '')}"
                assert (key in existing) == (not CATALOGUE.why_not(release, device, python, X86))


def test_words_narrow_the_list_of_environments() -> None:
    release = CATALOGUE.release("3.0.0")
    found = [one.key for one in CATALOGUE.environments(release=release, device="cpu", arch=X86)]
    assert found == [f"3.0.0-cpu-py{one}" for one in ("38", "39", "310", "311", "312", "313")]


def test_checked_in_is_every_cpu_python_and_otherwise_the_default_one() -> None:
    keys = {one.key for one in CATALOGUE.checked_in()}
    assert {"3.0.0-cpu-py38", "3.0.0-cpu-py313", "3.0.0-cpu-py311-aarch64", "3.3.1-gpu-cu130-py311"} <= keys
    assert not {"3.0.0-cpu-py310-aarch64", "3.3.1-gpu-cu130-py310"} & keys


# Ranges


def versions(words: str) -> list[str]:
    return [one.version for one in CATALOGUE.releases_in(words)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2.6.2..3.0.0", ["2.6.2", "3.0.0b0", "3.0.0b1", "3.0.0b2", "3.0.0rc0", "3.0.0rc1", "3.0.0"]),
        ("2.6.2..3.0.0,stable", ["2.6.2", "3.0.0"]),
        (">=3.1,<3.3", ["3.1.0", "3.1.1", "3.2.0", "3.2.1", "3.2.2"]),
        ("3.0.0,2.6.2", ["2.6.2", "3.0.0"]),
        (" 3.2.2.. ", ["3.2.2", "3.3.0", "3.3.1"]),
        ("..2.3.1", ["2.3.0", "2.3.1"]),
        ("newest", ["3.3.1"]),
        (">=3.3,2.6.2", ["2.6.2", "3.3.0", "3.3.1"]),
    ],
)
def test_a_range_means_releases_in_version_order(words: str, expected: list[str]) -> None:
    assert versions(words) == expected


def test_all_is_every_release_and_stable_leaves_pre_releases_out() -> None:
    assert versions("all") == [one.version for one in CATALOGUE.releases]
    assert versions("stable") == [one.version for one in CATALOGUE.releases if one.stage is Stage.STABLE]


@pytest.mark.parametrize("words", ["", "3.0.0,,2.6.2", "3.0.0..2.6.2", ">=", ">=9", "3.0.0b2,stable", "9.9..3.0.0"])
def test_a_range_that_means_nothing_is_a_usage_error(words: str) -> None:
    with pytest.raises(UsageError) as raised:
        CATALOGUE.releases_in(words)
    assert raised.value.remedy


@given(st.text(alphabet="0123456789.,<>=!~ stablenwr", max_size=20))
def test_any_range_is_releases_in_order_or_a_usage_error(words: str) -> None:
    try:
        found = CATALOGUE.releases_in(words)
    except UsageError:
        return
    assert found
    assert [one for one in CATALOGUE.releases if one in found] == list(found)


# Damaged data


@pytest.mark.parametrize(
    ("name", "change", "place", "what"),
    [
        ("releases.toml", ('date = "2022-05-09"\n', ""), "[[release]] 2.3.0", "'date' is missing"),
        ("releases.toml", ('date = "2022-05-09"', 'dates = "2022-05-09"'), "[[release]] 2.3.0", "'date' is missing"),
        (
            "releases.toml",
            ('date = "2022-05-09"', 'date = "2022-05-09"\ncolour = "red"'),
            "2.3.0",
            "'colour' is unknown",
        ),
        ("releases.toml", ('date = "2022-05-09"', 'date = "May 2022"'), "2.3.0", "date = 'May 2022' is wrong"),
        ("releases.toml", ('version = "2.3.0"\n', 'version = "2.3.2"\n'), "2.3.1", "stands after 2.3.2"),
        ("releases.toml", ('version = "2.3.0"\n', 'version = "2.3.1"\n'), "2.3.1", "stands there twice"),
        ("releases.toml", ('version = "2.3.0"\n', 'version = "2.3.0-0"\n'), "2.3.0-0", "version"),
        ("releases.toml", ('stage = "stable"', 'stage = "final"'), "2.3.0", "stage = 'final' is wrong"),
        ("releases.toml", ('stage = "stable"', 'stage = ["stable"]'), "2.3.0", "stage"),
        ("releases.toml", ('"protobuf", "setuptools"', '"protobuff", "setuptools"'), "2.3.0", "'protobuff'"),
        ("releases.toml", ('requires = "v2-3"', 'requires = "v9"'), "2.3.0", "'v9'"),
        (
            "releases.toml",
            ('requirement = "numpy<2"', 'requirement = "numpy<<2"'),
            "[pins.numpy-before-2]",
            "requirement",
        ),
        (
            "releases.toml",
            ('["3.8", "3.9", "3.10"]', '["3.9", "3.8", "3.10"]'),
            "wheels.gpu",
            "pythons is out of order",
        ),
        ("releases.toml", ('["3.8", "3.9", "3.10"]', '["3.7", "3.8"]'), "wheels.gpu", "'3.7'"),
        ("releases.toml", ('arches = ["x86_64"] }', 'arches = ["sparc"] }'), "wheels.gpu", "'sparc'"),
        ("releases.toml", ('index = "public"', 'index = "pub/../lic"'), "wheels.gpu", "index"),
        ("releases.toml", ('needs = "libcudart', 'need = "libcudart'), "wheels.gpu", "'need' is unknown"),
        ("releases.toml", ("\ngpu = { ", "\ntpu = { "), "wheels", "'tpu'"),
        ("releases.toml", ('cpu = "CPU wheels', 'tpu = "CPU wheels'), "[missing]", "devices.toml"),
        ("releases.toml", ("{folder}", ""), "[indexes]", "{folder}"),
        ("releases.toml", ("[known]", "[known"), "releases.toml", "is not TOML"),
        ("devices.toml", ("gpu = false", 'gpu = "no"'), "[device.cpu]", "gpu = 'no' is wrong"),
        ("devices.toml", ("{python}-slim", "slim"), "[device.cpu]", "{python}"),
        ("devices.toml", ("[device.cpu]", "[device.CPU]"), "[device.CPU]", "lower-case"),
        ("devices.toml", ("[device.cpu]", "[device.cpu]\n[device.cpu]"), "devices.toml", "is not TOML"),
        ("devices.toml", ("[device.gpu]", "[device.cpu]"), "devices.toml", "is not TOML"),
    ],
)
def test_a_mistake_in_the_data_is_named_with_its_place(
    tmp_path: Path, name: str, change: tuple[str, str], place: str, what: str
) -> None:
    with pytest.raises(UsageError) as raised:
        load(made(tmp_path, name, change))
    assert name in raised.value.what or place in raised.value.what
    assert place in raised.value.what
    assert what in raised.value.what


def test_missing_data_says_which_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"devices\.toml is missing"):
        load(tmp_path)


def test_data_without_a_stable_release_is_refused(tmp_path: Path) -> None:
    folder = made(tmp_path, "", ("", ""))
    text = (folder / "releases.toml").read_text()
    (folder / "releases.toml").write_text(text.replace('stage = "stable"', 'stage = "rc"'))
    with pytest.raises(UsageError, match="is stable"):
        load(folder)


VALUES = st.sampled_from(["7", "true", '""', '"x"', "[]", '["x", "x"]', "[7]", "{}", "{ a = 1 }", "1979-05-27", "nan"])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_value_in_the_wrong_place_is_a_usage_error_or_a_catalogue(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(["releases.toml", "devices.toml"]))
    text = (IMAGES / name).read_text()
    spots = [match.span(1) for match in re.finditer(r"(?m)^[\w-]+ = (.+)$", text)]
    start, end = data.draw(st.sampled_from(spots))
    folder = tmp_path_factory.mktemp("images")
    made(folder, "", ("", ""))
    (folder / name).write_text(text[:start] + data.draw(VALUES) + text[end:])
    try:
        heard = "" if isinstance(load(folder), Catalogue) else "not a catalogue"
    except UsageError as error:
        heard = error.what
    assert not heard or name in heard


def test_newest_is_never_a_pre_release_however_new_it_is() -> None:
    beta = replace(CATALOGUE.releases[-1], version="9.0.0b1", stage=Stage.BETA)
    assert replace(CATALOGUE, releases=(*CATALOGUE.releases, beta)).newest == CATALOGUE.newest
