"""Every promise of the run phase, by trying to break it from inside a real container."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from lab.engine.docker.build import BuildOrder, run_build
from lab.engine.protocol import Teller
from tests.cli.scenario_text import text
from tests.conftest import Cli

pytestmark = pytest.mark.containers

ATTACKS = """
    import socket, subprocess
    broken = []

    def tried(name, attack):
        try:
            attack()
        except (OSError, subprocess.SubprocessError):
            return
        broken.append(name)

    status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
    if os.getuid() == 0: broken.append("runs as root")
    if int(status["CapEff"], 16) or int(status["CapPrm"], 16) or int(status["CapBnd"], 16): broken.append("capabilities")
    if status["NoNewPrivs"].strip() != "1": broken.append("new privileges")
    if set(os.listdir("/sys/class/net")) != {"lo"}: broken.append("a network interface")
    if os.path.exists("/var/run/docker.sock"): broken.append("the engine's socket")
    if os.getpid() == 1: broken.append("no init")
    names = {"HOME", "HOSTNAME", "LANG", "PATH", "PWD", "SHLVL", "TMPDIR", "LC_CTYPE", "PYTHONPATH", "TMP", "TEMP"}
    allowed = ("OMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "PYTHON", "FLAGS_", "XDG_", "KMP_", "LAB_", "NPY_", "CUSTOM_")
    extra = sorted(name for name in os.environ if name not in names and not name.startswith(allowed))
    if "SECRET_OF_THE_HOST" in os.environ: broken.append("the host's environment")
    limits = {line[:25].strip(): line[26:].split() for line in open("/proc/self/limits")}
    if limits["Max core file size"][:2] != ["0", "0"]: broken.append("core files")
    if int(limits["Max open files"][1]) > 4096: broken.append("open files")
    scratch = [line for line in open("/proc/mounts") if line.split()[1] == "/tmp"]
    if not scratch or "size=1048576k" not in scratch[0] or "nosuid" not in scratch[0]: broken.append("a bounded scratch")
    quotas = [path for path in ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu.max") if os.path.exists(path)]
    if open(quotas[0]).read().split()[0] != "100000": broken.append("one core")
    tried("connects out", lambda: socket.create_connection(("1.1.1.1", 53), timeout=2))
    for family in set(range(1, 46)) - {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK}:
        for sort in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
            tried("opens sockets of family " + str(family), lambda: socket.socket(family, sort).close())
    for place in ("/etc/x", "/opt/paddle/x", "/lab/in/x", "/lab/saved/x", "/lab/in/guest/supervisor.py"):
        tried("writes " + place, lambda: open(place, "a").close())
    tried("becomes root", lambda: os.setuid(0))
    tried("mounts", lambda: subprocess.run(["mount", "-t", "tmpfs", "x", "/mnt"], check=True, capture_output=True))
    tried("kills others", lambda: os.kill(1, 9) if os.getuid() == 0 else (_ for _ in ()).throw(OSError()))
    if broken: raise AssertionError("promises broken: " + ", ".join(broken))
"""


def run(cli: Cli, bench: Path, source: str) -> dict[str, Any]:
    source = source.replace('loader = ["3.0.0", "3.3.1"]', 'loader = "3.3.1"').replace(
        'saver = "3.0.0"', 'saver = "3.3.1"'
    )
    (bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")
    found = json.loads(cli("repro", "toy", "--engine", "docker", "--rounds", "0", "--json").out)
    outcome = found["trials"][0]["outcome"]
    assert isinstance(outcome, dict)
    return outcome


def test_nothing_that_is_forbidden_works(cli: Cli, real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "hunter2")
    outcome = run(cli, real, text(load=ATTACKS.strip().replace("\n    ", "\n    ")))
    assert outcome["kind"] == "ok", outcome["message"]


def test_memory_beyond_the_limit_is_out_of_memory_and_not_a_crash(cli: Cli, real: Path) -> None:
    hog = "keep = [np.ones(2**24) for _ in range(100)]"
    outcome = run(cli, real, text(load=hog, limits="\n# [tool.lab.limits]\n# memory = 1000000000\n#"))
    assert (outcome["kind"], outcome["reason"]) == ("oom", "host")


@pytest.mark.parametrize(
    ("spoiled", "signal"),
    [
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("os.abort()", "SIGABRT"),
        ("os.kill(os.getpid(), 4)", "SIGILL"),
    ],
)
def test_a_native_crash_is_named_by_its_signal(cli: Cli, real: Path, spoiled: str, signal: str) -> None:
    outcome = run(cli, real, text(load=spoiled))
    assert (outcome["kind"], outcome["reason"]) == ("native_crash", signal)


def test_a_fork_bomb_ends_with_its_container(cli: Cli, real: Path) -> None:
    bomb = "while True: os.fork()"
    limits = "\n# [tool.lab.limits]\n# wall_s = 20\n# pids = 64\n#"
    outcome = run(cli, real, text(load=bomb, limits=limits))
    assert outcome["kind"] in {"py_exception", "timeout"}


def test_output_beyond_the_limit_is_stopped(cli: Cli, real: Path) -> None:
    writer = 'open(os.path.join("/lab/out", "big"), "wb").write(b"x" * 200_000_000)'
    outcome = run(cli, real, text(load=writer, limits="\n# [tool.lab.limits]\n# output = 50000000\n#"))
    assert (outcome["kind"], outcome["reason"]) == ("infra_error", "disk")


def test_a_planted_wrong_value_is_found_in_a_real_container(cli: Cli, real: Path) -> None:
    outcome = run(cli, real, text(infer='inputs["x"][1, 2] += 0.005'))
    assert (outcome["kind"], outcome["reason"]) == ("numeric_mismatch", "values")


@pytest.fixture
def proxied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whose client gives every container and every build a proxy with a password."""
    kinds = ("httpProxy", "httpsProxy", "ftpProxy", "noProxy", "allProxy")
    proxies = {"proxies": {"default": dict.fromkeys(kinds, CONFIG_PROXY)}}
    (tmp_path / "config.json").write_text(json.dumps(proxies), encoding="utf-8")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


CONFIG_PROXY = "http://corpuser:Pr0xyPassw0rd@proxy.corp.invalid:3128"
SEEN_OF_ANY = """
    for one in ("self", "1"):
        sys.stderr.write(open("/proc/" + one + "/environ").read().replace(chr(0), chr(10)))
    sys.stderr.write(chr(10).join(name + " is " + value for name, value in sorted(os.environ.items())))
    raise ValueError("the proxy is " + os.environ.get("HTTPS_PROXY", "none"))
"""


def test_a_guest_sees_no_proxy_that_the_engine_s_client_is_configured_with(cli: Cli, real: Path, proxied: None) -> None:
    outcome = run(cli, real, text(load=SEEN_OF_ANY.strip()))
    assert outcome["message"] == "the proxy is none"
    told = {path for path in (real / "results").rglob("*") if path.is_file() and b"Pr0xyPassw0rd" in path.read_bytes()}
    assert told == set()
    logs = [path.read_text(encoding="utf-8") for path in (real / "results").rglob("stderr.log")]
    assert any("PATH=" in one for one in logs), "the guest did not look"
    assert "proxy" not in "".join(logs).lower().replace("the proxy is none", "")


@pytest.mark.parametrize("keeps", ["ENV", "nothing"])
def test_no_image_and_no_log_of_a_build_holds_such_a_proxy(
    engine: Any, image: str, proxied: None, tmp_path: Path, keeps: str
) -> None:
    context = tmp_path / "context"
    context.mkdir()
    look = "env > /tmp/seen; grep -ic proxy /tmp/seen" if keeps == "ENV" else "env | grep -ic _proxy="
    # The random word makes it a step that no build has in its cache.
    (context / "Dockerfile").write_text(
        f"ARG BASE\nFROM ${{BASE}}\nUSER root\nRUN : {secrets.token_hex(8)}; {look}; true\n", encoding="utf-8"
    )
    tag, log = f"lab-proxy-test:{keeps.lower()}", tmp_path / "build.log"
    order = BuildOrder(context=context, tag=tag, base=image, labels={"lab.test": "proxy"}, online=keeps == "nothing")
    done = run_build(engine._address, order, log, Teller(say=print, passing=print))
    try:
        assert done.ok, done.tail()
        told = json.dumps([engine._client.api.inspect_image(tag), engine._client.api.history(tag)]) + log.read_text()
        kept = engine._client.containers.run(tag, ["sh", "-c", "cat /tmp/seen || true"], entrypoint=[], remove=True)
    finally:
        engine._client.images.remove(tag)
    assert "Pr0xyPassw0rd" not in told + kept.decode()
    assert ("PATH=" in kept.decode()) == (keeps == "ENV"), "the build did not look"
