"""Which names say that what they hold is a secret: of environment variables, of settings, of fields in a log."""

import re

# Each is one word of a name; words are told apart by _ - . and by capitals.
_LISTED = """
AUTH AUTHORIZATION BEARER COOKIE COOKIES CREDENTIAL CREDENTIALS CREDS DSN JWT PASS PASSPHRASE PASSWD PASSWORD PAT PROXY
PWD SAS SECRET SECRETS SESSION SIGNATURE SIGNING TOKEN WEBHOOK APIKEY
"""
_WORDS = frozenset(_LISTED.split())
_PARTS = re.compile(
    r"(?:API|ACCESS|ACCOUNT|ENCRYPTION|MASTER|PRIVATE|SECRET|SIGNING|SSH|GPG|DEPLOY)_?KEY"
    r"|(?:DATABASE|DB|REDIS|MONGO(?:DB)?|POSTGRES(?:QL)?|MYSQL|AMQP|BROKER|SENTRY)_(?:URL|URI)|CONNECTION_STRING"
    r"|PASSW(?:OR)?D|PASSPHRASE|SECRET|CREDENTIAL|[A-Z]TOKEN$|[A-Z]APIKEY|_KEY$|WEBHOOK"
)
# Where packages come from: no secret by themselves, but they name hosts of a company and hold logins.
_PLACES = re.compile(r"INDEX(?:_URLS?)?$|^UV_INDEX|PYPI_URL|MIRROR|FIND_LINKS|TRUSTED_HOST|PROXY$")
# What a desktop and a shell call so, and what machine learning calls a token.
_HARMLESS = re.compile(
    r"(?:OLD)?PWD|XDG_\w*|(?:DESKTOP|GDM|WINDOW)_?SESSION\w*|SESSION_MANAGER|DBUS_\w*|TERM_SESSION_ID|TOKENIZERS?_\w*"
    r"|\w*_TOKENS?_(?:ID|IDS|LEN|LENGTH|COUNT|NUM|TYPE)|(?:MAX|NUM|N|PAD|EOS|BOS|UNK|CLS|SEP|MASK)_\w*TOKENS?"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
STRONG = r"pass(?:word|wd|phrase)|secret(?![_ -]?(?:name|of))|api[_-]?key|(?:access|account|private)[_-]?key"
"""Of a field in any text: what follows such a word is a secret whatever it looks like."""
_STRONG = re.compile(rf"(?i)(?:.*[_.-])?(?:{STRONG}|identitytoken|authorization)")


def _plain(name: str) -> str:
    """A name as variables are written: capitals, one line between its words."""
    return re.sub(r"[-.\s]+", "_", _CAMEL.sub("_", name.strip().lstrip("-"))).upper()


def secret(name: str) -> bool:
    """Whether a variable or a setting of this name holds a secret, or an address that leads to one."""
    whole = _plain(name)
    if _HARMLESS.fullmatch(whole):
        return False
    return bool(_WORDS & set(whole.split("_")) or _PARTS.search(whole) or _PLACES.search(whole))


def place(name: str) -> bool:
    """Whether a setting of this name says where packages come from, or through which proxy."""
    return _PLACES.search(_plain(name)) is not None


def certain(name: str) -> bool:
    """Whether a field of this name holds a secret in any document, whoever wrote it."""
    return _STRONG.fullmatch(name) is not None
