"""The pieces of an SVG picture: its style, texts, signs. Every text is escaped here."""

from __future__ import annotations

from html import escape

from rbdsl.review.visible import visible

# Plain classes and no custom properties, which some renderers do not know.
STYLE = """\
text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;fill:#0f172a}
.ground{fill:#ffffff;stroke:#e2e8f0}
.title{font-size:19px;font-weight:600}
.faint,.tick{fill:#64748b}
.tick,.small{font-size:11px}
.strong{font-weight:600}
.grid{stroke:#e2e8f0}
.row{fill:#f8fafc}
.critical{fill:#ea580c}
.other{fill:#3b82f6}
.off{fill:#94a3b8;fill-opacity:.25;stroke:#94a3b8;stroke-dasharray:4 3}
.slack{stroke:#3b82f6;stroke-width:2;stroke-dasharray:1 4;stroke-linecap:round}
.after,.needs{fill:none;stroke:#94a3b8;stroke-width:1.5}
.after{stroke-dasharray:4 3}
.link{stroke:#ea580c}
.head{fill:#94a3b8}
.headlink{fill:#ea580c}
.sla{stroke:#dc2626;stroke-width:1.5}
.target{stroke:#ca8a04;stroke-width:1.5;stroke-dasharray:5 4}
.slatext,.missed{fill:#dc2626}
.targettext{fill:#a16207}
.kept{fill:#15803d}
.late{fill:#ca8a04}
.on{fill:#ffffff}
.gate{fill:#ca8a04}
.point{fill:#dc2626}
@media (prefers-color-scheme:dark){
text{fill:#e2e8f0}
.ground{fill:#0f172a;stroke:#334155}
.faint,.tick{fill:#94a3b8}
.grid{stroke:#1e293b}
.row{fill:#131d31}
.critical{fill:#f97316}
.other{fill:#60a5fa}
.slack{stroke:#60a5fa}
.after,.needs{stroke:#64748b}
.link{stroke:#f97316}
.head{fill:#64748b}
.headlink{fill:#f97316}
.sla{stroke:#f87171}
.slatext,.missed{fill:#f87171}
.target{stroke:#facc15}
.targettext{fill:#facc15}
.kept{fill:#4ade80}
.late{fill:#facc15}
.on{fill:#0f172a}
}"""


def octagon(x: float, y: float) -> str:
    """A stop sign of ten pixels: the phase is blocked past a point of no return."""
    return f'<path class="point" d="M{number(x)} {number(y)}l3 -3h4l3 3v4l-3 3h-4l-3 -3z"/>'


def number(value: float) -> str:
    """A coordinate, short and the same everywhere."""
    return f"{value:.1f}".removesuffix(".0")


def text_at(x: float | str, y: float, text: str, style: str, *, anchor: str = "start") -> str:
    """A text at a place, `y` being its base line; `style` are classes, perhaps none."""
    place = f'x="{x if isinstance(x, str) else number(x)}" y="{number(y)}"'
    named = f' class="{style}"' if style else ""
    side = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f"<text {place}{named}{side}>{safe(text)}</text>"


def safe(text: str) -> str:
    """A text without what XML cannot hold, escaped."""
    return escape(visible(" ".join(text.split())))
