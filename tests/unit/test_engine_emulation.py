"""Which emulator is taken, and which program is refused because it would not run in a container."""

import stat
import struct
import sys
from pathlib import Path

import pytest

from lab.engine import emulation
from lab.errors import UsageError


def elf(path: Path, *kinds: int) -> Path:
    """A file that looks like a 64-bit program with these kinds of program headers."""
    head = (
        b"\x7fELF\x02\x01\x01"
        + bytes(9)
        + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 64, 0, 0, 64, 56, len(kinds), 0, 0, 0)
    )
    path.write_bytes(head + b"".join(struct.pack("<I", kind) + bytes(52) for kind in kinds))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_program_without_a_dynamic_loader_is_static(tmp_path: Path) -> None:
    assert emulation.static(elf(tmp_path / "a", 1, 2))
    assert not emulation.static(elf(tmp_path / "b", 1, emulation.INTERPRETER))


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\x7fELF\x02", b"\x7fELF\x01" + bytes(80)])
def test_what_is_no_64_bit_program_is_not_static(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert not emulation.static(path)
    assert not emulation.static(tmp_path / "missing")


def test_this_interpreter_is_judged_by_its_own_headers() -> None:
    assert isinstance(emulation.static(Path(sys.executable).resolve()), bool)


def test_the_static_program_on_the_path_is_found_and_a_dynamic_one_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(emulation.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert emulation.find() is None
    assert emulation.version() == ""
    dynamic = elf(tmp_path / "qemu-x86_64", emulation.INTERPRETER)
    assert emulation.find() is None
    static = elf(tmp_path / "qemu-x86_64-static", 1)
    assert emulation.find() == static
    static.unlink()
    elf(dynamic, 1)
    assert emulation.find() == dynamic


def test_a_named_program_comes_first_and_must_be_static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(emulation.VARIABLE, str(elf(tmp_path / "mine", 1)))
    assert emulation.find() == tmp_path / "mine"
    monkeypatch.setenv(emulation.VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(UsageError, match="no statically linked program"):
        emulation.find()


def test_models_are_names_and_not_the_instruction_sets_listed_below_them(tmp_path: Path) -> None:
    script = tmp_path / "qemu"
    script.write_text(
        "#!/bin/sh\n"
        "printf 'Available CPUs:\\n  Dhyana  (alias)\\n  Dhyana-v1  Hygon\\n\\n'\n"
        "printf 'Recognized CPUID flags:\\n  avx avx2\\n'\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    assert emulation.models(script) == {"Dhyana", "Dhyana-v1"}


def test_an_emulator_before_version_8_writes_the_architecture_before_each_processor(tmp_path: Path) -> None:
    script = tmp_path / "qemu"
    script.write_text(
        "#!/bin/sh\n"
        "printf 'Available CPUs:\\nx86 486   (alias)\\nx86 Dhyana-v1  Hygon\\nx86 pentium-v1   \\n\\n'\n"
        "printf 'Recognized CPUID flags:\\n  avx avx2\\n'\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    assert emulation.models(script) == {"486", "Dhyana-v1", "pentium-v1"}


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Dyhana", ["Dhyana"]),
        ("dhyana", ["Dhyana"]),
        ("Haswel-v3", ["Haswell"]),
        ("Dhyana", []),
        ("Haswell-noTSX", []),
        ("EPYC-v2", []),
        ("Zhaoxin-KX", []),
    ],
)
def test_a_processor_that_is_misspelt_is_told_from_one_that_no_list_has(
    word: str, meant: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert emulation.misspelt(word)[:1] == meant
