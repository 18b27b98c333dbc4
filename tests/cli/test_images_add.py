"""`lab images add` of a release that an index has: from which index, for which devices, into which file, and what it refuses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.environment import asked_index, catalogue_change, load
from lab.model import Wheel
from tests.cli.conftest import GPU, NIGHTLY
from tests.conftest import Cli
from tests.package_index import PackageIndex
from tests.wheel_files import wheel


def wheels_of(images: Path, version: str) -> dict[str, Wheel]:
    return dict(load(images).release(version).wheels)


def texts(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_device_gets_the_wheel_that_its_own_index_has(cli: Cli, index: PackageIndex, bench: Path) -> None:
    answer = cli("images", "add", "3.4.0")
    assert answer.code == 0, answer.err
    assert "3.4.0  Python 3.10 3.11; cpu, gpu-cu129; its table is in images/local.toml" in answer.out
    found = wheels_of(bench / "images", "3.4.0")
    assert found["cpu"].index == "public"
    assert found["cpu"].pythons == ("3.10", "3.11"), "Windows, and a newer glibc than an image has, are not for it"
    assert found["cpu"].arches == ("x86_64", "aarch64")
    assert (found["gpu-cu129"].package, found["gpu-cu129"].index) == (GPU, "cu129")
    assert found["gpu-cu129"].url == index.url("stable/cu129")


def test_the_newest_nightly_wheel_and_that_of_a_day_come_from_the_nightly_index(
    cli: Cli, index: PackageIndex, bench: Path
) -> None:
    answer = cli("images", "add", "nightly,nightly-2026-11-04")
    assert answer.code == 0, answer.err
    newest, of_day = (load(bench / "images").release(NIGHTLY.format(day)) for day in ("05", "04"))
    assert (newest.date, of_day.date) == ("2026-11-05", "2026-11-04")
    assert list(newest.wheels) == ["cpu"]
    assert {name: (one.index, one.url) for name, one in of_day.wheels.items()} == {
        "cpu": ("nightly-cpu", index.url("nightly/cpu")),
        "gpu-cu130": ("nightly-cu130", index.url("nightly/cu130")),
    }
    assert "does not say when it came out" not in answer.out


def test_a_day_without_a_nightly_wheel_names_the_nearest_days(cli: Cli, index: PackageIndex, bench: Path) -> None:
    answer = cli("images", "add", "nightly-2026-11-03")
    assert answer.code == 2
    assert "the nightly index has no wheel of 2026-11-03" in answer.err
    assert "nearest: nightly-2026-11-01, nightly-2026-11-02, nightly-2026-11-04" in answer.err
    assert "'2026-13-01' is no day" in cli("images", "add", "nightly-2026-13-01").err
    assert not (bench / "images" / "local.toml").exists()


def test_a_named_index_is_asked_in_the_place_of_the_public_one(cli: Cli, index: PackageIndex, bench: Path) -> None:
    answer = cli("images", "add", NIGHTLY.format("02"), "--index", "nightly")
    assert answer.code == 0, answer.err
    assert wheels_of(bench / "images", NIGHTLY.format("02"))["cpu"].index == "nightly-cpu"
    refused = cli("images", "add", "3.4.0", "--index", "elsewhere")
    assert refused.code == 2
    assert "devices.toml names no index 'elsewhere'" in refused.err
    assert "one of stable, nightly" in refused.err


def test_an_index_of_ones_own_has_a_name_in_devices_toml(cli: Cli, index: PackageIndex, bench: Path) -> None:
    path = bench / "images" / "devices.toml"
    own = f'[index]\nmirror = "{index.url("mirror/{folder}")}"\n'
    path.write_text(path.read_text().replace("[index]\n", own, 1))
    wheel(index.wheels("mirror/cpu"), version="3.6.0", requires=())
    assert cli("images", "add", "3.6.0", "--index", "mirror").code == 0
    assert wheels_of(bench / "images", "3.6.0")["cpu"].url == index.url("mirror/cpu")


def test_a_version_that_the_index_lacks_names_its_neighbours_by_number(cli: Cli, index: PackageIndex) -> None:
    answer = cli("images", "add", "3.3.9")
    assert answer.code == 2
    assert "has no wheel of Paddle 3.3.9" in answer.err
    assert "nearest: 3.3.1, 3.4.0, 3.5.0rc0" in answer.err
    assert "3.0 is in the catalogue already" in cli("images", "add", "3.0").err


def test_a_release_of_this_workspace_is_asked_for_again_and_stands_there_once(
    cli: Cli, index: PackageIndex, bench: Path
) -> None:
    assert cli("images", "add", "3.4.0").code == 0
    first = (bench / "images" / "local.toml").read_text()
    wheel(index.wheels("stable/cu130"), package=GPU, version="3.4.0", requires=())
    assert cli("images", "add", "3.4").code == 0
    assert list(wheels_of(bench / "images", "3.4.0")) == ["cpu", "gpu-cu129", "gpu-cu130"]
    assert (bench / "images" / "local.toml").read_text().count("[[release]]") == first.count("[[release]]") == 1


def test_wheels_of_an_index_that_is_silent_are_told_as_not_known(cli: Cli, index: PackageIndex, bench: Path) -> None:
    path = bench / "images" / "releases.toml"
    path.write_text(path.read_text().replace(index.url("stable"), "https://127.0.0.1:1/stable/"))
    before = len(index.asked)
    answer = cli("images", "add", "3.4.0")
    assert answer.code == 0, answer.err
    assert "not known: whether it has wheels for gpu-cu129, gpu-cu130" in answer.out
    assert "gpu-cu130: it cannot be reached" in answer.out
    assert list(wheels_of(bench / "images", "3.4.0")) == ["cpu"]
    assert (
        "# Not known: whether it has wheels for gpu-cu129, gpu-cu130" in (bench / "images" / "local.toml").read_text()
    )
    assert len(index.asked) > before


# Into the catalogue


def test_a_release_is_written_into_the_catalogue_for_a_commit(cli: Cli, checkout: Path, dependencies: None) -> None:
    images = checkout / "images"
    assert cli("images", "add", "3.4.0").code == 0
    before = texts(images)
    answer = cli("images", "add", "3.4.0", "--into-catalogue")
    assert answer.code == 0, answer.err
    after = texts(images)
    changed = {str(path) for path in after if after[path] != before.get(path)}
    keys = ("cpu-py310", "cpu-py311", "cpu-py311-aarch64", "gpu-cu129-py311")
    made = {f"3.4.0-{key}/{name}" for key in keys for name in ("Dockerfile", "requirements.txt")}
    assert changed == made | {"releases.toml", "README.md", "local.toml"}
    assert "paddlepaddle==3.4.0 --hash=sha256:" in (images / "3.4.0-cpu-py311" / "requirements.txt").read_text()
    assert "| 3.4.0 |" in (images / "README.md").read_text().split("| 3.3.1 |")[1]
    assert "[[release]]" not in (images / "local.toml").read_text()
    assert "3.4.0" not in cli("images", "render", "--check").out
    assert cli("images", "add", "3.4.0").code == 2, "now it is in the catalogue"


def test_of_two_releases_that_two_labs_write_into_the_catalogue_at_once_none_is_lost(
    cli: Cli, checkout: Path, dependencies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = (checkout / "images" / "releases.toml", checkout / "images" / "README.md")
    resolve = catalogue_change._environments

    def meanwhile(*words: Any) -> Iterator[tuple[str, str]]:
        for path in files:  # what another lab writes while this one resolves its locks
            path.write_text(path.read_text(encoding="utf-8") + "# of another lab\n", encoding="utf-8")
        return resolve(*words)

    monkeypatch.setattr(catalogue_change, "_environments", meanwhile)
    answer = cli("images", "add", "3.4.0", "--into-catalogue")
    assert answer.code == 0, answer.err
    for path in files:
        assert "# of another lab" in path.read_text(encoding="utf-8")
        assert "3.4.0" in path.read_text(encoding="utf-8")


def test_nothing_is_written_into_a_catalogue_that_is_not_checked_in(cli: Cli, index: PackageIndex, bench: Path) -> None:
    before = texts(bench / "images")
    answer = cli("images", "add", "3.4.0", "--into-catalogue")
    assert answer.code == 2
    assert "is no catalogue that is checked in" in answer.err
    assert texts(bench / "images") == before


def test_nothing_is_written_into_the_catalogue_where_a_lock_cannot_be_made(cli: Cli, checkout: Path) -> None:
    before = texts(checkout / "images")
    answer = cli("images", "add", "3.4.0", "--into-catalogue")
    assert answer.code == 5, answer.err
    assert "no set of wheels satisfies 3.4.0-cpu-py310" in answer.err
    assert texts(checkout / "images") == before


def test_nightly_builds_and_builds_handed_over_are_in_no_catalogue(cli: Cli, checkout: Path, tmp_path: Path) -> None:
    before = texts(checkout / "images")
    nightly = cli("images", "add", "nightly", "--into-catalogue")
    given = cli("images", "add", str(wheel(tmp_path)), "--into-catalogue")
    assert (nightly.code, given.code) == (2, 2)
    assert "is a nightly build, and the catalogue holds releases" in nightly.err
    assert "was handed over: no catalogue holds it" in given.err
    assert texts(checkout / "images") == before


def test_all_new_is_every_stable_release_that_the_catalogue_lacks(cli: Cli, index: PackageIndex, bench: Path) -> None:
    wheel(index.wheels(), version="3.5.0", requires=())
    answer = cli("images", "add", "--all-new")
    assert answer.code == 0, answer.err
    assert [line.split()[0] for line in answer.out.splitlines() if line[0] != " "] == ["3.4.0", "3.5.0"]
    assert cli("images", "add").code == 2
    assert cli("images", "add", "3.4.0", "--all-new").code == 2


def test_all_new_says_where_nothing_is_new(cli: Cli, index: PackageIndex, bench: Path) -> None:
    for path in index.wheels().glob("*-3.[45]*"):
        path.unlink()
    wheel(index.wheels(), version="3.4.0rc1", requires=())
    answer = cli("images", "add", "--all-new")
    assert answer.code == 0, answer.err
    assert answer.out.strip() == "the index has no stable release that the catalogue lacks"


# An index that does not answer as it should


def test_an_authority_that_nobody_here_knows_is_told_with_the_variable_to_set(
    cli: Cli, index: PackageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    for words in (("3.4.0",), ("nightly",), ("--all-new",)):
        answer = cli("images", "add", *words)
        assert answer.code == 7
        assert "its certificate is signed by no authority that this host trusts" in answer.err
        assert "SSL_CERT_FILE must name a file with the certificate of that authority" in answer.err
    monkeypatch.setenv("SSL_CERT_FILE", str(index.authority))
    assert cli("images", "add", "3.4.0").code == 0


@pytest.mark.parametrize(
    ("status", "said"), [(401, "it wants a login (401)"), (403, "it refuses"), (503, "a failure of its own")]
)
def test_an_index_that_refuses_is_no_index_without_the_release(
    cli: Cli, index: PackageIndex, bench: Path, status: int, said: str
) -> None:
    index.status = status
    for words in (("3.4.0",), ("nightly",), ("--all-new",)):
        answer = cli("images", "add", *words)
        assert answer.code == 7, answer.err
        assert said in answer.err
        assert "127.0.0.1" not in answer.err
    assert not (bench / "images" / "local.toml").exists()


def test_an_index_that_hangs_is_left_after_its_time(
    cli: Cli, index: PackageIndex, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked_index, "ASK_S", 1.0)
    index.hangs.clear()
    for words in (("nightly",), ("--all-new",)):
        answer = cli("images", "add", *words)
        assert answer.code == 7
        assert "it did not answer in time" in answer.err
    assert not (bench / "images" / "local.toml").exists()


def test_a_wheel_with_other_bytes_than_the_index_promised_is_not_kept(
    cli: Cli, index: PackageIndex, bench: Path, tmp_path: Path
) -> None:
    index.hashes = lambda path: f"#sha256={'0' * 64}"
    alone(bench)
    assert cli("images", "add", "3.4.0").code == 0
    answer = cli("images", "fetch", "3.4.0")
    assert answer.code == 5, answer.err
    assert "does not have the hash in its lock; nothing of it was kept" in answer.err
    assert list((tmp_path / "cache" / "wheels").rglob("*.whl")) == []


def test_a_wheel_that_is_cut_off_on_the_index_is_told_as_that(
    cli: Cli, index: PackageIndex, bench: Path, tmp_path: Path
) -> None:
    alone(bench)
    assert cli("images", "add", "3.4.0").code == 0
    path = index.wheels() / "paddlepaddle-3.4.0-cp311-cp311-manylinux1_x86_64.whl"
    path.write_bytes(path.read_bytes()[:300])
    answer = cli("images", "fetch", "3.4.0")
    assert answer.code == 5, answer.err
    assert "paddlepaddle" in answer.err
    assert list((tmp_path / "cache" / "wheels").rglob("*.whl")) == []


def test_a_version_that_takes_no_old_python_is_found_for_those_that_it_takes(
    cli: Cli, index: PackageIndex, bench: Path
) -> None:
    for python in ("cp311", "cp313"):
        wheel(
            index.wheels(), version="3.7.0", tags=f"{python}-{python}-manylinux1_x86_64", requires=(), python=">=3.10"
        )
    assert cli("images", "add", "3.7.0").code == 0
    assert wheels_of(bench / "images", "3.7.0")["cpu"].pythons == ("3.11", "3.13")


def alone(bench: Path) -> None:
    """Releases that need nothing beside Paddle, so that an index with Paddle alone is enough."""
    path = bench / "images" / "releases.toml"
    text = path.read_text().replace(
        'pins = ["numpy-before-2-4", "setuptools", "pyperf"]\nrequires = "v3-3"', 'pins = []\nrequires = "none"'
    )
    path.write_text(text.replace("[requires]\n", "[requires]\nnone = []\n"))
