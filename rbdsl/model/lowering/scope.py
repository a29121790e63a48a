"""Which variables a text or an argument may mention, and what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from rbdsl.model.values import Reference, Text, Value, ValueType
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass
from rbdsl.source import Span


@dataclass(frozen=True, slots=True)
class Variable:
    """A name in scope.

    A parameter of a module is replaced by its argument (`inline`); a variable of the plan stays a
    reference, because the running script may hold another value. `value` is None for what only
    the script knows.
    """

    name: str
    type: ValueType
    value: Value | None
    inline: bool
    fixed: bool = True
    """Whether the value is final when compiling: not for a `param`."""
    broken: bool = False
    """Whether its declaration has been reported, so that nothing more is said of its uses."""

    def parts(self, span: Span) -> tuple[str | Reference, ...]:
        """What `${name}` becomes in a text."""
        if not self.inline or self.value is None:
            plain = None if self.value is None else self.value.plain
            return (Reference(self.name, plain, span),)
        if self.type in (ValueType.DURATION, ValueType.RATIO):
            return (self.value.written,)
        parts: list[str | Reference] = []
        for item in self.value.items:
            if parts:
                parts.append(", ")
            parts.extend(item.parts)
        return tuple(parts)

    def as_items(self, span: Span) -> tuple[Text, ...]:
        """The value when it is passed on as an argument."""
        if self.inline and self.value is not None:
            return self.value.items
        return (Text(self.parts(span), span),)


@dataclass(slots=True)
class Scope:
    """The variables of a plan, or the parameters of a module's export."""

    variables: dict[str, Variable] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Variable:
        return self.variables[name]

    def __contains__(self, name: str) -> bool:
        return name in self.variables

    def __iter__(self) -> Iterator[str]:
        return iter(self.variables)

    def add(self, variable: Variable) -> None:
        """Makes a variable known from here on."""
        self.variables[variable.name] = variable

    def with_variables(self, more: Mapping[str, Variable]) -> Scope:
        """A scope inside this one."""
        return Scope({**self.variables, **more})


_RESERVED = lazy_pattern(
    r"(?:BASH.*|LD_.*|DYLD_.*|RBC_.*|rbc_.*|_+|PS[0-4]|LC_.*"
    r"|CDPATH|COLUMNS|COMP_.*|COMPREPLY|COPROC|DIRSTACK|EMACS|ENV|EPOCHREALTIME|EPOCHSECONDS"
    r"|EUID|EXECIGNORE|FCEDIT|FIGNORE|FUNCNAME|FUNCNEST|GLOBIGNORE|GLOBSORT|GROUPS|HISTCMD"
    r"|HIST.*|HOME|HOSTFILE|HOSTNAME|HOSTTYPE|IFS|IGNOREEOF|INPUTRC|INSIDE_EMACS|LANG"
    r"|LANGUAGE|LINENO|LINES|MACHTYPE|MAIL.*|MAPFILE|OLDPWD|OPTARG|OPTERR|OPTIND|OSTYPE|PATH"
    r"|PIPESTATUS|POSIXLY_CORRECT|PPID|PROMPT_.*|PWD|RANDOM|READLINE_.*|REPLY|SECONDS|SHELL"
    r"|SHELLOPTS|SHLVL|SRANDOM|TERM|TIMEFORMAT|TMOUT|TMPDIR|TZ|UID|USER|auto_resume"
    r"|histchars|PYTHON.*|PERL.*|GIT_.*|NODE_OPTIONS|region)"
)


def is_reserved(name: str) -> bool:
    """Whether a shell variable of that name belongs to bash, the system or the script itself.

    Bash's own variables are listed in its manual, chapter "Shell Variables".
    """
    return _RESERVED.fullmatch(name) is not None
