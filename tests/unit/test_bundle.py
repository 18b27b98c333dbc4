import gzip
import hashlib
import io
import json
import os
import shlex
import stat
import subprocess
import tarfile
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.bundle import archive, claims, gather, manifest, pickles, repro, script
from lab.bundle.archive import Caps
from lab.engine.docker import words
from lab.engine.docker.container import Host, creation
from lab.engine.docker.owner import orphaned, this_process
from lab.engine.protocol import Image, Job
from lab.errors import BundleError
from lab.model import BuildSort, GivenBuild, Kind, Limits, Outcome, Phase, TrialResult
from lab.model.bundle import Bundle
from lab.report import bundle_readme

GOLDEN = Path(__file__).parents[1] / "golden" / "schemas"
FILES = {"README.md": b"read me", "run.sh": b"#!/bin/sh\n", "saved/model/net.json": b"{}", "results.json": b"{}"}
CAPS = Caps(archive=1 << 20, members=50, total=1 << 20, ratio=50, free=1 << 18)
WIDE = replace(CAPS, free=1 << 20)

Change = Callable[[tarfile.TarFile], None]


def plain(name: str, data: bytes = b"x", **fields: Any) -> Change:
    def add(sink: tarfile.TarFile) -> None:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        for field, value in fields.items():
            setattr(member, field, value)
        sink.addfile(member, io.BytesIO(data))

    return add


def tarred(*changes: Change, good: bool = True, form: int = tarfile.GNU_FORMAT) -> bytes:
    """A bundle that would be good, with something more in it, before or after what is good."""
    plain_tar = io.BytesIO()
    with tarfile.open(fileobj=plain_tar, mode="w", format=form) as sink:
        if good:
            whole = {**FILES, manifest.NAME: manifest.text(FILES).encode()}
            for path, data in whole.items():
                plain(f"b/{path}", data)(sink)
        for change in changes:
            change(sink)
    return gzip.compress(plain_tar.getvalue(), mtime=0)


def with_manifest(text: str) -> bytes:
    return tarred(
        *(plain(f"b/{path}", data) for path, data in FILES.items()),
        plain("b/MANIFEST.sha256", text.encode()),
        good=False,
    )


def hostile() -> Iterator[tuple[str, bytes]]:
    """At least two hundred archives of which each must be refused."""
    yield from bad_paths()
    yield from bad_kinds()
    yield from bad_sizes()
    yield from bad_manifests()
    yield from damaged()


def bad_paths() -> Iterator[tuple[str, bytes]]:
    ups = ["../x", "b/../x", "b/../../x", "b/a/../../../x", "..", "b/..", "./../x", "b/./x", "b//x", "b/a/../c"]
    roots = ["/etc/passwd", "/x", "//x", "/b/x", "~/x", "C:/x", "C:\\x", "b\\..\\x", "b/..\\x", "\\\\host\\x", "b/a:b"]
    odd = ["b/a\nb", "b/a\x1b[31m", "b/\u202egnp.x", "b/a\x7f", "b/a\rb", "b/" + "a" * 201, "c/x", "x", "b", "b/ a\tb"]
    for name in ups + roots + odd:
        for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
            yield f"path {name!r} {form}", tarred(plain(name), form=form)
        yield f"first {name!r}", tarred(plain(name), good=False)
    for path in FILES:
        yield f"twice {path}", tarred(plain(f"b/{path}"))
        yield f"twice but for case {path}", tarred(plain(f"b/{path.swapcase()}"))
    yield "no UTF-8", tarred(plain("b/\udce4"))
    yield "manifest twice", tarred(plain(f"b/{manifest.NAME}", manifest.text(FILES).encode()))


def bad_kinds() -> Iterator[tuple[str, bytes]]:
    kinds = (
        tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE,
        tarfile.GNUTYPE_SPARSE, b"V", b"M", b"N", b"\xff", b"8",
    )  # fmt: skip
    for kind in kinds:
        for target in ("/etc/passwd", "../../x", "README.md"):
            yield f"{kind!r} to {target}", tarred(plain("b/evil", b"", type=kind, linkname=target))
    for target in ("/tmp", "..", "/"):
        link = plain("b/dir", b"", type=tarfile.SYMTYPE, linkname=target)
        yield f"write through a link to {target}", tarred(link, plain("b/dir/evil"))
    yield "folder outside", tarred(plain("../dir", b"", type=tarfile.DIRTYPE))
    yield "absolute folder", tarred(plain("/dir", b"", type=tarfile.DIRTYPE))


def bad_sizes() -> Iterator[tuple[str, bytes]]:
    yield "many zeros in little", tarred(plain("b/zeros", bytes(8 << 20)))
    yield "many names", tarred(*(plain(f"b/{number}", b"") for number in range(20_000)))
    yield "many folders", tarred(*(plain(f"b/d{number}/", b"", type=tarfile.DIRTYPE) for number in range(20_000)))
    yield "big archive", tarred(plain("b/noise", os.urandom(2 << 20)))
    yield "long name header", tarred(plain("b/" + "n/" * 40_000 + "x"))
    pax = plain("b/x", pax_headers={"comment": "c" * (4 << 20)})
    yield "huge pax header", tarred(pax, form=tarfile.PAX_FORMAT)
    for size in (-1, -512, 1 << 20, 1 << 32, 8**11 - 1, 10 * 1024**3, 1 << 60):
        member = tarfile.TarInfo("b/liar")
        member.size = size
        yield f"says it has {size}", gzip.compress(member.tobuf(tarfile.GNU_FORMAT) + bytes(1024), mtime=0)


def bad_manifests() -> Iterator[tuple[str, bytes]]:
    good = manifest.text(FILES)
    lines = good.splitlines(keepends=True)
    yield "no manifest", tarred(*(plain(f"b/{path}", data) for path, data in FILES.items()), good=False)
    yield "nothing", tarred(good=False)
    yield "more than listed", tarred(plain("b/more"))
    for number, line in enumerate(lines):
        rest = lines[:number] + lines[number + 1 :]
        yield f"without line {number}", with_manifest("".join(rest))
        yield f"line {number} twice", with_manifest("".join([*lines, line]))
        yield f"wrong hash {number}", with_manifest("".join([*rest, "0" * 64 + line[64:]]))
        yield f"other name {number}", with_manifest("".join([*rest, line[:66] + "other\n"]))
        yield f"upper case {number}", with_manifest("".join([*rest, line[:64].upper() + line[64:]]))
        yield f"short hash {number}", with_manifest("".join([*rest, line[1:]]))
    yield "carriage returns", with_manifest(good.replace("\n", "\r\n"))
    yield "no line ends but others", with_manifest(good.replace("\n", "\u2028"))
    for path in ("/etc/passwd", "../x", "gone", "", " ", "a\x00b", "README.md\x00"):
        yield f"lists {path!r}", with_manifest(good + "0" * 64 + f"  {path}\n")
    for text in ("", "\n", "{}", "x" * 1000, "\xff\xfe", "-" * 64 + "  README.md\n"):
        yield f"manifest {text[:10]!r}", with_manifest(text)


def test_what_is_no_archive_is_not_called_a_damaged_one(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(b"127.0.0.1 localhost")
    with pytest.raises(BundleError, match="it is no archive that lab bundle wrote"):
        archive.unpack(path, tmp_path / "out")


def damaged() -> Iterator[tuple[str, bytes]]:
    good = tarred()
    for cut in (0, 1, 9, 10, 17, len(good) // 4, len(good) // 2, len(good) - 9, len(good) - 1):
        yield f"cut at {cut}", good[:cut]
    for place in range(10, len(good) - 8, max(1, len(good) // 25)):
        yield f"byte {place} flipped", good[:place] + bytes([good[place] ^ 0xFF]) + good[place + 1 :]
    raw = gzip.decompress(good)
    for cut in (1, 511, 512, 513, 700, 1024, 1500):
        yield f"tar cut at {cut}", gzip.compress(raw[:cut], mtime=0)
    for place in (0, 100, 124, 148, 156, 257):
        yield f"header byte {place}", gzip.compress(raw[:place] + b"\xfe" + raw[place + 1 :], mtime=0)
    for text in (b"PK\x03\x04", b"BZh9", b"<html>", b"\x1f\x8b", b"\x1f\x8b\x08" + bytes(20), os.urandom(0)):
        yield f"no gzip {text[:4]!r}", text


CORPUS = list(hostile())


def test_the_corpus_has_two_hundred_archives() -> None:
    assert len(CORPUS) >= 200
    assert len({name for name, _ in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize(("name", "data"), CORPUS, ids=[ascii(name)[:60] for name, _ in CORPUS])
def test_a_hostile_archive_is_refused_and_leaves_nothing_outside(tmp_path: Path, name: str, data: bytes) -> None:
    room = tmp_path / "room"
    room.mkdir()
    path = tmp_path / "x.tgz"
    path.write_bytes(data)
    with pytest.raises(BundleError) as refused:
        archive.unpack(path, room / "target", CAPS)
    assert refused.value.what.isprintable()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["room", "x.tgz"]
    assert [one.name for one in room.iterdir()] == ["target"]
    found = list((room / "target").rglob("*"))
    assert all(stat.S_ISREG(one.lstat().st_mode) or stat.S_ISDIR(one.lstat().st_mode) for one in found)
    assert sum(one.lstat().st_size for one in found if one.is_file()) <= CAPS.total
    assert sum(one.is_file() for one in found) <= CAPS.members


def listed(tmp_path: Path, name: str, data: bytes = b"x") -> Path:
    """An archive that is whole in all else: its manifest lists the member that is added, too."""
    whole = {**FILES, name.partition("/")[2]: data}
    path = tmp_path / "x.tgz"
    path.write_bytes(
        tarred(
            *(plain(f"b/{one}", text) for one, text in FILES.items()),
            plain(name, data),
            plain(f"b/{manifest.NAME}", manifest.text(whole).encode()),
            good=False,
        )
    )
    return path


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("b/a\\x", "leads elsewhere or has characters that no bundle needs"),
        ("b/a:x", "leads elsewhere or has characters that no bundle needs"),
        ("b/a\x1b[31m", "leads elsewhere or has characters that no bundle needs"),
        ("b/a\u202ex", "leads elsewhere or has characters that no bundle needs"),
        ("b/../x", "leads elsewhere or has characters that no bundle needs"),
        ("b/./x", "leads elsewhere or has characters that no bundle needs"),
        ("c/x", "does not lie below the one folder of the bundle"),
        ("b/readme.MD", "is in it twice"),
    ],
)
def test_a_name_is_refused_for_what_it_is_also_where_the_manifest_lists_it(
    tmp_path: Path, name: str, said: str
) -> None:
    with pytest.raises(BundleError, match=said):
        archive.unpack(listed(tmp_path, name), tmp_path / "target", CAPS)


@pytest.mark.parametrize("name", ["b/x", "b/a b", "b/a..b/x", "b/\u6a21\u578b"])
def test_other_names_are_taken(tmp_path: Path, name: str) -> None:
    assert name.removeprefix("b/") in archive.unpack(listed(tmp_path, name), tmp_path / "target", CAPS)


@pytest.mark.parametrize(
    ("caps", "said"),
    [
        (replace(WIDE, archive=100), "is the most a bundle may have"),
        (replace(WIDE, members=len(FILES) + 1), f"it has more than {len(FILES) + 1} members"),
        (replace(WIDE, total=1 << 19), f"it unpacks to more than {1 << 19} bytes"),
        (replace(WIDE, free=0, ratio=2), "it unpacks to more than"),
    ],
)
def test_each_cap_of_an_archive_holds_by_itself(tmp_path: Path, caps: Caps, said: str) -> None:
    with pytest.raises(BundleError, match=said):
        archive.unpack(listed(tmp_path, "b/noise", bytes(600_000)), tmp_path / "target", caps)
    assert "noise" in archive.unpack(tmp_path / "x.tgz", tmp_path / "wide", WIDE)


def test_ten_gigabytes_of_zeros_are_refused_before_they_are_written(tmp_path: Path) -> None:
    member = tarfile.TarInfo("b/zeros")
    member.size = 10 * 1024**3
    squeezed = io.BytesIO()
    with gzip.GzipFile(fileobj=squeezed, mode="wb", mtime=0) as sink:
        sink.write(member.tobuf(tarfile.GNU_FORMAT))
        sink.write(bytes(64 << 20))
    path = tmp_path / "x.tgz"
    path.write_bytes(squeezed.getvalue())
    with pytest.raises(BundleError, match="unpacks to more than"):
        archive.unpack(path, tmp_path / "target", Caps(free=1 << 20))
    assert sum(one.stat().st_size for one in (tmp_path / "target").rglob("*") if one.is_file()) <= 64 << 20


def test_a_member_of_fewer_than_no_bytes_is_refused_before_all_the_rest_is_read_for_it(tmp_path: Path) -> None:
    member = tarfile.TarInfo("b/liar")
    member.size = -1
    path = tmp_path / "x.tgz"
    path.write_bytes(gzip.compress(member.tobuf(tarfile.GNU_FORMAT) + bytes(64 << 20), mtime=0))
    tracemalloc.start()
    with pytest.raises(BundleError, match="has -1 bytes"):
        archive.unpack(path, tmp_path / "target", Caps(free=1 << 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def packed(tmp_path: Path, files: dict[str, bytes]) -> Path:
    path = tmp_path / "x.tgz"
    path.write_bytes(archive.pack("b", files))
    return path


def test_what_was_packed_comes_back_byte_by_byte(tmp_path: Path) -> None:
    seen = archive.unpack(packed(tmp_path, FILES), tmp_path / "target")
    assert seen == tuple(sorted([*FILES, manifest.NAME]))
    assert {path: (tmp_path / "target" / path).read_bytes() for path in FILES} == FILES


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}(/[a-z0-9]{1,8}){0,2}", fullmatch=True), st.binary(max_size=600), max_size=6
    )
)
def test_the_same_files_give_the_same_bytes_in_any_order(files: dict[str, bytes]) -> None:
    turned = dict(reversed(files.items()))
    assert archive.pack("b", files) == archive.pack("b", turned)


def test_an_archive_tells_no_owner_no_time_and_no_name() -> None:
    data = archive.pack("b", FILES)
    assert data[4:8] == bytes(4)
    assert data[3] & 0x08 == 0
    with tarfile.open(fileobj=io.BytesIO(data)) as found:
        for member in found:
            assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")
            assert member.mtime == archive.STAMP
            assert member.mode == (0o755 if member.name.endswith(".sh") else 0o644)


def members(data: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as found:
        return [member.name for member in found]


def test_files_that_say_much_the_same_stand_one_behind_the_other() -> None:
    names = ["zoo", "weights.bin", "logs/a", "env/x", "scenario.py", "routes.py", "repro.py", "closeness.py", "run.sh"]
    assert members(archive.pack("b", dict.fromkeys(names, b""))) == [
        f"b/{name}"
        for name in (
            *("closeness.py", "repro.py", "routes.py", "scenario.py", "env/x", "logs/a", "run.sh", manifest.NAME),
            *("weights.bin", "zoo"),
        )
    ]


def test_a_name_in_any_script_is_packed_as_a_plain_member(tmp_path: Path) -> None:
    files = {"saved/模型/net.json": b"{}"}
    assert set(archive.unpack(packed(tmp_path, files), tmp_path / "target")) == {*files, manifest.NAME}


def test_what_is_small_is_squeezed_as_hard_as_can_be_and_what_is_large_is_not() -> None:
    hard = 2  # how a gzip header says that the best level was used
    assert archive.pack("b", {"x": bytes(1000)})[8] == hard
    assert archive.pack("b", {"x": bytes(2 << 20)})[8] != hard


def test_the_digest_of_a_bundle_is_over_paths_and_contents_but_for_those_left_out() -> None:
    listed = {"b": "22", "a": "11", "README.md": "33"}
    assert manifest.digest(listed, {"README.md"}) == hashlib.sha256(b"11  a\n22  b\n").hexdigest()
    assert manifest.digest(dict(reversed(listed.items())), {"README.md"}) == manifest.digest(listed, {"README.md"})


def test_an_archive_made_by_hand_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.tgz"
    path.write_bytes(tarred(plain("b/dir", b"", type=tarfile.DIRTYPE)))
    assert manifest.NAME in archive.unpack(path, tmp_path / "target")


def test_a_manifest_is_what_sha256sum_reads() -> None:
    assert manifest.text({"b": b"2", "a/c": b"1"}).splitlines() == [
        f"{hashlib.sha256(b'1').hexdigest()}  a/c",
        f"{hashlib.sha256(b'2').hexdigest()}  b",
    ]


def bundle(name: str = "bundle-1.json") -> Bundle:
    return claims.decode((GOLDEN / name).read_bytes(), name)


def test_every_schema_ever_written_can_be_read() -> None:
    for number in range(1, claims.SCHEMA + 1):
        found = bundle(f"bundle-{number}.json")
        assert found.schema == number
    assert bundle("bundle-1.json").subject.outcome.signature == "load:ValueError:d1dfc721f229"
    assert bundle("bundle-2.json").subject.over == "2.6.2-cpu-py311 FACTOR=2"


def test_claims_need_no_more_than_the_format_says() -> None:
    whole = json.loads((GOLDEN / "bundle-1.json").read_text())
    for name in ("images", "machine", "run", "command"):
        del whole[name]
    wanted = {"label", "key", "saver", "loader", "saver_env", "loader_env", "route", "outcome", "diffs"}
    for case in whole["cases"]:
        case["trial"] = {name: value for name, value in case["trial"].items() if name in wanted}
    assert len(claims.decode(json.dumps(whole).encode(), "by hand").cases) == 2


def claiming(tmp_path: Path, **changes: object) -> Path:
    data = json.loads((GOLDEN / "bundle-1.json").read_text())
    (tmp_path / "results.json").write_text(json.dumps({**data, **changes}))
    return tmp_path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema": 99}, "reads up to"),
        ({"schema": "1"}, "no schema number"),
        ({"schema": 0}, "schema 0, and schemas begin with 1"),
        ({"schema": -1}, "schema -1, and schemas begin with 1"),
        ({"schema": True}, "no schema number"),
        ({"scenario": "../x"}, "its scenario"),
        ({"scenario": "x\x1b[31m"}, "its scenario"),
        ({"saver": "3.0.0; rm"}, "its saver"),
        ({"loader": ""}, "its loader"),
        ({"cases": []}, "0 cases"),
        ({"saver_env": {"LD_PRELOAD": "x"}}, "LD_PRELOAD"),
        ({"saver_env": {"PYTHONPATH": "x"}}, "PYTHONPATH"),
        ({"saver_env": {"PATH": "x"}}, "PATH"),
        ({"saver_env": {"FLAGS_x": "a\nb"}}, "FLAGS_x"),
        ({"saver_env": {"A B": "x"}}, "A B"),
        ({"limits": {"memory": "all"}}, "damaged"),
        ({"threads": 10**9}, "threads"),
        ({"limits": {"memory": 10**400}}, "a number that no machine has"),
        ({"limits": {"wall_s": 1e300}}, "a number that no machine has"),
    ],
)
def test_claims_that_are_not_to_be_trusted_are_refused(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    with pytest.raises(BundleError, match=said):
        claims.read(claiming(tmp_path, **changes))


def test_words_of_a_foreign_bundle_can_do_nothing_to_a_terminal(tmp_path: Path) -> None:
    cases = json.loads((GOLDEN / "bundle-1.json").read_text())["cases"]
    evil = "\x1b]0;owned\x07\u202e\r\nsame  all is well"
    cases[0]["trial"]["label"] = evil
    cases[0]["trial"]["outcome"].update(type=evil, reason=evil, signature=evil)
    found = claims.read(claiming(tmp_path, summary=evil, cases=cases))
    outcome = found.subject.outcome
    for told in (found.summary, found.subject.label, outcome.type, outcome.reason, outcome.signature):
        assert told.isprintable()


def test_a_route_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    cases = json.loads((GOLDEN / "bundle-1.json").read_text())["cases"]
    cases[1]["trial"]["route"] = "own\x1b"
    with pytest.raises(BundleError, match="the route"):
        claims.read(claiming(tmp_path, cases=cases))


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"schema": 1}'])
def test_damaged_claims_are_refused_in_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "results.json").write_bytes(data)
    with pytest.raises(BundleError):
        claims.read(tmp_path)


def test_a_foreign_bundle_gets_no_more_than_the_lab_gives_itself() -> None:
    greedy = Limits(memory=1 << 60, cpus=900.0, pids=10**9, wall_s=1e9, silent_s=1e9, output=1 << 60, log=1 << 60)
    assert claims.bounded(greedy) == replace(Limits(), cpus=4.0)
    small = Limits(memory=1 << 20, cpus=0.5, pids=5, wall_s=2.0, silent_s=1.0, output=10, log=10)
    assert claims.bounded(small) == small


def test_no_machine_is_asked_for_more_than_it_has() -> None:
    greedy = Limits(memory=1 << 60, cpus=900.0)
    assert claims.fitted(greedy, 2, 1 << 30) == replace(greedy, memory=1 << 30, cpus=2.0)
    assert claims.fitted(Limits(), 64, 1 << 40) == Limits()


@pytest.mark.parametrize(("cores", "said"), [(1, "1"), (2, "2"), (64, "3.5")])
def test_run_sh_asks_an_engine_for_no_more_cores_than_there_are(tmp_path: Path, cores: int, said: str) -> None:
    wide = replace(bundle(), limits=Limits(cpus=3.5), carried=True)
    for name, does in {"nproc": f"echo {cores}", "docker": 'echo "$@"', "sha256sum": "true"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "run.sh").write_text(script.run_sh(wide))
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ran = subprocess.run(["sh", str(tmp_path / "run.sh")], env=env, capture_output=True, text=True, check=True)
    assert f"--cpus={said} " in ran.stdout


def test_run_sh_limits_a_container_as_the_lab_does(tmp_path: Path) -> None:
    """Every word of lab.engine.docker.container that bounds a container stands in run.sh with the same value."""
    limits = Limits(memory=123 << 20, cpus=1.5, pids=77)
    job = Job(
        image=Image(tag="t", id="i", environment="e"), inbox=tmp_path, outbox=tmp_path, saved=None, env={}, limits=limits,
        run_id="r",
    )  # fmt: skip
    made = creation(job, Host(rootless=False, podman=False, gpus=False))
    wanted = [
        *(["--init"] if made["init"] else []),
        f"--network={made['network_mode']}",
        *(["--read-only"] if made["read_only"] else []),
        *(f"--cap-drop={one}" for one in made["cap_drop"]),
        *(f"--security-opt={one}" for one in made["security_opt"]),
        f"--pids-limit={made['pids_limit']}",
        f"--memory={made['mem_limit']}",
        f"--memory-swap={made['memswap_limit']}",
        f"--cpus={made['nano_cpus'] / 1e9:g}",
        f"--ipc={made['ipc_mode']}",
        f"--shm-size={made['shm_size']}",
        *(f"--ulimit={one['Name']}={one['Soft']}:{one['Hard']}" for one in made["ulimits"]),
        *(f"--tmpfs={path}:{how}" for path, how in made["tmpfs"].items()),
        f"--workdir={made['working_dir']}",
    ]
    assert script.limits(limits) == wanted
    known = {
        "image", "entrypoint", "command", "user", "working_dir", "environment", "labels", "mounts", "tmpfs", "network_mode",
        "read_only", "cap_drop", "security_opt", "init", "pids_limit", "mem_limit", "memswap_limit", "nano_cpus",
        "cpuset_cpus", "ipc_mode", "shm_size", "ulimits", "log_config", "use_config_proxy",
    }  # fmt: skip
    assert set(made) == known, "a new limit of the lab's containers must get its word in run.sh"


def test_run_sh_gives_podman_what_the_lab_gives_it(tmp_path: Path) -> None:
    image = Image(tag="t", id="i", environment="e")
    job = Job(image=image, inbox=tmp_path, outbox=tmp_path, saved=None, env={}, limits=Limits(), run_id="r")
    made = creation(job, Host(rootless=True, podman=True, gpus=False))
    extra = [f"--ulimit={one['Name']}={one['Soft']}:{one['Hard']}" for one in made["ulimits"]][2:]
    assert extra == [script.PODMAN]
    assert f"{script.PODMAN} --userns={made['userns_mode']}" in script.run_sh(bundle())


def test_values_of_a_run_cannot_become_commands_in_run_sh() -> None:
    evil = replace(bundle(), saver_env={"FLAGS_x": "'; touch evil; $(id) `id`"})
    line = next(line for line in script.run_sh(evil).splitlines() if "FLAGS_x" in line)
    assert "--env=FLAGS_x='; touch evil; $(id) `id`" in shlex.split(line.removesuffix("\\"))


@pytest.mark.parametrize("name", ["net.pdiparams.info", "a.pdparams", "A.PDOPT"])
def test_files_that_hold_pickle_are_known_by_name(name: str) -> None:
    assert pickles.by_name(name)


def test_a_pickle_under_another_name_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "net.json").write_bytes(b"\x80\x04\x95")
    (tmp_path / "net.pdiparams").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    (tmp_path / "net.pdmodel").write_bytes(b"\x0a\x10")
    assert [path.name for path in pickles.found(tmp_path)] == ["net.json", "net.pdiparams"]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("no file /lab/saved/model/net at 0x7f00", "no file /srv/me/bundle/saved/model/net at 0x1a"),
        ("shape [2, 3] of 17", "shape [4, 5] of 99"),
        (
            "C++ Traceback\n0 foo\n------\nError Message Summary:\n------\nInvalid: x",
            "Error Message Summary:\nInvalid: x",
        ),
    ],
)
def test_repro_py_knows_a_message_again_on_another_machine(here: str, there: str) -> None:
    assert repro.masked(here) == repro.masked(there)


def test_repro_py_tells_different_messages_apart() -> None:
    assert repro.masked("the path does not exist") != repro.masked("the operator does not exist")


def test_a_container_that_run_sh_started_is_not_taken_for_an_orphan_of_the_lab() -> None:
    """Labels come with the image, so the lab's own mark is on it; and whoever started it is gone at once."""
    here = this_process()
    started = {words.LABEL: words.OWNER, words.LABEL_ENVIRONMENT: "3.0.0-cpu-py311", **here.labels}
    assert not orphaned(started, 0.0, here, 1e12, lives=lambda *_: False)
    assert orphaned({**started, words.LABEL_RUN: "r"}, 0.0, here, 1e12, lives=lambda *_: False)


@pytest.mark.parametrize(
    ("claimed", "seen", "same"),
    [
        ("py_exception", "oom", True),
        ("py_exception", "py_exception", True),
        ("oom", "oom", True),
        ("oom", "py_exception", False),
        ("native_crash", "oom", False),
    ],
)
def test_an_exception_about_memory_is_the_claimed_one_whether_or_not_memory_was_short(
    claimed: str, seen: str, *, same: bool
) -> None:
    case = {"trial": {"outcome": {"kind": claimed, "phase": "load", "type": "MemoryError"}}, "said": "std::bad_alloc"}
    found = {"kind": seen, "phase": "load", "type": "MemoryError", "text": "std::bad_alloc"}
    assert repro.same(case, found) is same


def test_repro_compares_what_was_raised_and_not_its_causes() -> None:
    message = "KeyError: 'x'\nwhich led to ValueError: no such model"
    outcome = Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.LOAD, type="ValueError", message=message)
    trial = TrialResult(
        label="a -> b", key="", saver="a", loader="b", route="own", outcome=outcome, saver_env={}, loader_env={}
    )
    assert gather._case(trial).said == "no such model"


@pytest.mark.parametrize("sort", list(BuildSort))
def test_the_readme_says_how_a_build_is_handed_over_in_both_languages(sort: BuildSort) -> None:
    build = GivenBuild(
        sort=sort, name="a|b", sha256="ab" * 32, size=7, package="paddlepaddle", version="3.4.0", pythons=(), arches=()
    )
    english, chinese = bundle_readme._english_build(build), bundle_readme._chinese_build(build)
    for said in (english, chinese):
        assert "ab" * 32 in said
        assert "a\\|b" in said
        assert ("lab images add image:NAME" in said) == (sort is BuildSort.IMAGE)
        assert ("lab images add FILE.whl" in said) == (sort is BuildSort.WHEEL)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("lab repro '/srv/my out/reduced.py' --rounds 0", "lab repro reduced.py --rounds 0"),
        ("lab check ../models/net/ --to 3.3.1", "lab check net --to 3.3.1"),
        ("lab run toy --load image:registry.example/serving:1 --with numpy==1.26.4", None),
        ("lab isolate toy --good release=./a/b.whl", None),
        ("lab run 'an open quote", None),
    ],
)
def test_the_command_in_a_bundle_names_files_and_not_where_they_lay(command: str, told: str | None) -> None:
    assert gather._without_folders(command) == (command if told is None else told)
