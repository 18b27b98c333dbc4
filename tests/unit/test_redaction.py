"""What is a secret here, in which forms it is found in a text, and that ordinary texts pass unchanged."""

import base64
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import shell
from lab.redaction import names, ordinary, shapes, sources
from lab.redaction.mask import Mask, Secrets, forms
from lab.text import readable
from tests.conftest import ROOT

SECRET = st.text(alphabet="abcdefghijkmnpqrstuvwxyz0123456789!@#$%^&*/+=\"'\\é密", min_size=12, max_size=24)
EMPTY = Mask(secrets=Secrets())


def mask(*values: str, hosts: tuple[str, ...] = ()) -> Mask:
    return Mask(secrets=Secrets(values=frozenset(values), hosts=frozenset(hosts)))


def found(tmp_path: Path, **environ: str) -> Mask:
    """What is found on a machine with this home, these system files and these variables."""
    (tmp_path / "home").mkdir(exist_ok=True)
    environ.setdefault("PATH", "")
    return Mask(secrets=sources.secrets(environ, tmp_path / "home", tmp_path / "etc"))


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


AUTH = base64.b64encode(b"reguser1:R3gistryPass").decode()
FILES = {
    "pip, on the same line": ("home/.config/pip/pip.conf", "[global]\nindex-url = https://me:Hunter22x@pkg.corp.test/simple", "Hunter22x pkg.corp.test"),
    "pip, on further lines": ("home/.pip/pip.conf", "[install]\nextra-index-url =\n    https://a.test/x\n    https://u:S3condLine@two.corp.test/s", "S3condLine two.corp.test"),
    "pip, other spellings": ("etc/pip.conf", "[global]\nEXTRA_index_URL=https://u:Sp3lling99@three.corp.test/\nTrusted-Host: four.corp.test", "Sp3lling99 three.corp.test four.corp.test"),
    "pip for all users": ("etc/xdg/pip/pip.conf", "[global]\nproxy = http://pu:Pr0xyPipPw@five.corp.test:8080", "Pr0xyPipPw five.corp.test"),
    "pip, damaged": ("etc/pip.conf", "index-url = https://u:N0Section9@six.corp.test/", "N0Section9 six.corp.test"),
    "pip, a feed's key in the path": ("etc/pip.conf", "[global]\nindex-url = https://seven.corp.test/t/a1b2c3d4e5f6a7b8/simple", "a1b2c3d4e5f6a7b8 seven.corp.test"),
    "uv": ("home/.config/uv/uv.toml", '[[index]]\nname = "corp"\nurl = "https://uvu:UvInd3xPass@uv.corp.test/simple"\n[pip]\nextra-index-url = ["https://x:UvExtr4Pw@uv2.corp.test/"]', "UvInd3xPass uv.corp.test UvExtr4Pw uv2.corp.test"),
    "uv's logins": ("home/.local/share/uv/credentials/credentials.toml", '[[credential]]\nservice = "https://x.test"\nusername = "u"\npassword = "UvSt0redPw"', "UvSt0redPw"),
    "netrc on one line": ("home/.netrc", "machine n1.corp.test login me password Netrc0ne99", "Netrc0ne99 n1.corp.test"),
    "netrc on many lines": ("home/.netrc", "# mine\nmachine\n n2.corp.test\n login jane.doe7\npassword\n\tNetrcTw0x\naccount Acc0untSecret", "NetrcTw0x jane.doe7 Acc0untSecret n2.corp.test"),
    "netrc, quoted": ("home/.netrc", 'machine n3.test login "a b" password "Qu0ted \\"pass\\" word"', 'Qu0ted "pass" word'),
    "netrc with a macro": ("home/.netrc", "machine n4.test login a password First0ne8\nmacdef init\ncd /pub\nquote PASS M4croPass\n\nmachine n5.test login b password After9macro", "First0ne8 M4croPass After9macro"),
    "netrc, default": ("home/.netrc", "default login anonymous password D3faultPw9", "D3faultPw9"),
    "docker": ("home/.docker/config.json", json.dumps({"auths": {"reg.corp.test:5000": {"auth": AUTH}}}), f"R3gistryPass reguser1 {AUTH} reg.corp.test"),
    "docker, tokens": ("home/.docker/config.json", json.dumps({"auths": {"https://r2.corp.test/v1/": {"identitytoken": "1dentityTok3n", "registrytoken": "R3gToken77"}}, "credHelpers": {"x": "y"}, "HttpHeaders": {"X-Auth": "H3aderValue9"}}), "1dentityTok3n R3gToken77 r2.corp.test H3aderValue9"),
    "docker, proxies": ("home/.docker/config.json", json.dumps({"proxies": {"default": {"httpsProxy": "http://du:D0ckerProxy@px.corp.test:3128", "noProxy": ".corp9.test"}}}), "D0ckerProxy px.corp.test"),
    "podman": ("home/.config/containers/auth.json", json.dumps({"auths": {"r3.corp.test": {"auth": AUTH}}}), "R3gistryPass"),
    "the engine's service": ("etc/systemd/system/docker.service.d/p.conf", '[Service]\nEnvironment="HTTPS_PROXY=http://su:Serv1cePw@sp.corp.test:1"', "Serv1cePw sp.corp.test"),
    "pypirc": ("home/.pypirc", "[corp]\nrepository = https://up.corp.test/\nusername = __token__\npassword = Pypirc%Pass9", "Pypirc%Pass9 up.corp.test"),
    "git": ("home/.git-credentials", "https://me:G1tPass%40word@git.corp.test", "G1tPass%40word G1tPass@word git.corp.test"),
    "git's proxy": ("home/.gitconfig", "[http]\n\tproxy = http://gp:G1tProxyPw@gp.corp.test:1\n[http]\n extraheader = AUTHORIZATION: basic " + base64.b64encode(b"x:Extr4Header").decode(), "G1tProxyPw gp.corp.test Extr4Header"),
    "apt": ("etc/apt/apt.conf.d/90p", 'Acquire::http::Proxy "http://au:AptProxy99@ap.corp.test:1";', "AptProxy99 ap.corp.test"),
    "the system's environment": ("etc/environment", 'export https_proxy="http://eu:EnvFile99@ev.corp.test:1"\nDB_PASS=Fil3DbPass', "EnvFile99 ev.corp.test Fil3DbPass"),
    "aws": ("home/.aws/credentials", "[default]\naws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfi", "wJalrXUtnFEMIK7MDENGbPxRfi"),
    "a hub": ("home/.cache/huggingface/token", "Hugg1ngFaceTok\n", "Hugg1ngFaceTok"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_secrets_are_found_where_programs_keep_them(tmp_path: Path, kind: str) -> None:
    name, text, planted = FILES[kind]
    put(tmp_path / name, text)
    lens = found(tmp_path)
    for one in [planted] if '"' in planted else planted.split():
        told = lens.shown(f"it said {one} and went on")
        assert one not in told, kind
        assert told.startswith("it said ")
        assert told.endswith(" and went on")


@pytest.mark.parametrize("address", ["file://{0}", "file://localhost{0}", "file:{0}", "{0}", "corp=file://{0}"])
@pytest.mark.parametrize("place", ["UV_DEFAULT_INDEX", "PIP_FIND_LINKS", "etc/pip.conf"])
def test_an_index_that_is_a_folder_here_is_no_secret_and_hides_nothing_below_it(
    tmp_path: Path, address: str, place: str
) -> None:
    folder = tmp_path / "runs-20261101-a1b2c3d4e5" / "simple"
    said = address.format(folder)
    if place == "etc/pip.conf":
        put(tmp_path / place, f"[global]\nindex-url = {said}")
    lens = found(tmp_path, **({} if place == "etc/pip.conf" else {place: said}))
    for text in (said, str(folder), f"the run is in {folder.parent}/results"):
        assert lens.shown(text) == text


def test_a_share_of_another_host_is_still_masked(tmp_path: Path) -> None:
    lens = found(tmp_path, UV_DEFAULT_INDEX="file://files.corp.test/wheels", PIP_FIND_LINKS="//files2.corp.test/wheels")
    assert "corp.test" not in lens.shown("file://files.corp.test/wheels and //files2.corp.test/wheels")


@pytest.mark.parametrize(
    ("variable", "text", "file"),
    [
        ("PIP_CONFIG_FILE", "[global]\nindex-url = https://u:NamedFile9@x.test/", "my.conf"),
        ("NETRC", "machine x.test login a password NamedFile9", "rc"),
        ("UV_CONFIG_FILE", 'index-url = "https://u:NamedFile9@x.test/"', "u.toml"),
        ("REGISTRY_AUTH_FILE", json.dumps({"auths": {"x.test": {"password": "NamedFile9"}}}), "auth.json"),
        ("DOCKER_CONFIG", json.dumps({"auths": {"x.test": {"password": "NamedFile9"}}}), "config.json"),
        ("XDG_CONFIG_HOME", "[global]\nindex-url = https://u:NamedFile9@x.test/", "pip/pip.conf"),
        ("XDG_CONFIG_DIRS", "[global]\nindex-url = https://u:NamedFile9@x.test/", "pip/pip.conf"),
        ("VIRTUAL_ENV", "[global]\nindex-url = https://u:NamedFile9@x.test/", "pip.conf"),
    ],
)
def test_files_that_a_variable_names_are_read(tmp_path: Path, variable: str, text: str, file: str) -> None:
    put(tmp_path / "there" / file, text)
    folder = variable in {"DOCKER_CONFIG", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "VIRTUAL_ENV"}
    value = tmp_path / "there" if folder else tmp_path / "there" / file
    assert "NamedFile9" not in found(tmp_path, **{variable: str(value)}).shown("x NamedFile9")


def test_every_file_that_pip_says_it_reads_is_read(tmp_path: Path) -> None:
    environ = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "c"), "XDG_CONFIG_DIRS": f"{tmp_path}/d:{tmp_path}/e"}
    environ["HOME"] = str(tmp_path / "home")
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "debug"], env=environ, capture_output=True, text=True, check=True
    )
    named = {line.strip().rpartition(",")[0] for line in asked.stdout.splitlines() if ", exists:" in line}
    ours = {str(path) for path, _ in sources._places(environ, tmp_path / "home", Path("/etc"))}
    assert len(named) > 3, asked.stdout
    assert named <= ours


def test_every_address_that_pip_says_it_uses_is_masked(tmp_path: Path) -> None:
    places = {"user": "c/pip/pip.conf", "global": "d/pip/pip.conf", "old": "home/.pip/pip.conf", "named": "named.conf"}
    for kind, place in places.items():
        put(tmp_path / place, f"[global]\nindex-url = https://u:Pw4{kind}99@{kind}.corp.test/simple\n")
    environ = {**os.environ, "XDG_CONFIG_HOME": f"{tmp_path}/c", "XDG_CONFIG_DIRS": f"{tmp_path}/d"}
    environ |= {"HOME": f"{tmp_path}/home", "PIP_EXTRA_INDEX_URL": "https://u:Pw4env99@env.corp.test/simple"}
    lens = Mask(secrets=sources.secrets({**environ, "PIP_CONFIG_FILE": f"{tmp_path}/named.conf"}, tmp_path / "home"))
    for named in ("", str(tmp_path / "named.conf")):
        asked = subprocess.run(
            [sys.executable, "-m", "pip", "config", "list"],
            env={**environ, **({"PIP_CONFIG_FILE": named} if named else {})}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        told = re.findall(r"Pw4\w+99|\w+\.corp\.test", asked.stdout)
        assert len(told) > 2, asked.stdout
        assert not [one for one in told if one in lens.shown(asked.stdout)]


@pytest.mark.parametrize("below", [".", "src/deep"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.toml", '[[index]]\nurl = "https://uvu:UvPr0jectPw@uvp.corp.test/simple"'),
        ("pyproject.toml", '[[tool.uv.index]]\nname = "corp"\nurl = "https://uvu:UvPr0jectPw@uvp.corp.test/simple"'),
        ("pyproject.toml", 'damaged = [\n[[tool.uv.index]]\nurl = "https://uvu:UvPr0jectPw@uvp.corp.test/simple"'),
    ],
)
def test_the_indexes_of_uv_s_project_are_secrets_wherever_in_it_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, below: str
) -> None:
    put(tmp_path / name, text)
    (tmp_path / below).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path / below)
    told = found(tmp_path).shown("it said UvPr0jectPw of uvp.corp.test")
    assert "UvPr0jectPw" not in told
    assert "uvp.corp.test" not in told


def test_what_else_stands_in_a_project_s_file_is_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(
        tmp_path / "pyproject.toml",
        '[project.urls]\nindex-url = "https://home.example.test/"\n[tool.uv]\npackage = true',
    )
    monkeypatch.chdir(tmp_path)
    assert found(tmp_path).shown("see home.example.test") == "see home.example.test"


NAMES = (
    "GITHUB_PAT DB_PASS REDIS_PWD SLACK_WEBHOOK SLACK_WEBHOOK_URL MY_JWT SESSION_COOKIE DATABASE_URL SENTRY_DSN DJANGO_SESSION"
    " REQUEST_SIGNATURE AZURE_SAS AZURE_SAS_TOKEN HF_TOKEN OPENAI_API_KEY AWS_SECRET_ACCESS_KEY NPM_AUTH CI_JOB_TOKEN dbPassword"
    " PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_PROXY UV_INDEX_CORP_PASSWORD UV_PUBLISH_TOKEN UV_DEFAULT_INDEX https_proxy ALL_PROXY"
    " PIP_TRUSTED_HOST PIP_FIND_LINKS SIGNING_KEY TWINE_PASSWORD GIT_ASKPASSWORD SSH_PASSPHRASE APP_SECRET CONNECTION_STRING"
    " HTTP_AUTHORIZATION MY_BEARER MY_COOKIE MY_COOKIES MY_CREDENTIAL MY_CREDENTIALS MY_CREDS MY_PASSPHRASE MY_PASSWD MY_PASSWORD NO_PROXY"
    " MY_SECRET MY_SECRETS MY_SIGNING MY_WEBHOOK MY_APIKEY APIKEY_FILE ACCESSKEY ACCOUNTKEY ENCRYPTIONKEY MASTERKEY PRIVATEKEY SECRETKEY"
    " SIGNINGKEY SSHKEY GPGKEY DEPLOYKEY DB_URL DATABASE_URI REDIS_URI MONGO_URL MONGODB_URI POSTGRES_URL POSTGRESQL_URI MYSQL_URL AMQP_URL"
    " BROKER_URL SENTRY_URL MYPASSWORD MYPASSWD MYPASSPHRASE MYSECRET MYCREDENTIALS MYTOKEN MYAPIKEY FERNET_KEY MYWEBHOOK PIP_PYPI_URL"
    " NPM_MIRROR MY_FIND_LINKS MY_TRUSTED_HOST MY_INDEX MY_INDEX_URLS UV_INDEX_CORP HTTPPROXY"
)
"""One row for each word and each part of a word that says so."""
HARMLESS = (
    "PATH PWD OLDPWD HOME LANG XDG_SESSION_ID XDG_SESSION_TYPE DESKTOP_SESSION DBUS_SESSION_BUS_ADDRESS TOKENIZERS_PARALLELISM"
    " MAX_TOKENS PAD_TOKEN_ID AUTHOR COMPASS_MODE PATTERN BYPASS FLAGS_enable_pir_api SASHIMI OMP_NUM_THREADS KEYBOARD INDEX_SIZE"
)


@pytest.mark.parametrize("name", NAMES.split())
def test_a_variable_says_by_its_name_that_it_is_secret(tmp_path: Path, name: str) -> None:
    assert names.secret(name)
    assert "Pl4ntedValue" not in found(tmp_path, **{name: "https://u:Pl4ntedValue@h.corp.test/x"}).shown(
        "a Pl4ntedValue"
    )


@pytest.mark.parametrize("name", HARMLESS.split())
def test_other_names_say_no_such_thing(name: str) -> None:
    assert not names.secret(name)


def test_a_login_in_any_variable_is_a_secret(tmp_path: Path) -> None:
    lens = found(tmp_path, PLAIN="see http://bob:B0bsPassw@h.corp.test/ for more")
    assert "B0bsPassw" not in lens.shown("said B0bsPassw")


@given(SECRET, st.sampled_from(["plain", "url", "json", "python", "base64", "basic", "html"]))
def test_a_secret_is_gone_in_every_form(secret: str, form: str) -> None:
    written = {
        "plain": secret,
        "url": quote(secret, safe=""),
        "json": json.dumps({"a": f"x {secret} y"}),
        "python": repr(["x", f"- {secret} -"]),
        "base64": base64.b64encode(f"anybody {secret}".encode()).decode(),
        "basic": base64.b64encode(f"u:{secret}".encode()).decode(),
        "html": secret.replace("&", "&amp;").replace('"', "&quot;").replace("'", "&#x27;"),
    }[form]
    told = mask(secret).shown(f"before {written} after")
    assert not any(one in told for one in forms(secret))


@given(st.text(max_size=200), st.text(alphabet="abcdef0123456789", min_size=16, max_size=20))
def test_a_secret_is_gone_from_any_text(text: str, secret: str) -> None:
    assert secret not in mask(secret).handed(f"{text}{secret}{text}")


TELLTALES = {
    "https://bob:geheim@x.test/": "geheim",
    "password = abc": "abc",
    "'DB_PASSWORD': 'a b c d'": "a b c d",
    "('DB_PASS', 'abcd1')": "abcd1",
    "DB_PASS=abcd1": "abcd1",
    "GITHUB_PAT: abcd1": "abcd1",
    '"GITHUB_PAT": "abcd1"': "abcd1",
    '"GITHUB_PAT":"abcd1"': "abcd1",
    "api-key: abcdef": "abcdef",
    "Authorization: Basic dTpwYXNzd29yZA==": "dTpwYXNz",
    "curl -H 'Cookie: sid=abc; other=def'": "def",
    "X-Api-Key: abc123": "abc123",
    "sent Bearer abcdefghijklmnop": "abcdefghijklmnop",
    "GET /x?sig=abc%2Fdef&sv=1": "abc%2Fdef",
    "https://x.test/?access_token=abcdef": "abcdef",
    f"ghp_{'a1' * 12}": "a1a1a1",
    f"hf_{'aB' * 12}": "aBaB",
    "eyJhbGciOiJI.eyJzdWIi.c2ln": "eyJzdWIi",
    "AKIAIOSFODNN7EXAMPLE": "IOSFODNN",
    "https://hooks.slack.com/services/T0/B0/xyz": "xyz",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----": "MIIE",
}


@pytest.mark.parametrize("text", TELLTALES)
def test_a_secret_nobody_planted_gives_itself_away(text: str) -> None:
    told = EMPTY.shown(f"log: {text}\nnext line")
    assert TELLTALES[text] not in told
    assert shapes.GONE in told
    assert told.endswith("\nnext line")


@pytest.mark.parametrize("text", TELLTALES)
def test_a_document_with_such_a_text_stays_a_document(text: str) -> None:
    data = json.dumps({"a": [text, 5, {"password": text, "n": 1.5, "none": None}], text: True}).encode()
    clear = json.loads(EMPTY.json(data))
    assert clear["a"][1:2] == [5]
    assert clear["a"][2] == {"password": shapes.GONE, "n": 1.5, "none": None}
    assert TELLTALES[text] not in json.dumps(clear)


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12), SECRET)  # fmt: skip
def test_masking_a_document_gives_a_document_of_the_same_shape(value: object, secret: str) -> None:
    data = json.dumps({"value": value, "said": f"<{secret}>"}).encode()
    clear = json.loads(mask(secret, "123456789").json(data))
    assert clear["said"] == f"<{shapes.GONE}>"
    if isinstance(value, (int, float)):
        assert clear["value"] == value


def texts() -> list[Path]:
    """What people read and what the lab prints: documents, scenarios, checked-in results."""
    kinds = (
        "README*.md",
        "docs/**/*.md",
        "scenarios/**/*",
        "results/**/*.md",
        "tests/golden/**/*.md",
        "tests/golden/**/*.json",
    )
    return sorted({path for kind in kinds for path in ROOT.glob(kind) if path.is_file() and path.suffix != ".npz"})


LOGS = """\
/opt/paddle/lib/python3.11/site-packages/paddle/base/framework.py:667: UserWarning: The Attr(force_cpu) is deprecated
W0101 12:00:00.123456   12 gpu_resources.cc:119] Please NOTE: device: 0, GPU Compute Capability: 8.6, Driver API: 12.2
I1129 10:00:00.000000 1 program_interpreter.cc:243] New Executor is Running. version 10.1.0.2, cudnn 9.1.0.70, 12.1.105.3
Error: Unexpected token: foo at position 7, tokens: [1, 2, 3], max_tokens=512, pad_token_id: 0, token_type_ids = [0, 1]
PASS: test_conv2d (0.12 s)   FAIL: test_matmul   KEY: value   SESSION: 3   signature: py_exception:ValueError
NotFoundError: The kernel with key (GPU, Undefined(AnyLayout), float32) of kernel `conv2d` is not registered.
[Hint: Expected kernel_factory.find != end] (at ../paddle/phi/core/kernel_factory.cc:221)
  keys: a0000, a0001; index=3; author: someone@else; the proxy is none; compare 3.0.0..3.3.1 at 0x7f00aabbccdd
"""


def test_ordinary_texts_pass_unchanged() -> None:
    """With the secrets of a careless user: words that any log may hold."""
    careless = mask("paddle", "python", "changeme", "tensor", "float32", "public", "123456", "12345678", "abc", "root", "output",
                    hosts=("proxy", "www.baidu.com", "localhost", "127.0.0.1"))  # fmt: skip
    assert careless.handed(LOGS) == LOGS
    changed = {path.relative_to(ROOT) for path in texts() if careless.shown(text := path.read_text("utf-8")) != text}
    assert len(texts()) > 40
    assert {str(path) for path in changed} == {"docs/security.md", "docs/zh/security.md"}, "these show what is masked"


def test_a_secret_that_is_a_piece_of_a_word_leaves_the_word_alone() -> None:
    told = mask("swordfish").shown("swordfishes like swordfish")
    assert told == f"swordfishes like {shapes.GONE}"


def test_what_is_handed_over_does_not_say_where_it_was_made() -> None:
    lens = Mask(secrets=Secrets(folders=(("/srv/jane", "~"),), name="jane-pc7"))
    text = "ran /srv/jane/lab on jane-pc7 (10.1.2.3, http://8.8.4.4/x, GPU-12345678-1234-1234-1234-123456789abc) at 127.0.0.1"
    assert lens.handed(text) == "ran ~/lab on <redacted> (<redacted>, http://<redacted>/x, <redacted>) at 127.0.0.1"
    assert lens.shown(text) == text, "a terminal needs paths that commands work with"


def test_a_secret_in_data_that_must_stay_as_it_is_is_named_by_its_first_letters_only() -> None:
    assert mask("Pl4ntedValue").leak(b"\0\xffPl4ntedValue\0") == "Pl..."
    assert mask("Pl4ntedValue").leak(b"\0\xffPl4nted Value\0") == ""
    assert mask("swordfish").leak(b"swordfishes") == ""


@pytest.mark.parametrize("value", ["", "abc", "paddle", "Password", "------", "12345678", "github.com", "None"])
def test_a_value_that_any_text_may_hold_is_not_looked_for(value: str) -> None:
    assert not ordinary.telling(value)


def test_a_megabyte_of_log_is_masked_faster_than_it_is_read(tmp_path: Path) -> None:
    """Bounded because every answer goes through it: a mask of a hundred secrets, under a second for a megabyte."""
    lens = mask(*(f"S3cret{number}Value" for number in range(100)))
    text = LOGS * (1_000_000 // len(LOGS))
    lens.shown("warm")
    start = time.process_time()
    assert lens.shown(text) == text
    assert time.process_time() - start < 5


def test_a_secret_that_is_not_utf8_is_gone_in_the_forms_it_is_shown_in() -> None:
    secret = "模型令牌abcdefgh".encode("gbk").decode("utf-8", "surrogateescape")
    lens = Mask(secrets=Secrets(values=frozenset({secret})))
    for form in (secret, readable(secret), shell.quote(secret)):
        assert "abcdefgh" not in lens.shown(f"it is {form} here")
    assert lens.leak(secret.encode("utf-8", "surrogateescape"))
