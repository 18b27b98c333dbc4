"""Where a model goes wrong as one page that needs nothing else: the answer, how the difference grows as a chart, every operator."""

import math
from html import escape

from lab.model.location import Location, OperatorSeen
from lab.report import locate as report
from lab.site.style import shared_style

STYLE = """
svg.growth { width: 100%; max-width: 64rem; height: auto; }
svg.growth rect.bar { fill: currentColor; opacity: .45; }
svg.growth rect.found { fill: #c62828; opacity: 1; }
svg.growth text { fill: currentColor; font-size: 11px; }
svg.growth line { stroke: currentColor; opacity: .35; }
tr.found td { font-weight: bold; }
"""
WIDTH, HEIGHT, LEFT, FOOT = 960, 240, 60, 24
LOWEST = -9
"""The power of ten that the chart begins at: less is the rounding of one operation."""


def html(found: Location) -> str:
    """The whole page; all text is escaped: names and messages come from a user's model and from containers."""
    title = f"Where it goes wrong: {found.model}"
    facts = [f"good: {found.good.label}", f"bad: {found.bad.label}", *report.certainty(found), *found.notes]
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escape(title)}</title><style>{shared_style()}{STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p><strong>{escape(report.answer(found))}</strong></p>",
        "<ul>" + "".join(f"<li>{escape(one)}</li>" for one in facts) + "</ul>",
        *_about(found),
        chart(found),
        _table(found),
        f"<p><code>{escape(found.command)}</code></p>",
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _about(found: Location) -> list[str]:
    one = found.operator(found.first) if found.first is not None and found.first == found.last else None
    lines = [*(report.about(one) if one is not None else []), *report.inside(found.inside)]
    return [f"<pre>{escape(chr(10).join(lines))}</pre>"] if lines else []


def chart(found: Location) -> str:
    """How far the bad place's own values are off, one bar an operator in their order, by powers of ten; empty without values."""
    rows = [one for one in found.operators if one.cumulative is not None and one.cumulative.relative is not None]
    shares = [one.cumulative.relative or 0.0 for one in rows if one.cumulative is not None]
    if not any(shares):
        return ""
    top = max(0, math.ceil(math.log10(max(shares))))
    step = (WIDTH - LEFT) / len(rows)
    bars = [
        _bar(found, one, share, (LEFT + place * step, step, top))
        for place, (one, share) in enumerate(zip(rows, shares, strict=True))
    ]
    said = (
        "Largest difference as a share of the largest value, by operator, while each side goes on with its own values"
    )
    return (
        f"<h2>How the difference grows</h2><p>{said}.</p>"
        f'<svg class="growth" role="img" viewBox="0 0 {WIDTH} {HEIGHT + FOOT}"><title>{said}</title>'
        f"{_scale(top)}{''.join(bars)}</svg>"
    )


def _bar(found: Location, one: OperatorSeen, share: float, where: tuple[float, float, int]) -> str:
    left, step, top = where
    height = HEIGHT * tall(share, top)
    name = f"{one.index} {one.operator}: {report.gap(one.cumulative)}"
    inside = found.first is not None and found.last is not None and found.first <= one.index <= found.last
    return (
        f'<rect class="{"found" if inside else "bar"}" x="{left:.1f}" y="{HEIGHT - height:.1f}" width="{max(1.0, step * 0.8):.1f}" '
        f'height="{height:.1f}"><title>{escape(name)}</title></rect>'
    )


def tall(share: float, top: int) -> float:
    """How tall a bar is, from 0 for what is below the chart to 1 for the power of ten at its top."""
    if share <= 0:
        return 0.0
    return min(1.0, max(0.0, (math.log10(share) - LOWEST) / (top - LOWEST)))


def _scale(top: int) -> str:
    lines = []
    for power in range(LOWEST, top + 1, 3):
        at = HEIGHT * (1 - (power - LOWEST) / (top - LOWEST))
        lines.append(
            f'<line x1="{LEFT}" x2="{WIDTH}" y1="{at:.1f}" y2="{at:.1f}"/><text x="0" y="{at + 4:.1f}">1e{power}</text>'
        )
    return "".join(lines)


def _table(found: Location) -> str:
    rows = "\n".join(_row(found, one) for one in found.operators)
    heads = "".join(
        f'<th scope="col">{one}</th>' for one in ("", "operator", "place", "results", "alone", "cumulative")
    )
    return (
        f"<h2>Every operator</h2>"
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table></div>'
    )


def _row(found: Location, one: OperatorSeen) -> str:
    inside = found.first is not None and found.last is not None and found.first <= one.index <= found.last
    cells = [
        str(one.index),
        one.operator,
        one.place,
        ", ".join(one.results),
        report.gap(one.alone),
        report.gap(one.cumulative),
    ]
    mark = ' class="found"' if inside else ""
    return f"<tr{mark}>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
