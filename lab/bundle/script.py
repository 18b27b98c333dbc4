"""run.sh of a bundle: plain engine commands with the limits that the lab's own containers have."""

import math
import shlex

from lab.model import Limits, Selector
from lab.model.bundle import Bundle
from lab.variables import PROXIES

NOBODY = "65534:65534"
PODMAN = "--ulimit=nproc=4096:4096"
THREAD_NAMES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
PYTHON = "/opt/paddle/bin/python"
HERE = "/bundle"

TEXT = """\
#!/bin/sh
# Shows the problem with a container engine alone: builds the images this bundle names, then replays it offline.
#
#   ENGINE       docker (default) or podman
#   LOAD_IMAGE   a ready image for the loading side; then nothing is built (SAVE_IMAGE: the saving side)
#   BASE         the base image to build on, instead of the one in Dockerfile.load
#   WHEELS       a folder with the wheels of requirements.load.txt; then the build needs no network
#   PIP_CONF     a pip.conf with a mirror, for the build alone
#   RESAVE=1     let the saving side write the model again, instead of using the one that came with this bundle
set -eu
cd "$(dirname "$0")"
cpus={cpus}
if [ "$(nproc)" -lt {cores} ]; then cpus=$(nproc); fi  # an engine refuses more cores than there are
ENGINE=${{ENGINE:-docker}}
sha256sum --check --quiet MANIFEST.sha256

user=$(id -u):$(id -g)
case $user in 0:*) user={nobody} ;; esac
case $ENGINE:$user in
    docker:*) own= ;;
    *:{nobody}) own={podman} ;;
    *) own="{podman} --userns=keep-id" ;;
esac

image() {{  # image ROLE TAG: build it unless the engine has it
    if "$ENGINE" image inspect "$2" >/dev/null 2>&1; then return; fi
    context=$(mktemp -d)
    cp "Dockerfile.$1" "$context/Dockerfile"
    cp "requirements.$1.txt" "$context/requirements.txt"
    if [ -n "${{WHEELS:-}}" ]; then cp -R "$WHEELS" "$context/wheels"; fi
    if [ -n "${{PIP_CONF:-}}" ]; then cp "$PIP_CONF" "$context/pip.conf"; fi
    DOCKER_BUILDKIT=1 "$ENGINE" build ${{BASE:+--build-arg "BASE=$BASE"}} --tag "$2" "$context"
    rm -rf "$context"
}}
"""

REPLAY = """
load_image=${{LOAD_IMAGE:-{load}}}
[ -n "${{LOAD_IMAGE:-}}" ] || image load "$load_image"
"""

MADE = """
made() {{  # the saving side writes the model into made/
    save_image=${{SAVE_IMAGE:-{save}}}
    [ -n "${{SAVE_IMAGE:-}}" ] || image save "$save_image"
    mkdir -p made
    chmod 777 made
    "$ENGINE" run --rm {limits} \\
        --user "$user" $own {environment} {flags} \\
        --mount "type=bind,source=$PWD,target={here},readonly" \\
        --mount "type=bind,source=$PWD/made,target={here}/made" \\
        {entry} "$save_image" {save_python} {here}/repro.py save {here}/made
}}
"""

END = """
if [ {resave} = 1 ]; then made; folder={here}/made; else folder={here}/saved; fi
"$ENGINE" run --rm {limits} \\
    --user "$user" $own {environment} \\
    --mount "type=bind,source=$PWD,target={here},readonly" \\
    {entry} "$load_image" {python} {here}/repro.py check "$folder"
"""


def run_sh(bundle: Bundle) -> str:
    """The whole script; every value from a run is quoted."""
    cpus = f"{bundle.limits.cpus:g}"
    words = {
        "cpus": cpus,
        "cores": str(math.ceil(bundle.limits.cpus)),
        "nobody": NOBODY,
        "podman": PODMAN,
        "limits": shlex.join(limits(bundle.limits)).replace(f"--cpus={cpus}", '--cpus="$cpus"'),
        "environment": shlex.join(environment(bundle.threads)),
        "flags": shlex.join(_variables(bundle.saver_env)),
        "here": HERE,
        "python": _python(bundle, bundle.loader),
        "save_python": _python(bundle, bundle.saver),
        "entry": "--entrypoint ''",
        "load": bundle.images.get("load", ""),
        "save": bundle.images.get("save", ""),
        "resave": "${RESAVE:-0}" if bundle.carried else "1",
    }
    return "".join(part.format(**words) for part in (TEXT, REPLAY, MADE, END))


def _python(bundle: Bundle, key: str) -> str:
    """The interpreter of a side: the lab's own, or where it lies in an image that was handed over."""
    mine = (one for one in bundle.builds if one.release == Selector.of(key).release and one.interpreter)
    return shlex.quote(next((one.interpreter for one in mine), PYTHON))


def limits(of: Limits) -> list[str]:
    """The engine's words for a container of the run phase; tests hold them to what lab.engine.docker.container makes."""
    return [
        "--init", "--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges",
        f"--pids-limit={of.pids}", f"--memory={of.memory}", f"--memory-swap={of.memory}", f"--cpus={of.cpus:g}",
        "--ipc=private", f"--shm-size={256 * 1024**2}", "--ulimit=core=0:0", "--ulimit=nofile=4096:4096",
        "--tmpfs=/tmp:size=1g,nosuid,nodev,mode=1777", "--workdir=/tmp",
    ]  # fmt: skip


def environment(threads: int) -> list[str]:
    """The variables every container gets, as the lab's own guest does; flags are set by repro.py, case by case.

    Proxies are set empty: else the engine's client adds those of its own configuration, with their passwords.
    """
    fixed = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
    return _variables(
        {
            **fixed,
            "PYTHONDONTWRITEBYTECODE": "1",
            **dict.fromkeys(THREAD_NAMES, str(threads)),
            **dict.fromkeys(PROXIES, ""),
        }
    )


def _variables(env: object) -> list[str]:
    pairs = env.items() if isinstance(env, dict) else ()
    return [f"--env={name}={value}" for name, value in pairs]
