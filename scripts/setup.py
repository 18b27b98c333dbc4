"""Make the lab's own virtual environment from a hash-locked file: `python3 scripts/setup.py .venv requirements.lock`.

Standard library only; pip runs with this host's own settings (index, mirror, proxy, CA). The project itself is linked
in by a .pth file and a launcher, so that nothing has to be built.
"""

import subprocess
import sys
import venv
from pathlib import Path

OLDEST = (3, 11)
LAUNCHER = """#!{python}
import sys
from lab.__main__ import main
sys.exit(main())
"""


def main() -> int:
    """Create, install, link; every failure is one sentence."""
    home, lock = Path(sys.argv[1]), Path(sys.argv[2])
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        print(
            f"the lab needs Python 3.11 or newer; this is {found}. Try: make PYTHON=python3.11 setup", file=sys.stderr
        )
        return 2
    python = home.absolute() / "bin" / "python"
    if not python.exists():
        print(f"making {home} ...", file=sys.stderr)
        venv.create(home, with_pip=True, symlinks=True)
    print(f"installing {lock} ...", file=sys.stderr)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock]
    if subprocess.run([str(word) for word in install], check=False).returncode:
        print("the lab's packages could not be installed; pip's message is above (mirror, proxy, CA?)", file=sys.stderr)
        return 7
    link(home.absolute(), Path.cwd())
    return 0


def link(home: Path, root: Path) -> None:
    """Let the environment see the clone, and put `lab` beside its python."""
    site = next((home / "lib").glob("python3.*")) / "site-packages"
    (site / "paddle_repro_lab.pth").write_text(f"{root}\n", encoding="utf-8")
    launcher = home / "bin" / "lab"
    launcher.write_text(LAUNCHER.format(python=home / "bin" / "python"), encoding="utf-8")
    launcher.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main())
