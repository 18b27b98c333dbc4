"""Hostile bundles, made from a genuine one: what can be done to an archive, to its claims, and to every file in it."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lab.bundle import archive, manifest

TOP = "x"
OUTSIDE = "../outside/evil"
DEEP = 100_000
Files = Mapping[str, bytes]
Claims = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One archive: what was done to it, its bytes, and whether nothing of it may run."""

    name: str
    data: bytes = field(repr=False)
    refused: bool = True


def attacks(files: Files) -> Iterator[Attack]:
    """Every attack on one genuine bundle, each under a name of its own."""
    yield from on_members(files)
    yield from on_bytes(files)
    yield from on_manifest(files)
    yield from on_claims(files)
    yield from on_files(files)


def _member(name: str, data: bytes = b"evil", **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    made = tarfile.TarInfo(name)
    made.size = len(data)
    for key, value in fields.items():
        setattr(made, key, value)
    return made, data


def _tar(
    files: Files, *more: tuple[tarfile.TarInfo, bytes], form: int = tarfile.GNU_FORMAT, first: bool = False
) -> bytes:
    """The genuine members as any program may pack them, with others before or behind them."""
    whole = [_member(f"{TOP}/{path}", data) for path, data in _listed(files).items()]
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=form) as sink:
        for member, data in [*more, *whole] if first else [*whole, *more]:
            sink.addfile(member, io.BytesIO(data))
    return plain.getvalue()


def _listed(files: Files) -> dict[str, bytes]:
    return {**files, manifest.NAME: manifest.text(files).encode()}


def _zipped(plain: bytes) -> bytes:
    return gzip.compress(plain, mtime=0, compresslevel=1)


def on_members(files: Files) -> Iterator[Attack]:
    """A member that is no plain file below the one folder, or comes twice."""
    kinds = {
        "hard link": tarfile.LNKTYPE, "link": tarfile.SYMTYPE, "device": tarfile.CHRTYPE, "block device": tarfile.BLKTYPE,
        "pipe": tarfile.FIFOTYPE, "contiguous": tarfile.CONTTYPE, "sparse": tarfile.GNUTYPE_SPARSE, "volume": b"V", "unknown": b"z",
    }  # fmt: skip
    for kind, mark in kinds.items():
        for target in ("/etc/passwd", OUTSIDE, f"{TOP}/README.md"):
            evil = _member(f"{TOP}/evil", b"", type=mark, linkname=target, devmajor=1, devminor=5)
            yield Attack(name=f"{kind} to {target}", data=_zipped(_tar(files, evil)))
    for target in ("/tmp", "..", ".", OUTSIDE):
        link = _member(f"{TOP}/dir", b"", type=tarfile.SYMTYPE, linkname=target)
        yield Attack(
            name=f"write through a link to {target}", data=_zipped(_tar(files, link, _member(f"{TOP}/dir/evil")))
        )
        yield Attack(name=f"the folder is a link to {target}", data=_zipped(_tar(
            files, _member(TOP, b"", type=tarfile.SYMTYPE, linkname=target), first=True)))  # fmt: skip
    paths = (
        OUTSIDE, f"{TOP}/../../evil", f"{TOP}/saved/../../evil", "/tmp/evil", "//evil", f"/{TOP}/evil", "evil", "..", f"{TOP}/..",
        f"{TOP}/./evil", f"{TOP}//evil", f"{TOP}\\..\\evil", "C:\\evil", "~/evil", f"{TOP}/a\nb", f"{TOP}/a\x1b[2Jb", f"{TOP}/\u202eb",
        f"{TOP}/{'n' * 250}", f"{TOP}/{'d/' * 2000}evil", "y/evil", f"{TOP} /evil", f"{TOP}/ä\udce4", f"{TOP}/evil\x00.txt",
    )  # fmt: skip
    for path in paths:
        for form, word in ((tarfile.GNU_FORMAT, "gnu"), (tarfile.PAX_FORMAT, "pax")):
            yield Attack(name=f"path {path[:40]!r} {word}", data=_zipped(_tar(files, _member(path), form=form)))
    for path in ("results.json", "scenario.py", "saved/outputs.npz", manifest.NAME):
        for name in (path, path.upper()):
            yield Attack(name=f"twice {name}", data=_zipped(_tar(files, _member(f"{TOP}/{name}"))))
    yield Attack(name="a folder where a file is", data=_zipped(_tar(files, _member(f"{TOP}/scenario.py/evil"))))
    yield Attack(name="a file where a folder is", data=_zipped(_tar(files, _member(f"{TOP}/saved"))))


def on_bytes(files: Files) -> Iterator[Attack]:
    """What only shows in the bytes: headers that contradict, bombs, cut and doubled archives."""
    genuine = _tar(files)
    for headers in (
        {"path": OUTSIDE}, {"size": "9" * 20}, {"size": "-1"}, {"linkpath": "/etc/passwd"}, {"GNU.sparse.size": "99999999999"},
        {"GNU.sparse.map": "0,1,999999999,1", "GNU.sparse.name": OUTSIDE}, {"hdrcharset": "BINARY", "path": "\udcff"}, {"mtime": "nan"},
        {"SCHILY.xattr.security.capability": "x"}, {"comment": "c" * (1 << 20)},
    ):  # fmt: skip
        evil = _tar(files, _member(f"{TOP}/evil", pax_headers=headers), form=tarfile.PAX_FORMAT)
        yield Attack(name=f"pax header {min(headers)}={headers[min(headers)][:12]!a}", data=_zipped(evil))
    everywhere = io.BytesIO()
    with tarfile.open(fileobj=everywhere, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"path": OUTSIDE}) as sink:
        sink.addfile(*_open(_member(f"{TOP}/evil")))
    yield Attack(name="a pax header for all members", data=_zipped(everywhere.getvalue()))
    for word, mark in (("name", b"L"), ("link", b"K")):
        for length in (200, 1 << 20):
            long = _member("././@LongLink", b"../" * length + b"evil\0", type=mark)
            yield Attack(
                name=f"gnu long {word} of {length}", data=_zipped(_tar(files, long, _member(f"{TOP}/evil"), first=True))
            )
    for size in (1 << 33, 1 << 62, -1):
        member = tarfile.TarInfo(f"{TOP}/liar")
        member.size = size
        yield Attack(name=f"a member of {size} bytes", data=_zipped(member.tobuf(tarfile.GNU_FORMAT) + bytes(1024)))
    zeros, bomb = _zipped(bytes(64 << 20)), tarfile.TarInfo(f"{TOP}/zeros")
    bomb.size = 10 * (64 << 20)
    yield Attack(name="a bomb of zeros", data=_zipped(bomb.tobuf(tarfile.GNU_FORMAT)) + zeros * 10 + _zipped(genuine))
    yield Attack(name="a bomb behind the end", data=_zipped(genuine) + zeros * 10)
    crowd = (_member(f"{TOP}/{number}", b"") for number in range(5_000))
    yield Attack(name="a crowd of files", data=_zipped(_tar(files, *crowd)))
    folders = (_member(f"{TOP}/d{number}", b"", type=tarfile.DIRTYPE) for number in range(5_000))
    yield Attack(name="a crowd of folders", data=_zipped(_tar(files, *folders)))
    whole = _zipped(genuine)
    for part in (0, 1, 9, 17, len(whole) // 3, len(whole) - 9, len(whole) - 1):
        yield Attack(name=f"cut at {part}", data=whole[:part])
    for part in range(20, len(whole), len(whole) // 12):
        yield Attack(name=f"byte {part} changed", data=whole[:part] + bytes([whole[part] ^ 0x55]) + whole[part + 1 :])
    yield Attack(name="data behind the archive", data=whole + b"evil" * 100)
    yield Attack(name="a second archive behind it", data=whole + _zipped(_tar({"evil": b""})))
    yield Attack(name="members behind the end", data=_zipped(genuine + _tar({"evil": b""})))
    yield Attack(name="a zip", data=_archive({"evil": b"evil"}))
    yield Attack(name="no archive", data=b"\x7fELF" + bytes(200))
    for place in (0, 100, 124, 136, 148, 156, 257, 345):
        yield Attack(name=f"header byte {place}", data=_zipped(genuine[:place] + b"\xfe" + genuine[place + 1 :]))


def _open(member: tuple[tarfile.TarInfo, bytes]) -> tuple[tarfile.TarInfo, io.BytesIO]:
    return member[0], io.BytesIO(member[1])


def _archive(members: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as sink:
        for name, data in members.items():
            sink.writestr(name, data)
    return made.getvalue()


def on_manifest(files: Files) -> Iterator[Attack]:
    """Digests that are forged, missing, or speak of what is not there."""
    good = manifest.text(files)
    first, *rest = good.splitlines(keepends=True)
    texts = {
        "none": "", "one line less": "".join(rest), "one line twice": good + first, "a wrong digest": "0" * 64 + first[64:] + "".join(rest),
        "digests exchanged": rest[0][:64] + first[64:] + first[:64] + rest[0][64:] + "".join(rest[1:]), "upper case": good.upper(),
        "a file outside": good + f"{'0' * 64}  {OUTSIDE}\n", "a file that is not there": good + f"{'0' * 64}  gone\n",
        "carriage returns": good.replace("\n", "\r\n"), "not text": "\x00\xff" * 99, "endless": good + "#" * (2 << 20), "nested": "[" * DEEP,
    }  # fmt: skip
    for name, text in texts.items():
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w") as sink:
            for path, data in {**files, manifest.NAME: text.encode("utf-8", "surrogateescape")}.items():
                sink.addfile(*_open(_member(f"{TOP}/{path}", data)))
        yield Attack(name=f"manifest: {name}", data=_zipped(plain.getvalue()))


def on_claims(files: Files) -> Iterator[Attack]:
    """results.json with values nobody may be asked for; its manifest fits, so only its own rules can refuse it."""
    claims = json.loads(files["results.json"])
    schemas: tuple[object, ...] = (0, -1, 2, 99, 10**400, "1", 1.5, True, None, [], {})
    for schema in schemas:
        yield _claiming(files, f"schema {str(schema)[:12]}", {**claims, "schema": schema})
    env = {
        "PATH": "/evil", "LD_PRELOAD": "/evil.so", "LD_LIBRARY_PATH": "/evil", "LD_AUDIT": "x", "PYTHONPATH": "/evil", "PYTHONSTARTUP": "x",
        "HOME": "/evil", "GLIBC_TUNABLES": "x", "A B": "x", "": "x", "FLAGS_x": "a\nb", "FLAGS_y": "\x00", "FLAGS_z": "\ud800",
    }  # fmt: skip
    for variable, text in env.items():
        yield _claiming(files, f"saver_env {variable!a}", {**claims, "saver_env": {variable: text}})
        yield _claiming(files, f"loader_env {variable!a}", _case(claims, loader_env={variable: text}))
    fields: dict[str, tuple[object, ...]] = {
        "scenario": ("../evil", "x\x1b[2J", "", "-rf", "a" * 300, 7),
        "saver": ("3.0.0; rm -rf /", "../../evil", "", None),
        "loader": ("$(evil)", "/etc", "", "9.9.9-cpu-py311"),
        "threads": (0, -1, 257, 10**9, "many", 1.5),
        "cases": ([], claims["cases"] * 60, "all", [{}], [[]] * 99),
        "arch": ("riscv128", 5),
        "limits": ("none", {"wall_s": "long"}, {"memory": 10**400}, []),
        "images": ("all", {"load": 5}),
        "model": ("net", [{"name": "net"}]),
    }
    for name, values in fields.items():
        for value in values:
            yield _claiming(files, f"{name} {str(value)[:20]!a}", {**claims, name: value})
    for route in ("own\x1b", "../evil", "", "jit;evil"):
        yield _claiming(files, f"route {route!a}", _case(claims, route=route))
    for text in (
        "",
        "[]",
        "{",
        "null",
        "[" * DEEP,
        '{"a":' * DEEP,
        '{"schema": 1}',
        "\xff",
        '{"schema": 1, "schema": 2}',
    ):
        changed = {**files, "results.json": text.encode("latin-1")}
        yield Attack(name=f"results.json {text[:20]!a}", data=archive.pack(TOP, _unproved(changed)))
    yield from _greedy(files, claims)


def _greedy(files: Files, claims: Claims) -> Iterator[Attack]:
    """Claims that may run, and get no more than the caps for all that."""
    limits = claims["limits"]
    for name, value in {
        "wall_s": (-5, 0, 1e308, 1e-300), "silent_s": (-5, 0, 1e308), "memory": (-1, 0, 1 << 60), "cpus": (-5, 0, 1e9, 1e-9),
        "pids": (-1, 0, 1 << 40), "output": (-1, 0, 1 << 60), "log": (-1, 0, 1 << 60),
    }.items():  # fmt: skip
        for one in value:
            yield _claiming(files, f"limits {name}={one}", {**claims, "limits": {**limits, name: one}}, refused=False)
    yield _claiming(files, "threads 256", {**claims, "threads": 256}, refused=False)
    evil = "\x1b]0;owned\x07\u202e\r\nsame  all is well"
    yield _claiming(
        files, "words for a terminal", {**_case(claims, label=evil), "summary": evil, "command": evil}, refused=False
    )
    yield _claiming(
        files,
        "another image",
        {**claims, "images": {"load": "evil/image:latest", "save": "--privileged"}},
        refused=False,
    )
    yield _claiming(files, "weights that are not carried", {**claims, "carried": False}, refused=False)


def _claiming(files: Files, name: str, claims: Claims, *, refused: bool = True) -> Attack:
    changed = {**files, "results.json": json.dumps(claims).encode()}
    return Attack(name=f"claims: {name}", data=archive.pack(TOP, _unproved(changed)), refused=refused)


def _case(claims: Claims, **fields: object) -> Claims:
    first, *rest = claims["cases"]
    return {**claims, "cases": [{**first, "trial": {**first["trial"], **fields}}, *rest]}


def _unproved(files: Files) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if path != "PROOF.json"}


def on_files(files: Files) -> Iterator[Attack]:
    """Every other file with something in its place that it must not be; what runs it, runs it within the caps."""
    genuine = files["scenario.py"].decode()
    headers = {
        "no code": b"", "not UTF-8": b"\xff\xfe", "a syntax error": b"def (", "nested": genuine.replace("# summary", f"# x = {'[' * DEEP}\n# summary").encode(),
        "dots": genuine.replace("# summary", f"# {'a.' * DEEP}b = 1\n# summary").encode(), "huge": b"#" * (20 << 20),
        "a slow pattern": genuine.replace('"not exist"', '"(a+)+$"').encode(),
        "greedy limits": genuine.replace("# summary", '# limits = { memory = "900 GiB" }\n# summary').encode(),
        "imports of the host": b"import lab\n" + genuine.encode(),
    }  # fmt: skip
    for name, data in headers.items():
        yield _changed(files, f"scenario.py: {name}", {"scenario.py": data})
    claims = json.loads(files["results.json"])
    short = json.dumps({**claims, "limits": {**claims["limits"], "wall_s": 3}}).encode()
    endless = genuine.encode() + b"\nwhile True: pass\n"
    yield _changed(files, "scenario.py: an endless loop", {"scenario.py": endless, "results.json": short})
    arrays = {
        "empty": b"", "no zip": b"evil", "cut": files["saved/outputs.npz"][:60], "a bomb": _archive({"a0000.npy": _npy(bytes(64 << 20))}),
        "a crowd": _archive({f"a{number:04d}.npy": b"" for number in range(20_000)}), "a pickle": _archive({"a0000.npy": _objects()}),
        "paths": _archive({OUTSIDE: b"evil", "/etc/evil": b"evil"}), "a lying header": _archive({"a0000.npy": _npy(b"x", shape=(1 << 40,))}),
    }  # fmt: skip
    for name, data in arrays.items():
        yield _changed(files, f"saved/outputs.npz: {name}", {"saved/outputs.npz": data})
        yield _changed(files, f"saved/inputs.npz: {name}", {"saved/inputs.npz": data})
    for name, text in {
        "nested": "[" * DEEP,
        "no names": "{}",
        "others": '{"names": ["../x"], "dtypes": ["O"]}',
        "a number": "7",
    }.items():
        yield _changed(files, f"saved/outputs.json: {name}", {"saved/outputs.json": text.encode()})
    for path in [path for path in files if path.startswith("saved/")]:
        yield _changed(files, f"without {path}", {}, leave=path)
    for text in (
        "",
        "{",
        "[" * DEEP,
        '{"schema": 0}',
        '{"schema": -1}',
        "null",
        json.dumps({"schema": 1, "files_sha256": "0" * 64}),
    ):
        yield Attack(name=f"PROOF.json {text[:12]!a}", data=archive.pack(TOP, {**files, "PROOF.json": text.encode()}))
    for path in ("scenario.py", "results.json", "saved"):
        left = {name: data for name, data in _unproved(files).items() if not name.startswith(path)}
        yield Attack(name=f"nothing at {path}", data=archive.pack(TOP, left), refused=path != "saved")
    for name in ("repro.py", "run.sh", "routes.py", "closeness.py", "Dockerfile.load", "requirements.load.txt"):
        yield _changed(files, f"another {name}", {name: b"import os; os.system('touch /evil')\n"})


def _changed(files: Files, name: str, changes: Files, *, leave: str = "") -> Attack:
    whole = {path: data for path, data in {**_unproved(files), **changes}.items() if path != leave}
    return Attack(name=name, data=archive.pack(TOP, whole), refused=False)


def _npy(data: bytes, shape: tuple[int, ...] | None = None) -> bytes:
    made = io.BytesIO()
    np.lib.format.write_array_header_1_0(made, {"descr": "|u1", "fortran_order": False, "shape": shape or (len(data),)})
    return made.getvalue() + data


def _objects() -> bytes:
    made = io.BytesIO()
    np.save(made, np.array([{"evil": 1}], dtype=object), allow_pickle=True)
    return made.getvalue()
