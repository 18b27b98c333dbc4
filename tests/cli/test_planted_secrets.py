"""Secrets are planted wherever a user's machine keeps them, a scenario tells all of them, and none may come out anywhere."""

import base64
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from lab.engine.protocol import Job, JobResult
from lab.redaction.mask import forms
from tests.cli.benches import SAME, quick  # noqa: F401 - a fixture
from tests.cli.given import Model
from tests.cli.scenario_text import text
from tests.conftest import Answer, Cli

PLANTED = {
    "variable": "tok-V4riableSecret", "pip": "P1pPassw0rd%21", "pip host": "pkg.corp-planted.test", "proxy": "Pr0xyPassw0rd",
    "proxy host": "proxy.corp-planted.test", "uv": "UvInd3xSecret", "netrc": 'N3trc "quoted" pass', "docker": "D0ckerRegPass",
    "docker proxy": "D0ckerProxyPw", "identity": "1dentityT0kenX", "pypirc": "Pyp1rcUpl0ad", "git": "G1t&Cred<entials>",
    "pat": "pat4Secret77", "url": "p0stgresPassw", "webhook": "W3bhookPath0123456789", "jwt": "eyJhbGciOiJI.eyJzdWIiOiJ4.c2lnbmF0dXJl",
    "own token": "ghp_0123456789abcdefABCDEF0123", "密": "密码是Zh0ngwen长",
}  # fmt: skip
# The host's own copies of what the guest itself wrote; nothing of the lab hands them over as they are.
RAW = re.compile(r"/out/|/in/")
TELLS = """
    import sys
    told = open({seen!r}, encoding="utf-8").read()
    sys.stderr.write(told)
    print(told)
    if os.environ["TOY_PADDLE_VERSION"].startswith({failing!r}): raise ValueError("cannot open: " + told)
"""


@pytest.fixture
def planted(bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with secrets in every place, and a file with all of them in many forms for the scenario to tell."""
    home = tmp_path / "home"
    user = home / ".config"
    login = base64.b64encode(f"robot:{PLANTED['docker']}".encode()).decode()
    proxies = {"default": {"httpsProxy": f"http://p:{PLANTED['docker proxy']}@x.test:3128"}}
    registries = {"r.test": {"auth": login}, "s.test": {"identitytoken": PLANTED["identity"]}}
    files = {
        user
        / "pip"
        / "pip.conf": f"[global]\nextra-index-url =\n  https://u:{PLANTED['pip']}@{PLANTED['pip host']}/simple",
        user / "uv" / "uv.toml": f'[[index]]\nurl = "https://u:{PLANTED["uv"]}@uv.test/simple"',
        home / ".netrc": f"machine n.test\n login me\n password {json.dumps(PLANTED['netrc'])}",
        home / ".docker" / "config.json": json.dumps({"auths": registries, "proxies": proxies}),
        home / ".pypirc": f"[pypi]\nusername = __token__\npassword = {PLANTED['pypirc']}",
        home / ".git-credentials": f"https://me:{quote(PLANTED['git'], safe='')}@git.test",
    }
    for path, words in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, encoding="utf-8")
    environ = {
        "HOME": str(home), "MY_SERVICE_TOKEN": PLANTED["variable"], "GITHUB_PAT": PLANTED["pat"], "LOGIN_JWT": PLANTED["jwt"],
        "https_proxy": f"http://p:{PLANTED['proxy']}@{PLANTED['proxy host']}:8080", "DB_PASS": PLANTED["密"],
        "DATABASE_URL": f"postgres://app:{PLANTED['url']}@db.test/x", "CI_WEBHOOK": f"https://h.test/hooks/{PLANTED['webhook']}",
    }  # fmt: skip
    for name in (
        "XDG_CONFIG_HOME",
        "DOCKER_CONFIG",
        "NETRC",
        "PIP_CONFIG_FILE",
        "UV_CONFIG_FILE",
        "REGISTRY_AUTH_FILE",
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    seen = tmp_path / "seen.txt"
    seen.write_text("\n".join(line for one in PLANTED.values() for line in told_as(one)), encoding="utf-8")
    return seen


def told_as(secret: str) -> list[str]:
    """How a program may come to print it."""
    encoded = base64.b64encode(f"anyone:{secret}".encode()).decode()
    return [
        secret,
        f"a={secret};",
        quote(secret, safe=""),
        json.dumps({"k": secret}),
        repr([secret]),
        f"Basic {encoded}",
    ]


@pytest.fixture
def telling(toy: Any, planted: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The guest's own record tells them too, as the processor it ran on, a version, a missing flag."""
    run = toy.run

    def told(job: Job) -> JobResult:
        ended: JobResult = run(job)
        path = job.outbox / "outcome.json"
        if path.is_file():
            record = json.loads(path.read_text(encoding="utf-8"))
            facts = record.get("facts") or {}
            facts["cpu"] = f"cpu {PLANTED['variable']} {PLANTED['pip']}"
            facts["flags_missing"] = [f"FLAGS_{PLANTED['proxy']}"]
            facts.setdefault("versions", {})["commit"] = PLANTED["docker"]
            path.write_text(json.dumps({**record, "facts": facts}), encoding="utf-8")
        return ended

    monkeypatch.setattr(toy, "run", told)
    return planted


def write(bench: Path, seen: Path, failing: str = "3.3.1", infer: str = "pass", *, save: str = "") -> None:
    source = text(load=TELLS.format(seen=str(seen), failing=failing).strip(), infer=infer)
    if save:
        source = source.replace(
            'return {"y": inputs["x"] * 2}\n\n\ndef load', f'{save}\n    return {{"y": inputs["x"] * 2}}\n\n\ndef load'
        )
    (bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")


def leaked(where: str, said: str) -> Iterator[str]:
    """Which secrets stand in a text, in any form, also where a narrow table broke it over lines."""
    joined = re.sub(r"[\s│|]+", "", said)
    for name, secret in PLANTED.items():
        if any(form in said or re.sub(r"\s+", "", form) in joined for form in forms(secret)):
            yield f"{name} in {where}"


def in_files(folder: Path) -> list[str]:
    return [
        one
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and not RAW.search(str(path.relative_to(folder)))
        for one in leaked(str(path.relative_to(folder)), path.read_bytes().decode("utf-8", "replace"))
    ]


def in_answers(answers: dict[str, Answer]) -> list[str]:
    return [one for verb, said in answers.items() for one in leaked(f"the answer of {verb}", said.out + said.err)]


def tried(cli: Cli, *verbs: str) -> dict[str, Answer]:
    return {verb: cli(*verb.split()) for verb in verbs}


def test_no_verb_and_no_file_tells_a_planted_secret(
    lab: Cli, bench: Path, telling: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bench, telling)
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "made"
    out.mkdir()
    answers = tried(
        lab,
        "repro toy --rounds 0",
        "repro toy --rounds 0 --json",
        "runs list",
        "runs list --json",
        "runs show last",
        "runs show last --json",
        "runs show last --format markdown",
        "issue last",
        "issue last --json",
        f"bundle last --no-proof -o {out}/b.repro.tgz",
        "bundle last --no-proof --list",
        f"matrix toy --savers 3.0.0 --loaders 3.0.0,3.3.1 -o {out}/m.md -o {out}/m.html -o {out}/m.json",
        "matrix toy --savers 3.0.0 --loaders 3.0.0,3.3.1",
        f"explain toy --at 3.3.1 --good 3.0.0 -o {out}/e.md -o {out}/e.json",
        "bisect toy --good 3.0.0 --bad 3.3.1",
        f"report -o {out}/site",
    )
    codes = {verb: said.code for verb, said in answers.items()}
    assert not {verb: (code, answers[verb].err) for verb, code in codes.items() if code in {2, 3, 4, 70}}, codes
    monkeypatch.setenv("COLUMNS", "60")
    answers |= {f"{verb}, narrow": said for verb, said in tried(lab, "runs show last", "runs list").items()}
    assert "cannot open" in answers["issue last"].out, "the scenario told nothing"
    assert in_answers(answers) == []
    with tarfile.open(out / "b.repro.tgz") as packed:
        packed.extractall(out / "unpacked", filter="data")
    made = [path for path in out.rglob("*") if path.is_file()]
    assert len(made) > 25
    assert in_files(out) == []
    assert in_files(bench / "results") == []


@pytest.mark.usefixtures("quick")
def test_a_benchmark_and_its_history_tell_none(lab: Cli, bench: Path, telling: Path) -> None:
    write(bench, telling, failing="2.", infer=SAME)
    answers = tried(
        lab,
        "bench toy --releases 3.0.0,3.3.1 --seed 7 --blocks 6 --metric infer",
        "track add last",
        "track list --json",
    )
    assert [said.code for said in answers.values()] == [0, 0, 0], answers
    assert list((bench / "results" / "history").rglob("*.jsonl"))
    assert in_answers(answers) == []
    assert in_files(bench / "results") == []


def test_checking_a_model_whose_folder_is_named_after_a_secret_tells_none(
    lab: Cli, bench: Path, telling: Path, model: Model
) -> None:
    given = model("3.0.0")
    named = given.rename(given.with_name(f"model {PLANTED['variable']}"))
    answers = {
        verb: lab(verb, str(named), *words)
        for verb, words in {"check": ("--to", "3.3.1", "--rounds", "0"), "inspect": (), "stamp": ()}.items()
    }
    answers["check --json"] = lab("check", str(named), "--to", "3.3.1", "--rounds", "0", "--json")
    assert in_answers(answers) == []
    assert in_files(bench / "results") == []


@pytest.mark.parametrize(
    "spoiled",
    [
        "open(prefix + '.pdmodel', 'w', encoding='utf-8').write(open({seen!r}, encoding='utf-8').read())",
        "open(prefix + '.json', 'w', encoding='utf-8').write(open({seen!r}, encoding='utf-8').read())",
    ],
)
def test_a_model_that_holds_a_secret_is_not_packed(
    lab: Cli, bench: Path, telling: Path, tmp_path: Path, spoiled: str
) -> None:
    write(bench, telling, save=spoiled.format(seen=str(telling)))
    assert lab("repro", "toy", "--rounds", "0").code in {0, 1}
    target = tmp_path / "b.repro.tgz"
    answer = lab("bundle", "last", "--no-proof", "-o", str(target))
    assert answer.code == 8, answer.out + answer.err
    assert "holds a value that is a secret of this machine" in answer.err
    assert not target.exists()
    assert in_answers({"bundle": answer}) == []


def test_outputs_whose_names_are_secrets_are_told_without_them(lab: Cli, bench: Path, telling: Path) -> None:
    write(
        bench,
        telling,
        failing="2.",
        infer=f"return {{open({str(telling)!r}, encoding='utf-8').read(): inputs['x'] * 3}}",
    )
    answers = tried(
        lab,
        "repro toy --rounds 0",
        "runs show last --json",
        "runs show last",
        "issue last",
        "matrix toy --savers 3.0.0 --loaders 3.3.1",
    )
    assert in_answers(answers) == []
    assert in_files(bench / "results") == []


def test_a_run_that_an_older_lab_kept_with_its_secrets_is_shown_without_them(
    lab: Cli, bench: Path, planted: Path, tmp_path: Path
) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(load='raise ValueError("THE MESSAGE")'), encoding="utf-8")
    assert lab("repro", "toy", "--rounds", "0").code == 1
    said = json.dumps(planted.read_text(encoding="utf-8"))[1:-1]
    for path in (bench / "results" / "runs").rglob("*.json"):
        path.write_text(path.read_text(encoding="utf-8").replace("THE MESSAGE", said), encoding="utf-8")
    (kept,) = (bench / "results" / "runs").glob("*/run.json")
    assert PLANTED["pat"] in kept.read_text(encoding="utf-8")
    shown = tried(
        lab, "runs show last", "runs show last --json", "runs show last --format markdown", "runs list", "issue last",
        f"report -o {tmp_path}/site", "bundle last --no-proof --list",
    )  # fmt: skip
    assert in_answers(shown) == []
    assert (tmp_path / "site" / "report.json").is_file()
    assert in_files(tmp_path / "site") == []


def test_a_run_below_a_folder_that_is_an_index_is_done_and_told_as_any_other(
    cli: Cli, bench: Path, toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", tmp_path.as_uri())
    (bench / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    answer = cli("run", "toy", "--savers", "3.0.0", "--loaders", "3.3.1", "--json")
    assert answer.code == 0, answer.err
    assert [one["outcome"]["kind"] for one in json.loads(answer.out)["trials"]] == ["ok"]
    assert "<redacted>" not in answer.out + answer.err
