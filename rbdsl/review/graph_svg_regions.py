"""Draws the run of a plan over its regions, below the timeline of the picture."""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.results import Analysis
from rbdsl.model.steps import Gate
from rbdsl.model.values import show_ms
from rbdsl.review.graph_svg_parts import number, safe, text_at
from rbdsl.review.graph_words import fitted, worst_words


def draw_regions(analysis: Analysis, top: int, margin: int, left: int, right: int) -> Iterator[str]:
    """The whole run over all regions: one bar each, a diamond for every gate."""
    block = analysis.plan.regions
    if block is None or not analysis.regions:
        return
    horizon = max(analysis.whole_ms, 1)

    def at(time_ms: int) -> float:
        return left + time_ms / horizon * (right - left)

    yield f'<path class="grid" d="M{margin} {top - 6}H{right}"/>'
    yield text_at(margin, top + 18, "Regions", "strong")
    words = worst_words(analysis.whole_ms, analysis.worst_whole_ms)
    parts = [f"{show_ms(analysis.whole_ms)} in all", *(f"{w} with the gates" for w in words)]
    yield text_at(right, top + 18, ", ".join(parts), "faint", anchor="end")
    y = top + 32
    for region in analysis.regions:
        x = at(region.start_ms)
        length = max(3.0, at(region.finish_ms) - x)
        span = f"{show_ms(region.start_ms)} to {show_ms(region.finish_ms)}"
        yield text_at(margin, y + 13, fitted(f"wave {region.wave + 1}: {region.region}", 36), "")
        yield "<g>"
        yield f"<title>{safe(region.region)}: {span}</title>"
        shape = f'x="{number(x)}" y="{y}" width="{number(length)}" height="18" rx="5"'
        yield f'<rect class="other" {shape}/>'
        if length > len(span) * 6 + 8:
            yield text_at(x + length / 2, y + 13, span, "small on", anchor="middle")
        yield "</g>"
        y += 24
    wave, y = -1, top + 32
    for part in block.entries:
        if isinstance(part, Gate):
            ends = [r.finish_ms for r in analysis.regions if r.wave == wave]
            x = at(ends[0] if ends else analysis.regions[0].start_ms)
            yield _diamond(x, y - 3, part)
        else:
            wave += 1
            y += 24 * len(part.regions)


def _diamond(x: float, y: float, gate: Gate) -> str:
    limit = f", up to {show_ms(gate.timeout.ms)}" if gate.timeout else ""
    return (
        f"<g><title>gate {safe(gate.title.plain)}{limit}</title>"
        f'<path class="gate" d="M{number(x)} {number(y - 7)}l7 7l-7 7l-7 -7z"/></g>'
    )
