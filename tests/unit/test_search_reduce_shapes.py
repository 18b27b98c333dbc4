"""A smaller model declares no dimension that it does not have: what was seen where it is known, and nothing where it is not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.cut import edges
from lab.model.cutting import Anatomy, CutNode, CutValue
from lab.search import reduce_shapes
from tests.unit.test_cut import MODELS, apart, name_of

lengths = st.lists(st.integers(-1, 6).filter(bool), max_size=4).map(tuple)


@given(said=lengths, real=st.one_of(st.none(), lengths))
def test_what_is_declared_is_what_was_seen_and_open_stays_open(
    said: tuple[int, ...], real: tuple[int, ...] | None
) -> None:
    value = CutValue(name="y", variable="y", dtype="float32", shape=said)
    anatomy = Anatomy(
        nodes=(CutNode(operator="any", reads=(), makes=("y",)),), values={"y": value}, feeds={}, parameters={}, fetches=("y",)
    )  # fmt: skip
    real = None if real is None else tuple(abs(one) for one in real)
    found = reduce_shapes.declared(anatomy, ["y"], {} if real is None else {"y": real}).get("y", said)
    if real is None:
        assert found == (-1,) * len(said)
    elif len(real) != len(said):
        assert found == real
    else:
        assert all(new == -1 if old == -1 else new == seen for old, new, seen in zip(said, found, real, strict=True))
    assert set(reduce_shapes.opened({"y": said})["y"]) <= {-1}


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_a_cut_declares_other_dimensions_of_what_is_named_and_of_nothing_else(model: Path, tmp_path: Path) -> None:
    with apart(model) as whole:
        anatomy = whole.anatomy
        part = edges.whole(anatomy)
        names = [name for name in reduce_shapes.results(anatomy, part) if anatomy.values[name].shape]
        named = {name: tuple(7 for _ in anatomy.values[name].shape or ()) for name in names[:1]}
        cut = whole.cut(part, shapes=named)
        whole.write(cut, tmp_path)
        assert whole.cut(part, shapes={}).program == whole.cut(part).program
    with apart(tmp_path / f"net{cut.ending}") as smaller:
        found = smaller.anatomy
    assert named
    for name, value in anatomy.values.items():
        variable = {anatomy.values[one].variable: shape for one, shape in named.items()}
        assert found.values[name].shape == variable.get(value.variable, value.shape)
        assert found.values[name].dtype == value.dtype
    assert [one.operator for one in found.nodes] == [one.operator for one in anatomy.nodes]
