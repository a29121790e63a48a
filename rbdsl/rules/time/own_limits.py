"""The time limits that commands are given of their own, as a table of programs and options.

Each limit comes with the words that say it. Values are those of the program: Go's `1m30s`, the
`5m` of coreutils, or a bare number in the program's unit. What is not known has no limit here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from rbdsl.analysis.calls import Call
from rbdsl.record import dataclass
from rbdsl.rules.placed_calls import PlacedCall

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_PART = r"(\d+(?:\.\d+)?)(ms|[smhd])"
_CURL_PAUSE = "retry-delay"


@dataclass(frozen=True, slots=True)
class _Known:
    """An option with a limit: `unit` is what a bare number counts in, in milliseconds.

    `verbs` are the first words of which one is needed, `..` any; of `waiting` one option has to
    be there, or the limit is about nothing.
    """

    options: tuple[str, ...]
    unit: int = 1000
    verbs: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


_HELM = _Known(
    ("timeout",),
    verbs=("install", "upgrade", "rollback", "uninstall", "delete", "test"),
    waiting=("wait", "wait-for-jobs", "atomic", "rollback-on-failure"),
)
_KUBECTL = (_Known(("timeout",), verbs=("rollout", "wait", "delete", "drain", "replace")),)
_KAFKA = (_Known(("timeout",), unit=1),)
_COMPOSE = _Known(("wait-timeout",), verbs=("compose", "up"), waiting=("wait",))


@cache
def _table() -> Mapping[str, tuple[_Known, ...]]:
    return {
        "helm": (_HELM,),
        "kubectl": _KUBECTL,
        "oc": _KUBECTL,
        "curl": (_Known(("max-time", "m")),),
        "argocd": (_Known(("timeout",), verbs=("app", "appset", "cluster")),),
        "flux": (_Known(("timeout",)),),
        "istioctl": (_Known(("timeout",)),),
        "eksctl": (_Known(("timeout",)),),
        "terraform": (_Known(("lock-timeout",)),),
        "tofu": (_Known(("lock-timeout",)),),
        "docker": (_COMPOSE,),
        "docker-compose": (_COMPOSE,),
        "flock": (_Known(("w", "wait", "timeout")),),
        "pg_ctl": (_Known(("t", "timeout"), verbs=("start", "stop", "restart", "promote")),),
        "rabbitmqctl": (_Known(("t", "timeout")),),
        "wait-for-it": (_Known(("t", "timeout")),),
        "wait-for-it.sh": (_Known(("t", "timeout")),),
        "kafka-consumer-groups": _KAFKA,
        "kafka-consumer-groups.sh": _KAFKA,
        "kafka-leader-election": _KAFKA,
    }


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that a command has: `ms` long, and the `words` that say so.

    `certain` where the command takes that long and not only at most; `fixed` where it is written
    in the command itself and is not a value of the plan.
    """

    ms: int
    words: str
    certain: bool = False
    fixed: bool = True


def own_limits(placed: PlacedCall) -> Iterator[Limit]:
    """The limits of a call by its own options; for `sleep` the time that it takes."""
    call = placed.call
    if call.program == "sleep":
        parts = [milliseconds(placed.filled(word), 1000) for word in call.operands]
        known = [ms for ms in parts if ms is not None]
        if known and len(known) == len(parts):
            yield Limit(sum(known), f"sleep {' '.join(call.operands)}", certain=True)
        return
    for known_option in _table().get(call.program, ()):
        if _applies(known_option, call):
            yield from _said(placed, known_option)
    if call.program == "curl":
        yield from _pauses(placed)


def wrapping_limit(placed: PlacedCall) -> Limit | None:
    """The shortest `timeout N` that a call stands behind."""
    found = [limit for words in placed.call.wrappers if (limit := _timeout(placed, words))]
    return min(found, key=lambda limit: limit.ms) if found else None


_LONGEST = 60
"""Characters of a length of time; what is longer is none that anybody means."""


def milliseconds(text: str, unit: int) -> int | None:
    """`8m`, `1m30s`, `0.5h` or a bare number in a unit; None for what is none, and for no limit."""
    if len(text) > _LONGEST:
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        ms = int(float(text) * unit)
    elif re.fullmatch(rf"(?:{_PART})+", text):
        ms = sum(int(float(number) * _UNITS[name]) for number, name in re.findall(_PART, text))
    else:
        return None
    return ms or None


def _applies(known: _Known, call: Call) -> bool:
    if known.verbs and set(known.verbs).isdisjoint(call.operands[:2]):
        return False
    return not known.waiting or call.has(*known.waiting)


def _said(placed: PlacedCall, known: _Known) -> Iterator[Limit]:
    for name in known.options:
        value = placed.call.value(name)
        if not value:
            continue
        given = _given(placed, value) if "$" in value else value
        ms = milliseconds(given, known.unit)
        if ms is not None:
            dash = "-" if len(name) == 1 or placed.call.program in ("terraform", "tofu") else "--"
            yield Limit(ms, f"{dash}{name} {given}", fixed=given == value)
            return


def _given(placed: PlacedCall, value: str) -> str:
    """A value with those of the plan written in; `${wait}s` has to be read as it is written."""
    values = placed.place.values or {}
    for word in placed.call.words:
        if word.text == value or word.text.endswith(f"={value}"):
            written = placed.place.shell.text[word.start : word.end].rpartition("=")[2]
            return re.sub(
                r"\$\{(\w+)\}|\$(\w+)",
                lambda found: values.get(found[1] or found[2], found[0]),
                written.strip("\"'"),
            )
    return value


def _pauses(placed: PlacedCall) -> Iterator[Limit]:
    """The pauses between the attempts of curl: they alone may take longer than there is time."""
    tries, pause = placed.call.value("retry"), placed.call.value(_CURL_PAUSE)
    if tries and pause and tries.isdecimal() and pause.isdecimal():
        ms = int(tries) * int(pause) * 1000
        most = placed.call.value("retry-max-time")
        if most is None and ms:
            yield Limit(ms, f"--retry {tries} --{_CURL_PAUSE} {pause}")


def _timeout(placed: PlacedCall, words: tuple[object, ...]) -> Limit | None:
    texts = [placed.filled(str(getattr(word, "text", ""))) for word in words]
    if texts[0].rpartition("/")[2] != "timeout":
        return None
    at = 1
    while at < len(texts) and texts[at].startswith("-"):
        at += 2 if texts[at] in ("-k", "-s", "--kill-after", "--signal") else 1
    ms = milliseconds(texts[at], 1000) if at < len(texts) else None
    return Limit(ms, f"timeout {texts[at]}") if ms else None
