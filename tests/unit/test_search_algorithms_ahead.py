"""Items that are tried side by side change neither what a search finds nor what it asks: only how often anybody waits."""

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as some

from lab.model.search import ProbeVerdict
from lab.search.algorithms import BisectionResult, ProbeAnswer, bisect, likely
from lab.search.algorithms.bisect import Search

SORTS = (ProbeVerdict.GOOD, ProbeVerdict.BAD, ProbeVerdict.SKIP, ProbeVerdict.OTHER, ProbeVerdict.FLAKY)
histories = some.lists(some.sampled_from((*SORTS[:2], *SORTS)), min_size=2, max_size=40)


def one_by_one(begin: Callable[[], Search], history: Sequence[ProbeVerdict]) -> tuple[BisectionResult, int]:
    """The answer of the search, and how often it had to wait."""
    search, rounds = begin(), 0
    try:
        ask = next(search)
        while True:
            rounds += 1
            ask = search.send(ProbeAnswer(sort=history[ask.index]))
    except StopIteration as ended:
        return ended.value, rounds


def side_by_side(
    begin: Callable[[], Search], history: Sequence[ProbeVerdict], hosts: int
) -> tuple[BisectionResult, int]:
    """The same where in each round as many items are tried as there are hosts."""
    known: dict[int, ProbeAnswer] = {}
    rounds = 0
    while batch := likely(begin, known, hosts):
        assert len(batch) <= hosts
        assert not set(batch) & set(known)
        known |= {index: ProbeAnswer(sort=history[index]) for index in batch}
        rounds += 1
    search = begin()
    try:
        ask = next(search)
        while True:
            ask = search.send(known[ask.index])
    except StopIteration as ended:
        return ended.value, rounds


@given(
    history=histories, hosts=some.integers(1, 12), seed=some.integers(0, 9), sweep=some.booleans(), fix=some.booleans()
)
def test_many_hosts_find_what_one_finds_in_no_more_rounds(
    *, history: list[ProbeVerdict], hosts: int, seed: int, sweep: bool, fix: bool
) -> None:
    low, high = (ProbeVerdict.BAD, ProbeVerdict.GOOD) if fix else (ProbeVerdict.GOOD, ProbeVerdict.BAD)
    ready = {index: (index * 7 + seed) % 3 for index in range(len(history))}

    def begin() -> Search:
        return bisect(len(history), low=low, high=high, seed=seed, sweep=sweep, ready=ready.__getitem__)

    serial, waited = one_by_one(begin, history)
    spread, rounds = side_by_side(begin, history, hosts)
    assert spread == serial
    assert rounds <= waited
    if hosts == 1:
        assert rounds == waited


def test_seven_hosts_need_three_rounds_where_one_needs_eleven() -> None:
    history = [ProbeVerdict.GOOD] * 33 + [ProbeVerdict.BAD] * 31

    def begin() -> Search:
        return bisect(len(history))

    assert one_by_one(begin, history)[1] == 11
    assert side_by_side(begin, history, 7)[1] == 3
