"""What the supervisor watches: logs of bounded size and the sizes of folders."""

import importlib.util
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

SPEC = importlib.util.spec_from_file_location("watch", Path(__file__).parents[2] / "lab" / "guest" / "watch.py")
watch = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(watch)


@given(gaps=st.lists(st.floats(0, 1000), max_size=30))
def test_the_clock_goes_on_only_while_its_process_is_at_work(gaps):
    real = [100.0]
    clock = watch.Clock(lambda: real[0])
    for gap in gaps:
        real[0] += gap
        clock.tick()
    assert clock.now == pytest.approx(sum(min(gap, clock.GAP_S) for gap in gaps), abs=1e-6)
    assert clock.now + clock.stalled == pytest.approx(sum(gaps), abs=1e-6)


@given(chunks=st.lists(st.binary(max_size=400), max_size=30), cap=st.integers(128, 1500))
def test_a_capped_log_keeps_both_ends_and_counts_the_rest(chunks, cap):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        log = watch.CappedLog(path, cap)
        for chunk in chunks:
            log.write(chunk)
        log.close()
        kept, whole = path.read_bytes(), b"".join(chunks)
    half = (cap - watch.MARK_BYTES) // 2
    assert len(kept) <= cap
    assert log.facts() == {"bytes": len(whole), "dropped": max(0, len(whole) - 2 * half)}
    if log.dropped:
        assert kept == whole[:half] + b"\n[... %d bytes dropped here ...]\n" % log.dropped + whole[len(whole) - half :]
    else:
        assert kept == whole


def test_a_folder_s_size_counts_all_levels_and_no_links(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(b"x" * 1000)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert 1000 <= watch.folder_size(str(tmp_path)) < 1500
    assert watch.folder_size(str(tmp_path / "absent")) == 0
