#!/bin/sh
# The same work as `lab repro jit_load_pir --rounds 0`, as a careful person does it by hand: plain images built with
# pip, one container after another, no lab. Usage: by_hand.sh SCENARIO.py WORKDIR IMAGE_PREFIX
set -eu
scenario=$1
work=$2
image=$3


step() { # step VERSION ENV MODE DIR
    docker run --rm --network none --memory 4g -e OMP_NUM_THREADS=1 $2 \
        -v "$scenario:/s/scenario.py:ro" -v "$4:/d" -v "$work/drive.py:/s/drive.py:ro" \
        "$image:$1" python3 /s/drive.py "$3" /d || true
}

flag="-e FLAGS_enable_pir_api=False"
for saver in 2.6.2 3.0.0; do
    mkdir -p "$work/$saver"
    chmod 777 "$work/$saver"
    step "$saver" "" save "$work/$saver"
done
step 2.6.2 "" load "$work/2.6.2"
step 3.0.0 "" load "$work/2.6.2"
step 3.0.0 "$flag" load "$work/2.6.2"
step 3.3.1 "" load "$work/2.6.2"
step 3.3.1 "$flag" load "$work/2.6.2"
step 3.0.0 "" load "$work/3.0.0"
step 3.3.1 "" load "$work/3.0.0"
step 2.6.2 "" load "$work/3.0.0"
