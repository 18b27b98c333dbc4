#!/bin/sh
# Installs the Chromium and the driver with which the tests open the report, on Debian and Ubuntu.
# Asks for root only where it needs it; changes nothing if both are there already.
set -eu

sudo_=""
[ "$(id -u)" -eq 0 ] || sudo_="sudo"

there() { command -v chromium >/dev/null 2>&1 && command -v chromedriver >/dev/null 2>&1; }

if there; then
    echo "chromium and chromedriver are there already"
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "make browser knows Debian and Ubuntu only; install chromium and chromedriver by hand" >&2
    exit 6
fi

$sudo_ apt-get update -qq
# Without a font that has Chinese letters the Chinese pages would be tested as boxes.
DEBIAN_FRONTEND=noninteractive $sudo_ apt-get install -y -qq --no-install-recommends \
    chromium chromium-driver fonts-noto-cjk >/dev/null

if there; then
    echo "chromium and chromedriver are ready"
    exit 0
fi
echo "the packages are installed, but chromium or chromedriver is not on the PATH" >&2
exit 6
