"""What of a resize decides whether oneDNN computes it as Paddle does: the ratio of a nearest one, the points of a bilinear one."""

from collections.abc import Sequence

NEAREST, BILINEAR = "nearest_interp", "bilinear_interp"


def trait(kind: str, scales: Sequence[float], *, sized: bool, corners: bool, mode: int) -> str:
    """One word of a resize: "nearest_interp.ratio=broken", or "bilinear_interp.points=corners".

    `scales` are its constant factors, none where it has a size instead; `sized` says that a tensor decides the size while
    the model runs. The ratio of a nearest one is whole where every factor is a whole number, broken where one is not, and
    open where only the input decides it. The points of a bilinear one are corners, edges (align_mode 1) or centres.
    """
    if kind == BILINEAR:
        return f"{kind}.points={'corners' if corners else 'edges' if mode == 1 else 'centres'}"
    if sized or not scales or not all(one > 0 for one in scales):
        return f"{kind}.ratio=open"
    return f"{kind}.ratio={'whole' if all(one >= 1 and one == int(one) for one in scales) else 'broken'}"
