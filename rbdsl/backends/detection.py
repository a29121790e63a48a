"""How long a trigger takes to see trouble."""

from __future__ import annotations

from rbdsl.model.metrics import Trigger, Triggers


def detection_ms(trigger: Trigger, triggers: Triggers) -> int:
    """The longest time from the start of the trouble to the decision, without the query's own.

    Breaches have to span `hold`, or to come `consecutive` times in a row, and the first sample
    may be taken up to one interval after the trouble began.
    """
    span = trigger.hold.ms if trigger.hold else 0
    if trigger.consecutive:
        span = max(span, (trigger.consecutive - 1) * triggers.every_ms)
    return span + triggers.every_ms
