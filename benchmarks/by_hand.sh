#!/bin/sh
# The same containers and Paddle calls as `lab repro jit_load_pir --rounds 0`, as a careful person runs them by hand:
# plain images built with pip, one container after another, no lab.
# Usage: by_hand.sh SCENARIO.py DRIVE.py WORKDIR IMAGE_PREFIX
set -eu
scenario=$1
drive=$2
work=$3
image=$4

step() { # step RELEASE MODE FOLDER [docker run options]
    release=$1 mode=$2 folder=$3
    shift 3
    mkdir -p "$folder"
    docker run --rm --network none --memory 4g --cpus 1 -e OMP_NUM_THREADS=1 "$@" \
        -v "$scenario:/s/scenario.py:ro" -v "$drive:/s/drive.py:ro" -v "$folder:/d" \
        "$image:$release" /venv/bin/python /s/drive.py "$mode" /d || true
}

step 2.6.2 save "$work/2.6.2"
step 3.0.0 save "$work/3.0.0"
step 2.6.2 load "$work/2.6.2"
step 3.0.0 load "$work/2.6.2"
step 3.3.1 load "$work/2.6.2"
step 3.0.0 load "$work/2.6.2" -e FLAGS_enable_pir_api=False
step 3.3.1 load "$work/2.6.2" -e FLAGS_enable_pir_api=False
step 3.0.0 load "$work/3.0.0"
step 3.3.1 load "$work/3.0.0"
step 2.6.2 load "$work/3.0.0"
