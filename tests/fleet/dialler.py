"""Holds connections to hosts as a driver does, until its stdin ends: run beside the driver, with an `ssh` that knows them."""

import sys

from lab.fleet import dial
from tests.fleet.test_launch import made


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    with dial.dialled(sys.argv[1].split(","), made, say, lab=sys.argv[2]):
        print("dialled", flush=True)
        sys.stdin.read()
    print("left", flush=True)
