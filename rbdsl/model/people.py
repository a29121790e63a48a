"""Who is told what and when, who steps in, who looks at what afterwards; and hooks, which hear of
the same events.
"""

from __future__ import annotations

from enum import StrEnum

from rbdsl.model.values import Duration, Name, Shell, Text
from rbdsl.record import dataclass
from rbdsl.source import Span


class Event(StrEnum):
    """What channels can be told of, and hooks run on."""

    START = "start"
    PHASE = "phase"
    FAILURE = "failure"
    GATE = "gate"
    SLA_BREACH = "sla_breach"
    SUCCESS = "success"


@dataclass(frozen=True, slots=True)
class Channel:
    """`channel slack "#incidents" using SLACK_WEBHOOK_URL`: kind or name, target, its secret.

    `name` also says what it is: slack, pagerduty, email or webhook.
    """

    name: Name
    target: Text
    secret: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class Notice:
    """`notify slack, pagerduty on start, failure`."""

    channels: tuple[Name, ...]
    events: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Audience:
    """Who else is told, within what time, with which words."""

    title: Text
    within: Duration | None
    message: Text | None
    span: Span


@dataclass(frozen=True, slots=True)
class Communications:
    """Who hears what."""

    channels: tuple[Channel, ...]
    notices: tuple[Notice, ...]
    audiences: tuple[Audience, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Hook:
    """`hook sla_breach \\`command\\``."""

    event: Name
    shell: Shell
    span: Span


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of the escalation ladder, by the clock since the decision; `end` None is open."""

    title: Text
    start: Duration
    end: Duration | None
    contacts: tuple[Text, ...]
    actions: tuple[Text, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of a validation window with its points."""

    title: Text
    points: tuple[Text, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Window:
    """What to look at in a stretch of time after the rollback."""

    title: Text
    start: Duration
    end: Duration | None
    groups: tuple[Group, ...]
    span: Span
