from hypothesis import given
from hypothesis import strategies as st

from lab.model import StepFacts
from lab.outcome.facts import facts_of

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_no_record_means_no_facts() -> None:
    assert facts_of(None) == StepFacts()


def test_versions_times_and_memory_are_read() -> None:
    found = facts_of(
        {
            "facts": {
                "versions": {"paddle": "3.0.0"},
                "device": "cpu",
                "isa": ["avx2"],
                "flags_missing": ["FLAGS_no"],
                "zlib": "built in",
            },
            "phases": {"import": 1.5, "load": 0.25},
            "peak_memory": 1024,
        }
    )
    assert found.versions == {"paddle": "3.0.0"}
    assert found.phases == {"import": 1.5, "load": 0.25}
    assert (found.device, found.isa, found.flags_missing, found.peak_memory) == ("cpu", ("avx2",), ("FLAGS_no",), 1024)
    assert found.zlib == "built in"


def test_control_characters_never_come_in() -> None:
    assert facts_of({"facts": {"device": "cpu\x1b[31m\n"}}).device == "cpu[31m"


@given(st.dictionaries(st.sampled_from(["facts", "phases", "peak_memory", "other"]), anything))
def test_no_record_however_odd_is_an_error(record: dict[str, object]) -> None:
    assert isinstance(facts_of(record), StepFacts)


@given(
    st.fixed_dictionaries({"facts": st.fixed_dictionaries({"versions": anything, "isa": anything, "cpu": anything})})
)
def test_no_fact_however_odd_is_an_error(record: dict[str, object]) -> None:
    assert isinstance(facts_of(record), StepFacts)
