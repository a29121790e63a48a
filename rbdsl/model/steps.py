"""What a phase is made of: steps, gates, manual steps, expectations, artifacts."""

from __future__ import annotations

from enum import StrEnum

from rbdsl.model.values import Binding, Duration, Name, Shell, Text
from rbdsl.record import dataclass
from rbdsl.source import Span


class Comparison(StrEnum):
    """How two numbers are compared in triggers and metric bounds."""

    GREATER = ">"
    GREATER_EQUAL = ">="
    LESS = "<"
    LESS_EQUAL = "<="


class MatcherKind(StrEnum):
    """How the trimmed output of a command is judged."""

    EQUALS = "equals"
    CONTAINS = "contains"
    MATCHES = "matches"
    """An extended regular expression, as bash's `=~` reads it."""
    EQUALS_FILE = "equals_file"


@dataclass(frozen=True, slots=True)
class Matcher:
    """What an expectation compares with; `artifact` is set where `equals_file` names one."""

    kind: MatcherKind
    value: Text
    artifact: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class Expectation:
    """`expect "label" \\`command\\` equals "x" within 60s every 5s`.

    Without a matcher the command's exit status must be 0. With `within` it is asked again every
    `every` (5 s unless stated) until it holds or the time is over.
    """

    label: Text | None
    shell: Shell
    matcher: Matcher | None
    within: Duration | None
    every: Duration | None
    span: Span


@dataclass(frozen=True, slots=True)
class Artifact:
    """`creates db_backup "backup.dump" checksum sha256`; the path is below the artifacts folder."""

    name: Name
    path: Text
    checksum: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class Retry:
    """`retry 2 every 10s`: up to `count` further attempts, `delay` apart (at once without it)."""

    count: int
    delay: Duration | None
    span: Span

    @property
    def delay_ms(self) -> int:
        """The pause before each further attempt, in milliseconds."""
        return self.delay.ms if self.delay else 0


@dataclass(frozen=True, slots=True)
class Notify:
    """`notify slack, email severity high`: tell channels as a step of its own."""

    channels: tuple[Name, ...]
    severity: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class Step:
    """One unit of work: what runs, what proves it, what undoes it, and within which limits.

    `on_failure` is where the plan says what happens when it fails, if it does. Steps of modules are
    expanded: `bindings` are then the shell variables that they see, and
    `call` is where the plan called them.
    """

    name: Name
    title: Text
    span: Span
    services: tuple[Name, ...] = ()
    uses: tuple[Name, ...] = ()
    creates: tuple[Artifact, ...] = ()
    requires: tuple[Name, ...] = ()
    run: Shell | None = None
    undo: Shell | None = None
    done_when: Shell | None = None
    expectations: tuple[Expectation, ...] = ()
    notify: Notify | None = None
    timeout: Duration | None = None
    takes: Duration | None = None
    retry: Retry | None = None
    rerunnable: Span | None = None
    continue_on_failure: bool = False
    on_failure: Span | None = None
    critical: Text | None = None
    note: Text | None = None
    bindings: tuple[Binding, ...] = ()
    call: Span | None = None

    @property
    def attempts(self) -> int:
        """How often it may be tried."""
        return 1 + (self.retry.count if self.retry else 0)

    @property
    def shells(self) -> tuple[Shell, ...]:
        """All the shell in it, in the order in which it is written down here."""
        own = [s for s in (self.done_when, self.run, self.undo) if s is not None]
        return (*own, *(e.shell for e in self.expectations))


@dataclass(frozen=True, slots=True)
class Gate:
    """A decision by a person; without one in time `otherwise` holds: abort or continue.

    `otherwise` is where that stands, None where the plan is silent: it is to abort then.
    """

    name: Name
    title: Text
    span: Span
    approvers: tuple[Text, ...] = ()
    timeout: Duration | None = None
    continue_otherwise: bool = False
    note: Text | None = None
    otherwise: Span | None = None


@dataclass(frozen=True, slots=True)
class Manual:
    """A step that a person does and confirms."""

    name: Name
    title: Text
    span: Span
    by: Text | None = None
    takes: Duration | None = None
    timeout: Duration | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Verify:
    """`verify` in a phase: runs the plan's verification block here."""

    span: Span


Item = Step | Gate | Manual | Verify
