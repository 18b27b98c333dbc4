r"""Secrets that give themselves away: by the field they stand in, the address they are part of, or their own form.

Every rule leaves quotes, backslashes and line ends alone, so that JSON stays JSON. Forms of tokens: as their makers
document them (GitHub, GitLab, Hugging Face, PyPI, AWS, Slack, Google, npm, Docker).
"""

import re

from lab.redaction import names

GONE = "<redacted>"
_BARE = r"[^\s\"'`\\,;&<>(){}\[\]|]+"
_QUOTED = r"(?P<q>\\{0,3}[\"'])(?P<inner>(?:(?!(?P=q))[^\n])*)(?P=q)"
_NOTHING = frozenset({"none", "null", "true", "false", "nil", "str", "string", "os.environ", "self"})
_FIELD = re.compile(
    rf"(?i)(?P<head>(?:{names.STRONG})[\w-]{{0,30}}(?:\\{{0,3}}[\"'])?[ \t]{{0,3}}[:=][ \t]{{0,3}})(?:{_QUOTED}|(?P<bare>{_BARE}))"
)
_VARIABLE = re.compile(
    rf"(?P<head>\b(?P<name>[A-Z][A-Z0-9_]{{2,60}})(?:\\{{0,3}}[\"'])?(?:=|[ \t]?:[ \t]|(?<=[\"']):|(?<=[\"']),[ \t](?=[\"'])))(?:{_QUOTED}|(?P<bare>{_BARE}))"
)
_HEADER = re.compile(
    r"(?i)(?P<head>\b(?:(?:proxy-)?authorization|(?:set-)?cookie|x-[a-z-]{0,30}(?:key|token|auth)[a-z-]{0,20}|private-token)"
    r"(?:\\{0,3}[\"'])?[ \t]*:[ \t]*)(?P<quote>\\{0,3}[\"'])?[^\n\"'\\]{2,}"
)
_SCHEME = re.compile(r"\b(?P<head>(?:Bearer|Basic)[ \t]+)[A-Za-z0-9+/=._~-]{12,}")
_LOGIN = re.compile(r"(?<=://)[^/\s@\"'\\<>]{1,300}@")
_QUERY = re.compile(
    r"(?i)(?P<head>[?&;](?:x-amz-(?:signature|credential|security-token)|awsaccesskeyid|sig|signature|sas|[a-z_-]{0,20}token|jwt"
    r"|key|api_?key|auth|password|secret)=)[^&\s\"'<>\\]+"
)
_TOKEN = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|hf_[A-Za-z0-9]{20,}|pypi-A[\w-]{20,}"
    r"|sk-[A-Za-z0-9_-]{20,}|xox[abeprs]-[\w-]{10,}|A[KS]IA[A-Z0-9]{16}|AIza[\w-]{35}|npm_[A-Za-z0-9]{36}"
    r"|dckr_pat_[\w-]{20,}|eyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*)"
)
_HOOK = re.compile(r"(?<=://hooks\.slack\.com/)[^\s\"'<>\\]+")
_PEM = re.compile(r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----[^\"]*?-----END [A-Z ]*PRIVATE KEY-----")
_IPV4 = re.compile(r"(?<![\w.=-])(?<!version )(?:\d{1,3}\.){3}\d{1,3}\b(?!\.\d)")
_PRIVATE = re.compile(r"10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.")
_OWN = re.compile(r"127\.[\d.]+|0\.0\.0\.0")
_GPU = re.compile(r"\bGPU-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
# One of these stands in every text that a rule fits; most texts have none, and are left alone at once.
_FIELD_MARKS = ("passw", "passphrase", "secret", "key")
_HEADER_MARKS = ("authorization", "cookie", "x-", "private-token")


def masked(text: str) -> str:
    """The text without what is a secret by its field, its address or its form."""
    low = text.lower()
    if "://" in text:
        text = _HOOK.sub(GONE, _LOGIN.sub(f"{GONE}@", text))
    if "-----BEGIN" in text:
        text = _PEM.sub(GONE, text)
    if any(mark in low for mark in _HEADER_MARKS):
        text = _HEADER.sub(lambda one: f"{one['head']}{one['quote'] or ''}{GONE}", text)
    if any(mark in low for mark in _FIELD_MARKS):
        text = _FIELD.sub(_of_field, text)
    text = _VARIABLE.sub(_of_variable, text)
    if "Bearer" in text or "Basic" in text:
        text = _SCHEME.sub(rf"\g<head>{GONE}", text)
    return _TOKEN.sub(GONE, _QUERY.sub(rf"\g<head>{GONE}", text))


def without_places(text: str) -> str:
    """The text without addresses of hosts in this network and names of single GPUs."""
    return _GPU.sub(GONE, _IPV4.sub(_of_host, text))


def _of_host(found: re.Match[str]) -> str:
    """A host's address, told from a version of four numbers by what stands around it, or by being a private one."""
    before, after = found.string[max(0, found.start() - 3) : found.start()], found.string[found.end() : found.end() + 6]
    meant = before.endswith(("://", "@")) or re.match(r":\d{2,5}\b", after) or _PRIVATE.match(found[0])
    return GONE if meant and not _OWN.fullmatch(found[0]) else found[0]


def _of_field(found: re.Match[str]) -> str:
    return _put(found, found["inner"] if found["q"] else found["bare"])


def _of_variable(found: re.Match[str]) -> str:
    """A variable as an environment is printed; a lone word before a colon is a heading, no name."""
    value = found["inner"] if found["q"] else found["bare"]
    heading = found["head"].rstrip().endswith(":") and "_" not in found["name"]
    if heading or len(value) < 4 or not names.secret(found["name"]):  # noqa: PLR2004 - on, off, 1
        return found[0]
    return _put(found, value)


def _put(found: re.Match[str], value: str) -> str:
    if not value or value.lower() in _NOTHING:
        return found[0]
    quote = found["q"] or ""
    return f"{found['head']}{quote}{GONE}{quote}"
