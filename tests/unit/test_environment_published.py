"""What is read out of an index's words, and how a release that it has is written down: pure rules, each with its worst input."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from lab.environment import asked_index, index_names, load, published, release_table
from lab.environment.published import PublishedRelease
from lab.errors import UsageError
from lab.model import Wheel
from tests.conftest import ROOT

RELEASES = (ROOT / "images" / "releases.toml").read_text(encoding="utf-8")
README = (ROOT / "images" / "README.md").read_text(encoding="utf-8")
TABLES = {match[1]: match[0] for match in re.finditer(r'\[\[release\]\]\n(?:#.*\n)*version = "([^"]+)"[\s\S]*?(?=\n\[\[|\Z)', RELEASES)}  # fmt: skip
ROWS = {match[1]: match[0] for match in re.finditer(r"(?m)^\| (\d\S*) \|.*\n", README)}
VERSIONS = st.builds(
    lambda parts, end: ".".join(map(str, parts)) + end,
    st.lists(st.integers(0, 9), min_size=1, max_size=3),
    st.sampled_from(["", "rc0", "b1", ".dev20261101", ".post1"]),
)


@pytest.mark.parametrize("version", TABLES)
def test_a_table_and_a_row_are_put_back_where_they_were(version: str) -> None:
    without = RELEASES.replace(f"\n{TABLES[version]}", "", 1)
    assert without != RELEASES
    assert release_table.put(without, version, TABLES[version]) == RELEASES
    assert release_table.put_row(README.replace(ROWS[version], "", 1), version, ROWS[version]) == README


def test_a_readme_without_a_table_of_releases_is_refused() -> None:
    with pytest.raises(UsageError, match="has no table of releases"):
        release_table.put_row("# Environments\n", "3.4.0", "| 3.4.0 |\n")


def test_a_release_is_taken_out_of_the_local_file_and_the_others_stay() -> None:
    text = "# head\n" + "".join(f'\n[[release]]\n# why\nversion = "{one}"\nx = 1\n' for one in ("3.4.0", "3.4.0.dev1"))
    assert release_table.without(text, "3.4.0") == '# head\n\n[[release]]\n# why\nversion = "3.4.0.dev1"\nx = 1\n'
    assert release_table.without(release_table.without(text, "3.4.0"), "3.4.0.dev1") == "# head\n"


@given(st.dictionaries(st.sampled_from(["gpu-a", "gpu-b", "gpu-c"]), st.sampled_from(["it hangs", "it refuses"])))
def test_every_device_whose_index_was_silent_is_named_with_its_reason(silent: dict[str, str]) -> None:
    wheel = Wheel(package="paddlepaddle", version="3.4.0", index="public", pythons=("3.11",), arches=("x86_64",))
    found = PublishedRelease(version="3.4.0", wheels={"cpu": wheel}, date="", silent=silent)
    said = release_table.unknown(found, "3.3.1", "2026-11-30")
    for device, why in silent.items():
        assert any(device in one and one.endswith(why) for one in said)
    assert len(said) == 2 + len(set(silent.values()))
    assert all(f"# Not known: {one}." in release_table.table(found, {"version": "3.3.1", "pins": [], "requires": "x"}, "d") for one in said[2:])  # fmt: skip


@given(VERSIONS, st.lists(VERSIONS, unique_by=Version))
def test_the_nearest_versions_are_neighbours_by_number(version: str, there: list[str]) -> None:
    near = published.nearest(version, there)
    older = [one for one in there if Version(one) < Version(version)]
    newer = [one for one in there if Version(one) >= Version(version)]
    assert list(near) == sorted(near, key=Version)
    assert bool(near) == bool(there)
    if older:
        assert max(older, key=Version) in near
    if newer:
        assert min(newer, key=Version) in near


@pytest.mark.parametrize(
    ("version", "day"),
    [
        ("3.4.0.dev20261101", date(2026, 11, 1)),
        ("3.4.0.dev20261301", None),
        ("3.4.0.dev1", None),
        ("3.4.0", None),
        ("3.4.0.dev202611011", None),
    ],
)
def test_the_number_of_a_nightly_build_says_its_day(version: str, day: date | None) -> None:
    assert published.day_of(version) == day


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("error: invalid peer certificate: UnknownIssuer", "signed by no authority"),
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate",
            "signed by no authority",
        ),
        ("HTTP status client error (401 Unauthorized) for url (https://h.test/simple)", "wants a login (401)"),
        ("403 Client Error: Forbidden for url: https://h.test:40301/", "refuses this host (403)"),
        ("error: error sending request for url (https://h.test:40155/simple/)", "cannot be reached"),
        ("connection error: [Errno 111] Connection refused", "cannot be reached"),
        ("python did not end within 60 s", "did not answer in time"),
        ("ResponseError('too many 503 error responses')", "a failure of its own"),
        ("something else at https://user:secret@h.test/x", "something else at <address>"),
        ("", "nothing was said"),
    ],
)
def test_why_an_index_does_not_answer_is_one_clause_without_its_address(said: str, why: str) -> None:
    told, remedy = asked_index.refusal(said)
    assert why in told
    assert "h.test" not in told
    assert remedy


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("paddlepaddle-3.4.0-cp311-cp311-manylinux1_x86_64.whl", [("3.11", "x86_64")]),
        ("paddlepaddle-3.4.0-cp39-cp39-manylinux_2_28_aarch64.whl", [("3.9", "aarch64")]),
        ("paddlepaddle-3.4.0-cp311-cp311-linux_x86_64.whl", [("3.11", "x86_64")]),
        ("paddlepaddle-3.4.0-cp311-cp311-manylinux_2_39_x86_64.whl", []),
        ("paddlepaddle-3.4.0-cp311-cp311-musllinux_1_2_x86_64.whl", []),
        ("paddlepaddle-3.4.0-cp311-cp311-win_amd64.whl", []),
        ("paddlepaddle-3.4.0-cp311-cp311-macosx_11_0_arm64.whl", []),
        ("paddlepaddle.whl", []),
    ],
)
def test_a_wheel_is_for_what_an_image_of_the_lab_could_install(name: str, places: list[tuple[str, str]]) -> None:
    assert asked_index._places(name) == places


@pytest.mark.parametrize(
    ("place", "address"),
    [("public", ""), ("cu126", "https://s.test/cu126/"), ("nightly-cpu", "https://n.test/cpu/")],
)
def test_the_place_of_a_wheel_has_an_address(place: str, address: str) -> None:
    indexes = {"stable": "https://s.test/{folder}/", "nightly": "https://n.test/{folder}/"}
    assert index_names.known(place, indexes)
    assert index_names.address(place, indexes) == address


@pytest.mark.parametrize("place", ["other-cpu", "nightly-", "-cpu", "a/b", "", "nightly-cpu-x"])
def test_a_place_of_an_index_that_nobody_named_is_none(place: str) -> None:
    assert not index_names.known(place, {"stable": "x", "nightly": "y"})


def test_every_device_of_the_catalogue_says_where_its_wheels_are() -> None:

    known = load(ROOT / "images").known
    assert set(known.sources) == set(known.devices)
    assert known.indexes["stable"] != known.indexes["nightly"]
