"""What the searches found, as their answers are captured: `lab bisect`, `isolate`, `locate` and `reduce`."""

from lab.model import Kind, Outcome, Phase
from lab.model.isolation import AxisFound, Blame, Isolation, Stepped
from lab.model.location import (
    CutConfirmed,
    CutSeen,
    CutSort,
    LocatedPlace,
    LocatedSort,
    Location,
    OperatorSeen,
)
from lab.model.reduction import Filling, FillKind, Reduced, ReducedSide, ReducedTensor, ReductionStep, WeightsProof
from lab.model.search import Axis, BisectedAxis, Probed, ProbeVerdict

GOOD, BAD = ProbeVerdict.GOOD, ProbeVerdict.BAD


def bisected() -> BisectedAxis:
    """One answer with a hole beside it: a release that could not be tested."""
    row = (
        Probed(release="2.6.2", sort=GOOD),
        Probed(release="3.0.0b0"),
        Probed(release="3.0.0b1", sort=ProbeVerdict.SKIP, why="no cp313 wheel before 3.0.0"),
        Probed(release="3.0.0b2", sort=BAD),
        *(Probed(release=name) for name in ("3.0.0rc0", "3.0.0rc1", "3.0.0")),
        Probed(release="3.1.0", sort=BAD),
        *(Probed(release=name) for name in ("3.1.1", "3.2.0", "3.2.1", "3.2.2")),
        Probed(release="3.3.1", sort=BAD),
    )
    return BisectedAxis(
        axis=Axis.LOADER, fixed="2.6.2", row=row, last="2.6.2", suspects=("3.0.0b0", "3.0.0b1", "3.0.0b2"), probes=5,
        budget=9,
    )  # fmt: skip


def isolated() -> Isolation:
    """A release that is to blame; a processor and a flag that are not."""
    good = {"release": "2.6.2", "python": "3.11", "cpu": "host", "FLAGS_use_mkldnn": ""}
    bad = {"release": "3.3.1", "python": "3.9", "cpu": "Dhyana", "FLAGS_use_mkldnn": "1"}
    why = "ValueError in load: The ``path`` (net) to load model not exists."

    def step(changed: tuple[str, ...], purpose: str, sort: ProbeVerdict) -> Stepped:
        values = {name: (bad if name in changed else good)[name] for name in good}
        return Stepped(
            changed=changed, values=values, purpose=purpose, sort=sort, why=why if sort is BAD else "exact",
            emulated="cpu" in changed,
        )  # fmt: skip

    rest = tuple(name for name in good if name != "release")
    steps = (
        step((), "good end", GOOD),
        step(tuple(good), "bad end", BAD),
        step(("release",), "search", BAD),
        *(step((name,), "alone", GOOD) for name in rest),
        *(step(tuple(one for one in good if one != name), "back", BAD) for name in rest),
    )
    axes = (
        AxisFound(name="release", good="2.6.2", bad="3.3.1", status=Blame.MATTERS, why="changed alone: bad; changed back: good"),
        *(
            AxisFound(
                name=name, good=good[name] or "not set", bad=bad[name], status=Blame.HARMLESS,
                why="changed alone: good; changed back: bad",
            )
            for name in rest
        ),
    )  # fmt: skip
    return Isolation(
        schema=1, run="r", command="lab isolate", scenario="jit_load_pir", issue="PaddlePaddle/Paddle#71996",
        saver="2.6.2-cpu-py311", good=good, bad=bad, signature="s", message="m", axes=axes, steps=steps,
        cause=("release",), certain=True,
        notes=(
            "2.6.2-gpu has no wheel for the other place, so no axis could be changed alone; 2.6.2 works there too, and stands in for it",
        ),
    )  # fmt: skip


def located() -> Location:
    """One operator, confirmed, and how the difference grows behind it."""

    def seen(index: int, share: float, sort: CutSort = CutSort.PARTS) -> CutSeen:
        return CutSeen(sort=sort, grade="mismatch" if share else "exact", largest=share * 1.2, relative=share)

    names = ("pd_op.conv2d", "pd_op.batch_norm_", "pd_op.relu", "pd_op.bilinear_interp", "pd_op.sigmoid", "pd_op.fetch")
    operators = tuple(
        OperatorSeen(
            index=index, operator=name, place="Net/neck/upsample" if index == 3 else "",
            operands=("relu_0.tmp_0 float32[1, 64, 16, 16]", "full_int_array_2 int64[2]"), results=("interp_0 float32[1, 64, 32, 32]",),
            attributes={"interp_method": "bilinear", "align_corners": "False", "align_mode": "1", "scale": "[2.0, 2.0]"},
            cumulative=seen(index, 0.0 if index < 3 else 0.31 / (index - 2)),
            alone=seen(index, 0.31 if index == 3 else 0.0, CutSort.PARTS if index == 3 else CutSort.AGREES),
        )
        for index, name in enumerate(names)
    )  # fmt: skip
    place = LocatedPlace(environment="3.0.0-cpu-py311", route="static")
    return Location(
        schema=1, run="r", command="lab locate net", model="net.json", format=".json", good=place,
        bad=LocatedPlace(environment="3.3.1-cpu-py311", route="predictor"),
        failure=Outcome(kind=Kind.NUMERIC_MISMATCH, phase=Phase.INFER, reason="values"), outputs=seen(5, 0.12),
        sort=LocatedSort.OPERATOR, operators=operators, first=3, last=3,
        confirmed=CutConfirmed(bad=3, asked=3, good=2, controls=2, within=CutSort.PARTS, apart=True), unsteady=1,
    )  # fmt: skip


def reduced() -> Reduced:
    """Two operators of 69, with nobody's weights in them."""
    good = ReducedSide(release="3.0.0", environment="3.0.0-cpu-py311", route="predictor")
    bad = ReducedSide(release="3.3.1", environment="3.3.1-cpu-py311", route="predictor")
    steps = (
        ReductionStep(what="tail", candidates=12, operators=31, held=True),
        ReductionStep(what="head", candidates=18, operators=2, held=True),
        ReductionStep(what="middle", candidates=4, operators=2, held=False),
    )
    return Reduced(
        schema=1, run="r", command="lab reduce net", model="net.json", good=good, bad=bad,
        seen=Outcome(kind=Kind.NUMERIC_MISMATCH, phase=Phase.INFER, reason="values"), operators_before=69,
        operators=("pd_op.relu", "pd_op.bilinear_interp"), constants=1, along={"pd_op.full_int_array": "it is a constant"},
        bytes_before=46_812_345, nbytes=9_180,
        weights=(ReducedTensor(name="w0", dtype="float32", shape=(64, 3, 7, 7), filling=Filling(kind=FillKind.SEEDED, seed=7)),),
        inputs=(ReducedTensor(name="x0", dtype="float32", shape=(1, 2, 4, 4), filling=Filling(kind=FillKind.CONSTANT, value=1.0)),),
        steps=steps, candidates=34, confirmed=3, asked=3,
        proof=WeightsProof(tensors=62, nbytes=46_800_000, files=3, written=9_600), folder="reduced-net", files=("net.json",),
    )  # fmt: skip
