"""A package index of one's own: PEP 503 pages with hashes, over TLS with a private authority, on loopback; whole, or spoilt."""

import base64
import contextlib
import copy
import hashlib
import html
import http.server
import os
import re
import ssl
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import trustme
from packaging.utils import canonicalize_name, parse_wheel_filename

OLD = ("cu112", "cu116", "cu117", "cu118", "cu120", "cu123", "cu126")


@cache
def digest(path: Path, changed: int) -> str:
    """The sha256 of a file, worked out once as long as it is not `changed`."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass(kw_only=True)
class PackageIndex:
    """Wheels by index: those in `folder`/simple are at `url("simple")`; a folder may have folders, as Paddle's own index has."""

    folder: Path
    origin: str
    authority: Path
    asked: list[str] = field(default_factory=list)
    status: int = 200
    hashes: Callable[[Path], str] = lambda path: f"#sha256={digest(path, path.stat().st_mtime_ns)}"
    hangs: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.hangs.set()

    def url(self, name: str = "simple") -> str:
        return f"{self.origin}/{name}/"

    def wheels(self, name: str = "simple") -> Path:
        """The folder whose wheels an index has."""
        place = self.folder / name
        place.mkdir(parents=True, exist_ok=True)
        return place

    def page(self, place: Path, package: str) -> str | None:
        """What an index has of a package, as a page; None where it has nothing."""
        found = [path for path in sorted(place.glob("*.whl")) if parse_wheel_filename(path.name)[0] == package]
        lines = [
            f'<a href="{path.name}{self.hashes(path)}" data-core-metadata="true">{html.escape(path.name)}</a>'
            for path in found
        ]
        return f"<!DOCTYPE html><html><body>{'<br>'.join(lines)}</body></html>" if found else None

    def answer(self, path: str) -> bytes | None:
        """The bytes of an address; None where there is nothing."""
        place = self.folder / path.strip("/")
        if path.endswith("/"):
            page = self.page(place.parent, canonicalize_name(place.name))
            return page.encode() if page is not None else None
        file = place.parent.parent / place.name  # a page's links lie below the page
        if file.suffix == ".metadata":
            return metadata(file.with_suffix(""))
        return file.read_bytes() if file.is_file() else None


def metadata(wheel: Path) -> bytes | None:
    """The METADATA of a wheel; None where it is not whole."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA")))
    except (OSError, zipfile.BadZipFile):
        return None


@contextlib.contextmanager
def serving(folder: Path, *, tls: bool = True) -> Iterator[PackageIndex]:
    """An index that answers until the block ends; `authority` is the file that a client must trust."""
    folder.mkdir(parents=True, exist_ok=True)
    found: list[PackageIndex] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index = found[0]
            index.asked.append(self.path)
            index.hangs.wait(30)
            data = index.answer(self.path.partition("#")[0]) if index.status == 200 else b""
            self.send_response(index.status if data is not None else 404)
            self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/octet-stream")
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            with contextlib.suppress(OSError):  # who asked need not wait for all of it
                self.wfile.write(data or b"")

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    authority = folder / "authority.pem"
    own = trustme.CA()
    own.cert_pem.write_to_path(str(authority))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that trusts nobody leaves
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            own.issue_cert("127.0.0.1").configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        origin = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
        found.append(PackageIndex(folder=folder, origin=origin, authority=authority))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield found[0]
        finally:
            found[0].hangs.set()
            server.shutdown()


def reached(index: PackageIndex, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this host reach the index as its own, and the workspace find Paddle's own indexes there too."""
    for name in (
        "PIP_CERT",
        "PIP_FIND_LINKS",
        "PIP_EXTRA_INDEX_URL",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "SSL_CERT_DIR",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.url())
    monkeypatch.setenv("PIP_INDEX_URL", index.url())
    monkeypatch.setenv("SSL_CERT_FILE", str(index.authority))
    devices = workspace / "images" / "devices.toml"
    for folder in OLD:  # each that is asked for takes its time
        devices.write_text(devices.read_text().replace(f'package = "paddlepaddle-gpu"\nfolders = ["{folder}"]\n', ""))
    for name, own in (("releases.toml", "stable"), ("devices.toml", "nightly")):
        path = workspace / "images" / name
        text = path.read_text(encoding="utf-8")
        official = f"https://www.paddlepaddle.org.cn/packages/{own}/"
        assert official in text
        path.write_text(text.replace(official, index.url(own)), encoding="utf-8")


def repacked(wheel: Path, folder: Path, version: str, commit: str) -> Path:
    """A wheel again under another version: in its name, its metadata and its RECORD, and in what Paddle says of itself."""
    name, old, tags = wheel.name.split("-", 2)
    target = folder / f"{name}-{version}-{tags}"
    home, own = f"{name}-{old}.dist-info/", f"{name}-{version}.dist-info/"
    said, record = "paddle/version/__init__.py", f"{own}RECORD"
    rows = [f"{record},,"]
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as sink:
        known = {line.partition(",")[0]: line for line in source.read(f"{home}RECORD").decode().splitlines()}
        for one in source.infolist():
            if one.filename != said and not one.filename.startswith(home):
                rows.append(known[one.filename])
                _copied(wheel, one, sink)
                continue
            place, data = one.filename.replace(home, own, 1), source.read(one)
            if place == record:
                continue
            if place == f"{own}METADATA":
                data = _put(rf"(?m)^Version: {re.escape(old)}$", f"Version: {version}", data)
            if place == said:
                data = _put(r"full_version( +)= '[^']*'", rf"full_version\1= '{version}'", data)
                data = _put(r"(?m)^commit( +)= '[^']*'", rf"commit\1= '{commit}'", data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            rows.append(f"{place},sha256={digest},{len(data)}")
            sink.writestr(zipfile.ZipInfo(place, one.date_time), data, zipfile.ZIP_DEFLATED)
        sink.writestr(zipfile.ZipInfo(record), "\n".join(rows) + "\n")
    return target


def _put(pattern: str, instead: str, data: bytes) -> bytes:
    text, count = re.subn(pattern, instead, data.decode())
    assert count == 1, pattern
    return text.encode()


def _copied(wheel: Path, one: zipfile.ZipInfo, sink: Any) -> None:
    """A file of an archive in another one as it is packed: to pack all of Paddle again takes minutes."""
    with wheel.open("rb") as file:
        file.seek(one.header_offset)
        names = struct.unpack("<HH", file.read(30)[26:])
        file.seek(sum(names), os.SEEK_CUR)
        data = file.read(one.compress_size)
    again = copy.copy(one)
    again.header_offset, again.extra = sink.fp.tell(), b""
    again.flag_bits &= ~0x08  # its sizes stand before it
    sink.fp.write(again.FileHeader())
    sink.fp.write(data)
    sink.filelist.append(again)
    sink.NameToInfo[again.filename] = again
    sink.start_dir = sink.fp.tell()
