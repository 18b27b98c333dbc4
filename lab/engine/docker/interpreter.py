"""Debian's Python, linked again so that zlib is a module of its own, as it is in the official images.

Debian builds zlib into the interpreter. Then the system's zlib is in the process before anything is imported, and what
breaks it in an official image (Paddle 2.6 imported before it) does no harm. Debian ships the interpreter as a library
too, with its table of built-in modules, so no source is needed: the table without these modules, the same objects.
"""

from pathlib import Path

from lab.engine.docker import build, words
from lab.engine.docker.address import EngineAddress
from lab.engine.protocol import Teller

SHARED = "+shared-zlib"
"""Added to the ground of a base whose zlib is a module of its own."""

SCRIPT = """\
set -eu
python=$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
version=$(dpkg-query -W -f '${Version}' "$python")
apt-get update
apt-get install -y --no-install-recommends gcc libc6-dev "lib$python-dev=$version" libexpat1-dev zlib1g-dev
ask() { python3 -c "import sysconfig; print(sysconfig.get_config_var('$1'))"; }
config=$(ask LIBPL)
include=$(ask INCLUDEPY)
suffix=$(ask EXT_SUFFIX)
modules="/made$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')/lib-dynload"
mkdir -p /work /made/usr/bin "$modules"
cd /work
sed -e '/PyInit_zlib/d' -e '/PyInit_binascii/d' "$config/config.c" >config.c
gcc -O2 -I"$include" -DPy_BUILD_CORE -c config.c
cp "$config/lib$python.a" all.a
ar d all.a config.o zlibmodule.o binascii.o
gcc -no-pie -Wl,-O1 -Wl,-export-dynamic -s -o "/made/usr/bin/$python" "$config/python.o" config.o \\
    -Wl,--whole-archive all.a -Wl,--no-whole-archive -lexpat -lm -lpthread -ldl -lutil
ar x "$config/lib$python-pic.a" zlibmodule.o binascii.o
gcc -shared -s -o "$modules/zlib$suffix" zlibmodule.o -lz
gcc -shared -s -o "$modules/binascii$suffix" binascii.o -lz
PYTHONPATH=$modules "/made/usr/bin/$python" -c 'import binascii, zlib; print(zlib.__file__, binascii.__file__)'
"""

DOCKERFILE = """\
ARG BASE
FROM ${BASE} AS linked
COPY link.sh /link.sh
RUN sh /link.sh
FROM ${BASE}
COPY --from=linked /made/ /
"""


def link(engine: EngineAddress, plain: str, tag: str, ground: str, context: Path, log: Path, teller: Teller) -> bool:
    """Make the image `tag` from `plain` with an interpreter that was linked again; whether that could be done."""
    (context / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
    (context / "link.sh").write_text(SCRIPT, encoding="utf-8")
    labels = {words.LABEL: words.OWNER, words.LABEL_GROUND: ground + SHARED}
    order = build.BuildOrder(context=context, tag=tag, base=plain, labels=labels, online=True)
    return build.run_build(engine, order, log, teller).ok
