"""What must not leave this machine: found by where secrets usually stand, taken out of every text of a bundle."""

import re
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

GONE = "<redacted>"
SHORTEST = 6
_SECRET_NAME = re.compile(
    r"TOKEN|SECRET|PASSW|CREDENTIAL|PRIVATE|AUTH(?!OR)|(?:API|ACCESS)_?KEY|PROXY|INDEX_URL|INDEX$|MIRROR|FIND_LINKS|TRUSTED_HOST",
    re.IGNORECASE,
)
_PIP_LINE = re.compile(r"(?m)^\s*(?:extra-)?(?:index-url|find-links|trusted-host|proxy|cert|client-cert)\s*=\s*(.+)$")
_NETRC = re.compile(r"\b(?:password|account)\s+(\S+)")
_LOGIN = re.compile(r"(?<=://)[^/\s@]{1,200}@")
_IPV4 = re.compile(r"\b(?!127\.|0\.0\.0\.0)(?:\d{1,3}\.){3}\d{1,3}\b(?!\.)")
_GPU = re.compile(r"\bGPU-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


def hidden(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Values of this machine that no bundle may hold.

    They are secrets in the environment, in pip's configuration and in netrc, the home folder, and this host's name:
    longest first, so that a secret inside a longer one leaves no rest behind.
    """
    found = {value for name, value in environ.items() if _SECRET_NAME.search(name)}
    found |= {part for value in found for part in re.split(r"[\s,;]+", value)}
    for path in _pip_files(environ):
        if path.is_file():
            found |= set(_PIP_LINE.findall(path.read_text(encoding="utf-8", errors="replace")))
    netrc = Path(environ.get("NETRC") or Path.home() / ".netrc")
    if netrc.is_file():
        found |= set(_NETRC.findall(netrc.read_text(encoding="utf-8", errors="replace")))
    found |= {part for value in found for part in re.findall(r"://(?:[^/\s@]*@)?([^/\s:]+)", value)}
    found |= {part for value in found for part in re.findall(r"://[^/\s:@]*:([^/\s@]+)@", value)}
    found |= {str(Path.home()), *_host()}
    return tuple(sorted((one.strip() for one in found if _telling(one.strip())), key=lambda one: (-len(one), one)))


def _host() -> tuple[str, ...]:
    """This machine's name, where it is so particular that no word of a log could be the same."""
    name = socket.gethostname()
    return (name,) if re.search(r"[\d.-]", name) else ()


def _telling(value: str) -> bool:
    """Whether a value is a secret of this machine and not a word that any text may hold."""
    return len(value) >= SHORTEST and value not in {"localhost", "/root", "127.0.0.1", "public", "default"}


def _pip_files(environ: Mapping[str, str]) -> Sequence[Path]:
    home = Path.home()
    named = [Path(environ[name]) for name in ("PIP_CONFIG_FILE",) if environ.get(name)]
    usual = [home / ".pip" / "pip.conf", home / ".config" / "pip" / "pip.conf", Path("/etc/pip.conf")]
    return [*named, *usual]


def redact(text: str, values: Sequence[str]) -> str:
    """The text without those values, logins in addresses, addresses of hosts, and names of single GPUs."""
    for value in values:
        text = text.replace(value, GONE)
    text = _LOGIN.sub(f"{GONE}@", text)
    return _GPU.sub(GONE, _IPV4.sub(GONE, text))


def leaks(data: bytes, values: Sequence[str]) -> str:
    """The first of the values that stands in data, shortened so that the message does not leak it; empty where none does."""
    for value in values:
        if value.encode() in data:
            return value[:2] + "..."
    return ""
