#!/bin/sh
# Installs what the tests of a fleet make their hosts of, on Debian and Ubuntu: network namespaces, sshd, Slurm.
# Asks for root only where it needs it; changes nothing if all is there already. No service of it has to run.
set -eu

sudo_=""
[ "$(id -u)" -eq 0 ] || sudo_="sudo"

there() {
    for program in ip nsenter ssh /usr/sbin/sshd /usr/sbin/slurmctld /usr/sbin/slurmd /usr/sbin/munged sbatch; do
        command -v "$program" >/dev/null 2>&1 || [ -x "/usr/sbin/$program" ] || return 1
    done
}

if there; then
    echo "iproute2, sshd and Slurm are there already"
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "make hosts knows Debian and Ubuntu only; install iproute2, openssh-server, slurm-wlm and munge by hand" >&2
    exit 6
fi

$sudo_ apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo_ apt-get install -y -qq --no-install-recommends \
    iproute2 util-linux openssh-client openssh-server slurm-wlm munge >/dev/null

if there; then
    echo "iproute2, sshd and Slurm are ready"
    exit 0
fi
echo "the packages are installed, but a program of them is missing" >&2
exit 6
