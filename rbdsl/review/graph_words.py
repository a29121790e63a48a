"""Puts the facts of a drawing into words that fit and do no harm."""

from __future__ import annotations

from rbdsl.analysis.results import PhaseTime
from rbdsl.model.values import show_ms
from rbdsl.review.graph_scale import Limit
from rbdsl.review.visible import cells, visible, width


def fitted(text: str, room: int, ellipsis: str = "…") -> str:
    """A text as one line, made harmless, and shortened where it is wider than `room` columns."""
    shown = visible(" ".join(text.split()))
    if width(shown) <= room:
        return shown
    kept, used = "", len(ellipsis)
    for cell in cells(shown):
        used += cell.width
        if used > room:
            break
        kept += cell.text
    return kept.rstrip() + ellipsis


def verdict(limit: Limit, clock_ms: int) -> str:
    """How a limit is met: `15m, 1m of buffer`, `10m, missed by 4m`."""
    spare = limit.length_ms - clock_ms
    outcome = f"{show_ms(spare)} of buffer" if spare >= 0 else f"missed by {show_ms(-spare)}"
    if not spare:
        outcome = "no buffer"
    return f"{show_ms(limit.length_ms)}, {outcome}"


def worst_words(budget_ms: int, worst_ms: int) -> tuple[str, ...]:
    """What may come of a time by budgets: `worst case 9m`, `limits end it after 5m`.

    Time limits may be tighter than the budgets; the second form then keeps the two from being read
    as a worst case that is better than the plan. Nothing where there is no limit at all.
    """
    if not worst_ms:
        return ()
    if worst_ms < budget_ms:
        return (f"limits end it after {show_ms(worst_ms)}",)
    return (f"worst case {show_ms(worst_ms)}",)


def phase_facts(entry: PhaseTime) -> str:
    """The numbers of a phase for a tooltip or a node: `2m, from 3m to 5m, slack 1m`."""
    facts = [
        show_ms(entry.budget_ms),
        f"from {show_ms(entry.start_ms)} to {show_ms(entry.finish_ms)}",
        "critical" if entry.critical else f"slack {show_ms(entry.slack_ms)}",
        *worst_words(entry.budget_ms, entry.worst_ms),
    ]
    if not entry.on_clock:
        facts.append("off the clock")
    if entry.phase.irreversible:
        facts.append("irreversible")
    if entry.phase.run_once:
        facts.append("global")
    return ", ".join(facts)
