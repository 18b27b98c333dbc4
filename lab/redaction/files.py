"""The files in which programs keep credentials, each read as its own program reads it; a damaged one is searched as text."""

import base64
import binascii
import configparser
import itertools
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from lab import documents
from lab.redaction import names

LEAST_TOKEN = 20
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s\"'<>;,]+")
_PATH = re.compile(r"(?:[\w-]+=)?(?:file:(?://(?:localhost)?)?)?/(?!/)")
_WORD = re.compile(r"\"(?:\\.|[^\"\\])*\"|\S+")
_MACRO = re.compile(r"(?ms)^\s*macdef\b.*?(?:\n[ \t]*\n|\Z)")
_HOSTLIKE = re.compile(r"\[?[A-Za-z0-9_.:-]+\]?")
# A piece of a path that nobody would write by hand: the secret of a webhook or of a feed.
_RANDOM_PIECE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])\S{8,}")
_RANDOM = re.compile(r"(?=[^/]*\d)(?=[^/]*[A-Za-z])[A-Za-z0-9_~.=-]{16,}")


@dataclass(kw_only=True)
class Found:
    """What is gathered: values that are secrets, and hosts."""

    values: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)

    def value(self, text: str) -> None:
        """A secret; one that is an address is taken apart as well."""
        text = text.strip().strip("\"'")
        if text:
            self.values.add(text)
        # A cookie, a data source name or a header is made of pieces, of which each may stand alone.
        self.values |= {one for one in re.split(r"[\s;,&=]+", text) if _RANDOM_PIECE.fullmatch(one)}
        self.values |= set(re.findall(r"(?i)(?:password|pwd|pass|secret|token|key)=([^\s;,&]+)", text))
        for address in _URL.findall(text):
            self.address(address, secret=True)

    def login(self, user: str, password: str) -> None:
        """A user with a password, as they are, together, and as an address writes them."""
        for one in {password, unquote(password)} - {""}:
            self.values |= {one, f"{user}:{one}", f"{unquote(user)}:{one}"}
        self.values |= {one for one in (user, unquote(user)) if _personal(one)}

    def address(self, text: str, *, secret: bool = False, private: bool = True) -> None:
        """An address: its login, its host where that is `private`, and, of a `secret`, the pieces of its path and query."""
        try:
            parts = urlsplit(text if "://" in text else f"//{text}")
            self.login(parts.username or "", parts.password or "")
            self.host((private and parts.hostname) or "")
        except ValueError:  # no address after all
            return
        if secret:
            self.values |= set(_RANDOM.findall(parts.path)) | set(re.findall(r"=([^&]{8,})", parts.query))
        elif (
            not parts.password and parts.username and len(parts.username) >= LEAST_TOKEN
        ):  # a token in the user's place
            self.values.add(parts.username)

    def host(self, text: str) -> None:
        """A host, with or without its port."""
        if _HOSTLIKE.fullmatch(text):
            self.hosts |= {text, text.rpartition(":")[0] or text} if text.count(":") == 1 else {text}

    def setting(self, name: str, value: str) -> None:
        """A named setting: what its name says that it holds."""
        if not names.secret(name):
            for address in _URL.findall(value):
                if "@" in address:  # the login is a secret, the host what the setting is about: an engine, a server
                    self.address(address, private=False)
            return
        if names.place(name):
            for part in re.split(r"[\s,;]+", value):
                if _PATH.match(part):  # a folder of this machine: runs may lie below it, and a command must name it
                    continue
                if "://" in part:
                    self.values.add(part)
                self.address(part.partition("=")[2] if re.match(r"[\w-]+=\w+://", part) else part, secret=True)
        else:
            self.value(value)


def _personal(user: str) -> bool:
    """Whether a user's name is one person's and no common word: with a digit, a dot or an @ in it."""
    return len(user) >= 6 and any(not one.isalpha() and one != "_" for one in user)  # noqa: PLR2004


def netrc(text: str, found: Found) -> None:
    """`machine HOST login USER password SECRET account SECRET` in any lines and quotes; macros up to an empty line.

    As the manual of netrc(5) has it.
    """
    plain = _MACRO.sub("\n", re.sub(r"(?m)^\s*#.*$", "", text))
    words = [_unquoted(one) for one in _WORD.findall(plain)]
    user = ""
    for key, value in itertools.pairwise(words):
        if key == "machine":
            found.host(value)
            user = ""
        elif key == "login":
            user = value
            found.login(value, "")
        elif key in {"password", "account"}:
            found.login(user, value)
    for macro in _MACRO.findall(text):
        for value in re.findall(r"(?im)\b(?:pass|password|account|acct)[ \t]+(\S+)", macro):
            found.value(_unquoted(value))


def _unquoted(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if len(word) > 1 and word[0] == word[-1] == '"' else word


def ini(text: str, found: Found) -> None:
    """pip.conf, .pypirc, aws credentials: every section, every spelling of a name, values over several lines."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        _lines(text, found)
        return
    for section in (dict(parser.defaults()), *(dict(parser.items(one)) for one in parser.sections())):
        _settings(section, found)


def _settings(section: Mapping[str, str | None], found: Found) -> None:
    user = section.get("username") or ""
    for name, value in section.items():
        if name == "repository" and value:
            found.address(value)
        elif name == "password" and value:
            found.login(user, value)
        else:
            found.setting(name, value or "")


def assignments(text: str, found: Found) -> None:
    """NAME=VALUE lines, as in /etc/environment, in .env and in a service's drop-in."""
    for name, quote, value in re.findall(r"(?m)(?:^|[\s\"'])(?:export\s+)?([A-Za-z_]\w*)=([\"']?)([^\n\"']*)", text):
        found.setting(name, value if quote else value.split('" ')[0])
    addresses(text, found)


def _lines(text: str, found: Found) -> None:
    for name, value in re.findall(r"(?m)^\s*([\w-]+)\s*[=:]\s*(.+)$", text):
        found.setting(name, value)
    addresses(text, found)


def addresses(text: str, found: Found) -> None:
    """.git-credentials, .gitconfig, apt.conf: every address that has a login, and headers with a credential."""
    for one in _URL.findall(text):
        if "@" in one:
            found.address(one)
    for scheme in re.findall(r"(?i)authorization:\s*\w+\s+([\w+/=.~-]+)", text):
        _encoded(scheme, found)


def proxies(text: str, found: Found) -> None:
    """What follows the word proxy in any configuration: apt.conf, .gitconfig, .npmrc, .curlrc, .wgetrc."""
    for one in re.findall(r"(?im)proxy\b[^\n]*?((?:\w+://)[^\s\"';]+)", text):
        found.value(one)
    addresses(text, found)


def toml(text: str, found: Found) -> None:
    """uv.toml and uv's own credentials: every index, every name of a secret, however deep."""
    try:
        _tree("", documents.toml(text), found)
    except tomllib.TOMLDecodeError:
        _lines(text, found)


def project(text: str, found: Found) -> None:
    """pyproject.toml: uv reads its table `tool.uv` as it reads uv.toml; the rest of the file is nobody's secret."""
    try:
        tools = documents.toml(text).get("tool")
    except tomllib.TOMLDecodeError:
        addresses(text, found)
        return
    _tree("", tools.get("uv") if isinstance(tools, dict) else None, found)


def containers(text: str, found: Found) -> None:
    """Docker's config.json and Podman's auth.json: logins of registries in all forms, proxies, headers; no helper is run."""
    try:
        whole = documents.json(text)
    except ValueError:
        addresses(text, found)
        return
    for host, one in (whole.get("auths") or {}).items() if isinstance(whole, dict) else ():
        found.address(str(host))
        for name, value in one.items() if isinstance(one, dict) else ():
            if name == "auth":
                _encoded(str(value), found)
            else:
                found.value(str(value))
    headers = whole.get("HttpHeaders") if isinstance(whole, dict) else None
    for value in headers.values() if isinstance(headers, dict) else ():
        found.value(str(value))
    _tree("", whole.get("proxies") if isinstance(whole, dict) else None, found)


def _encoded(value: str, found: Found) -> None:
    """base64 of USER:PASSWORD, and what is in it."""
    found.value(value)
    try:
        user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return
    if colon:
        found.login(user, password.rstrip("\0"))


def _tree(name: str, value: Any, found: Found) -> None:
    if isinstance(value, dict):
        user = value.get("username")
        if isinstance(user, str) and isinstance(value.get("password"), str):
            found.login(user, value["password"])
        for key, inner in value.items():
            _tree(f"{name}-{key}" if key in {"url", "name"} else str(key), inner, found)
    elif isinstance(value, list):
        for inner in value:
            _tree(name, inner, found)
    elif isinstance(value, str):
        found.setting("index-url" if name.endswith("-url") else name, value)


def whole(text: str, found: Found) -> None:
    """A file that holds one token and nothing else."""
    found.value(text)


Reader = Callable[[str, Found], None]
"""How a file of one kind is read: its text, and where to put what is found."""
