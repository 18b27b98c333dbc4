import getpass
import platform

from lab.machine import host


def test_facts_speak_of_the_machine_and_not_of_its_owner() -> None:
    facts = host.facts()
    assert {"cpu", "cores", "memory_gib", "kernel", "system", "arch"} <= set(facts)
    words = " ".join(facts.values())
    assert platform.node() not in words.split()
    assert getpass.getuser() not in words.split()


def test_memory_and_cores_are_positive() -> None:
    assert host.cores() >= 1
    assert 0 < host.available() <= host.memory()
