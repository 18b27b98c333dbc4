#!/bin/sh
# Installs and starts Docker on Debian and Ubuntu, also where no service manager runs (a container, a CI machine).
# Asks for root only where it needs it; changes nothing if an engine answers already.
set -eu

sudo_=""
[ "$(id -u)" -eq 0 ] || sudo_="sudo"

answers() { curl -sf --max-time 3 --unix-socket /var/run/docker.sock http://localhost/_ping >/dev/null 2>&1; }

if answers; then
    echo "a container engine answers already"
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "make engine knows Debian and Ubuntu only; install Docker or Podman by hand, or use ENGINE=local" >&2
    exit 6
fi

if ! command -v dockerd >/dev/null 2>&1 || ! command -v debootstrap >/dev/null 2>&1; then
    $sudo_ apt-get update -qq
    # curl asks the engine whether it answers; debootstrap makes base images where no registry can be reached.
    DEBIAN_FRONTEND=noninteractive $sudo_ apt-get install -y -qq --no-install-recommends \
        docker.io debootstrap curl iptables >/dev/null
fi

if [ -d /run/systemd/system ]; then
    $sudo_ systemctl enable --now docker
else
    log=/var/log/dockerd.log
    $sudo_ sh -c "setsid nohup dockerd >>$log 2>&1 & echo \$! >/var/run/lab-dockerd.pid"
    echo "started dockerd by hand; its log is $log, its process id is in /var/run/lab-dockerd.pid"
fi

for _ in $(seq 1 60); do
    if answers; then
        echo "the container engine is ready"
        exit 0
    fi
    sleep 0.5
done
echo "dockerd was started and does not answer after 30 s; look at its log" >&2
exit 6
