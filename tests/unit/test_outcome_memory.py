"""Out of memory is said where memory was short, not where an allocation failed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.outcome.memory import MemoryUse, exhausted

GIB = 1024**3
ROOMY = MemoryUse(peak=GIB // 4, limit=4 * GIB)


@pytest.mark.parametrize(
    ("use", "where"),
    [
        (ROOMY, ""),
        (MemoryUse(), ""),
        (MemoryUse(peak=GIB), ""),
        (MemoryUse(peak=GIB // 4, limit=4 * GIB, killed=True), "host"),
        (MemoryUse(killed=True), "host"),
        (MemoryUse(peak=int(3.7 * GIB), limit=4 * GIB), "host"),
        (MemoryUse(peak=int(3.5 * GIB), limit=4 * GIB), ""),
        (MemoryUse(peak=9, limit=10), "host"),
        (MemoryUse(peak=1, limit=1), "host"),
    ],
)
def test_a_failed_allocation_needs_the_kernel_or_a_peak_at_the_limit(use: MemoryUse, where: str) -> None:
    assert exhausted("MemoryError", "std::bad_alloc", use) == where
    assert exhausted("RuntimeError", "what(): std::bad_alloc", use) == where


@pytest.mark.parametrize(
    ("message", "where"),
    [
        ("Unable to allocate 7.45 GiB for an array with shape (1000000000,) and data type float64", "host"),
        ("Unable to allocate 3 GiB for an array", ""),
        ("Unable to allocate 3.9 GiB for an array", "host"),
        ("Unable to allocate 745 PiB for an array", ""),
        ("Unable to allocate 16 TiB for an array", ""),
        ("Unable to allocate 15 TiB for an array", "host"),
        ("Unable to allocate 512 bytes for an array", ""),
        ("Unable to allocate 3.75 GiB for an array", ""),
        ("Unable to allocate 3.7501 GiB for an array", "host"),
    ],
)
def test_a_size_that_cannot_fit_below_the_limit_is_evidence_unless_no_machine_has_it(message: str, where: str) -> None:
    assert exhausted("_ArrayMemoryError", message, ROOMY) == where


@pytest.mark.parametrize(
    ("message", "where"),
    [
        ("(ResourceExhausted) Fail to alloc memory of 8589934592 size, error code is 12.", "host"),
        ("(ResourceExhausted) Fail to alloc memory of 281474976710656 size, error code is 12.", ""),
        ("(ResourceExhausted) Fail to alloc memory of 17592186044416 size, error code is 12.", ""),
        ("(ResourceExhausted) Fail to alloc memory of 17592186044415 size, error code is 12.", "host"),
        ("ResourceExhaustedError: Out of memory error on GPU 0. Cannot allocate 2.0GB memory on GPU 0", "device"),
        ("CUDA out of memory. Tried to allocate", "device"),
        ("Out of memory error on XPU", "device"),
        ("(InvalidArgument) the GPU has no such operator", ""),
    ],
)
def test_paddles_own_allocators_are_believed_unless_nobody_has_so_much(message: str, where: str) -> None:
    assert exhausted("RuntimeError", message, MemoryUse()) == where


@given(st.text("abcdefghijklmnopqrstuvwxyz 0123456789"), st.sampled_from(["ValueError", "RuntimeError", "KeyError"]))
def test_what_speaks_of_something_else_is_never_out_of_memory(message: str, kind: str) -> None:
    assert exhausted(kind, message, MemoryUse(peak=GIB, limit=GIB, killed=True)) == ""
