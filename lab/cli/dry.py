"""What a --dry-run tells: one pair of a plan, for programs and for people."""

from collections.abc import Mapping
from typing import Any

from lab.run.plan import Planned


def pair(planned: Planned) -> dict[str, Any]:
    """One pair of a plan."""
    expected = planned.expected.outcome.value if planned.expected else ""
    return {"pair": planned.label, "expects": expected, "unsupported": planned.unsupported}


def line(one: Mapping[str, Any]) -> str:
    """One pair of a plan for people."""
    expected = f"  expects {one['expects']}" if one["expects"] else ""
    return f"{one['pair']}{expected}" + (f"  cannot exist here: {one['unsupported']}" if one["unsupported"] else "")
